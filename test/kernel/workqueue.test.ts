import { describe, expect, it } from 'vitest';
import {
  cancel_delayed_work,
  cancel_delayed_work_sync,
  flush_scheduled_work,
  mod_delayed_work,
} from '../../src/kernel/cancel-work.js';
import { run_worker_now } from '../../src/kernel/hold.js';
import type { Kernel } from '../../src/kernel/kernel.js';
import { Mutex, mutex_lock, mutex_unlock } from '../../src/kernel/mutex.js';
import { msleep, schedule_timeout } from '../../src/kernel/sleep.js';
import { SpinLock, spin_lock } from '../../src/kernel/spinlock.js';
import { mod_timer } from '../../src/kernel/timer.js';
import {
  DelayedWork,
  schedule_delayed_work,
  schedule_delayed_work_on,
  schedule_work,
  Work,
} from '../../src/kernel/workqueue.js';
import { busy } from '../../src/smp/basic-ops.js';
import { reportStuck } from '../../src/smp/deadlock.js';
import type { K } from '../../src/smp/op.js';
import { boot, kinds, logTexts, pass, performs, start } from './boot.js';

/** A delayed work that logs when and where it runs. */
function logged(kernel: Kernel, log: string[], name: string, body?: () => K): DelayedWork {
  return new DelayedWork(kernel, name, function* () {
    log.push(`${name} ${kernel.jiffies()} ${kernel.cpuId}`);
    if (body !== undefined) yield* body();
  });
}

/** Runs `code` to its end in a task and answers what it answered. */
function ask<R>(kernel: Kernel, cpu: number, code: () => K<R>): R {
  let answer: R | undefined;
  start(kernel, cpu, function* () {
    answer = yield* code();
  });
  return answer as R;
}

describe('delayed work', () => {
  it('runs in the thread of the CPU whose wheel fired', () => {
    const kernel = boot();
    const log: string[] = [];
    const tasks: string[] = [];
    const a = logged(kernel, log, 'a', function* () {
      tasks.push(kernel.context.name);
    });
    const b = logged(kernel, log, 'b');
    expect(ask(kernel, 1, () => schedule_delayed_work(kernel, a, 3))).toBe(1);
    expect(ask(kernel, 1, () => schedule_delayed_work_on(kernel, 0, b, 4))).toBe(1);
    expect(ask(kernel, 0, () => schedule_delayed_work(kernel, a, 1))).toBe(0);
    pass(kernel, 10);
    expect(log).toEqual(['a 1003 1', 'b 1004 0']);
    expect(tasks).toEqual(['events/1']);
  });

  it.each([
    ['2.6.12', 1001],
    ['2.6.19', 1001],
    ['2.6.20', 1000],
    ['2.6.24', 1000],
  ])('%s: with a delay of 0 it runs at %d', (version, jiffy) => {
    const kernel = boot({ kernel: version });
    const log: string[] = [];
    const work = logged(kernel, log, 'w');
    start(kernel, 0, () => schedule_delayed_work(kernel, work, 0));
    pass(kernel, 5);
    expect(log).toEqual([`w ${jiffy} 0`]);
  });

  it('can be queued again by its own function, also on another CPU, and then runs twice at once', () => {
    const kernel = boot();
    let inside = 0;
    let most = 0;
    const work: Work = new Work(kernel, 'w', function* () {
      inside++;
      most = Math.max(most, work.activeOn);
      yield busy(5 * kernel.machine.tickNs);
      inside--;
    });
    start(kernel, 0, () => schedule_work(kernel, work));
    pass(kernel, 1);
    expect(work.pending).toBe(false);
    start(kernel, 1, () => schedule_work(kernel, work));
    pass(kernel, 1);
    expect([inside, most]).toEqual([2, 2]);
    pass(kernel, 10);
    expect(inside).toBe(0);
  });

  it('BUGs where its timer is pending though it is not', () => {
    const kernel = boot({ onBug: 'continue' });
    const work = logged(kernel, [], 'w');
    start(kernel, 0, function* () {
      yield mod_timer(work.timer, 1100);
      yield* schedule_delayed_work(kernel, work, 5);
    });
    expect(logTexts(kernel)).toContain('kernel BUG at kernel/workqueue.c:224!');
  });

  it('behind a work that sleeps waits for it', () => {
    const kernel = boot();
    const log: string[] = [];
    const slow = logged(kernel, log, 'slow', () => msleep(kernel, 40));
    const fast = logged(kernel, log, 'fast');
    const elsewhere = logged(kernel, log, 'elsewhere');
    start(kernel, 0, function* () {
      yield* schedule_delayed_work(kernel, slow, 1);
      yield* schedule_delayed_work(kernel, fast, 2);
      yield* schedule_delayed_work_on(kernel, 1, elsewhere, 2);
    });
    pass(kernel, 30);
    // 40 ms are 10 jiffies, and msleep adds one.
    expect(log).toEqual(['slow 1001 0', 'elsewhere 1002 1', 'fast 1012 0']);
  });
});

