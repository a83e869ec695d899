import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { computed, importCycles, importsOf, layerViolations, lowestFile, nodeViolations, roomOf } from './imports.js';
import { maskSource, root, type SourceFile, sourceFiles } from './source.js';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, object>;
const dependencies = new Set(Object.keys({ ...manifest['dependencies'], ...manifest['peerDependencies'] }));
const files = sourceFiles();

const at = (path: string, text: string): SourceFile => ({ path, text });
const layers = (path: string, text: string): readonly string[] => layerViolations(at(path, text), dependencies);

describe('the house', () => {
  it('has files to check', () => {
    expect(files.map((file) => file.path)).toContain(lowestFile);
  });

  it('has arrows that point down', () => {
    expect(files.flatMap((file) => layerViolations(file, dependencies))).toEqual([]);
  });

  it('is free of Node APIs below cli', () => {
    expect(files.filter((file) => roomOf(file.path) !== 'cli').flatMap(nodeViolations)).toEqual([]);
  });

  it('has no import cycles but of types', () => {
    expect(importCycles(files)).toEqual([]);
  });
});

describe('the import scan', () => {
  const specifiers = (text: string): readonly string[] => importsOf(at('a.ts', text)).map((found) => found.specifier);

  it.each([
    [`import a from './a.js';`, './a.js'],
    [`import { a, type B } from "./a.js";`, './a.js'],
    [`import type { A } from './a.js';`, './a.js'],
    [`import {\n  a,\n  b,\n} from './a.js';`, './a.js'],
    [`import * as a from './a.js';`, './a.js'],
    [`import './a.js';`, './a.js'],
    [`import './it\\'s.js';`, `./it\\'s.js`],
    [`export * from './a.js';`, './a.js'],
    [`export type { A } from './a.js';`, './a.js'],
    [`const a = await import('./a.js');`, './a.js'],
    ['const a = await import(`./a.js`);', './a.js'],
    [`const a = await import(\`./\${name}.js\`);`, computed],
    [`const a = await import(name);`, computed],
    [`type A = import('./a.js').A;`, './a.js'],
    [`const a = require('./a.js');`, './a.js'],
    [`const quote = /'/; import a from './a.js'; const other = /'/;`, './a.js'],
    [`const t = \`\${\`\${1}\`}\`; import a from './a.js';`, './a.js'],
  ])('finds %s', (text, specifier) => {
    expect(specifiers(text)).toEqual([specifier]);
  });

  it.each([
    [`// import a from './a.js';`],
    [`/* import a\n from './a.js'; */`],
    [`const text = "import a from './a.js'";`],
    ["const text = `import a from './a.js'`;"],
    [`const list = Array.from('abc');`],
    [`const here = import.meta.url;`],
    [`export const from = 'here';`],
  ])('passes over %s', (text) => {
    expect(specifiers(text)).toEqual([]);
  });

  it('tells the line', () => {
    const line3 = { specifier: './a.js', line: 3, typeOnly: false };
    expect(importsOf(at('a.ts', `\n\nimport a from './a.js';`))).toEqual([line3]);
  });

  it.each([
    [`import type { A } from './a.js';`, true],
    [`import type A from './a.js';`, true],
    [`import type * as a from './a.js';`, true],
    [`import b from './b.js';\nexport type {\n  A,\n} from './a.js';`, true],
    [`import { type A } from './a.js';`, false],
    [`import type from './a.js';`, false],
    [`import type { B } from './b.js'; import './a.js';`, false],
    [`import type { B } from './b.js'; const a = import('./a.js');`, false],
  ])('tells what is gone at run time: %s', (text, typeOnly) => {
    expect(importsOf(at('a.ts', text)).at(-1)).toMatchObject({ specifier: './a.js', typeOnly });
  });

  it('keeps every offset and line of what it masks', () => {
    for (const { text } of files) {
      const mask = maskSource(text);
      expect(mask.length).toBe(text.length);
      expect(mask.split('\n').length).toBe(text.split('\n').length);
    }
  });
});

