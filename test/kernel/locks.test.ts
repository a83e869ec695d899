import { describe, expect, it } from 'vitest';
import {
  Completion,
  complete,
  Mutex,
  mutex_lock,
  mutex_trylock,
  mutex_unlock,
  wait_for_completion,
} from '../../src/kernel/mutex.js';
import { msleep, schedule_timeout } from '../../src/kernel/sleep.js';
import {
  SpinLock,
  spin_lock,
  spin_lock_bh,
  spin_lock_irqsave,
  spin_trylock,
  spin_unlock,
  spin_unlock_bh,
  spin_unlock_irqrestore,
} from '../../src/kernel/spinlock.js';
import { add_timer, mod_timer, Timer } from '../../src/kernel/timer.js';
import { busy, local_bh_disable, schedule, smp_call_function, wake_up_process } from '../../src/smp/basic-ops.js';
import type { Task } from '../../src/smp/context.js';
import { reportStuck, whoWaits } from '../../src/smp/deadlock.js';
import { boot, kinds, logTexts, note, pass, performs, start } from './boot.js';

describe('spinlocks', () => {
  it('exclude each other, and the waiter spins', () => {
    const kernel = boot();
    const lock = new SpinLock(kernel, 'lock');
    const order: string[] = [];
    const { tickNs } = kernel.machine;
    start(kernel, 0, () =>
      performs(
        spin_lock(lock),
        busy(tickNs),
        note(() => order.push('0 out')),
        spin_unlock(lock),
      ),
    );
    const waiter = start(kernel, 1, () =>
      performs(
        spin_lock(lock),
        note(() => order.push('1 in')),
        spin_unlock(lock),
      ),
    );
    expect(waiter.waiting).toBe(true);
    pass(kernel, 1);
    expect(order).toEqual(['0 out', '1 in']);
    expect(kinds(kernel)).toEqual([]);
    expect(waiter.preemptCount).toBe(0);
  });

  it('trylock answers at once', () => {
    const kernel = boot();
    const lock = new SpinLock(kernel, 'lock');
    const answers: unknown[] = [];
    start(kernel, 0, function* () {
      answers.push(yield spin_trylock(lock), yield spin_trylock(lock));
      yield spin_unlock(lock);
      answers.push(yield spin_trylock(lock));
      yield spin_unlock(lock);
    });
    expect(answers).toEqual([true, false, true]);
    expect(kinds(kernel)).toEqual([]);
  });

  it('taken twice is a deadlock, with the words of lock debugging', () => {
    const kernel = boot({ kernel: '2.6.18' });
    const lock = new SpinLock(kernel, 'lock');
    start(kernel, 0, () => performs(spin_lock(lock), spin_lock(lock)));
    expect(kernel.machine.violations.map(({ kind, message }) => [kind, message])).toEqual([
      ['self-deadlock', 'task0 on CPU 0 waits for spinlock lock, which it holds itself on that CPU'],
    ]);
    expect(logTexts(kernel)).toEqual([
      'BUG: spinlock recursion on CPU#0, task0/1',
      ' lock: 00000001, .magic: dead4ead, .owner: task0/1, .owner_cpu: 0',
    ]);
  });

  it('taken by a task with bottom halves on and by a softirq of the same CPU is a deadlock', () => {
    const kernel = boot();
    const lock = new SpinLock(kernel, 'dst_lock');
    const timer = new Timer(kernel, 't', () => performs(spin_lock(lock), spin_unlock(lock)));
    start(kernel, 0, () =>
      performs(mod_timer(timer, 1001), spin_lock(lock), busy(2 * kernel.machine.tickNs), spin_unlock(lock)),
    );
    pass(kernel, 10);
    expect(kernel.machine.violations.map(({ kind, message }) => [kind, message])).toEqual([
      ['self-deadlock', 'softirq on CPU 0 waits for spinlock dst_lock, which it holds itself on that CPU'],
    ]);
    expect(logTexts(kernel)[0]).toBe('BUG: spinlock recursion on CPU#0, task0/1');
  });

  it('with _bh there is none', () => {
    const kernel = boot();
    const lock = new SpinLock(kernel, 'dst_lock');
    const fired: number[] = [];
    const timer = new Timer(kernel, 't', () =>
      performs(
        spin_lock(lock),
        note(() => fired.push(kernel.jiffies())),
        spin_unlock(lock),
      ),
    );
    start(kernel, 0, () =>
      performs(mod_timer(timer, 1001), spin_lock_bh(lock), busy(2 * kernel.machine.tickNs), spin_unlock_bh(lock)),
    );
    pass(kernel, 10);
    expect(fired).toEqual([1002]);
    expect(kinds(kernel)).toEqual([]);
  });

  it('_bh and _irqsave nest', () => {
    const kernel = boot();
    const [a, b, c] = ['a', 'b', 'c'].map((name) => new SpinLock(kernel, name));
    const seen: unknown[] = [];
    const see = note(() => {
      const { context } = kernel;
      seen.push([context.preemptCountWord.toString(16), context.cpu.irqsOff]);
    });
    start(kernel, 0, function* () {
      yield spin_lock_bh(a!);
      yield see;
      yield spin_lock_bh(b!);
      yield see;
      const flags = (yield spin_lock_irqsave(c!)) as number;
      yield see;
      const inner = (yield spin_lock_irqsave(new SpinLock(kernel, 'd'))) as number;
      expect([flags, inner]).toEqual([0, 1]);
      yield spin_unlock_irqrestore(c!, inner);
      yield see;
    });
    expect(seen).toEqual([
      ['101', false],
      ['202', false],
      ['203', true],
      ['203', true],
    ]);
    // It ended with three locks, bottom halves and interrupts off; the next task has a clean start.
    expect(kinds(kernel)[0]).toBe('preempt-leak');
    expect(kernel.machine.violations[0]!.message).toMatch(/interrupts off/);
    start(kernel, 0, () => performs(see));
    expect(seen.at(-1)).toEqual(['0', false]);
  });

  it('spin with interrupts off when taken with _irqsave: the tick waits', () => {
    const kernel = boot();
    const lock = new SpinLock(kernel, 'lock');
    const fired: number[] = [];
    const timer = new Timer(kernel, 't', () => {
      fired.push(kernel.jiffies());
    });
    const { tickNs } = kernel.machine;
    start(kernel, 0, () => performs(spin_lock(lock), busy(5 * tickNs), spin_unlock(lock)));
    start(kernel, 1, function* () {
      yield mod_timer(timer, 1002);
      const flags = (yield spin_lock_irqsave(lock)) as number;
      yield busy(0.5 * tickNs);
      yield spin_unlock_irqrestore(lock, flags);
      yield busy(tickNs);
    });
    pass(kernel, 10);
    expect(fired).toEqual([1005]);
  });

  it('unlocked by somebody else, or by nobody, are reported', () => {
    const kernel = boot();
    const lock = new SpinLock(kernel, 'lock');
    start(kernel, 0, () => performs(spin_lock(lock), busy(1e6)));
    start(kernel, 1, () => performs(spin_unlock(lock), spin_unlock(lock)));
    expect(kernel.machine.violations.map(({ message }) => message)).toEqual([
      'task1 unlocks lock, which task0 holds',
      'task1 unlocks lock, which nobody holds',
    ]);
    expect(logTexts(kernel).filter((text) => text.startsWith('BUG'))).toEqual([
      'BUG: spinlock wrong owner on CPU#1, task1/2',
      'BUG: spinlock already unlocked on CPU#1, task1/2',
    ]);
  });

  it('taken in opposite orders are a deadlock, told once', () => {
    const kernel = boot();
    const [a, b] = ['a', 'b'].map((name) => new SpinLock(kernel, name));
    start(kernel, 0, () => performs(spin_lock(a!), busy(100), spin_lock(b!)));
    start(kernel, 1, () => performs(spin_lock(b!), busy(100), spin_lock(a!)));
    pass(kernel, 1);
    expect(kernel.machine.violations.map(({ kind, message }) => [kind, message])).toEqual([
      ['deadlock', 'task1 on CPU 1 waits for spinlock a; task0 on CPU 0 waits for spinlock b'],
    ]);
    kernel.machine.reconsiderAll();
    pass(kernel, 1);
    expect(kinds(kernel)).toEqual(['deadlock']);
  });

  it('held by a task that a softirq has interrupted, which waits for another CPU, are one circle', () => {
    const kernel = boot();
    const [a, b] = ['a', 'b'].map((name) => new SpinLock(kernel, name));
    const timer = new Timer(kernel, 't', () => performs(spin_lock(b!), spin_unlock(b!)));
    const { tickNs } = kernel.machine;
    start(kernel, 0, () => performs(mod_timer(timer, 1001), spin_lock(a!), busy(3 * tickNs), spin_unlock(a!)));
    start(kernel, 1, () => performs(spin_lock(b!), busy(2 * tickNs), spin_lock(a!)));
    pass(kernel, 5);
    expect(kernel.machine.violations.map(({ kind, message }) => [kind, message])).toEqual([
      [
        'deadlock',
        'task1 on CPU 1 waits for spinlock a; task0 on CPU 0 is interrupted by softirq, which waits for spinlock b',
      ],
    ]);
  });

  it('of a task that a BUG killed stay taken', () => {
    const kernel = boot({ kernel: '2.6.17' });
    const lock = new SpinLock(kernel, 'lock');
    const timer = new Timer(kernel, 't', () => {});
    start(kernel, 0, () => performs(add_timer(timer, 1100), spin_lock(lock), add_timer(timer, 1100)));
    expect(kinds(kernel)).toEqual(['bug']);
    start(kernel, 1, () => performs(spin_lock(lock)));
    expect(kinds(kernel)).toEqual(['bug', 'deadlock']);
    expect(kernel.machine.violations[1]!.message).toBe(
      'task1 on CPU 1 waits for spinlock lock; task0 is gone and will never let go of it',
    );
  });

  it('held over a sleep keep a spinning task of the same CPU from ever ending', () => {
    const kernel = boot({ cpus: 1 });
    const lock = new SpinLock(kernel, 'lock');
    start(kernel, 0, function* () {
      yield spin_lock(lock);
      yield* schedule_timeout(kernel, 3);
      yield spin_unlock(lock);
    });
    start(kernel, 0, () => performs(spin_lock(lock), spin_unlock(lock)), 'other');
    expect(kinds(kernel)).toEqual(['sleep-in-atomic']);
    expect(logTexts(kernel)).toContain('BUG: spinlock cpu recursion on CPU#0, other/2');
    pass(kernel, 10);
    // The sleeper is awake, and can't run.
    expect(reportStuck(kernel.machine)).toBe(true);
    expect(kernel.machine.violations.at(-1)!.message).toMatch(
      /^nothing can happen any more: other on CPU 0 waits for spinlock lock/,
    );
  });
});