describe('a work that sleeps', () => {
  it('is not woken by what is queued behind it', () => {
    const kernel = boot();
    let left = -1;
    let over = 0;
    const slow = logged(kernel, [], 'slow', function* () {
      left = yield* schedule_timeout(kernel, 20);
      over = kernel.jiffies();
    });
    const fast = logged(kernel, [], 'fast');
    const queue = kernel.events.of(kernel.machine.cpus[0]!);
    start(kernel, 0, () => schedule_work(kernel, slow));
    pass(kernel, 5);
    start(kernel, 0, () => schedule_work(kernel, fast));
    queue.setHeld(true);
    queue.setHeld(false);
    pass(kernel, 30);
    expect([left, over, queue.executed]).toEqual([0, 1020, 2]);
  });
});

describe('cancel_delayed_work', () => {
  it('clears the pending bit only if the timer was pending', () => {
    const kernel = boot();
    const log: string[] = [];
    const work = logged(kernel, log, 'w');
    const queue = kernel.events.of(kernel.machine.cpus[0]!);
    start(kernel, 0, () => schedule_delayed_work(kernel, work, 3));
    expect([ask(kernel, 1, () => cancel_delayed_work(work)), work.pending]).toEqual([1, false]);
    start(kernel, 0, () => schedule_delayed_work(kernel, work, 3));
    queue.setHeld(true);
    pass(kernel, 5);
    expect([ask(kernel, 1, () => cancel_delayed_work(work)), work.pending]).toEqual([0, true]);
    queue.setHeld(false);
    pass(kernel, 1);
    expect(log).toEqual(['w 1005 0']);
  });
});

describe('cancel_delayed_work_sync', () => {
  it('takes a queued work off the list', () => {
    const kernel = boot();
    const log: string[] = [];
    const work = logged(kernel, log, 'w');
    const queue = kernel.events.of(kernel.machine.cpus[0]!);
    queue.setHeld(true);
    start(kernel, 0, () => schedule_delayed_work(kernel, work, 1));
    pass(kernel, 5);
    expect(ask(kernel, 1, () => cancel_delayed_work_sync(kernel, work))).toBe(1);
    queue.setHeld(false);
    pass(kernel, 5);
    expect(log).toEqual([]);
    expect(ask(kernel, 1, () => cancel_delayed_work_sync(kernel, work))).toBe(0);
  });

  it('waits for the function, which can not queue itself meanwhile', () => {
    const kernel = boot();
    const log: string[] = [];
    const answers: number[] = [];
    const work: DelayedWork = logged(kernel, log, 'w', function* () {
      yield busy(5.5 * kernel.machine.tickNs);
      answers.push(yield* schedule_delayed_work(kernel, work, 1));
    });
    start(kernel, 0, () => schedule_delayed_work(kernel, work, 1));
    pass(kernel, 2);
    let over = 0;
    start(kernel, 1, function* () {
      answers.push(yield* cancel_delayed_work_sync(kernel, work));
      over = kernel.jiffies();
    });
    pass(kernel, 50);
    expect(answers).toEqual([0, 0]);
    expect(over).toBe(1006);
    expect(log).toEqual(['w 1001 0']);
    expect(work.pending).toBe(false);
  });

  it('by two at once: the second waits for the first, and mod_delayed_work leaves the work to them', () => {
    const kernel = boot({ cpus: 3 });
    const log: string[] = [];
    const work = logged(kernel, log, 'w', () => performs(busy(5.5 * kernel.machine.tickNs)));
    start(kernel, 0, () => schedule_delayed_work(kernel, work, 1));
    pass(kernel, 2);
    const answers: string[] = [];
    for (const cpu of [1, 2]) {
      start(kernel, cpu, function* () {
        answers.push(`${yield* cancel_delayed_work_sync(kernel, work)} at ${kernel.jiffies()}`);
      });
    }
    expect(ask(kernel, 1, () => mod_delayed_work(kernel, work, 1))).toBe(1);
    pass(kernel, 50);
    expect(answers).toEqual(['0 at 1006', '0 at 1006']);
    expect(log).toEqual(['w 1001 0']);
    expect([work.pending, work.canceling]).toEqual([false, null]);
  });

  it('called by the work itself is a deadlock', () => {
    const kernel = boot();
    const work: DelayedWork = logged(kernel, [], 'w', function* () {
      yield* cancel_delayed_work_sync(kernel, work);
    });
    start(kernel, 0, () => schedule_delayed_work(kernel, work, 1));
    pass(kernel, 5);
    expect(kinds(kernel)).toEqual(['self-deadlock']);
    expect(kernel.machine.violations[0]!.message).toMatch(/^events\/0 on CPU 0 waits for events\/0 to finish/);
  });
});

