import { describe, expect, it } from 'vitest';
import { explore, replay } from '../../src/explore/explore.js';
import type { Program, ProgramSetup } from '../../src/explore/program.js';
import { atomic_dec_and_test, atomic_inc, atomic_read } from '../../src/kernel/atomic.js';
import { kernelFunction } from '../../src/kernel/function.js';
import type { Kernel } from '../../src/kernel/kernel.js';
import { Completion, complete, mutex_lock, mutex_unlock, wait_for_completion } from '../../src/kernel/mutex.js';
import { kmem_cache_free, type SlabObject } from '../../src/kernel/slab.js';
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
import { schedule_work } from '../../src/kernel/workqueue.js';
import {
  local_bh_disable,
  local_bh_enable,
  local_irq_restore,
  local_irq_save,
  preempt_disable,
  preempt_enable,
  smp_call_function,
} from '../../src/smp/basic-ops.js';
import type { Cell } from '../../src/smp/cell.js';
import type { K } from '../../src/smp/op.js';
import { blockOf, kindsOf } from './blocks.js';

const thing_get = kernelFunction('thing_get', function* (part: Cell): K<number> {
  return (yield part.readOnce) as number;
});
const thing_free = kernelFunction('thing_free', function* (thing: SlabObject): K {
  yield kmem_cache_free(thing);
});
const thing_use = kernelFunction('thing_use', function* (part: Cell): K {
  yield* thing_get(part);
});

/** In jiffies from now. */
const soon = (p: ProgramSetup, jiffies = 1): number => p.kernel.addJiffies(p.kernel.now, jiffies);

describe('memory', () => {
  const freedBy =
    (waits: boolean): Program =>
    (p) => {
      const thing = p.object('thing');
      const [x, done] = [p.part(thing, 'x'), p.atomic('done')];
      p.task('user', function* () {
        yield* thing_use(x);
        yield atomic_inc(done);
      });
      p.task('owner', function* () {
        if (waits && ((yield atomic_read(done)) as number) === 0) return;
        yield* thing_free(thing);
      });
    };

  it('used after it was freed, in KASAN form', () => {
    expect(explore(freedBy(false)).failure).toMatchObject({ kind: 'use-after-free' });
    expect(blockOf(freedBy(false), { strategy: 'optimal-dpor' })).toMatchSnapshot();
    expect(kindsOf(freedBy(true))).toEqual([]);
  });

  it('used after it was freed, by an interrupt', () => {
    const program: Program = (p) => {
      const thing = p.object('thing');
      const x = p.part(thing, 'x');
      const timer = p.timer('t', () => thing_use(x));
      p.task('owner', function* () {
        yield mod_timer(timer, soon(p));
        yield* thing_free(thing);
        yield p.atomic('after').read;
      });
    };
    expect(blockOf(program, { strategy: 'dfs' })).toMatchSnapshot();
  });

  const twice =
    (own: boolean): Program =>
    (p) => {
      const thing = p.object('thing');
      const other = p.object('other');
      p.task('a', () => thing_free(thing));
      p.task('b', () => thing_free(own ? other : thing));
    };

  it('freed twice, in KASAN form', () => {
    expect(blockOf(twice(false), { strategy: 'optimal-dpor' })).toMatchSnapshot();
    expect(kindsOf(twice(false))).toEqual(['double-free']);
    expect(kindsOf(twice(true))).toEqual([]);
  });

  const leaks =
    (frees: boolean): Program =>
    (p) => {
      p.noLeaks();
      const thing = p.object('thing');
      const refs = p.refcount('refs', 2);
      for (const name of ['a', 'b']) {
        p.task(name, function* () {
          const last: boolean = yield atomic_dec_and_test(refs);
          if (frees && last) yield* thing_free(thing);
        });
      }
    };

  it('leaked', () => {
    expect(explore(leaks(false)).failure).toMatchObject({ kind: 'leak', message: 'thing (objects) is never freed' });
    expect(explore(leaks(false)).failure!.report).toContain(
      'unreferenced object 0x00001000 (size 64):\n  [thing, of the cache objects]',
    );
    expect(kindsOf(leaks(true))).toEqual([]);
  });
});

describe('a reference count', () => {
  const released =
    (times: number): Program =>
    (p) => {
      const refs = p.refcount('refs', 2);
      for (let i = 0; i < times; i++) {
        p.task(`t${i}`, function* () {
          yield atomic_dec_and_test(refs);
        });
      }
    };

  it('that goes below zero', () => {
    expect(explore(released(3), { strategy: 'optimal-dpor' }).failure!.report).toMatchSnapshot();
    expect(kindsOf(released(2))).toEqual([]);
  });

  it('that goes up from zero', () => {
    const program: Program = (p) => {
      const refs = p.refcount('refs', 1);
      p.task('putter', function* () {
        yield atomic_dec_and_test(refs);
      });
      p.task('getter', function* () {
        yield atomic_inc(refs);
      });
    };
    expect(explore(program).failure).toMatchObject({
      kind: 'refcount-on-zero',
      message: 'refcount_t: addition on 0; use-after-free. (refs, in getter)',
    });
    const held: Program = (p) => {
      const refs = p.refcount('refs', 1);
      p.task('user', function* () {
        yield atomic_inc(refs);
        yield atomic_dec_and_test(refs);
        yield atomic_dec_and_test(refs);
      });
    };
    expect(kindsOf(held)).toEqual([]);
  });
});