describe('sleeping where it is forbidden', () => {
  it.each([
    ['2.6.12', 'Debug: sleeping function called from invalid context at kernel/mutex.c'],
    ['2.6.18', 'BUG: sleeping function called from invalid context at kernel/mutex.c'],
  ])('%s: mutex_lock under a spinlock', (version, text) => {
    const kernel = boot({ kernel: version });
    const lock = new SpinLock(kernel, 'lock');
    const mutex = new Mutex(kernel, 'mutex');
    start(kernel, 0, function* () {
      yield spin_lock(lock);
      yield* mutex_lock(mutex);
      yield mutex_unlock(mutex);
      yield spin_unlock(lock);
    });
    expect(kinds(kernel)).toEqual(['sleep-in-atomic']);
    expect(logTexts(kernel)).toEqual([text, 'in_atomic():1, irqs_disabled():0']);
  });

  it.each([
    ['2.6.12', 'scheduling while atomic: task0/0x00000001/1'],
    ['2.6.18', 'BUG: scheduling while atomic: task0/0x00000001/1'],
    ['2.6.24', 'BUG: scheduling while atomic: task0/1/0x00000001'],
  ])('%s: schedule under a spinlock', (version, text) => {
    const kernel = boot({ kernel: version });
    const lock = new SpinLock(kernel, 'lock');
    start(kernel, 0, () => performs(spin_lock(lock), schedule(), spin_unlock(lock)));
    expect(kinds(kernel)).toEqual(['sleep-in-atomic']);
    expect(logTexts(kernel)).toEqual([text]);
  });

  it('is printed once a second and recorded each time', () => {
    const kernel = boot({ cpus: 1 });
    const mutex = new Mutex(kernel, 'mutex');
    start(kernel, 0, function* () {
      yield local_bh_disable();
      for (let i = 0; i < 5; i++) {
        yield* mutex_lock(mutex);
        yield mutex_unlock(mutex);
        yield busy(0.4e9);
      }
    });
    pass(kernel, 2000);
    expect(kinds(kernel).filter((kind) => kind === 'sleep-in-atomic')).toHaveLength(5);
    expect(logTexts(kernel).filter((text) => text.startsWith('BUG: sleeping'))).toHaveLength(2);
  });

  it('on a contended mutex in a softirq spins, and the machine is stuck if the owner is below', () => {
    const kernel = boot();
    const mutex = new Mutex(kernel, 'mutex');
    const timer = new Timer(kernel, 't', function* () {
      yield* mutex_lock(mutex);
    });
    start(kernel, 0, function* () {
      yield mod_timer(timer, 1001);
      yield* mutex_lock(mutex);
      yield busy(2 * kernel.machine.tickNs);
      yield mutex_unlock(mutex);
    });
    pass(kernel, 10);
    expect(kinds(kernel)).toEqual(['sleep-in-atomic', 'sleep-in-atomic', 'self-deadlock']);
  });

  it('on a completion in an interrupt spins until it is completed', () => {
    const kernel = boot();
    const completion = new Completion(kernel, 'done');
    const order: string[] = [];
    start(kernel, 0, () =>
      smp_call_function(kernel.machine, 1, 'irq', function* () {
        yield* wait_for_completion(completion);
        order.push(`over at ${kernel.jiffies()}`);
      }),
    );
    kernel.machine.at(3 * kernel.machine.tickNs, () => {
      kernel.machine.spawn('completes', 0, performs(complete(completion)));
    });
    // CPU 0 waits for the interrupt to end, so nobody there completes anything.
    pass(kernel, 5);
    expect(order).toEqual([]);
    expect(whoWaits(kernel.machine)).toEqual([
      expect.stringMatching(/^task0 on CPU 0 waits for irq on CPU 1/),
      expect.stringMatching(/^irq on CPU 1 waits for done/),
    ]);
    expect(reportStuck(kernel.machine)).toBe(true);
  });
});

