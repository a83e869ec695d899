import { describe, expect, it } from 'vitest';
import type { Program } from '../../src/explore/program.js';
import { type SearchOptions, search, type Totals } from '../../src/explore/search.js';
import { spin_lock, spin_unlock } from '../../src/kernel/spinlock.js';
import * as programs from './programs.js';

const unlimited = Number.POSITIVE_INFINITY;

const all = (program: Program, options: SearchOptions): Totals & { exhaustive: boolean } => {
  const { totals, exhaustive } = search(program, { runs: unlimited, keepGoing: true, ...options });
  return { ...totals, exhaustive };
};

const counting = { runs: unlimited, keepGoing: true, sanitize: 'off', countInterleavings: true } as const;

const { ainc, wcas, lockinc, readers, lastzero, indexer, philosophers, privateWrites, sharedWrites } = programs;

// "Exact counts for testing a DPOR implementation": program, traces, interleavings, traces with at most 0, 1, … preemptions.
type Row = [string, Program, number, number | null, number[]?];
const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
const table: Row[] = [
  ['SB', programs.sb, 3, 6, [2, 3]],
  ['MP', programs.mp, 3, 6, [2, 3]],
  ['LB', programs.lb, 3, 6, [2, 3]],
  ['2+2W', programs.twoTwoW, 3, 6, [2, 3]],
  ['LB3', programs.lb3, 7, 90, [6, 7]],
  ['IRIW', programs.iriw, 15, 180, [14, 15]],
  ['CoRR', programs.corr, 6, 6, [2, 4, 6]],
  ...[2, 3, 4, 5, 6].map((n): Row => [`ainc(${n})`, ainc(n), factorial(n), factorial(n), [factorial(n)]]),
  ['ainc(7)', ainc(7), 5040, 5040, [5040]],
  ...[2, 3, 4, 5].map((n): Row => [`lockinc(${n})`, lockinc(n), factorial(n), factorial(n), [factorial(n)]]),
  ...[2, 3, 4, 5].map((n): Row => [`lock2inc(${n})`, lockinc(n, 2), factorial(n), factorial(n), [factorial(n)]]),
  ['POPL example', programs.popl, 5, 69, [5]],
  ...[2, 3, 4, 5, 6].map(
    (n): Row => [`wcas(${n})`, wcas(n), n * 2 ** (n - 1) + 1, factorial(n + 1), [n * 2 ** (n - 1) + 1]],
  ),
  ...[7, 8, 9].map((n): Row => [`wcas(${n})`, wcas(n), n * 2 ** (n - 1) + 1, factorial(n + 1)]),
  ...[2, 4, 6].map((n): Row => [`readers(${n})`, readers(n), 2 ** n, factorial(n + 1), [2 ** n]]),
  ['readers(8)', readers(8), 256, 362_880],
  ['readers(13)', readers(13), 8192, 87_178_291_200],
  ['5 writers and a reader', programs.writersReader(5), 720, 720, [720]],
  ...[1, 2, 3, 4, 6, 8].map(
    (n): Row => [`lastzero(${n})`, lastzero(n), [0, 2, 5, 12, 28, 64, 144, 320, 704][n]!, null],
  ),
  ['lastzero(7)', lastzero(7), 320, 70_962_676_400],
  ['loom #392', programs.loom392, 2, 3, [2]],
  ['loom #166', programs.loom166, 7, 15, [2, 6, 7]],
  ['loom #166 with the load', programs.loom166Load, 7, 21, [2, 6, 7]],
  ['lastzero(5)', lastzero(5), 64, 3_487_880],
  ['lastzero(10)', lastzero(10), 3328, null],
  ...[2, 3, 4, 5].map(
    (n): Row => [`philosophers(${n})`, philosophers(n), 2 ** n - 2, [0, 0, 4, 162, 98_160, 66_468_600][n]!],
  ),
  ['indexer(11)', indexer(11), 1, null],
  ['indexer(12)', indexer(12), 8, null],
  ['indexer(13)', indexer(13), 64, null],
  ['indexer(14)', indexer(14), 512, null],
  ['indexer(15)', indexer(15), 4096, null],
  ['private 3x3', privateWrites(3, 3), 1, 1680, [1]],
  ['private 2x5', privateWrites(2, 5), 1, 252, [1]],
  ['shared 2x5', sharedWrites(2, 5), 252, 252, [2, 10, 42, 90, 162, 210, 242, 250, 252]],
  ['shared 3x3', sharedWrites(3, 3), 1680, 1680, [6, 42, 192, 552, 1062, 1506, 1680]],
];

