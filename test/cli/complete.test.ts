import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/cli.js';
import { FakeIo, fakeCli } from './fake-engine.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'jiffies-complete-'));
  mkdirSync(join(folder, 'scenarios'));
  for (const name of ['alpha', 'alpine', 'beta']) writeFileSync(join(folder, 'scenarios', `${name}.yaml`), 'x: 1\n');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function complete(...words: string[]): Promise<readonly string[]> {
  const io = new FakeIo({ cwd: folder });
  expect(await runCli(['complete', ...words], fakeCli(io))).toBe(0);
  return io.stdout.split('\n').slice(0, -1);
}

describe('completion', () => {
  it.each([
    [['re'], ['replay']],
    [['--v'], ['--version']],
    [['help', 'bi'], ['bisect']],
    [
      ['run', 'al'],
      ['alpha', 'alpine'],
    ],
    [['run', '--json', 'be'], ['beta']],
    [['run', '--seed', '1', 'be'], ['beta']],
    [
      ['run', 'alpha', '--ma'],
      ['--max-ops', '--max-virtual'],
    ],
    [['run', 'alpha', '--seed', ''], []],
    [['run', 'alpha', '--at', 'backoff'], ['backoff-fix']],
    [['run', 'alpha', '--at=backoff'], ['--at=backoff-fix']],
    [['run', 'alpha', '--at', '=', 'backoff'], ['backoff-fix']],
    [['run', 'alpha', '--kernel', '2.6.1'], ['12', '13', '14', '15', '16', '17', '18', '19'].map((n) => `2.6.${n}`)],
    [['run', 'alpha', '--kernel', '=', '2.6.29'], ['2.6.29']],
    [['run', 'alpha', 'b'], []],
    [['run', 'alpha', 'g'], []],
    [
      ['run', '--plot', 'alpha', 'g'],
      ['garbage', 'gc'],
    ],
    [['run', 'alpha', '--plot', 'gc', 'fail'], ['failures']],
    [
      ['replay', '--reporter', 'j'],
      ['junit', 'json'],
    ],
    [['bisect', 'alpha', '--with', ''], []],
    [['replay', 'alpha', 'b'], ['beta']],
    [['diff', 'alpha', 'R1', 'f009'], ['f0098f7']],
    [['show', 'f262'], ['f262b59']],
    [['schema', '--for', 'sce'], ['scenario']],
    [['completion', 'z'], ['zsh']],
    [
      ['check', ''],
      ['alpha', 'alpine', 'beta'],
    ],
    [['conform', 'x'], []],
    [['nonsense', 'a'], []],
    [['complete', ''], []],
    [['log', ''], []],
  ])('of %j', async (words, expected) => expect(await complete(...words)).toEqual(expected));

  it('offers every command first', async () => {
    expect(await complete('')).toEqual(expect.arrayContaining(['replay', 'run', 'new', 'completion']));
    expect(await complete()).toContain('replay');
    expect(await complete('')).not.toContain('complete');
  });

  it('prints scripts', async () => {
    for (const [shell, first] of [
      ['bash', '# jiffies completion for bash'],
      ['zsh', '#compdef jiffies'],
    ] as const) {
      const io = new FakeIo();
      expect(await runCli(['completion', shell], fakeCli(io))).toBe(0);
      expect(io.stdout.split('\n')[0]).toBe(first);
    }
  });
});
