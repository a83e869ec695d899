import { describe, expect, it } from 'vitest';
import { type ExploreOptions, explore } from '../../src/explore/explore.js';
import type { Program, ProgramSetup } from '../../src/explore/program.js';
import { atomic_inc } from '../../src/kernel/atomic.js';
import { mutex_lock, mutex_trylock, mutex_unlock } from '../../src/kernel/mutex.js';
import {
  type SpinLock,
  spin_lock,
  spin_lock_bh,
  spin_lock_irqsave,
  spin_trylock,
  spin_unlock,
  spin_unlock_bh,
  spin_unlock_irqrestore,
} from '../../src/kernel/spinlock.js';
import { mod_timer } from '../../src/kernel/timer.js';
import {
  local_bh_disable,
  local_bh_enable,
  local_irq_restore,
  local_irq_save,
  smp_call_function,
} from '../../src/smp/basic-ops.js';
import { SpinUntilOp } from '../../src/smp/cell.js';
import type { K } from '../../src/smp/op.js';
import { blockOf, kindsOf } from './blocks.js';

/** In jiffies from now. */
const soon = (p: ProgramSetup, jiffies = 1): number => p.kernel.addJiffies(p.kernel.now, jiffies);

type How = 'plain' | 'bh' | 'irq' | 'try';

/** Takes a lock in one way, does something, and gives it back. */
function* inside(lock: SpinLock, how: How, does: () => K = function* () {}): K {
  if (how === 'irq') {
    const flags: number = yield spin_lock_irqsave(lock);
    yield* does();
    yield spin_unlock_irqrestore(lock, flags);
    return;
  }
  if (how === 'try') {
    if (!((yield spin_trylock(lock)) as boolean)) return;
  } else yield how === 'bh' ? spin_lock_bh(lock) : spin_lock(lock);
  yield* does();
  yield how === 'bh' ? spin_unlock_bh(lock) : spin_unlock(lock);
}

/** Takes locks one inside the other; the names say how, `a:bh b`. */
function nested(locks: Readonly<Record<string, SpinLock>>, text: string): () => K {
  return function* () {
    const [first, ...rest] = text.split(' ');
    if (first === undefined || first === '') return;
    const [name, how = 'plain'] = first.split(':');
    yield* inside(locks[name!]!, how as How, nested(locks, rest.join(' ')));
  };
}