describe('lock order', () => {
  const take = (first: SpinLock, second: SpinLock) =>
    function* (): K {
      yield spin_lock(first);
      yield spin_lock(second);
      yield spin_unlock(second);
      yield spin_unlock(first);
    };

  /** On one CPU, so that it never deadlocks. */
  const two =
    (inverted: boolean): Program =>
    (p) => {
      const [a, b] = [p.lock('a'), p.lock('b')];
      p.task('one', take(a, b), { cpu: 0 });
      p.task('two', inverted ? take(b, a) : take(a, b), { cpu: 0 });
    };

  it('inverted, in lockdep form, though nobody deadlocked', () => {
    const { failure, totals } = explore(two(true), { strategy: 'optimal-dpor' });
    expect(totals).toMatchObject({ deadlocked: 0, failing: 0 });
    expect(failure).toMatchObject({ kind: 'lock-order' });
    expect(blockOf(two(true), { strategy: 'optimal-dpor' })).toMatchSnapshot();
    expect(replay(two(true), failure!.token).failure).toMatchObject({ kind: 'lock-order' });
    expect(kindsOf(two(false))).toEqual([]);
  });

  it('of three locks in a circle', () => {
    const program: Program = (p) => {
      const locks = [p.lock('a'), p.lock('b'), p.lock('c')];
      for (let i = 0; i < 3; i++) p.task(`t${i}`, take(locks[i]!, locks[(i + 1) % 3]!), { cpu: 0 });
    };
    expect(explore(program).failure?.message).toMatch(/^possible circular locking dependency: . -> . -> . -> .$/);
  });

  it('of a trylock is none', () => {
    const program: Program = (p) => {
      const [a, b] = [p.lock('a'), p.lock('b')];
      p.task('one', take(a, b), { cpu: 0 });
      p.task(
        'two',
        function* () {
          yield spin_lock(b);
          if ((yield spin_trylock(a)) as boolean) yield spin_unlock(a);
          yield spin_unlock(b);
        },
        { cpu: 0 },
      );
    };
    expect(kindsOf(program)).toEqual([]);
  });

  it('of a mutex and a spinlock', () => {
    const program: Program = (p) => {
      const [m, n] = [p.mutex('m'), p.mutex('n')];
      for (const [name, first, second] of [
        ['one', m, n],
        ['two', n, m],
      ] as const) {
        p.task(
          name,
          function* () {
            yield* mutex_lock(first);
            yield* mutex_lock(second);
            yield mutex_unlock(second);
            yield mutex_unlock(first);
          },
          { cpu: 0 },
        );
      }
    };
    expect(kindsOf(program, { strategy: 'round-robin' })).toContain('lock-order');
  });

  it('is by class: the elements of an array are one', () => {
    const program: Program = (p) => {
      const [chain0, chain1, other] = [p.lock('chain[0]'), p.lock('chain[1]'), p.lock('other')];
      p.task('one', take(chain0, other), { cpu: 0 });
      p.task('two', take(other, chain1), { cpu: 0 });
    };
    expect(explore(program).failure).toMatchObject({
      kind: 'lock-order',
      message: expect.stringContaining('chain[]'),
    });
  });
});