describe('mod_delayed_work', () => {
  it('moves the timer, postpones a queued work, and starts an idle one', () => {
    const kernel = boot();
    const log: string[] = [];
    const work = logged(kernel, log, 'w');
    const queue = kernel.events.of(kernel.machine.cpus[0]!);
    expect(ask(kernel, 0, () => mod_delayed_work(kernel, work, 50))).toBe(0);
    expect(ask(kernel, 0, () => mod_delayed_work(kernel, work, 2))).toBe(1);
    queue.setHeld(true);
    pass(kernel, 5);
    expect(queue.worklist).toEqual([work]);
    expect(ask(kernel, 1, () => mod_delayed_work(kernel, work, 10))).toBe(1);
    queue.setHeld(false);
    pass(kernel, 20);
    expect(log).toEqual(['w 1015 1']);
  });
});

describe('flush_scheduled_work', () => {
  it('waits for what is queued on every CPU, not for timers', () => {
    const kernel = boot();
    const log: string[] = [];
    const [a, b, c] = ['a', 'b', 'c'].map((name) =>
      logged(kernel, log, name, () => performs(busy(3 * kernel.machine.tickNs))),
    );
    start(kernel, 0, () => schedule_work(kernel, a!));
    start(kernel, 1, () => schedule_work(kernel, b!));
    start(kernel, 1, () => schedule_delayed_work(kernel, c!, 100));
    let over = 0;
    start(kernel, 0, function* () {
      yield* flush_scheduled_work(kernel);
      over = kernel.jiffies();
    });
    pass(kernel, 10);
    expect(over).toBe(1003);
    expect(log).toEqual(['a 1000 0', 'b 1000 1']);
    expect(kernel.events.all.map((queue) => queue.executed)).toEqual([1, 1]);
  });

  it('called by a work runs the rest of its own list', () => {
    const kernel = boot();
    const log: string[] = [];
    const a = logged(kernel, log, 'a', function* () {
      yield* flush_scheduled_work(kernel);
      log.push('a flushed');
    });
    const b = logged(kernel, log, 'b');
    const queue = kernel.events.of(kernel.machine.cpus[0]!);
    queue.setHeld(true);
    start(kernel, 0, function* () {
      yield* schedule_work(kernel, a);
      yield* schedule_work(kernel, b);
    });
    queue.setHeld(false);
    kernel.machine.settle();
    expect(log).toEqual(['a 1000 0', 'b 1000 0', 'a flushed']);
    expect(queue.idle).toBe(true);
  });

  it('under a lock that the work wants is a deadlock', () => {
    const kernel = boot();
    const mutex = new Mutex(kernel, 'rtnl');
    const work = logged(kernel, [], 'w', function* () {
      yield* mutex_lock(mutex);
      yield mutex_unlock(mutex);
    });
    start(kernel, 0, function* () {
      yield* mutex_lock(mutex);
      yield* schedule_work(kernel, work);
      yield* flush_scheduled_work(kernel);
    });
    expect(kinds(kernel)).toEqual(['deadlock']);
    expect(kernel.machine.violations[0]!.message).toBe(
      'events/0 on CPU 0 waits for mutex rtnl; task0 on CPU 0 waits for events/0 to finish',
    );
    expect(reportStuck(kernel.machine)).toBe(true);
    expect(kinds(kernel)).toEqual(['deadlock']);
  });
});

