/**
 * A race test to start from: copy it, put your own code in the place of `put`.
 *
 * Two tasks drop their reference to an object; whoever drops the last one frees it. `put` looks at the count and writes
 * it back, which is wrong; `putAtomically` is right.
 */
import * as fc from 'fast-check';
import { type Atomic, atomic_dec_and_test, type Cell, type K, kmem_cache_free, type Program } from 'jiffies';
import { assertHolds, scheduled } from 'jiffies/fast-check';
import { describe, expect, it } from 'vitest';
import 'jiffies/vitest';

function* put(count: Cell): K<boolean> {
  const left = ((yield count.read) as number) - 1;
  yield count.write(left);
  return left === 0;
}

function* putAtomically(count: Atomic): K<boolean> {
  return (yield atomic_dec_and_test(count)) as boolean;
}

/** One task for each number: it drops so many references. */
function users(puts: readonly number[], drop: (count: Cell) => K<boolean>): Program {
  return (p) => {
    const object = p.object('object');
    const count = p.atomic(
      'count',
      puts.reduce((sum, n) => sum + n, 0),
    );
    for (const [i, times] of puts.entries()) {
      p.task(`user${i}`, function* () {
        for (let n = 0; n < times; n++) if (yield* drop(count)) yield kmem_cache_free(object);
      });
    }
    p.finally(() => p.check(object.freed, 'the object is never freed'));
  };
}

describe('two users of an object', () => {
  it('free it once, in every order', () => {
    expect(users([1, 1], putAtomically)).toHoldExhaustively();
  });

  it('are in each other’s way when they look first', () => {
    expect(users([1, 1], put)).not.toHold();
  });

  it('are still in each other’s way under the schedule that was found', () => {
    const token = 'j1.ANCXk5oEAAEBEQeL';
    expect(users([1, 1], put)).toFailUnder(token, { with: 'never freed' });
    expect(users([1, 1], putAtomically)).toHoldUnder(token);
  });
});

describe('any users', () => {
  const puts = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 });

  it('free it once, in any order', () => {
    fc.assert(
      fc.property(scheduled(puts), ([counts, schedule]) => {
        assertHolds(users(counts, putAtomically), schedule);
      }),
    );
  });

  it('need be no more than two, and one preemption, to go wrong', () => {
    const { counterexample } = fc.check(
      fc.property(scheduled(puts), ([counts, schedule]) => {
        assertHolds(users(counts, put), schedule);
      }),
      { seed: 1 },
    );
    expect(counterexample).toEqual([
      [
        [1, 1],
        [0, 1],
      ],
    ]);
  });
});
