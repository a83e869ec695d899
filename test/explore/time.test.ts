import { describe, expect, it } from 'vitest';
import { explore, replay } from '../../src/explore/explore.js';
import type { Program } from '../../src/explore/program.js';
import { search } from '../../src/explore/search.js';
import { strategyNames } from '../../src/explore/strategies.js';
import { decodeToken } from '../../src/explore/token.js';
import { mod_timer } from '../../src/kernel/timer.js';
import { litmus } from './programs.js';

const everything = { runs: Number.POSITIVE_INFINITY, keepGoing: true } as const;

/** A timer that fails if its handler is `late` jiffies late. */
const lateTimer =
  (late: number): Program =>
  (p) => {
    const x = p.cell('x');
    let due = 0;
    const timer = p.timer('t', () => {
      p.check(p.kernel.distance(due, p.kernel.now) < late, 'the handler came late');
    });
    p.task('a', function* () {
      due = p.kernel.addJiffies(p.kernel.now, 5);
      yield mod_timer(timer, due);
      yield x.write(1);
    });
  };

/** Looks at jiffies twice; `gap` visible operations in between. */
const twoLooks =
  (gap: number, apart: number): Program =>
  (p) => {
    const x = p.cell('x');
    p.task('a', function* () {
      const first = p.kernel.now;
      for (let i = 0; i < gap; i++) yield x.write(i);
      p.check(p.kernel.distance(first, p.kernel.now) < apart, 'time has moved on');
    });
  };

const samplers = strategyNames.filter((name) => !/dfs|dpor|round-robin/.test(name));

describe('a program that does not depend on time', () => {
  it.each([100, 250, 1000])('has no time choices at HZ %i, however long stalls may be', (hz) => {
    const sb = litmus('Wx Ry | Wy Rx');
    const options = { ...everything, machine: { hz }, stallJiffiesMax: 1000 };
    expect(search(sb, { ...options, strategy: 'dfs' })).toMatchObject({
      totals: { complete: 6, traces: 3 },
      exhaustive: true,
      stallJiffiesMax: null,
    });
    expect(search(sb, { ...options, strategy: 'optimal-dpor' })).toMatchObject({ totals: { traces: 3 } });
  });
});

describe('stalls', () => {
  it.each(samplers)('%s makes a handler late, and shrinks to the shortest stall that does', (strategy) => {
    const { failure } = explore(lateTimer(12), { strategy, runs: 500, seed: 7 });
    const { deviations } = decodeToken(failure!.token);
    const stalls = deviations.filter(({ name }) => name === 'stall').map(({ value }) => value);
    // From when it is due; or from the start; or before it is armed, for what is a jiffy ago by then.
    expect(stalls.length).toBe(1);
    expect([12, 15, 16]).toContain(stalls[0]);
    expect(failure!.shrinkDone).toBe(true);
    expect(replay(lateTimer(12), failure!.token)).toMatchObject({
      sameProgram: true,
      failure: { message: 'the handler came late' },
    });
  });

  it('are drawn log-uniformly: each length between two powers of two about as often', () => {
    const octaves: number[] = [];
    const program: Program = (p) => {
      const x = p.cell('x');
      p.task('a', function* () {
        const before = p.kernel.now;
        yield x.write(1);
        const stall = p.kernel.distance(before, p.kernel.now);
        // Where nothing is due value 0 is one jiffy, value 1 is two, and so on.
        const octave = stall < 2 ? stall : 2 + Math.floor(Math.log2(stall - 1));
        octaves[octave] = (octaves[octave] ?? 0) + 1;
      });
    };
    search(program, { ...everything, strategy: 'random', runs: 64_000, stallJiffiesMax: 255 });
    // Half of the runs do not let time move; half of the others draw value 0.
    expect(octaves.length).toBe(10);
    const [none, one, ...others] = octaves as [number, number, ...number[]];
    expect(none / 64_000).toBeCloseTo(1 / 2, 1);
    expect(one / 64_000).toBeCloseTo(1 / 4, 1);
    for (const often of others) expect(Math.abs(often / 64_000 - 1 / 32)).toBeLessThan(0.005);
  });

  it('are as long as five minutes at most, if nothing else is said', () => {
    let longest = 0;
    const program: Program = (p) => {
      const x = p.cell('x');
      p.task('a', function* () {
        const before = p.kernel.now;
        yield x.write(1);
        longest = Math.max(longest, p.kernel.distance(before, p.kernel.now));
      });
    };
    search(program, { ...everything, strategy: 'random', runs: 3000 });
    expect(longest).toBeLessThanOrEqual(300 * 250);
    expect(longest).toBeGreaterThan(100 * 250);
  });

  it('end where time does', () => {
    const { totals } = search(lateTimer(12), { ...everything, strategy: 'random', runs: 2000, horizonNs: 15 * 4e6 });
    expect(totals.failing).toBe(0);
    const more = search(lateTimer(12), { ...everything, strategy: 'random', runs: 2000, horizonNs: 17 * 4e6 });
    expect(more.totals.failing).toBeGreaterThan(0);
  });

  it('may be taken before they become due, one by one, where code has looked at jiffies', () => {
    // A stall of 1 … 4 jiffies before either write, or none.
    const { totals, exhaustive } = search(twoLooks(2, 100), { ...everything, strategy: 'dfs', stallJiffiesMax: 4 });
    expect({ runs: totals.runs, exhaustive }).toEqual({ runs: 25, exhaustive: true });
  });
});

describe.each(['dfs', 'optimal-dpor', 'source-dpor'] as const)('%s', (strategy) => {
  it('makes no stalls unless told, and says so', () => {
    const found = explore(twoLooks(2, 1), { strategy, runs: 1e6 });
    expect(found).toMatchObject({ exhaustive: true, failure: null, stallJiffiesMax: 0 });
    const timed = explore(lateTimer(1), { strategy, runs: 1e6 });
    expect(timed).toMatchObject({ exhaustive: true, stallJiffiesMax: 0 });
  });

  it('sees all stalls up to its horizon', () => {
    for (const late of [3, 4]) {
      const found = explore(twoLooks(1, late), { strategy, runs: 1e6, stallJiffiesMax: 3 });
      expect({ failed: found.failure !== null, exhaustive: found.exhaustive }).toEqual({
        failed: late === 3,
        exhaustive: late === 4,
      });
    }
    const late = explore(lateTimer(3), { strategy, runs: 1e6, stallJiffiesMax: 8 });
    expect(late.failure?.message).toBe('the handler came late');
  });
});

describe('a portfolio', () => {
  it('is not over when a search without stalls is', () => {
    const { failure } = explore(lateTimer(12));
    expect(failure?.message).toBe('the handler came late');
    expect(explore(lateTimer(1e6), { runs: 300 })).toMatchObject({ exhaustive: false, totals: { runs: 300 } });
  });
});