describe('optimal DPOR runs each trace once, none in vain', () => {
  it.each(table)('%s', (_name, program, traces, _interleavings, bounded) => {
    const { totals, exhaustive, strategy } = search(program, {
      strategy: 'optimal-dpor',
      runs: unlimited,
      keepGoing: true,
      countPreemptions: bounded !== undefined,
    });
    expect({ traces: totals.traces, blocked: totals.sleepSetBlocked, exhaustive }).toEqual({
      traces,
      blocked: 0,
      exhaustive: true,
    });
    if (bounded === undefined) return;
    let sum = 0;
    const atMost = strategy.tracesByPreemptions!.map((n) => {
      sum += n;
      return sum;
    });
    expect(atMost).toEqual(bounded);
  });

  it('lastzero(15): 147,456', () => {
    expect(all(lastzero(15), { strategy: 'optimal-dpor', sanitize: 'off' })).toMatchObject({
      traces: 147_456,
      sleepSetBlocked: 0,
      exhaustive: true,
    });
  });

  it.each([2, 3, 4, 5])('philosophers(%i): one of the runs deadlocks', (n) => {
    expect(all(philosophers(n), { strategy: 'optimal-dpor' })).toMatchObject({ deadlocked: 1, failing: 1 });
  });
});

describe('source-DPOR completes each trace once', () => {
  it.each(table)('%s', (_name, program, traces) => {
    expect(all(program, { strategy: 'source-dpor' })).toMatchObject({ traces, exhaustive: true });
  });
});

/**
 * Runs that a test makes, one for each interleaving; what has more is counted over the prefixes of its traces, as all are
 * below. EXACT=1 enumerates all that have up to four million, for minutes.
 */
const enumerable = globalThis.process.env['EXACT'] === '1' ? 4_000_000 : 100_000;

describe('depth-first search runs each interleaving', () => {
  const few = table.filter(
    ([name, , , interleavings]) => interleavings !== null && interleavings <= enumerable && !/philo/.test(name),
  );
  it.each(few)('%s', (_name, program, traces, interleavings) => {
    const options = { strategy: 'dfs', sanitize: 'off', countTraces: interleavings! < 100_000 } as const;
    const { totals, exhaustive } = search(program, { runs: unlimited, keepGoing: true, ...options });
    expect({ complete: totals.complete, exhaustive }).toEqual({ complete: interleavings, exhaustive: true });
    if (options.countTraces) expect(totals.traces).toBe(traces);
  });

  it.each([
    [2, 4, 2],
    [3, 162, 6],
  ])('philosophers(%i): %i complete and %i deadlock', (n, complete, deadlocked) => {
    expect(all(philosophers(n), { strategy: 'dfs' })).toMatchObject({ complete, deadlocked });
  });
});

describe('the interleavings that traces stand for', () => {
  const known = table.filter(([, , , interleavings]) => interleavings !== null);
  it.each(known)('of %s', (_name, program, _traces, interleavings) => {
    const { strategy } = search(program, { ...counting, strategy: 'optimal-dpor' });
    expect(strategy.interleavings!.complete).toBe(BigInt(interleavings!));
  });

  it.each([
    [2, 2],
    [3, 6],
    [4, 24],
    [5, 120],
  ])('of philosophers(%i), %i of whom deadlock', (n, deadlocked) => {
    const { strategy } = search(philosophers(n), { ...counting, strategy: 'source-dpor' });
    expect(strategy.interleavings!.deadlocked).toBe(BigInt(deadlocked));
  });
});

describe('a deadlock takes one preemption', () => {
  const opposite: Program = (p) => {
    const [a, b] = [p.lock('a'), p.lock('b')];
    for (const locks of [
      [a, b],
      [b, a],
    ]) {
      p.task('t', function* () {
        for (const lock of locks) yield spin_lock(lock);
        for (const lock of locks.toReversed()) yield spin_unlock(lock);
      });
    }
  };
  it.each([
    ['two locks, opposite order', opposite, 2, 4],
    ...[2, 3, 4].map((n) => [`philosophers(${n})`, philosophers(n), 2 ** n - 2, [0, 0, 4, 162, 98_160][n]!] as const),
  ] as const)('%s', (_name, program, traces, interleavings) => {
    for (const strategy of ['optimal-dpor', 'source-dpor', 'bounded-dfs'] as const) {
      const none = all(program, { strategy, preemptionBound: 0 });
      expect({ strategy, ...none }).toMatchObject({ deadlocked: 0, failing: 0, traces, exhaustive: true });
      const one = search(program, { runs: unlimited, keepGoing: true, strategy, preemptionBound: 1 });
      expect({ strategy, deadlocks: one.deadlockTraces }).toEqual({ strategy, deadlocks: 1 });
      expect(one.totals.traces).toBe(traces);
    }
    const { strategy } = search(program, { ...counting, strategy: 'optimal-dpor' });
    expect(strategy.interleavings!.complete).toBe(BigInt(interleavings));
  });
});

describe('depth-first search under a preemption bound sees the traces within it', () => {
  const bounds = table.flatMap(([name, program, , interleavings, bounded]) =>
    interleavings === null || interleavings > 300
      ? []
      : (bounded ?? []).map((traces, bound): [string, number, number, Program] => [name, bound, traces, program]),
  );
  it.each(bounds)('%s, %i: %i', (_name, preemptionBound, traces, program) => {
    expect(all(program, { strategy: 'bounded-dfs', preemptionBound })).toMatchObject({ traces });
  });
});
