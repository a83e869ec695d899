import { describe, expect, it } from 'vitest';
import { explore } from '../../src/explore/explore.js';
import type { Program } from '../../src/explore/program.js';
import { type SearchOptions, search } from '../../src/explore/search.js';
import { strategyNames } from '../../src/explore/strategies.js';
import { spin_lock, spin_trylock, spin_unlock } from '../../src/kernel/spinlock.js';

/** Waits for a flag in a loop; then both count, one of them `rounds` times. */
const behindFlag =
  (rounds: number, wanted: (x: number) => boolean): Program =>
  (p) => {
    const flag = p.atomic('flag');
    const x = p.atomic('x');
    const count = function* () {
      for (let i = 0; i < rounds; i++) {
        const seen: number = yield x.read;
        yield x.write(seen + 1);
      }
    };
    p.task('waits', function* () {
      while (((yield flag.read) as number) === 0);
      yield* count();
    });
    p.task('raises', function* () {
      yield flag.write(1);
      yield* count();
    });
    p.finally(() => p.check(wanted(x.value), 'counts were lost'));
  };

const lost = behindFlag(1, (x) => x === 2);

const all = (program: Program, options: SearchOptions) => {
  const { totals, exhaustive } = search(program, { runs: 100_000, keepGoing: true, ...options });
  return { ...totals, exhaustive };
};

describe('a loop that waits for a change', () => {
  it.each(strategyNames.filter((name) => !/round-robin|bounded-dfs|^dfs/.test(name)))(
    'does not keep %s from the bug behind it',
    (strategy) => {
      const { failure, totals } = explore(lost, { strategy, runs: 3000, sanitize: 'off' });
      expect(failure?.message).toBe('counts were lost');
      expect(totals.boundCut).toBe(0);
    },
  );

  it('is left for the others without a preemption, after a number of looks', () => {
    const { failure } = explore(lost, { strategy: 'optimal-dpor', sanitize: 'off' });
    expect(failure!.preemptions).toBe(1);
    expect(all(lost, { strategy: 'bounded-dfs', preemptionBound: 0 })).toMatchObject({ failing: 0, exhaustive: true });
  });

  it('lets a reducing search come to its end', () => {
    const sound = behindFlag(1, (x) => x >= 1);
    for (const strategy of ['optimal-dpor', 'source-dpor'] as const) {
      expect(all(sound, { strategy })).toMatchObject({ failing: 0, boundCut: 0, exhaustive: true });
    }
  });

  it('lets a portfolio use its budget where a member has nothing left to do', () => {
    const rare = explore(
      behindFlag(3, (x) => x !== 2),
      { sanitize: 'off' },
    );
    expect(rare.failure?.message).toBe('counts were lost');
  });

  it('may try a lock', () => {
    const program: Program = (p) => {
      const lock = p.lock('l');
      for (const name of ['a', 'b']) {
        p.task(name, function* () {
          while (!((yield spin_trylock(lock)) as boolean));
          yield spin_unlock(lock);
        });
      }
    };
    const { failing, boundCut, exhaustive } = all(program, { strategy: 'optimal-dpor' });
    expect({ failing, boundCut, exhaustive }).toEqual({ failing: 0, boundCut: 0, exhaustive: true });
  });

  it('is told if nobody will ever make the change', () => {
    const { failure } = explore((p) => {
      const flag = p.atomic('flag');
      p.task('waits', function* () {
        while (((yield flag.read) as number) === 0);
      });
      p.task('does not raise', function* () {
        yield flag.write(0);
      });
    });
    expect(failure?.kind).toBe('endless-loop');
  });
});

describe('straight code with many looks', () => {
  it('comes to its end', () => {
    const program: Program = (p) => {
      const x = p.cell('x');
      const y = p.cell('y');
      p.task('a', function* () {
        for (let i = 0; i < 200; i++) yield x.readOnce;
        yield y.write(1);
      });
      p.finally(() => p.check(y.value === 1, 'a did not end'));
    };
    expect(all(program, { strategy: 'dfs' })).toMatchObject({ complete: 1, failing: 0, exhaustive: true });
  });

  it('is no loop while what it sees changes, or while it does anything else', () => {
    const program: Program = (p) => {
      const x = p.cell('x');
      const lock = p.lock('l');
      p.task('a', function* () {
        for (let i = 0; i < 100; i++) {
          yield x.readOnce;
          if (i % 40 === 0) {
            yield spin_lock(lock);
            yield spin_unlock(lock);
          }
        }
      });
      p.task('b', function* () {
        yield x.writeOnce(1);
      });
    };
    // The write may come before any of the looks, or last: that is 101 traces.
    expect(all(program, { strategy: 'optimal-dpor' })).toMatchObject({ traces: 101, exhaustive: true });
  });
});
