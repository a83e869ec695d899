import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outputSchemas } from '../../src/cli/output-schemas.js';
import type { OutputName } from '../../src/cli/schema-names.js';
import { build, jiffiesIn, type Outcome, program } from './built.js';

let folder = '';
const jiffies = (...words: readonly string[]): Outcome => jiffiesIn(folder, words);
const file = (name: string, text: string): void => writeFileSync(join(folder, name), text);

const lost = `export function lost(p) {
  const count = p.atomic('count');
  for (const name of ['a', 'b']) {
    p.task(name, function* () {
      const seen = yield count.read;
      yield count.write(seen + 1);
    });
  }
  p.finally(() => p.check(count.value === 2, 'one of two was lost'));
}
`;
/** Nothing goes wrong, in 1,680 orders. */
const wide = `export const wide = (p) => {
  const x = p.atomic('x');
  for (const name of ['a', 'b', 'c']) {
    p.task(name, function* () {
      for (let i = 0; i < 3; i++) yield x.write(i);
    });
  }
};
`;

beforeAll(() => {
  build();
  folder = mkdtempSync(join(tmpdir(), 'jiffies-explore-'));
  file('lost.mjs', lost);
  file('two.mjs', lost + wide);
}, 180_000);

afterAll(() => {
  if (folder !== '') rmSync(folder, { recursive: true, force: true });
});

function json(name: OutputName, { status, stdout, stderr }: Outcome, wanted: number): any {
  expect({ status, stderr }).toEqual({ status: wanted, stderr: '' });
  const value = JSON.parse(stdout);
  expect(outputSchemas[name].parse(value)).toEqual(value);
  return value;
}