describe('mutexes', () => {
  it('are handed on in order, and can be stolen by none that sleeps', () => {
    const kernel = boot({ cpus: 3 });
    const mutex = new Mutex(kernel, 'mutex');
    const order: number[] = [];
    for (let cpu = 0; cpu < 3; cpu++) {
      start(kernel, cpu, function* () {
        yield* mutex_lock(mutex);
        order.push(cpu);
        yield* msleep(kernel, 8);
        yield mutex_unlock(mutex);
      });
    }
    expect(order).toEqual([0]);
    pass(kernel, 50);
    expect(order).toEqual([0, 1, 2]);
    expect(kinds(kernel)).toEqual([]);
  });

  it('trylock by the owner just fails', () => {
    const kernel = boot();
    const mutex = new Mutex(kernel, 'mutex');
    const answers: unknown[] = [];
    start(kernel, 0, function* () {
      answers.push(yield mutex_trylock(mutex), yield mutex_trylock(mutex));
      yield mutex_unlock(mutex);
    });
    expect(answers).toEqual([true, false]);
    expect(kinds(kernel)).toEqual([]);
  });

  it('taken twice, in a circle, or unlocked by another are reported', () => {
    const kernel = boot();
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => new Mutex(kernel, name));
    start(kernel, 0, function* () {
      yield* mutex_lock(c!);
      yield* mutex_lock(c!);
    });
    start(kernel, 0, function* () {
      yield* mutex_lock(a!);
      yield* msleep(kernel, 4);
      yield* mutex_lock(b!);
    });
    start(kernel, 1, function* () {
      yield* mutex_lock(b!);
      yield* msleep(kernel, 4);
      yield mutex_unlock(d!);
      yield* mutex_lock(a!);
    });
    pass(kernel, 20);
    expect(kernel.machine.violations.map(({ kind, message }) => [kind, message])).toEqual([
      ['self-deadlock', 'task0 on CPU 0 waits for mutex c, which it holds itself on that CPU'],
      ['unlock-not-held', 'task1 unlocks mutex d, which nobody holds'],
      ['deadlock', 'task1 on CPU 1 waits for mutex a; task0 on CPU 0 waits for mutex b'],
    ]);
  });

  it('and spinlocks in one circle are found', () => {
    const kernel = boot();
    const mutex = new Mutex(kernel, 'mutex');
    const lock = new SpinLock(kernel, 'lock');
    start(kernel, 0, function* () {
      yield* mutex_lock(mutex);
      yield busy(1000);
      yield spin_lock(lock);
    });
    start(kernel, 1, function* () {
      yield spin_lock(lock);
      yield* mutex_lock(mutex);
    });
    pass(kernel, 1);
    expect(kinds(kernel).at(-1)).toBe('deadlock');
  });

  it('do not wake one that has had them, woken by somebody else, in place of one that waits', () => {
    const kernel = boot({ cpus: 3 });
    const mutex = new Mutex(kernel, 'mutex');
    const order: string[] = [];
    const lock = (name: string, ms: number) =>
      function* () {
        yield* mutex_lock(mutex);
        order.push(name);
        yield* msleep(kernel, ms);
        yield mutex_unlock(mutex);
      };
    start(kernel, 0, lock('owner', 40));
    start(kernel, 1, lock('first', 4), 'first');
    const impatient: Task = start(kernel, 2, lock('impatient', 4), 'impatient');
    start(kernel, 0, lock('last', 4), 'last');
    // The unlock wakes `first`; `impatient` is woken in the same instant and is quicker.
    kernel.machine.at(11 * kernel.machine.tickNs, () => kernel.machine.wake(impatient), 1, 0);
    pass(kernel, 100);
    expect([...order].sort()).toEqual(['first', 'impatient', 'last', 'owner']);
    expect(mutex.sleepers).toEqual([]);
    expect(reportStuck(kernel.machine)).toBe(false);
  });

  it('keep a sleeper that somebody else wakes in its place', () => {
    const kernel = boot({ cpus: 3 });
    const mutex = new Mutex(kernel, 'mutex');
    const order: string[] = [];
    const lock = (name: string) =>
      function* () {
        yield* mutex_lock(mutex);
        order.push(name);
        yield busy(10 * kernel.machine.tickNs);
        yield mutex_unlock(mutex);
      };
    start(kernel, 0, lock('owner'));
    const first: Task = start(kernel, 1, lock('first'));
    start(kernel, 2, lock('second'));
    start(kernel, 2, () => performs(wake_up_process(first)));
    expect(mutex.sleepers).toHaveLength(2);
    pass(kernel, 50);
    expect(order).toEqual(['owner', 'first', 'second']);
  });
});

