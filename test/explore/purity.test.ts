import { describe, expect, it } from 'vitest';
import { profileOf } from '../../src/explore/profile.js';
import type { Program } from '../../src/explore/program.js';
import { Recorder } from '../../src/explore/recorder.js';
import { Runner } from '../../src/explore/runner.js';
import { search } from '../../src/explore/search.js';
import { makeStrategy, strategyNames } from '../../src/explore/strategies.js';
import { atomic_inc } from '../../src/kernel/atomic.js';
import { NondeterminismError } from '../../src/sim/errors.js';
import type { Cell } from '../../src/smp/cell.js';
import type { K } from '../../src/smp/op.js';
import { lostUpdate, philosophers } from './programs.js';

const seed = 7;

const inc = (cell: Cell) =>
  function* (): K {
    yield atomic_inc(cell);
  };

/** The schedules of runs made in this order. */
function schedules(name: string, program: Program, numbers: readonly number[]): Map<number, string> {
  const runner = new Runner(program);
  const strategy = makeStrategy(name, { seed });
  strategy.prepare?.(profileOf(runner, 1000));
  const made = new Map<number, string>();
  for (const run of numbers) {
    if (!strategy.begin(run)) continue;
    const recorder = new Recorder(strategy, 1000, false);
    recorder.reset();
    strategy.end?.(runner.run(recorder));
    made.set(run, JSON.stringify(recorder.schedule()));
  }
  return made;
}

const drawing = strategyNames.filter((name) => name !== 'portfolio' && !makeStrategy(name, { seed }).exhaustive);

describe('a run is a function of seed and number', () => {
  it('for all strategies that are not exhaustive', () => {
    expect(drawing).toEqual(['random', 'pct', 'pos', 'urw', 'delay', 'round-robin']);
  });

  it.each(drawing)('%s: alone, backwards or in order', (name) => {
    const numbers = Array.from({ length: 40 }, (_, run) => run);
    const inOrder = schedules(name, philosophers(3), numbers);
    const backwards = schedules(name, philosophers(3), numbers.toReversed());
    expect([...backwards].reverse()).toEqual([...inOrder]);
    const [run, schedule] = [...inOrder].at(-1)!;
    expect(schedules(name, philosophers(3), [run]).get(run)).toBe(schedule);
  });

  it('portfolio: those of its members that draw, whatever became of the others', () => {
    const inOrder = schedules(
      'portfolio',
      lostUpdate,
      Array.from({ length: 24 }, (_, run) => run),
    );
    const numbers = [1, 2, 3, 4, 5, 9, 10, 11, 12, 13].filter((run) => inOrder.has(run));
    expect(numbers.length).toBeGreaterThan(4);
    const alone = schedules('portfolio', lostUpdate, numbers);
    for (const run of numbers) expect(alone.get(run)).toBe(inOrder.get(run));
  });
});

describe('the check for determinism', () => {
  const checked = (program: Program) => search(program, { runs: 40, checkDeterminism: true, keepGoing: true });

  it('lets deterministic programs pass, and changes nothing', () => {
    const { totals } = checked(philosophers(3));
    expect(totals).toEqual(search(philosophers(3), { runs: 40, keepGoing: true }).totals);
  });

  it('catches Math.random, and says where', () => {
    const draws: Program = (p) => {
      const x = p.cell('x');
      p.task('a', function* () {
        yield x.write(Math.random());
      });
      p.task('b', function* () {
        yield x.read;
      });
    };
    expect(() => checked(draws)).toThrow(NondeterminismError);
    expect(() => checked(draws)).toThrow(/decision 0: first a on CPU 0: write x.*, x is 0\.\d+; then a on CPU 0/);
  });

  it('catches what a run leaves behind for the next', () => {
    let runs = 0;
    const remembers: Program = (p) => {
      const x = p.cell('x');
      runs++;
      for (let i = 0; i < 2 + (runs % 2); i++) p.task(`task ${i}`, inc(x));
    };
    expect(() => checked(remembers)).toThrow(/part at decision 0.*\(of task 0, task 1.*then.*\(of task 0, task 1/);
  });

  it('catches an order that depends on objects that outlive the run', () => {
    const known = new Set<object>();
    const ordered: Program = (p) => {
      const cells = ['x', 'y'].map((name) => p.cell(name));
      known.add(cells[known.size % 2]!);
      const first = cells.findIndex((cell) => known.has(cell));
      p.task('a', function* () {
        yield cells[first]!.write(1);
      });
      p.task('b', function* () {
        yield cells[0]!.read;
      });
    };
    expect(() => checked(ordered)).toThrow(/write [xy].*then.*write [yx]/);
  });

  it('catches a check that fails at random', () => {
    let times = 0;
    const fails: Program = (p) => {
      p.task('a', inc(p.cell('x')));
      p.finally(() => p.check(times++ % 2 === 0, 'now and then'));
    };
    expect(() => checked(fails)).toThrow(/check: now and then/);
  });

  it('catches the clock of the host', () => {
    let last = 0;
    const timed: Program = (p) => {
      const x = p.cell('x');
      p.task('a', function* () {
        // Two looks at a clock that is coarser than a run may give the same.
        last = Math.max(last + 1, Date.now());
        yield x.write(last);
      });
    };
    expect(() => checked(timed)).toThrow(/part at decision 0: first a on CPU 0: write x.*; then a on CPU 0: write x/);
  });

  it('catches numbers of objects that go on from run to run, and what is sorted by them', () => {
    const ids = new WeakMap<object, number>();
    let lastId = 0;
    const idOf = (object: object): number => {
      if (!ids.has(object)) ids.set(object, ++lastId);
      return ids.get(object)!;
    };
    const sorted: Program = (p) => {
      const cells = ['x', 'y', 'z'].map((name) => p.cell(name));
      // As a hash table does: by what is left of a number that is as good as an address.
      cells.sort((a, b) => (idOf(a) % 4) - (idOf(b) % 4));
      for (const cell of cells) p.task(`task of ${cell.name}`, inc(cell));
    };
    expect(() => checked(sorted)).toThrow(/part at decision 0: first task of \w.*; then task of \w/);
  });

  it('catches a cache that is warm in the second run, if that is the first that is checked', () => {
    const cache = new Map<string, number>();
    const caches: Program = (p) => {
      const x = p.cell('x');
      p.task('a', function* () {
        if (!cache.has('x')) cache.set('x', (yield x.read) as number);
        yield x.write(1);
      });
    };
    // Strategies that draw look at a run before the first, which is no run of the search.
    const first = (): unknown => search(caches, { strategy: 'dfs', checkDeterminism: true });
    expect(first).toThrow(/part at decision 0: first a on CPU 0: read x.*; then a on CPU 0: write x/);
  });

  it('catches a draw that changes how a run ends, and nothing else', () => {
    const ends: Program = (p) => {
      p.task('a', inc(p.cell('x')));
      p.finally(() => p.check(Math.random() < 0.5, 'more often than not'));
    };
    expect(() => checked(ends)).toThrow(/the run ends complete/);
  });
});
