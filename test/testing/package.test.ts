/** The built package as its users have it: the examples of docs/, copied into a project of their own. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, root } from '../cli/built.js';

let folder = '';

beforeAll(() => {
  build();
  folder = mkdtempSync(join(tmpdir(), 'jiffies-user-'));
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  // A copy, so that its imports find what the project has.
  const own = join(modules, 'jiffies');
  cpSync(join(root, 'dist'), join(own, 'dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(own, 'package.json'));
  for (const name of ['fast-check', 'vitest', '@vitest', '@types', 'fastpriorityqueue', 'seedrandom', 'yaml', 'zod']) {
    symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  cpSync(join(root, 'docs/examples'), join(folder, 'test'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'user', type: 'module', private: true }));
  const compilerOptions = {
    target: 'es2023',
    module: 'nodenext',
    strict: true,
    noEmit: true,
    types: [],
    skipLibCheck: true,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['test'] }));
});

afterAll(() => {
  if (folder !== '') rmSync(folder, { recursive: true, force: true });
});

function node(...words: readonly string[]): { readonly status: number | null; readonly text: string } {
  const env = { ...process.env, NO_COLOR: '1', VITEST: undefined, VITEST_MODE: undefined, NODE_ENV: undefined };
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { cwd: folder, encoding: 'utf8', env });
  return { status, text: stdout + stderr };
}

describe('the package in a project', () => {
  it('has types that its examples satisfy, and refuses what does not', () => {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    expect(node(tsc, '-p', '.')).toEqual({ status: 0, text: '' });
    const wrong = join(folder, 'test/wrong.ts');
    writeFileSync(
      wrong,
      "import { expect } from 'vitest';\nimport 'jiffies/vitest';\nexpect(() => {}).toHold({ runs: 'many' });\n",
    );
    const { status, text } = node(tsc, '-p', '.');
    rmSync(wrong);
    expect(status).not.toBe(0);
    expect(text).toMatch(/^test\/wrong\.ts\(3,27\): error TS2322: [^\n]*\n/);
  });

  it('runs its examples', () => {
    const { status, text } = node(join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', '.');
    expect(text).toMatch(/Tests {2}\d+ passed/);
    expect(status).toBe(0);
  });

  it('needs neither fast-check nor vitest for the library itself', () => {
    for (const name of ['fast-check', 'vitest', '@vitest']) rmSync(join(folder, 'node_modules', name));
    const script = "import('jiffies').then((l) => console.log(typeof l.explore, typeof l.runSchedule))";
    expect(node('--input-type=module', '-e', script)).toEqual({ status: 0, text: 'function function\n' });
    const missing = node('--input-type=module', '-e', "await import('jiffies/fast-check')");
    expect(missing.text).toContain("Cannot find package 'fast-check'");
  });

  it('names them as optional peers, at the versions it is tested with', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(Object.keys(manifest.peerDependencies).sort()).toEqual(['fast-check', 'vitest']);
    for (const name of ['fast-check', 'vitest']) {
      expect(manifest.peerDependenciesMeta[name]).toEqual({ optional: true });
      expect(manifest.devDependencies[name].split('.')[0]).toBe(manifest.peerDependencies[name].slice(1).split('.')[0]);
    }
  });
});