describe('explore of a program file', () => {
  it('finds, shrinks, tells and says how to run it again', () => {
    const { status, stdout, stderr } = jiffies('explore', 'lost.mjs');
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(stdout).toContain('one of two was lost');
    expect(stdout).toContain('1 preemption');
    const [, command] = /^jiffies (run lost\.mjs --schedule j1\.\S+)$/m.exec(stdout)!;
    const again = jiffies(...command!.split(' '));
    expect(again).toMatchObject({ status: 1, stderr: '' });
    expect(again.stdout).toContain('one of two was lost');
  });

  it('prints the same JSON each time, in the form that was promised', () => {
    const first = json('explore', jiffies('explore', 'lost.mjs', '--json'), 1);
    expect(json('explore', jiffies('explore', 'lost.mjs', '--json'), 1)).toEqual(first);
    const keys = 'schema scenario revision kernel strategy seed totals exhaustive preemptionBound failure'.split(' ');
    expect(Object.keys(first)).toEqual(keys);
    expect(Object.keys(first.totals)).toEqual(
      'runs complete deadlocked sleepSetBlocked boundCut failing traces'.split(' '),
    );
    expect(first.failure).toMatchObject({ kind: 'check', message: 'one of two was lost', steps: 4, preemptions: 1 });
    const run = json('schedule', jiffies('run', 'lost.mjs', '--schedule', first.failure.token, '--json'), 1);
    expect(run.story.map(({ who }: { who: string }) => who)).toEqual(['a', 'b', 'b', 'a']);
  });

  it('exits 0 when all was seen, 3 when the budget ended an exhaustive search, 0 when another', () => {
    const all = json('explore', jiffies('explore', 'two.mjs#wide', '--strategy', 'dfs', '--json'), 0);
    expect(all).toMatchObject({ exhaustive: true, failure: null, totals: { runs: 1680, traces: 1680 } });
    const just = ['explore', 'two.mjs#wide', '--strategy', 'dfs', '--json', '--runs'];
    expect(json('explore', jiffies(...just, '1680'), 0)).toMatchObject({ exhaustive: true, totals: { runs: 1680 } });
    expect(json('explore', jiffies(...just, '1679'), 3)).toMatchObject({ exhaustive: false });
    const some = ['explore', 'two.mjs#wide', '--runs', '50', '--json'];
    expect(json('explore', jiffies(...some, '--strategy', 'dfs'), 3).exhaustive).toBe(false);
    expect(json('explore', jiffies(...some, '--strategy', 'random'), 0).totals.runs).toBe(50);
  });

  it('bounds preemptions, and goes on after a failure', () => {
    const none = jiffies('explore', 'lost.mjs', '--strategy', 'bounded-dfs', '--preemptions', '0', '--json');
    expect(json('explore', none, 0)).toMatchObject({ preemptionBound: 0, failure: null, exhaustive: true });
    const on = jiffies('explore', 'lost.mjs', '--strategy', 'optimal-dpor', '--keep-going', '--json');
    expect(json('explore', on, 1)).toMatchObject({ exhaustive: true, totals: { runs: 4, failing: 2, traces: 4 } });
  });

  it('goes on from a prefix', () => {
    const { failure } = json('explore', jiffies('explore', 'lost.mjs', '--json'), 1);
    const from = ['explore', 'lost.mjs', '--prefix', failure.token, '--strategy', 'random', '--keep-going', '--json'];
    const { totals } = json('explore', jiffies(...from, '--prefix-decisions', '2', '--runs', '20'), 1);
    expect(totals).toMatchObject({ runs: 20, failing: 20 });
  });

  it('replays a run that was cut at a limit, and explores on from there', () => {
    file(
      'long.mjs',
      `export function long(p) {\n  const x = p.cell('x');\n  p.task('a', function* () {\n    for (let i = 0; i < 30; i++) { yield x.write(i); p.check(i < 8, 'too far'); }\n  });\n}\n`,
    );
    const cut = ['explore', 'long.mjs', '--max-decisions', '10', '--shrink-runs', '0', '--json'];
    const { failure } = json('explore', jiffies(...cut), 1);
    const run = json('schedule', jiffies('run', 'long.mjs', '--schedule', failure.token, '--json'), 1);
    expect(run.faults[0]).toEqual({ kind: 'check', message: 'too far' });
    expect(run).toMatchObject({ outcome: 'stopped', steps: 10, sameProgram: true });
    const on = jiffies('explore', 'long.mjs', '--prefix', failure.token, '--shrink-runs', '0', '--json', '--runs', '3');
    expect(json('explore', on, 1).failure.steps).toBe(30);
  });

  it('names where a program that draws parts from itself: exit 4', () => {
    file(
      'draws.mjs',
      `export const draws = (p) => { const x = p.cell('x'); p.task('a', function* () { yield x.write(Math.random()); }); };\n`,
    );
    const { status, stdout, stderr } = jiffies('explore', 'draws.mjs', '--check-determinism');
    expect({ status, stdout }).toEqual({ status: 4, stdout: '' });
    expect(stderr).toMatch(
      /^jiffies: one schedule made two runs, which part at decision 0: first a on CPU 0: write x.*\n$/,
    );
  });

  it.each([
    [['explore', 'none.mjs'], "jiffies: cannot read 'none.mjs': no such file\n"],
    [['explore', 'two.mjs'], "jiffies: 'two.mjs' exports lost, wide; say which: 'two.mjs#lost'\n"],
    [['explore', 'two.mjs#wid'], "jiffies: 'two.mjs' exports no program 'wid'; did you mean 'wide'?\n"],
    [['explore', 'lost.mjs', '--at', 'R4'], 'jiffies: --at is for scenarios; lost.mjs is a program'],
    [['explore', 'lost.mjs', '--strategy', 'pctt'], "did you mean 'pct'?\n"],
    [['explore', 'lost.mjs', '--strategy', 'optimal'], "did you mean 'optimal-dpor'?\n"],
    [['explore', 'lost.mjs', '--strategy', 'dpor'], "did you mean 'optimal-dpor'?\n"],
    [['explore', 'lost.mjs', '--preemptions', '2'], 'jiffies: --preemptions is for --strategy bounded-dfs'],
    [
      ['explore', 'lost.mjs', '--runs', '0'],
      "jiffies: --runs takes a whole number from 1 to 9007199254740991, found '0'\n",
    ],
    [['explore', 'lost.mjs', '--time', '3 jiffies'], 'jiffies: --time takes a time such as'],
    [['run', 'lost.mjs'], 'jiffies: lost.mjs is a program: explore it, or run it with --schedule\n'],
    [['run', 'lost.mjs', '--schedule', 'j1.x'], 'jiffies: the token is cut off'],
    [['run', 'lost.mjs', '--schedule', 'j9.AAAA'], "jiffies: a token of another version: 'j9.'"],
    [['run', 'lost.mjs', '--schedule', 'j1.AL-4CKkEAAEBEbxX', '--plot'], '--schedule and --plot cannot be combined'],
  ])('%j: one clear line', (words, message) => {
    const { status, stdout, stderr } = jiffies(...words);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr.trimEnd()).not.toContain('\n');
  });

  it('says of a file without programs, or one that throws, what it is', () => {
    file('empty.mjs', 'export const one = 1;\n');
    file('throws.mjs', 'throw new Error("no");\n');
    expect(jiffies('explore', 'empty.mjs').stderr).toBe(
      "jiffies: 'empty.mjs' exports no program: expected export function race(p) { … }\n",
    );
    expect(jiffies('explore', 'throws.mjs').stderr).toBe("jiffies: cannot load 'throws.mjs': Error: no\n");
    file('half.mjs', 'export function half(p) {\n  p.cell(1;\n}\n');
    expect(jiffies('explore', 'half.mjs').stderr).toBe(
      "half.mjs:2:10: cannot load 'half.mjs': SyntaxError: missing ) after argument list\n",
    );
    file('nobody.mjs', "\nimport { nobody } from 'jiffies';\nexport const a = nobody;\n");
    expect(jiffies('explore', 'nobody.mjs').stderr).toMatch(
      /^nobody\.mjs:2:\d+: cannot load 'nobody\.mjs': SyntaxError: /,
    );
    file('later.mjs', "export async function later(p) {\n  await null;\n  p.task('a', function* () {});\n}\n");
    expect(jiffies('explore', 'later.mjs')).toEqual({
      status: 2,
      stdout: '',
      stderr: 'jiffies: the program is async: a run is over before it goes on; leave out async and await\n',
    });
  });

  it('ends by the clock, and says so in its totals', () => {
    const ended = jiffies(
      'explore',
      'two.mjs#wide',
      '--strategy',
      'random',
      '--runs',
      '1000000000',
      '--time',
      '300ms',
      '--json',
    );
    expect(json('explore', ended, 0).totals.cut).toBe('time');
  });

  it.each([1, 20])('Ctrl-C, %d times: prints what is known, exit 130', { timeout: 60_000 }, async (times) => {
    const words = ['explore', 'two.mjs#wide', '--strategy', 'random', '--runs', '1000000000', '--json'];
    const child = spawn(process.execPath, [program, ...words], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    child.stdout.on('data', (part) => {
      stdout += part;
    });
    setTimeout(async () => {
      for (let i = 0; i < times; i++) {
        child.kill('SIGINT');
        await new Promise((resolve) => setTimeout(resolve, i < 10 ? 1 : 10));
      }
    }, 3000);
    const status = await new Promise((resolve) => child.on('close', resolve));
    expect(status).toBe(130);
    const value = JSON.parse(stdout);
    expect(outputSchemas.explore.parse(value)).toEqual(value);
    expect(value.totals.cut).toBe('interrupt');
    expect(value.totals.runs).toBeGreaterThan(0);
  });

  it('says when a verdict is weak', () => {
    file(
      'weak.mjs',
      `import { SpinUntilOp } from 'jiffies';
export function spins(p) {
  const [x, y] = [p.atomic('x'), p.atomic('y')];
  p.task('a', function* () { while ((yield x.read) === 0) yield y.write(1); });
}
export function waits(p) {
  const x = p.atomic('x');
  p.task('a', function* () { yield new SpinUntilOp(x, (value) => value === 1); });
  p.task('b', function* () { yield x.write(1); });
}
export function idle(p) {
  const x = p.cell('x');
  p.task('a', function* () { x.read; });
}
let runs = 0;
export function once(p) {
  const x = p.cell('x');
  const fails = ++runs === 40;
  p.task('a', function* () { yield x.write(1); p.check(!fails, 'it was the fortieth'); });
  p.task('b', function* () { yield x.writeOnce(2); });
}
`,
    );
    const told = (...words: readonly string[]): string => jiffies('explore', ...words).stdout;
    const spins = told('weak.mjs#spins', '--strategy', 'random', '--runs', '20', '--max-decisions', '30');
    expect(spins).toContain('nothing found in 20 runs');
    expect(spins.replaceAll('\n', ' ')).toContain(
      'no run was seen to its end, which the limit of decisions cuts: allow more with --max-decisions; a loop that waits for a cell is one step as yield new SpinUntilOp(cell, (value) => …)',
    );
    expect(told('weak.mjs#waits', '--strategy', 'dfs')).toContain(
      'no violation in the 1 trace there is\n\n1 run: 1 complete; 0 failing; 1 trace; 2 steps\n',
    );
    expect(told('weak.mjs#idle')).toContain('no task performs an operation: each access needs a yield before it');
    const lost = told('weak.mjs#once', '--strategy', 'random', '--sanitize', 'off');
    expect(lost).toMatch(
      /^check: it was the fortieth\nfound in run \d+; .*\nit did not fail like this when the run was made again: /m,
    );
    const unfinished = told('lost.mjs', '--shrink-runs', '1');
    expect(unfinished).toContain('shrinking was ended by its budget of 1 run (--shrink-runs, shrinkRuns)');
    expect(told('lost.mjs')).not.toContain('shrinking was ended');
  });
});

