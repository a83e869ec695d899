import { describe, expect, it } from 'vitest';
import type { Program } from '../../src/explore/program.js';
import { search } from '../../src/explore/search.js';
import { strategyNames } from '../../src/explore/strategies.js';
import { lostUpdate, oneAgainst25, philosophers } from './programs.js';

/** Failing runs among 20,000, which may be four standard errors from the expected fraction. */
function expectFraction(program: Program, fraction: number): void {
  const runs = 20_000;
  const { totals } = search(program, { strategy: 'random', runs, keepGoing: true, countTraces: false });
  const error = Math.sqrt((fraction * (1 - fraction)) / runs);
  expect(Math.abs(totals.failing / runs - fraction)).toBeLessThan(4 * error);
}

describe('a random walk fails as often as it should', () => {
  it('a lost update: 1/2', () => expectFraction(lostUpdate, 1 / 2));
  it('three philosophers: 1/3', () => expectFraction(philosophers(3), 1 / 3));
  it('four philosophers: 11/48', () => expectFraction(philosophers(4), 11 / 48));
});

describe('strategies differ', () => {
  const failing = (program: Program, strategy: 'random' | 'urw' | 'pct', runs: number, depth = 1): number =>
    search(program, { strategy, runs, depth, keepGoing: true, countTraces: false }).totals.failing;

  it('one store after 25 others: random misses, URW finds', () => {
    expect(failing(oneAgainst25, 'random', 10_000)).toBe(0);
    // One in 26.
    const found = failing(oneAgainst25, 'urw', 2600);
    expect(found).toBeGreaterThan(60);
    expect(found).toBeLessThan(145);
  });

  it('20 steps that must not be interrupted (figure 5 of PCT): random misses, PCT of depth 1 finds every other time', () => {
    const figure5: Program = (p) => {
      const x = p.cell('x');
      p.task('a', function* () {
        for (let i = 0; i < 20; i++) yield x.write(1);
        const seen: number = yield x.read;
        p.check(seen !== 1 || !clean, 'ran without interruption');
      });
      let clean = true;
      p.task('b', function* () {
        for (let i = 0; i < 20; i++) {
          yield x.write(2);
          clean = false;
        }
      });
    };
    expect(failing(figure5, 'random', 10_000)).toBe(0);
    const found = failing(figure5, 'pct', 1000) / 1000;
    expect(found).toBeGreaterThan(0.43);
    expect(found).toBeLessThan(0.57);
  });
});

describe.each(strategyNames)('%s', (strategy) => {
  it('makes the same runs for the same seed', () => {
    const twice = [1, 2].map(() => search(philosophers(3), { strategy, runs: 300, keepGoing: true, seed: 5 }));
    expect(twice[0]!.totals).toEqual(twice[1]!.totals);
    expect(twice[0]!.failed).toEqual(twice[1]!.failed);
  });

  it('counts every run once', () => {
    const { totals } = search(philosophers(3), { strategy, runs: 300, keepGoing: true });
    expect(totals.complete + totals.deadlocked + totals.sleepSetBlocked + totals.boundCut).toBe(totals.runs);
    expect(totals.traces).toBeLessThanOrEqual(6);
  });
});