describe('completions', () => {
  it('wake one waiter each, also when completed before', () => {
    const kernel = boot();
    const completion = new Completion(kernel, 'done');
    const order: string[] = [];
    for (const name of ['a', 'b']) {
      start(kernel, 0, function* () {
        yield* wait_for_completion(completion);
        order.push(`${name} ${kernel.jiffies()}`);
      });
    }
    start(kernel, 1, () => performs(complete(completion)));
    pass(kernel, 1);
    start(kernel, 1, () => performs(complete(completion), complete(completion)));
    start(kernel, 1, function* () {
      yield* wait_for_completion(completion);
      order.push('c at once');
    });
    expect(order).toEqual(['a 1000', 'b 1001', 'c at once']);
  });

  it('nobody completes leave a machine that is stuck', () => {
    const kernel = boot();
    const completion = new Completion(kernel, 'the answer');
    start(kernel, 0, () => wait_for_completion(completion));
    pass(kernel, 3);
    expect(reportStuck(kernel.machine)).toBe(true);
    expect(kernel.machine.violations.map(({ kind, message }) => [kind, message])).toEqual([
      ['deadlock', 'nothing can happen any more: task0 on CPU 0 waits for the answer'],
    ]);
  });
});

describe('a machine with nothing to do', () => {
  it('is not stuck', () => {
    const kernel = boot();
    kernel.events.of(kernel.machine.cpus[0]!);
    pass(kernel, 3);
    expect(reportStuck(kernel.machine)).toBe(false);
    expect(kinds(kernel)).toEqual([]);
  });

  it('nor is one in which somebody waits for a timer', () => {
    const kernel = boot();
    start(kernel, 0, () => msleep(kernel, 1000));
    pass(kernel, 3);
    expect(reportStuck(kernel.machine)).toBe(false);
  });
});

describe('msleep', () => {
  it.each([
    [100, 10, 2],
    [250, 10, 4],
    [1000, 10, 11],
    [250, 250, 64],
  ])('HZ %d, %d ms: %d jiffies', (hz, ms, jiffies) => {
    const kernel = boot({ hz });
    let over = 0;
    start(kernel, 0, function* () {
      yield* msleep(kernel, ms);
      over = kernel.jiffies();
    });
    pass(kernel, 100);
    expect(over).toBe(1000 + jiffies);
  });

  it('in an interrupt does not sleep and is reported', () => {
    const kernel = boot();
    const timer = new Timer(kernel, 't', () => msleep(kernel, 100));
    start(kernel, 0, () => performs(mod_timer(timer, 1001)));
    pass(kernel, 3);
    expect(kinds(kernel)).toEqual(['sleep-in-atomic']);
  });
});