describe('explore of a scenario', () => {
  const race = '2005-04-dst-destroy-race';

  it('searches just before the fix; the token says where it ran', { timeout: 60_000 }, () => {
    const found = json('explore', jiffies('explore', race, '--json'), 1);
    expect(found).toMatchObject({ scenario: race, revision: '1da177e4c3f4', kernel: '2.6.12' });
    const { token } = found.failure;
    const run = json('schedule', jiffies('run', race, '--schedule', token, '--json'), 1);
    expect(run).toMatchObject({ revision: '1da177e4c3f4', kernel: '2.6.12', sameProgram: true });
    expect(run.faults[0].kind).toBe('use-after-free');
    expect(jiffies('run', race, '--schedule', token, '--trace').stdout).toMatch(/violation.*use-after-free/);
  });

  it('says which step of a token no longer fits, what was expected, what is possible', { timeout: 60_000 }, () => {
    const { failure } = json('explore', jiffies('explore', race, '--json'), 1);
    const { status, stdout, stderr } = jiffies('run', '2006-08-double-add-timer', '--schedule', failure.token);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(
      /^jiffies: the schedule does not fit this program: decision \d+ should be .+; possible are: .+\n$/,
    );
  });

  it('finds nothing where it is fixed', { timeout: 60_000 }, () => {
    const found = json('explore', jiffies('explore', race, '--at', '6775cab', '--runs', '300', '--json'), 0);
    expect(found).toMatchObject({
      revision: '6775cab98b89',
      failure: null,
      totals: { runs: 300, failing: 0, boundCut: 0 },
    });
  });

  it('says when the bug: of a scenario cannot judge', { timeout: 60_000 }, () => {
    const { status, stdout } = jiffies('explore', '2007-11-keventd-deadlock', '--runs', '5');
    expect(status).toBe(0);
    expect(stdout).toContain("the scenario's bug: is not asked here");
  });

  it('refuses a variant and a fix there is not', () => {
    expect(jiffies('explore', race, '--variant', 'x').stderr).toContain("has no variant 'x'; it has none");
    expect(jiffies('explore', race, '--with', 'none.mjs').stderr).toContain("cannot read 'none.mjs'");
  });
});