describe('a work that returns with a lock', () => {
  it.each([
    ['2.6.18', []],
    ['2.6.20', ['BUG: workqueue leaked lock or atomic: events/0/0x00000001/1', '    last function: w']],
  ])('%s', (version, lines) => {
    const kernel = boot({ kernel: version, cpus: 1 });
    const lock = new SpinLock(kernel, 'lock');
    kernel.events.of(kernel.machine.cpus[0]!);
    const work = new Work(kernel, 'w', () => performs(spin_lock(lock)));
    start(kernel, 0, () => schedule_work(kernel, work));
    expect(logTexts(kernel).slice(0, lines.length)).toEqual(lines);
    // It then goes to sleep with the count it has.
    expect(kinds(kernel)).toEqual(['preempt-leak', 'sleep-in-atomic']);
  });
});

describe('a BUG in a work', () => {
  it('kills the worker: nothing runs on that CPU any more', () => {
    const kernel = boot({ kernel: '2.6.24' });
    const log: string[] = [];
    const work: DelayedWork = logged(kernel, log, 'w', function* () {
      yield mod_timer(work.timer, kernel.now + 100);
      yield* schedule_delayed_work(kernel, work, 5);
    });
    const other = logged(kernel, log, 'other');
    start(kernel, 0, () => schedule_work(kernel, work));
    start(kernel, 0, () => schedule_work(kernel, other));
    expect(log).toEqual(['w 1000 0']);
    expect(kernel.events.of(kernel.machine.cpus[0]!).thread.state).toBe('dead');
    expect(kernel.machine.halted).toBeNull();
  });
});

describe('run_worker_now', () => {
  it('from a task of the same CPU gives the worker the CPU', () => {
    const kernel = boot();
    const log: string[] = [];
    const work = logged(kernel, log, 'w');
    const queue = kernel.events.of(kernel.machine.cpus[0]!);
    const count = ask(kernel, 0, function* () {
      yield* schedule_work(kernel, work);
      return yield* run_worker_now(kernel, 0);
    });
    expect([count, log.length, queue.executed]).toEqual([1, 1, 1]);
  });

  it('counts what nested workers ran, and is refused by a held one', () => {
    const kernel = boot({ cpus: 3 });
    const log: string[] = [];
    const answers: number[] = [];
    const inner = logged(kernel, log, 'inner');
    const middle = logged(kernel, log, 'middle', function* () {
      answers.push(yield* run_worker_now(kernel, 2));
      answers.push(yield* run_worker_now(kernel, 0));
    });
    const outer = logged(kernel, log, 'outer', function* () {
      answers.push(yield* run_worker_now(kernel, 1));
    });
    const [q0, q1, q2] = kernel.machine.cpus.map((cpu) => kernel.events.of(cpu));
    for (const queue of [q0!, q1!, q2!]) queue.setHeld(true);
    start(kernel, 2, () => schedule_work(kernel, inner));
    start(kernel, 1, () => schedule_work(kernel, middle));
    start(kernel, 0, () => schedule_work(kernel, outer));
    expect(ask(kernel, 0, () => run_worker_now(kernel, 1))).toBe(-3);
    kernel.machine.at(kernel.machine.nowNs + 1, () => {
      for (const queue of [q0!, q1!, q2!]) queue.setHeld(false);
    });
    pass(kernel, 1);
    expect(log.map((line) => line.split(' ')[0])).toEqual(['outer', 'middle', 'inner']);
    expect(answers).toEqual([1, -3, 2]);
  });
});
