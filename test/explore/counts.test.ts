import { describe, expect, it } from 'vitest';
import type { Program } from '../../src/explore/program.js';
import { type SearchOptions, search, type Totals } from '../../src/explore/search.js';
import * as programs from './programs.js';

const all = (program: Program, options: SearchOptions): Totals & { exhaustive: boolean } => {
  const { totals, exhaustive } = search(program, { runs: Number.POSITIVE_INFINITY, keepGoing: true, ...options });
  return { ...totals, exhaustive };
};

const { ainc, wcas, lockinc, readers, lastzero, indexer, philosophers, privateWrites, sharedWrites } = programs;

// "Exact counts for testing a DPOR implementation": program, traces, interleavings, traces with at most 0, 1, … preemptions.
const table: [string, Program, number, number | null, number[]?][] = [
  ['SB', programs.sb, 3, 6, [2, 3]],
  ['MP', programs.mp, 3, 6, [2, 3]],
  ['LB', programs.lb, 3, 6, [2, 3]],
  ['2+2W', programs.twoTwoW, 3, 6, [2, 3]],
  ['LB3', programs.lb3, 7, 90, [6, 7]],
  ['IRIW', programs.iriw, 15, 180, [14, 15]],
  ['CoRR', programs.corr, 6, 6, [2, 4, 6]],
  ...[2, 3, 4, 5].map((n): [string, Program, number, number] => [
    `ainc(${n})`,
    ainc(n),
    [0, 1, 2, 6, 24, 120][n]!,
    [0, 1, 2, 6, 24, 120][n]!,
  ]),
  ...[2, 3, 4].map((n): [string, Program, number, number] => [
    `lockinc(${n})`,
    lockinc(n),
    [0, 1, 2, 6, 24][n]!,
    [0, 1, 2, 6, 24][n]!,
  ]),
  ...[2, 3, 4].map((n): [string, Program, number, number] => [
    `lock2inc(${n})`,
    lockinc(n, 2),
    [0, 1, 2, 6, 24][n]!,
    [0, 1, 2, 6, 24][n]!,
  ]),
  ['POPL example', programs.popl, 5, 69, [5]],
  ['loom #392', programs.loom392, 2, 3, [2]],
  ['loom #166', programs.loom166, 7, 15, [2, 6, 7]],
  ['loom #166 with the load', programs.loom166Load, 7, 21, [2, 6, 7]],
  ['wcas(3)', wcas(3), 13, 24, [13]],
  ['readers(4)', readers(4), 16, 120, [16]],
  ['lastzero(3)', lastzero(3), 12, null, [12]],
  ['lastzero(5)', lastzero(5), 64, null],
  ['lastzero(10)', lastzero(10), 3328, null],
  ['philosophers(2)', philosophers(2), 2, null],
  ['philosophers(3)', philosophers(3), 6, null],
  ['philosophers(5)', philosophers(5), 30, null],
  ['indexer(12)', indexer(12), 8, null],
  ['indexer(13)', indexer(13), 64, null],
  ['private 2x5', privateWrites(2, 5), 1, 252, [1]],
  ['shared 2x5', sharedWrites(2, 5), 252, 252, [2, 10, 42, 90, 162, 210, 242, 250, 252]],
  ['shared 3x3', sharedWrites(3, 3), 1680, 1680, [6, 42, 192, 552, 1062, 1506, 1680]],
];

describe('optimal', () => {
  it.each(table)('%s', (_name, program, traces, _i, bounded) => {
    const options = { strategy: 'optimal-dpor', countPreemptions: bounded !== undefined } as const;
    const { totals, exhaustive, strategy } = search(program, { runs: 1e6, keepGoing: true, ...options });
    expect({ traces: totals.traces, blocked: totals.sleepSetBlocked, exhaustive }).toEqual({
      traces,
      blocked: 0,
      exhaustive: true,
    });
    let sum = 0;
    if (bounded !== undefined) expect(strategy.tracesByPreemptions!.map((n) => (sum += n))).toEqual(bounded);
  });
  it.each(table)('source %s', (_name, program, traces) => {
    expect(all(program, { strategy: 'source-dpor' })).toMatchObject({ traces, exhaustive: true });
  });
  it.each(table.filter((row) => row[3] !== null))('dfs %s', (_name, program, traces, interleavings) => {
    expect(all(program, { strategy: 'dfs' })).toMatchObject({ traces, complete: interleavings, exhaustive: true });
  });
});
