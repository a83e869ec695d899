import { describe, expect, it } from 'vitest';
import { explore } from '../../src/explore/explore.js';
import type { Program, ProgramSetup } from '../../src/explore/program.js';
import { worldProgram } from '../../src/explore/world-program.js';
import { mutex_lock } from '../../src/kernel/mutex.js';
import { mod_timer } from '../../src/kernel/timer.js';
import { InputError } from '../../src/sim/errors.js';
import { assertHolds } from '../../src/testing/hold.js';
import '../../src/testing/vitest.js';

type Loose = (p: any) => unknown;

function refusal(program: Loose): InputError {
  let error: unknown;
  try {
    explore(program as Program, { runs: 5 });
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(InputError);
  expect((error as Error).message).not.toContain('\n');
  return error as InputError;
}

const message = (program: Loose): string => explore(program as Program, { runs: 5 }).failure!.message;
const task =
  (code: (p: any, x: any) => Generator<any, unknown, any>): Loose =>
  (p: ProgramSetup) => {
    const x = p.cell('x');
    p.task('a', () => code(p, x));
  };

describe('a misuse of the set-up is refused in one line', () => {
  it.each([
    ['an async program', async (p: ProgramSetup) => p.cell('x'), 'the program is async'],
    ['one that answers a promise', () => Promise.reject(new Error('later')), 'the program is async'],
    [
      'a generator function',
      function* (p: any) {
        yield p.cell('x').read;
      },
      'the program is a generator function, and nothing of it runs',
    ],
    ['a program without tasks', (p: any) => void p.cell('x'), 'the program has no tasks, so nothing runs'],
    ['a task without code', (p: any) => p.task('a'), "p.task('a', …): its code is undefined; expected a generator"],
    ['a task of plain code', (p: any) => p.task('a', () => 1), "p.task('a', …): its code is no generator function"],
    ['an async task', (p: any) => p.task('a', async () => 1), "p.task('a', …): its code is an async function"],
    [
      'a generator in the place of its function',
      (p: any) => p.task('a', (function* () {})()),
      "p.task('a', …): its code is a generator; leave out the ()",
    ],
    ['no check', (p: any) => p.finally(true), 'what p.finally is given is true; expected a function'],
    ['an async check', (p: any) => p.finally(async () => 1), 'what p.finally is given is async'],
    ['an invariant that yields', (p: any) => p.invariant('i', function* () {}), "the invariant 'i' is a generator"],
    ['an async handler', (p: any) => p.timer('t', async () => 1), "the handler of timer 't' is async"],
    ['no work function', (p: any) => p.work('w', 5), "the function of work 'w' is 5; expected a function"],
    ['a choice of nothing', (p: any) => p.choose('n', 0), "p.choose('n', 0): expected a whole number from 1"],
    ['a choice of NaN', (p: any) => p.choose('n', Number.NaN), "p.choose('n', NaN): expected a whole number from 1"],
  ] as [string, Loose, string][])('%s', (_name, program, why) => {
    expect(refusal(program).message).toContain(why);
    expect(() => expect(program).toHold({ runs: 5 })).toThrow(why);
  });

  it('with the place in the author’s file', () => {
    const { place } = refusal((p) => p.choose('n', -1));
    expect(place).toMatchObject({ file: 'mistakes.test.ts', line: expect.any(Number) });
  });

  it('also while it runs', () => {
    const nested = task(function* (p, x) {
      yield x.write(1);
      p.task('b', function* () {});
    });
    expect(refusal(nested).message).toBe(
      "p.task('b', …) is called by task a while it runs: tasks are made when a run is set up",
    );
    const nothing = task(function* (p, x) {
      yield x.write(p.choose('n', 0));
    });
    expect(refusal(nothing).message).toContain("p.choose('n', 0)");
    const later = (p: ProgramSetup) => {
      p.task('a', function* () {});
      p.finally((() => Promise.reject(new Error('later'))) as () => void);
    };
    expect(refusal(later).message).toContain('what p.finally is given is async');
  });

  it('and so is a world', () => {
    const world = worldProgram({}, (async () => undefined) as unknown as () => void);
    expect(() => explore(world)).toThrow('the program is async');
  });
});

describe('CPUs', () => {
  const tasks = (count: (p: ProgramSetup) => number): Program => {
    return (p) => {
      const x = p.atomic('x');
      for (let i = count(p); i > 0; i--) {
        p.task(`t${i}`, function* () {
          yield x.write(1);
        });
      }
    };
  };

  it('are as many as the tasks need, however many are chosen', () => {
    const { totals, exhaustive } = explore(
      tasks((p) => p.choose('n', 3)),
      { strategy: 'dfs' },
    );
    expect({ runs: totals.runs, exhaustive }).toEqual({ runs: 1 + 1 + 2, exhaustive: true });
  });

  it('that are too few are told', () => {
    const few = tasks(() => 3);
    const why = 'the tasks need 2 CPUs, and its machine has one: ask for machine.cpus';
    expect(() => explore(few, { machine: { cpus: 1 } })).toThrow(why);
    expect(() => explore(tasks(() => 65))).toThrow('a program has CPUs 0 to 63, not 64; let tasks share one');
  });
});

describe('what a task throws says where, and what may have been meant', () => {
  const here = String.raw`\(task a, mistakes\.test\.ts:\d+\)$`;

  it.each([
    [
      'an error of its own',
      task(function* (_p, x) {
        yield x.write(1);
        throw new Error('oh');
      }),
      `^oh ${here}`,
    ],
    [
      'x.read()',
      task(function* (_p, x) {
        yield x.read();
      }),
      String.raw`x\.read is not a function; x\.read is an operation: yield it, do not call it ${here}`,
    ],
    [
      'yield* of an operation',
      task(function* (p) {
        yield* mod_timer(
          p.timer('t', () => undefined),
          5,
        ) as any;
      }),
      String.raw`is performed with yield, not yield\* ${here}`,
    ],
    [
      'yield of a generator',
      task(function* (p) {
        yield mutex_lock(p.mutex('m'));
      }),
      String.raw`^operation 1 is a generator: a function\* such as mutex_lock is called with yield\*, not yield \(task a\)$`,
    ],
    [
      'yield of a number',
      task(function* (_p, x) {
        yield x.read;
        yield 5;
      }),
      String.raw`^operation 2 is 5, which is no operation: .* \(task a\)$`,
    ],
    [
      'yield of a method',
      task(function* (_p, x) {
        yield x.write;
      }),
      String.raw`^operation 1 is the function write: call it, as in yield x\.write\(1\) \(task a\)$`,
    ],
    [
      'a bare yield',
      task(function* () {
        yield;
      }),
      '^operation 1 is missing, the yield yields nothing: ',
    ],
    [
      'a final check',
      (p: ProgramSetup) => {
        p.task('a', function* () {});
        p.finally(() => {
          throw new Error('left behind\nwith more');
        });
      },
      String.raw`^left behind \(mistakes\.test\.ts:\d+\)\nwith more$`,
    ],
  ] as [string, Loose, string][])('%s', (_name, program, pattern) => {
    expect(message(program)).toMatch(new RegExp(pattern));
  });

  it('an empty program holds under a schedule: calls may have been shrunk to none', () => {
    expect(assertHolds(() => undefined, [])).toMatchObject({ failure: null });
  });
});