describe('a lock and interrupts', () => {
  type Kind = 'plain' | 'bh' | 'irq';
  const section = function* (lock: SpinLock, kind: Kind): K {
    if (kind === 'irq') {
      const flags: number = yield spin_lock_irqsave(lock);
      yield spin_unlock_irqrestore(lock, flags);
    } else {
      yield kind === 'bh' ? spin_lock_bh(lock) : spin_lock(lock);
      yield kind === 'bh' ? spin_unlock_bh(lock) : spin_unlock(lock);
    }
  };

  /** The task takes it first and arms the timer afterwards, so that they never meet. */
  const withTimer =
    (kind: Kind): Program =>
    (p) => {
      const lock = p.lock('l');
      const timer = p.timer('t', () => section(lock, 'plain'));
      p.task('a', function* () {
        yield* section(lock, kind);
        yield mod_timer(timer, soon(p));
      });
    };

  it('taken in a softirq and with softirqs on, in lockdep form', () => {
    const options = { strategy: 'optimal-dpor' } as const;
    expect(explore(withTimer('plain'), options)).toMatchObject({
      totals: { deadlocked: 0, failing: 0 },
      failure: { kind: 'irq-safety', message: 'inconsistent lock state: l {SOFTIRQ-ON-W} -> {IN-SOFTIRQ-W}' },
    });
    expect(blockOf(withTimer('plain'), options)).toMatchSnapshot();
    expect(kindsOf(withTimer('bh'))).toEqual([]);
    expect(kindsOf(withTimer('irq'))).toEqual([]);
  });

  const withInterrupt =
    (kind: Kind): Program =>
    (p) => {
      const lock = p.lock('l');
      p.task('a', function* () {
        yield* section(lock, kind);
      });
      p.task('b', function* () {
        yield* smp_call_function(p.kernel.machine, 0, 'ipi', () => section(lock, 'plain'));
      });
    };

  it('taken in a hard interrupt and with interrupts on', () => {
    const options = { strategy: 'round-robin', sanitize: 'fail' } as const;
    expect(kindsOf(withInterrupt('bh'), options)).toContain('irq-safety');
    expect(kindsOf(withInterrupt('irq'), options)).toEqual([]);
  });
});

describe('waiting', () => {
  it('for each other is told with who waits for what, and the stacks', () => {
    const lock_both = kernelFunction('lock_both', function* (first: SpinLock, second: SpinLock): K {
      yield spin_lock(first);
      yield spin_lock(second);
      yield spin_unlock(second);
      yield spin_unlock(first);
    });
    const program: Program = (p) => {
      const [a, b] = [p.lock('a'), p.lock('b')];
      p.task('one', () => lock_both(a, b));
      p.task('two', () => lock_both(b, a));
    };
    expect(blockOf(program, { strategy: 'dfs' })).toMatchSnapshot();
  });

  it('for what one has interrupted oneself is told with what both hold', () => {
    const program =
      (off: boolean): Program =>
      (p) => {
        const lock = p.lock('l');
        const timer = p.timer('t', function* () {
          yield spin_lock(lock);
          yield spin_unlock(lock);
        });
        p.task('a', function* () {
          yield mod_timer(timer, soon(p));
          yield off ? spin_lock_bh(lock) : spin_lock(lock);
          yield off ? spin_unlock_bh(lock) : spin_unlock(lock);
        });
      };
    expect(blockOf(program(false), { strategy: 'dfs', sanitize: 'report' })).toMatchSnapshot();
    expect(kindsOf(program(true))).toEqual([]);
  });

  it('for a mutex', () => {
    const program =
      (inverted: boolean): Program =>
      (p) => {
        const [m, n] = [p.mutex('m'), p.mutex('n')];
        for (const [name, first, second] of [
          ['one', m, n],
          ['two', inverted ? n : m, inverted ? m : n],
        ] as const) {
          p.task(name, function* () {
            yield* mutex_lock(first);
            yield* mutex_lock(second);
            yield mutex_unlock(second);
            yield mutex_unlock(first);
          });
        }
      };
    const { failure } = explore(program(true), { strategy: 'dfs' });
    expect(failure).toMatchObject({ kind: 'deadlock' });
    expect(failure!.report).toMatch(
      /one on CPU 0 waits for mutex n, which two holds\n.*\n.*\n1 lock held by one\/1:\n/,
    );
    expect(kindsOf(program(false), { strategy: 'dfs' })).toEqual([]);
  });

  it('for a completion that never comes', () => {
    const program =
      (completes: boolean): Program =>
      (p) => {
        const done = new Completion(p.kernel, 'done');
        p.task('waiter', function* () {
          yield* wait_for_completion(done);
        });
        p.task('other', function* () {
          yield p.atomic('x').read;
          if (completes) yield complete(done);
        });
      };
    expect(explore(program(false)).failure).toMatchObject({
      kind: 'deadlock',
      message: 'nothing can happen any more: waiter on CPU 0 waits for done',
    });
    expect(kindsOf(program(true), { strategy: 'dfs' })).toEqual([]);
  });

  const asleep =
    (locked: boolean): Program =>
    (p) => {
      const [lock, mutex] = [p.lock('l'), p.mutex('m')];
      p.task('a', function* () {
        if (locked) yield spin_lock(lock);
        yield* mutex_lock(mutex);
        yield mutex_unlock(mutex);
        if (locked) yield spin_unlock(lock);
      });
    };

  it('asleep in atomic context is told in the words of its time', () => {
    const report = (kernel: string): string => explore(asleep(true), { machine: { kernel } }).failure!.report;
    expect(report('2.6.24')).toMatchSnapshot();
    expect(report('2.6.12')).toContain('Debug: sleeping function called from invalid context at kernel/mutex.c');
    expect(kindsOf(asleep(false))).toEqual([]);
  });

  const sleeps = function* (p: ProgramSetup): K {
    const mutex = p.mutex('m');
    yield* mutex_lock(mutex);
    yield mutex_unlock(mutex);
  };

  it.each([
    ['bottom halves off', local_bh_disable, local_bh_enable, 'in_atomic():1, irqs_disabled():0'],
    ['preemption off', preempt_disable, preempt_enable, 'in_atomic():1, irqs_disabled():0'],
    ['interrupts off', local_irq_save, () => local_irq_restore(0), 'in_atomic():0, irqs_disabled():1'],
  ] as const)('asleep with %s', (_name, off, on, line) => {
    const program =
      (inside: boolean): Program =>
      (p) => {
        p.task('a', function* () {
          yield off();
          if (inside) yield* sleeps(p);
          yield on();
          if (!inside) yield* sleeps(p);
        });
      };
    const { failure } = explore(program(true));
    expect(failure).toMatchObject({ kind: 'sleep-in-atomic' });
    expect(failure!.report).toContain(`  ${line}\n  no locks held by a/1.\n  CPU: 0 PID: 1 Comm: a`);
    expect(kindsOf(program(false))).toEqual([]);
  });

  it('asleep in a softirq, and in a work', () => {
    const inTimer: Program = (p) => {
      const timer = p.timer('t', () => sleeps(p));
      p.task('a', function* () {
        yield mod_timer(timer, soon(p));
      });
    };
    const { failure } = explore(inTimer);
    expect(failure).toMatchObject({ kind: 'sleep-in-atomic' });
    expect(failure!.report).toContain('  no locks held by swapper/0.');
    const inWork: Program = (p) => {
      const work = p.work('w', () => sleeps(p));
      p.task('a', function* () {
        yield* schedule_work(p.kernel, work);
      });
    };
    expect(kindsOf(inWork, { strategy: 'portfolio', runs: 200 })).toEqual([]);
  });

  it('without end is found if nobody can end it', () => {
    const program =
      (ended: boolean): Program =>
      (p) => {
        const flag = p.atomic('flag');
        p.task('waiter', function* () {
          while (((yield atomic_read(flag)) as number) === 0);
        });
        if (!ended) return;
        p.task('setter', function* () {
          yield atomic_inc(flag);
        });
      };
    const { failure, totals } = explore(program(false), { runs: 3 });
    expect(failure).toMatchObject({ kind: 'endless-loop' });
    expect(totals.failing).toBe(1);
    expect(failure!.report).toContain('BUG: endless loop');
    expect(replay(program(false), failure!.token).failure).toMatchObject({ kind: 'endless-loop' });
    expect(explore(program(true), { strategy: 'dfs', runs: 3 }).failure).toBeNull();
  });
});