/** One task, one thing after the other, so that nothing ever waits; handlers of softirqs and interrupts are waited for. */
const sequence =
  (...steps: readonly (string | { readonly softirq: string } | { readonly hardirq: string })[]): Program =>
  (p) => {
    const names = new Set(JSON.stringify(steps).match(/\b[a-z]\d?\b(?=[ :"])/g) ?? []);
    const locks = Object.fromEntries([...names].map((name) => [name, p.lock(name)]));
    p.task('other', function* () {});
    p.task('main', function* () {
      for (const step of steps) {
        if (typeof step === 'string') yield* nested(locks, step)();
        else if ('softirq' in step) {
          const over = p.atomic('over');
          const handler = function* (): K {
            yield* nested(locks, step.softirq)();
            yield atomic_inc(over);
          };
          yield mod_timer(p.timer('t', handler), soon(p));
          yield new SpinUntilOp(over, (value) => value > 0);
        } else yield* smp_call_function(p.kernel.machine, 0, 'ipi', nested(locks, step.hardirq));
      }
    });
  };

const options: ExploreOptions = { strategy: 'portfolio', runs: 300 };
const messages = (program: Program, more: ExploreOptions = {}): readonly string[] => {
  const { failure, findings } = explore(program, { ...options, shrink: false, keepGoing: true, ...more });
  expect(failure === null || ['lock-order', 'irq-safety'].includes(failure.kind)).toBe(true);
  return findings.map(({ message }) => message).toSorted();
};

describe('a lock that an interrupt waits for, and one that is held where it could come in', () => {
  const chain = (names: string, state = 'SOFTIRQ') =>
    `${state}-safe -> ${state}-unsafe lock order detected: ${names.split(' ').join(' -> ')}`;

  it.each([
    ['a:bh b', 'b', 'a b'],
    ['a:bh b', 'b:irq', null],
    ['a:bh b', 'b:bh', null],
    ['a:bh', 'b', null],
    ['b a:bh', 'b', null],
    ['a:bh c b', 'b', 'a c b'],
    ['a:bh b:try', 'b', null],
    ['a:bh c:try b', 'b', 'a b'],
    ['a:irq b', 'b', 'a b'],
  ])('a softirq takes a, tasks %s and %s', (nest, alone, expected) => {
    const found = expected === null ? [] : [chain(expected)];
    expect(messages(sequence({ softirq: 'a' }, nest, alone))).toEqual(found);
    expect(messages(sequence(nest, alone, { softirq: 'a' }))).toEqual(found);
    expect(messages(sequence(alone, nest, { softirq: 'a' }))).toEqual(found);
  });

  it('of hard interrupts', () => {
    expect(messages(sequence({ hardirq: 'a' }, 'a:irq b', 'b:bh'))).toEqual([chain('a b', 'HARDIRQ')]);
    expect(messages(sequence({ hardirq: 'a' }, 'a:irq b', 'b:irq'))).toEqual([]);
    // Held in a softirq, where only hard interrupts could come in.
    expect(messages(sequence({ hardirq: 'a' }, 'a:irq b', { softirq: 'b' }))).toEqual([chain('a b', 'HARDIRQ')]);
  });

  it('along chains that nobody takes as a whole', () => {
    const steps = ['a:bh c', 'c:bh d', 'd:bh b', 'b'];
    expect(messages(sequence({ softirq: 'a' }, ...steps))).toEqual([chain('a c d b')]);
    expect(messages(sequence(...steps.toReversed(), { softirq: 'a' }))).toEqual([chain('a c d b')]);
    expect(messages(sequence({ softirq: 'a' }, ...steps.slice(0, -1), 'b:bh'))).toEqual([]);
  });

  it('taken by a trylock in the softirq is no wait', () => {
    expect(messages(sequence({ softirq: 'a:try' }, 'a:bh b', 'b'))).toEqual([]);
  });

  it('is told once, by its nearest cause', () => {
    // b is wrong by itself: that a leads to it adds nothing.
    expect(messages(sequence({ softirq: 'a b' }, 'b'))).toEqual([
      'inconsistent lock state: b {IN-SOFTIRQ-W} -> {SOFTIRQ-ON-W}',
    ]);
    // Both ways are there when a leads to d by c and by b: the shortest is told.
    expect(messages(sequence('c:bh d', 'a:bh c', 'a:bh b', 'b:bh d:bh', 'd', { softirq: 'a' }))).toHaveLength(1);
  });

  it('becomes one where bottom halves are let in while it is held', () => {
    const program =
      (off: boolean): Program =>
      (p) => {
        const [a, b] = [p.lock('a'), p.lock('b')];
        const timer = p.timer('t', () => inside(a, 'plain'));
        p.task('main', function* () {
          yield* inside(a, 'bh', () => inside(b, 'plain'));
          yield local_bh_disable();
          const flags: number = yield local_irq_save();
          yield spin_lock(b);
          if (!off) yield local_irq_restore(flags);
          yield local_bh_enable();
          yield spin_unlock(b);
          if (off) yield local_irq_restore(flags);
          yield mod_timer(timer, soon(p));
        });
      };
    expect(messages(program(false))).toEqual([chain('a b')]);
    expect(messages(program(true))).toEqual([]);
  });

  /** As in the issue: two tasks of two CPUs and a timer; it never deadlocks where they come one after the other. */
  const story: Program = (p) => {
    const [a, b] = [p.lock('a'), p.lock('b')];
    const timer = p.timer('t', () => inside(a, 'plain'));
    p.task('one', function* () {
      yield* inside(a, 'bh', () => inside(b, 'plain'));
    });
    p.task('two', function* () {
      yield* inside(b, 'plain');
      yield mod_timer(timer, soon(p));
    });
  };

  it('is found in two tasks and a timer', () => {
    const { findings } = explore(story, { ...options, keepGoing: true });
    expect(findings.map(({ message }) => message)).toContain(chain('a b'));
    expect(explore(story, { strategy: 'round-robin' }).failure).toMatchObject({ kind: 'irq-safety' });
  });

  const middle: Program = sequence({ softirq: 'a' }, 'c:bh b', 'b', 'a:bh c');

  it('is told in lockdep form: a new order', () => {
    expect(blockOf(middle, { strategy: 'round-robin' })).toMatchSnapshot();
  });

  it('is told in lockdep form: a new use of the first, of the last', () => {
    expect(blockOf(sequence('a:bh b', 'b', { softirq: 'a' }), { strategy: 'round-robin' })).toMatchSnapshot();
    const last = blockOf(sequence({ softirq: 'a' }, 'a:bh b', 'b'), { strategy: 'round-robin' });
    expect(last).toContain('possible irq lock inversion dependency detected');
    expect(last).toContain('but this lock was taken by another, SOFTIRQ-safe lock in the past:\n (a)');
  });
});

describe('two locks of one class', () => {
  const two =
    (first: string, second: string): Program =>
    (p) => {
      const [one, other] = [p.lock(first), p.lock(second)];
      p.task('t', () => inside(one, 'plain', () => inside(other, 'plain')));
    };

  it('one inside the other', () => {
    expect(messages(two('chain[0]', 'chain[1]'))).toEqual([
      'possible recursive locking: chain[]: chain[0] and chain[1] are taken one inside the other',
    ]);
    expect(messages(two('l', 'l'))).toEqual(['possible recursive locking: l']);
    expect(blockOf(two('chain[0]', 'chain[1]'))).toMatchSnapshot();
  });

  it('are none if their names say so', () => {
    expect(messages(two('chain[0]', 'chain[1]/1'))).toEqual([]);
    expect(messages(two('chain0', 'chain1'))).toEqual([]);
  });

  it('by a trylock, or one after the other, are no recursion', () => {
    const program: Program = (p) => {
      const [one, other] = [p.lock('chain[0]'), p.lock('chain[1]')];
      p.task('t', function* () {
        yield* inside(one, 'plain', () => inside(other, 'try'));
        yield* inside(one, 'plain');
        yield* inside(other, 'plain');
      });
    };
    expect(messages(program)).toEqual([]);
  });

  it('a lock that its holder tries again fails; one that it waits for is a deadlock', () => {
    const again =
      (how: How): Program =>
      (p) => {
        const lock = p.lock('l');
        p.task('t', () => inside(lock, 'plain', () => inside(lock, how)));
      };
    expect(kindsOf(again('try'))).toEqual([]);
    expect(kindsOf(again('plain'))).toEqual(['self-deadlock']);
    expect(blockOf(again('plain'))).toContain('1 lock held by t/1:\n #0: 00001000 (l){+.+.}-{2:2}, at: t');
  });
});

describe('lock order', () => {
  const circle = (names: string): string => `possible circular locking dependency: ${names.split(' ').join(' -> ')}`;

  it('is told once, wherever the circle is closed', () => {
    const steps = ['a b', 'b c', 'c a'];
    for (const i of [0, 1, 2]) {
      expect(messages(sequence(...steps.slice(i), ...steps.slice(0, i)))).toEqual([circle('a b c a')]);
    }
    expect(messages(sequence('a b', 'b c', 'a c'))).toEqual([]);
  });

  it('of three, in lockdep form', () => {
    expect(blockOf(sequence('a b', 'b c', 'c a'), { strategy: 'round-robin' })).toMatchSnapshot();
  });

  it('goes on from a trylock, not to it', () => {
    expect(messages(sequence('a:try b', 'b a'))).toEqual([circle('a b a')]);
    expect(messages(sequence('a b:try', 'b a'))).toEqual([]);
    // After c, which was waited for while a was held; a was before both.
    expect(messages(sequence('a b:try c', 'c a'))).toEqual([circle('a c a')]);
    expect(messages(sequence('a b c', 'c a'))).toEqual([circle('a b c a')]);
  });

  it('of mutexes, and of a trylock on one', () => {
    const program =
      (tried: boolean): Program =>
      (p) => {
        const [m, n] = [p.mutex('m'), p.mutex('n')];
        p.task('t', function* () {
          yield* mutex_lock(m);
          yield* mutex_lock(n);
          yield mutex_unlock(n);
          yield mutex_unlock(m);
          yield* mutex_lock(n);
          if (!tried) yield* mutex_lock(m);
          else yield mutex_trylock(m);
          yield mutex_unlock(m);
          yield mutex_unlock(n);
        });
      };
    expect(messages(program(false))).toEqual([circle('m n m')]);
    expect(messages(program(true))).toEqual([]);
    expect(blockOf(program(false))).toContain('(m){+.+.}-{3:3}');
  });
});
