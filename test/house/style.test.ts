import { describe, expect, it } from 'vitest';
import * as rules from './rules.js';
import { readFiles, repositoryFiles, type SourceFile, sourceFiles } from './source.js';

const paths = repositoryFiles();
const code = readFiles((path) => /\.(?:ts|js|mjs)$/.test(path));
const texts = readFiles((path) => !/\.(?:png|jpg|gif|ico|woff2?|gz|dat)$/.test(path));
const sources = sourceFiles();
const inRooms = (...rooms: readonly string[]): readonly SourceFile[] =>
  sources.filter((file) => rooms.includes(file.path.split('/')[1]!));

const at = (path: string, text: string): SourceFile => ({ path, text });
const isConfig = (path: string): boolean => /(?:^|\/)[\w.-]+\.config\.ts$/.test(path);

describe('the repository', () => {
  it('has files to check', () => {
    expect(paths).toEqual(expect.arrayContaining(['package.json', 'package-lock.json', 'src/sim/errors.ts']));
  });

  it('has kebab-case file names', () => {
    const ours = paths.filter((path) => /^(?:src|test|scenarios|docs)\//.test(path));
    expect(ours.flatMap(rules.fileNames)).toEqual([]);
  });

  it('has scenarios in one flat folder', () => {
    expect(paths.filter((path) => path.startsWith('scenarios/')).flatMap(rules.scenarioNames)).toEqual([]);
  });

  it('names no package registry', () => {
    expect(texts.flatMap(rules.noRegistryHost)).toEqual([]);
  });

  it('locks packages without addresses', () => {
    expect(texts.filter((file) => file.path === 'package-lock.json').flatMap(rules.noResolved)).toEqual([]);
  });
});

describe('the code', () => {
  it('has no default exports but in config files', () => {
    expect(code.filter((file) => !isConfig(file.path)).flatMap(rules.noDefaultExport)).toEqual([]);
  });

  it('has no enums and no parameter properties', () => {
    expect(code.flatMap((file) => [...rules.noEnum(file), ...rules.noParameterProperty(file)])).toEqual([]);
  });

  it(`has no file of src over ${rules.linesMax} lines but data tables`, () => {
    expect(sources.flatMap(rules.notTooLong)).toEqual([]);
  });

  it('is deterministic and synchronous where runs happen', () => {
    expect(sources.filter((file) => rules.deterministicRooms.test(file.path)).flatMap(rules.pure)).toEqual([]);
  });

  it('opens each model file with a comment', () => {
    expect(inRooms('smp', 'kernel', 'net').flatMap(rules.hasHeader)).toEqual([]);
  });

  it('says in each file that models the kernel where it differs', () => {
    expect(inRooms('kernel', 'net').flatMap(rules.saysDivergence)).toEqual([]);
  });
});

/** Each rule on samples it must refuse and samples it must allow: a rule that cannot fail checks nothing. */
function samples(name: string, rule: rules.Rule, refused: readonly string[], allowed: readonly string[]): void {
  describe(name, () => {
    it.each(refused.map((text) => [text]))('refuses %j', (text) => {
      expect(rule(at('src/kernel/a.ts', text))).toHaveLength(1);
    });
    it.each(allowed.map((text) => [text]))('allows %j', (text) => {
      expect(rule(at('src/kernel/a.ts', text))).toEqual([]);
    });
  });
}

describe('file names', () => {
  it.each(['src/sim/eventQueue.ts', 'src/Kernel/timer.ts', 'docs/how_to.md', 'test/a--b.ts', 'docs/readme-.md'])(
    'refuses %s',
    (path) => expect(rules.fileNames(path)).toHaveLength(1),
  );
  it.each(['src/sim/event-queue.ts', 'test/smp/scheduler.case.test.ts', 'docs/decisions/0001-a.md', 'docs/README.md'])(
    'allows %s',
    (path) => expect(rules.fileNames(path)).toEqual([]),
  );
  it.each(['scenarios/Backoff.yaml', 'scenarios/gc_trace.yaml', 'scenarios/a.yml', 'scenarios/2005/a.yaml'])(
    'refuses scenario %s',
    (path) => expect(rules.scenarioNames(path)).toHaveLength(1),
  );
  it('allows scenario scenarios/2005-07-gc-backoff.yaml', () => {
    expect(rules.scenarioNames('scenarios/2005-07-gc-backoff.yaml')).toEqual([]);
  });
});

samples(
  'default exports',
  rules.noDefaultExport,
  ['export default function f() {}', 'export { f as default };', 'export { default as default } from "a";'],
  ['export { default as f } from "a";', '// export default', 'const s = "export default";'],
);

samples(
  'enums',
  rules.noEnum,
  ['enum A { B }', 'export const enum A { B }', 'declare enum A {}'],
  ['const enumerate = 1;', '/* enum A {} */', 'const s = "enum A {";'],
);

samples(
  'parameter properties',
  rules.noParameterProperty,
  [
    'class A { constructor(private x: number) {} }',
    'class A { constructor(a = f(1),\n  public readonly x = 2) {} }',
    'class A { constructor(readonly x?: number) {} }',
  ],
  [
    'class A { private x = 1; constructor(x: readonly number[]) { f(x, private_) } }',
    'class A { constructor(x: Map<string, readonly A[]>) {} }',
    'class A { readonly x; f(a: number) {} }',
  ],
);

samples(
  'determinism',
  rules.pure,
  [
    'const t = Date.now();',
    'const t = new Date();',
    'let d: Date;',
    'const x = Math.random();',
    "const x = Math['random']();",
    'const { random } = Math;',
    'setTimeout(f, 1);',
    'setInterval(f, 1);',
    'setImmediate(f);',
    'queueMicrotask(f);',
    'const t = performance.now();',
    'const p: Promise<number> = f();',
    'async function f() {}',
    'const f = async () => 1;',
    'class A { async *f() {} }',
    'await f();',
    'for await (const x of xs) {}',
    'names.sort((a, b) => a.localeCompare(b));',
    'n.toLocaleString();',
    'const id = crypto.randomUUID();',
    'const ref = new WeakRef(x);',
    `const s = \`\${Date.now()}\`;`,
  ],
  [
    '// Date.now() would do',
    'const s = "new Date()";',
    'interface Commit { date: string }',
    'commit.Date;',
    'Math.floor(1);',
    'const randomWalk = stream.random();',
    'const option = { async: true };',
    'const cancelSetTimeout = 1;',
    'const awaited = 1;',
    'const x = a.split(/Date/);',
  ],
);

samples(
  'headers',
  rules.hasHeader,
  ['import a from "a";\n/** late */', '', '/** */\nexport const a = 1;', '//\nexport const a = 1;'],
  ['/** The wheel. */\nimport a from "a";', '// The wheel.\n', '\n/* The wheel. */'],
);

samples(
  'divergence',
  rules.saysDivergence,
  [
    '/** The wheel. */',
    'export const a = 1;\n/** Divergence from Linux: none. */',
    'const s = "Divergence from Linux";',
  ],
  ['/**\n * The wheel.\n *\n * Divergence from Linux: none.\n */', '/** Divergence\n * from Linux: none. */'],
);

samples(
  'registry hosts',
  rules.noRegistryHost,
  // Put together here, for this file is one of those checked.
  [
    ['registry', 'example', 'org'],
    ['npmjs', 'com'],
    ['pypi', 'org'],
    ['npm', 'pkg', 'github', 'com'],
  ].map((labels) => `see https://${labels.join('.')}/x`),
  ['the registry. Then', 'registry.get(x)', 'https://www.kernel.org/', 'npm ci'],
);

samples(
  'lock file addresses',
  rules.noResolved,
  ['"node_modules/a": { "resolved": "https://example.org/a.tgz" }'],
  ['"node_modules/a": { "version": "1.0.0", "integrity": "sha512-x" }'],
);

describe('length', () => {
  const long = 'x\n'.repeat(rules.linesMax + 1);
  it('refuses a long file', () => {
    expect(rules.notTooLong(at('src/kernel/timer.ts', long))).toHaveLength(1);
    expect(rules.notTooLong(at('src/history/commits-more.ts', long))).toHaveLength(1);
  });
  it('allows a file of just the length, and a data table of any', () => {
    expect(rules.notTooLong(at('src/kernel/timer.ts', 'x\n'.repeat(rules.linesMax)))).toEqual([]);
    expect(rules.notTooLong(at('src/history/commits.ts', long))).toEqual([]);
    expect(rules.notTooLong(at('src/kernel/era-messages.ts', long))).toEqual([]);
  });
});

describe('the deterministic rooms', () => {
  it.each(['src/sim/a.ts', 'src/net/dst/a.ts', 'src/history/a.ts'])('hold %s', (path) => {
    expect(path).toMatch(rules.deterministicRooms);
  });
  it.each(['src/cli/a.ts', 'src/simple/a.ts', 'src/index.ts'])('do not hold %s', (path) => {
    expect(path).not.toMatch(rules.deterministicRooms);
  });
});