describe('a promise', () => {
  const kept =
    (does: (p: ProgramSetup, keep: () => void) => K<unknown>, within = 3): Program =>
    (p) => {
      const promise = p.promise('an answer comes', { within });
      p.task('asker', function* () {
        promise.begin();
        yield* does(p, () => promise.keep());
      });
    };

  it('that is kept', () => {
    const program = kept(function* (p, keep) {
      const work = p.work('w', keep);
      yield* schedule_work(p.kernel, work);
    });
    expect(explore(program, { runs: 200 }).failure).toBeNull();
  });

  it('that comes too late', () => {
    const program = kept(function* (p, keep) {
      yield mod_timer(p.timer('t', keep), soon(p, 9));
    });
    expect(explore(program, { runs: 200 }).failure).toMatchObject({
      kind: 'broken-promise',
      message: 'an answer comes: not within 3 jiffies of 4294892296, when task asker/1 on CPU 0 owed it in asker',
    });
  });

  it('that never comes', () => {
    const program = kept(function* (p) {
      yield p.atomic('nothing').read;
    });
    expect(explore(program, { runs: 5 }).failure?.message).toContain('not within 3 jiffies, nor ever, of');
  });

  it('that is due, and held up by a CPU that stalls, is not broken', () => {
    const program =
      (says: boolean): Program =>
      (p) => {
        const timer = p.timer('t', () => promise.keep());
        const kernel: Kernel = p.kernel;
        // Set for a date that has come, or taken off the wheel to be run.
        const due = (): boolean => !timer.pending || kernel.distance(timer.expires, kernel.jiffies()) >= 0;
        const promise = p.promise('an answer comes', { within: 3, ...(says ? { due } : {}) });
        p.task('asker', function* () {
          yield mod_timer(timer, soon(p, 3));
          promise.begin();
          // Somebody who lets time go on.
          yield mod_timer(
            p.timer('other', () => {}),
            soon(p, 20),
          );
        });
      };
    expect(explore(program(true), { runs: 2000 }).failure).toBeNull();
    expect(explore(program(false), { runs: 2000 }).failure).toMatchObject({ kind: 'broken-promise' });
  });
});