describe('the layer rule', () => {
  it.each([
    ['src/sim/queue.ts', `import '../smp/cpu.js';`, 'sim is not above smp'],
    ['src/kernel/timer.ts', `import type { Dst } from '../net/dst/dst.js';`, 'kernel is not above net'],
    ['src/net/dst/dst.ts', `export * from '../../history/commits.js';`, 'net is not above history'],
    ['src/history/commits.ts', `const s = import('../scenario/load.js');`, 'history is not above scenario'],
    ['src/report/page.ts', `import '../explore/loop.js';`, 'report is not above explore'],
    ['src/lessons/one.ts', `import '../cli/run.js';`, 'nothing imports cli'],
    ['src/index.ts', `export * from './cli/main.js';`, 'nothing imports cli'],
    ['src/scenario/load.ts', `import '../index.js';`, 'only cli may import the public library'],
    ['src/trace/events.ts', `import '../sim/clock.js';`, 'trace imports no other room'],
    ['src/sim/errors.ts', `import './clock.js';`, 'the lowest file imports nothing'],
    ['src/smp/cpu.ts', `import '../attic/old.js';`, 'no such room: attic'],
    ['src/attic/old.ts', `import '../smp/cpu.js';`, 'no such room: attic'],
    ['src/smp/cpu.ts', `import '../../test/helper.js';`, 'leaves src'],
    ['src/smp/cpu.ts', `import 'typescript';`, 'not among the dependencies of package.json'],
    ['src/explore/search.ts', `import * as fc from 'fast-check';`, 'fast-check belongs to testing'],
    ['src/index.ts', `export * from './testing/fast-check.js';`, 'nothing imports testing'],
    ['src/cli/main.ts', `import '../testing/matchers.js';`, 'nothing imports testing'],
    ['src/smp/cpu.ts', `import seedrandom from 'seedrandom/lib/alea.js';`, 'seedrandom belongs to sim'],
    ['src/cli/main.ts', `await import(name);`, 'an import whose target cannot be checked'],
  ])('refuses in %s: %s', (path, text, why) => {
    expect(layers(path, text)).toEqual([expect.stringContaining(why)]);
  });

  it.each([
    ['src/smp/cpu.ts', `import '../sim/clock.js'; import '../trace/events.js'; import './cell.js';`],
    ['src/history/fold.ts', `import type { Traits } from '../net/dst/traits.js';`],
    ['src/trace/text.ts', `import './events.js'; import '../sim/errors.js';`],
    ['src/index.ts', `export * from './lessons/one.js'; export * from './sim/errors.js';`],
    ['src/cli/main.ts', `import '../index.js'; import 'yargs/helpers'; import manifest from '../../package.json';`],
    ['src/sim/random.ts', `import seedrandom from 'seedrandom';`],
  ])('allows in %s: %s', (path, text) => {
    expect(layers(path, text)).toEqual([]);
  });
});

describe('the Node rule', () => {
  it.each([
    [`import { readFileSync } from 'node:fs';`],
    [`import type { Worker } from 'node:worker_threads';`],
    [`const fs = await import('node:fs');`],
    [`process.exit(1);`],
    [`const { env } = process;`],
    [`Buffer.from('a');`],
    [`let timer: NodeJS.Timeout;`],
    [`setImmediate(run);`],
    [`globalThis.process.exit();`],
    [`const here = import.meta.dirname;`],
  ])('refuses %s', (text) => {
    expect(nodeViolations(at('src/sim/a.ts', text))).toHaveLength(1);
  });

  it.each([
    [`const kind = 'process';`],
    [`interface Stack { process: Task; readonly process?: Task }`],
    [`stack.process.run();`],
    [`const processed = 1; class RingBuffer {}`],
    [`// process.exit() would end it`],
  ])('passes over %s', (text) => {
    expect(nodeViolations(at('src/sim/a.ts', text))).toEqual([]);
  });
});

describe('the cycle rule', () => {
  const cycle = (middle: string): readonly SourceFile[] => [
    at('src/sim/a.ts', `import './b.js';`),
    at('src/sim/b.ts', middle),
    at('src/sim/c.ts', `export { b } from './b.js';`),
  ];

  it('finds a cycle', () => {
    const found = [['src/sim/b.ts', 'src/sim/c.ts', 'src/sim/b.ts']];
    expect(importCycles(cycle(`import { c, type C } from './c.js';`))).toEqual(found);
  });

  it('allows types that speak of each other', () => {
    expect(importCycles(cycle(`import type { C } from './c.js';`))).toEqual([]);
  });

  it('finds a file that imports itself', () => {
    expect(importCycles([at('src/sim/a.ts', `import './a.js';`)])).toEqual([['src/sim/a.ts', 'src/sim/a.ts']]);
  });

  it('allows two ways to one file', () => {
    const diamond = [
      at('src/sim/a.ts', `import './b.js'; import './c.js';`),
      at('src/sim/b.ts', `import './d.js';`),
      at('src/sim/c.ts', `import './d.js';`),
      at('src/sim/d.ts', ''),
    ];
    expect(importCycles(diamond)).toEqual([]);
  });
});
