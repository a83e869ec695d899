import { describe, expect, it } from 'vitest';
import { kernelVersions } from '../../src/kernel/era.js';
import { holdCpu, releaseCpu } from '../../src/kernel/hold.js';
import {
  add_timer,
  add_timer_on,
  del_timer,
  del_timer_sync,
  mod_timer,
  Timer,
  try_to_del_timer_sync,
} from '../../src/kernel/timer.js';
import {
  busy,
  local_bh_disable,
  local_bh_enable,
  preempt_disable,
  smp_call_function,
} from '../../src/smp/basic-ops.js';
import { boot, kinds, logTexts, note, pass, performs, start } from './boot.js';

/** Where the checks of facts 3.4 stand: release, add_timer (null: no check), add_timer_on. */
const lines: readonly (readonly [string, string | null, number])[] = [
  ['2.6.12', null, 236],
  ['2.6.13', null, 285],
  ['2.6.14', null, 285],
  ['2.6.15', 'include/linux/timer.h:83', 263],
  ['2.6.16', 'include/linux/timer.h:83', 264],
  ['2.6.17', 'include/linux/timer.h:83', 250],
  ['2.6.18', 'include/linux/timer.h:82', 250],
  ['2.6.19', 'include/linux/timer.h:82', 245],
  ['2.6.20', 'include/linux/timer.h:82', 377],
  ['2.6.21', 'include/linux/timer.h:146', 398],
  ['2.6.22', 'include/linux/timer.h:153', 437],
  ['2.6.23', 'include/linux/timer.h:145', 451],
  ['2.6.24', 'include/linux/timer.h:145', 452],
  ['2.6.25', 'include/linux/timer.h:143', 450],
  ['2.6.26', 'include/linux/timer.h:165', 583],
  ['2.6.27', 'include/linux/timer.h:165', 583],
  ['2.6.28', 'include/linux/timer.h:165', 652],
  ['2.6.29', 'include/linux/timer.h:165', 652],
];

describe('arming a pending timer', () => {
  it('is tabulated for every release', () => expect(lines.map(([version]) => version)).toEqual(kernelVersions));

  it.each(lines)('%s: add_timer', (version, where) => {
    const kernel = boot({ kernel: version, onBug: 'continue' });
    const fired: number[] = [];
    const timer = new Timer(kernel, 't', () => {
      fired.push(kernel.jiffies());
    });
    const answers: unknown[] = [];
    start(kernel, 0, function* () {
      answers.push(yield add_timer(timer, 1005), yield add_timer(timer, 1008));
    });
    pass(kernel, 20);
    expect(answers).toEqual([true, where === null]);
    expect(fired).toEqual([where === null ? 1008 : 1005]);
    expect(kinds(kernel)).toEqual(where === null ? [] : ['bug']);
    if (where !== null) expect(logTexts(kernel)).toContain(`kernel BUG at ${where}!`);
  });

  it.each(lines)('%s: add_timer_on', (version, _where, line) => {
    const kernel = boot({ kernel: version, onBug: 'continue' });
    const timer = new Timer(kernel, 't', () => {});
    start(kernel, 0, () => performs(mod_timer(timer, 1005), add_timer_on(timer, 1008, 1)));
    expect(logTexts(kernel)).toContain(`kernel BUG at kernel/timer.c:${line}!`);
    expect([timer.on.cpu.id, timer.expires]).toEqual([0, 1005]);
  });

  it('kills the task that does it, and the timer stays as it was', () => {
    const kernel = boot({ kernel: '2.6.17' });
    const timer = new Timer(kernel, 't', () => {});
    const task = start(kernel, 0, () =>
      performs(
        add_timer(timer, 1005),
        add_timer(timer, 1008),
        note(() => fail()),
      ),
    );
    expect(task.state).toBe('dead');
    expect(kernel.machine.halted).toBeNull();
    expect([timer.pending, timer.expires]).toEqual([true, 1005]);
    expect(kernel.dieCount).toBe(1);
  });

  it('in a handler is a panic', () => {
    const kernel = boot({ kernel: '2.6.17' });
    const other = new Timer(kernel, 'other', () => {});
    const timer = new Timer(kernel, 't', function* () {
      yield add_timer(other, 1100);
      yield add_timer(other, 1200);
    });
    start(kernel, 0, () => performs(add_timer(timer, 1005)));
    pass(kernel, 10);
    expect(kernel.machine.halted).toMatch(/Fatal exception in interrupt/);
    expect(logTexts(kernel).at(-1)).toBe('Kernel panic - not syncing: Fatal exception in interrupt');
    expect(kernel.jiffies()).toBe(1005);
  });
});

function fail(): never {
  throw new Error('must not get here');
}

describe('a handler that is slow while the timer is armed again from another CPU', () => {
  /** CPU 0's handler takes two ticks; CPU 1 arms it meanwhile for the next tick. Answers entries [jiffies, CPU, others inside]. */
  function overlap(version: string): number[][] {
    const kernel = boot({ kernel: version });
    const entries: number[][] = [];
    let inside = 0;
    const timer: Timer = new Timer(kernel, 't', function* () {
      entries.push([kernel.jiffies(), kernel.cpuId, inside]);
      inside++;
      if (entries.length === 1) yield busy(2.5 * kernel.machine.tickNs);
      inside--;
    });
    start(kernel, 0, () => performs(mod_timer(timer, 1005)));
    pass(kernel, 5);
    start(kernel, 1, () => performs(mod_timer(timer, 1006)));
    pass(kernel, 10);
    return entries;
  }

  it('2.6.12: it runs on both at once', () => {
    expect(overlap('2.6.12')).toEqual([
      [1005, 0, 0],
      [1006, 1, 1],
    ]);
  });

  it.each(['2.6.13', '2.6.24', '2.6.29'])('%s: it stays where it runs, and runs again there', (version) => {
    expect(overlap(version)).toEqual([
      [1005, 0, 0],
      [1007, 0, 0],
    ]);
  });

  it('2.6.12: one waiter waits for both handlers', () => {
    const kernel = boot({ kernel: '2.6.12', cpus: 3 });
    const ends: number[] = [];
    let entered = 0;
    const timer: Timer = new Timer(kernel, 't', function* () {
      yield busy((entered++ === 0 ? 2 : 4) * kernel.machine.tickNs);
      ends.push(kernel.jiffies());
    });
    start(kernel, 0, () => performs(mod_timer(timer, 1005)));
    pass(kernel, 5);
    start(kernel, 1, () => performs(mod_timer(timer, 1006)));
    pass(kernel, 1);
    let over = 0;
    start(kernel, 2, function* () {
      yield del_timer_sync(timer);
      over = kernel.jiffies();
    });
    pass(kernel, 20);
    expect(ends).toEqual([1007, 1010]);
    expect(over).toBe(1010);
    expect(kinds(kernel)).toEqual([]);
  });
});

describe('deleting', () => {
  /** A handler of three ticks on CPU 0 that re-arms itself first; `code` on CPU 1 in the middle of it. */
  function whileRunning(version: string, code: (timer: Timer) => ReturnType<typeof performs>) {
    const kernel = boot({ kernel: version });
    const fired: number[] = [];
    const timer: Timer = new Timer(kernel, 't', function* () {
      fired.push(kernel.jiffies());
      yield mod_timer(timer, kernel.now + 50);
      yield busy(3 * kernel.machine.tickNs);
    });
    start(kernel, 0, () => performs(mod_timer(timer, 1005)));
    pass(kernel, 6);
    const task = start(kernel, 1, () => code(timer));
    return { kernel, timer, fired, task };
  }

  it('del_timer does not wait', () => {
    const answers: unknown[] = [];
    const { kernel, timer } = whileRunning('2.6.24', function* (timer) {
      answers.push(yield del_timer(timer), yield del_timer(timer));
    });
    expect(answers).toEqual([1, 0]);
    expect(timer.pending).toBe(false);
    expect(kernel.jiffies()).toBe(1006);
  });

  it('try_to_del_timer_sync answers -1 and leaves it alone', () => {
    const answers: unknown[] = [];
    const { timer, kernel } = whileRunning('2.6.24', function* (timer) {
      answers.push(yield try_to_del_timer_sync(timer));
    });
    expect(answers).toEqual([-1]);
    expect(timer.pending).toBe(true);
    pass(kernel, 5);
    start(kernel, 1, function* () {
      answers.push(yield try_to_del_timer_sync(timer), yield try_to_del_timer_sync(timer));
    });
    expect(answers).toEqual([-1, 1, 0]);
  });

  it('del_timer_sync waits for the handler, then deletes what that armed', () => {
    let answer: unknown;
    let at = 0;
    const { kernel, timer, task } = whileRunning('2.6.24', function* (timer) {
      answer = yield del_timer_sync(timer);
      at = kernel.jiffies();
    });
    expect([task.waiting, timer.pending]).toEqual([true, true]);
    pass(kernel, 100);
    expect([answer, at, timer.pending]).toEqual([1, 1008, false]);
    expect(kinds(kernel)).toEqual([]);
  });

  it('2.6.12: del_timer_sync deletes before it waits', () => {
    let answer: unknown;
    const { kernel, timer, task } = whileRunning('2.6.12', function* (timer) {
      answer = yield del_timer_sync(timer);
    });
    expect([task.waiting, timer.pending]).toEqual([true, false]);
    pass(kernel, 100);
    expect([answer, timer.pending]).toEqual([1, false]);
  });

  it.each(['2.6.12', '2.6.24'])('%s: del_timer_sync in its own handler is a deadlock', (version) => {
    const kernel = boot({ kernel: version });
    const timer: Timer = new Timer(kernel, 't', function* () {
      yield del_timer_sync(timer);
      fail();
    });
    start(kernel, 0, () => performs(mod_timer(timer, 1005)));
    pass(kernel, 5);
    expect(kinds(kernel)).toEqual(['self-deadlock']);
    expect(kernel.machine.violations[0]!.message).toBe(
      'softirq on CPU 0 waits for the handler of t to end, which it holds itself on that CPU',
    );
    start(kernel, 1, () => performs(mod_timer(timer, 1100), del_timer(timer)));
    pass(kernel, 50);
    expect(kinds(kernel)).toEqual(['self-deadlock']);
  });

  it('with the lock of the handler held is a deadlock between two CPUs', async () => {
    const { SpinLock, spin_lock, spin_unlock } = await import('../../src/kernel/spinlock.js');
    const kernel = boot();
    const lock = new SpinLock(kernel, 'the lock');
    const timer: Timer = new Timer(kernel, 't', function* () {
      yield busy(1000);
      yield spin_lock(lock);
      yield spin_unlock(lock);
    });
    start(kernel, 0, () => performs(mod_timer(timer, 1005)));
    pass(kernel, 5);
    start(kernel, 1, () => performs(spin_lock(lock), del_timer_sync(timer), spin_unlock(lock)));
    pass(kernel, 1);
    expect(kinds(kernel)).toEqual(['deadlock']);
    expect(kernel.machine.violations[0]!.message).toBe(
      'softirq on CPU 0 waits for spinlock the lock; task1 on CPU 1 waits for the handler of t to end',
    );
  });
});

describe('the tick', () => {
  it('comes in above a task, and a softirq does not nest', () => {
    const kernel = boot({ cpus: 1 });
    const order: string[] = [];
    const slow = new Timer(kernel, 'slow', function* () {
      order.push(`slow ${kernel.jiffies()}`);
      yield busy(2 * kernel.machine.tickNs);
      order.push(`slow over ${kernel.jiffies()}`);
    });
    const next = new Timer(kernel, 'next', () => {
      order.push(`next ${kernel.jiffies()}`);
    });
    start(kernel, 0, function* () {
      yield mod_timer(slow, 1002);
      yield mod_timer(next, 1003);
      yield busy(6 * kernel.machine.tickNs);
      order.push(`task ${kernel.jiffies()}`);
    });
    pass(kernel, 20);
    expect(order).toEqual(['slow 1002', 'slow over 1004', 'next 1004', 'task 1008']);
  });

  it('waits while bottom halves are off, and distances are counted from where the wheel stands', () => {
    const kernel = boot({ cpus: 1 });
    const fired: string[] = [];
    const make = (name: string): Timer =>
      new Timer(kernel, name, () => {
        fired.push(`${name} ${kernel.jiffies()}`);
      });
    const [a, b] = [make('a'), make('b')];
    start(kernel, 0, function* () {
      yield mod_timer(a, 1002);
      yield local_bh_disable();
      yield busy(5 * kernel.machine.tickNs);
      // In the past for the clock, not yet for the wheel: it still has jiffy 1003 to come.
      yield mod_timer(b, 1003);
      expect(kernel.timersOf(kernel.machine.cpus[0]!).base.timerJiffies).toBe(1001);
      yield local_bh_enable();
    });
    pass(kernel, 10);
    expect(fired).toEqual(['a 1005', 'b 1005']);
    expect(kernel.timersOf(kernel.machine.cpus[0]!).base.timerJiffies).toBe(1006);
  });

  it('is not lost on a CPU that another CPU interrupts in that very nanosecond', () => {
    const kernel = boot({ cpus: 3 });
    const fired: string[] = [];
    const late = new Timer(kernel, 'late', () => {
      fired.push(`late ${kernel.jiffies()} on ${kernel.cpuId}`);
    });
    const caller = new Timer(kernel, 'caller', function* () {
      yield* smp_call_function(kernel.machine, 2, 'busy', function* () {
        yield busy(1.5 * kernel.machine.tickNs);
      });
      fired.push(`caller ${kernel.jiffies()}`);
    });
    start(kernel, 0, () => performs(mod_timer(caller, 1005)));
    start(kernel, 2, () => performs(mod_timer(late, 1005)));
    pass(kernel, 5);
    // Its softirq is due and lies under the interrupt: its wheel must not be brought forward from outside.
    start(kernel, 1, () => performs(add_timer_on(new Timer(kernel, 'x', () => {}), 1300, 2)));
    pass(kernel, 20);
    expect(fired).toEqual(['caller 1006', 'late 1006 on 2']);
  });
});

describe('a held CPU', () => {
  it('catches up at the tick after the release, not at the release', () => {
    const kernel = boot();
    const fired: string[] = [];
    const timers = [1003, 1005, 1300].map((jiffy) => {
      const timer = new Timer(kernel, `t${jiffy}`, () => {
        fired.push(`${timer.label} ${kernel.jiffies()}`);
      });
      start(kernel, 1, () => performs(mod_timer(timer, jiffy)));
      return timer;
    });
    holdCpu(kernel, 1);
    pass(kernel, 10);
    releaseCpu(kernel, 1);
    kernel.machine.settle();
    // Everything that looks whether softirqs may run, between the release and the tick.
    start(kernel, 1, () => performs(local_bh_disable(), local_bh_enable(), busy(1000)));
    start(kernel, 0, () => smp_call_function(kernel.machine, 1, 'call', () => performs(busy(0))));
    expect(fired).toEqual([]);
    pass(kernel, 1);
    expect(fired).toEqual(['t1003 1011', 't1005 1011']);
    expect(timers[2]!.pending).toBe(true);
    pass(kernel, 300);
    expect(fired.at(-1)).toBe('t1300 1300');
  });

  it('that is held again before the tick stays held; one never held ignores a release', () => {
    const kernel = boot();
    const fired: number[] = [];
    const timer = new Timer(kernel, 't', () => {
      fired.push(kernel.jiffies());
    });
    start(kernel, 1, () => performs(mod_timer(timer, 1003)));
    releaseCpu(kernel, 1);
    holdCpu(kernel, 1);
    pass(kernel, 5);
    releaseCpu(kernel, 1);
    releaseCpu(kernel, 1);
    holdCpu(kernel, 1);
    pass(kernel, 5);
    expect(fired).toEqual([]);
    releaseCpu(kernel, 1);
    pass(kernel, 1);
    expect(fired).toEqual([1011]);
  });

  it('held while its softirq waits for bottom halves does not run it when they come on', () => {
    const kernel = boot();
    const fired: number[] = [];
    const timer = new Timer(kernel, 't', () => {
      fired.push(kernel.jiffies());
    });
    const { tickNs } = kernel.machine;
    start(kernel, 1, () => performs(mod_timer(timer, 1002), local_bh_disable(), busy(4 * tickNs), local_bh_enable()));
    pass(kernel, 3);
    holdCpu(kernel, 1);
    pass(kernel, 3);
    expect(fired).toEqual([]);
    releaseCpu(kernel, 1);
    pass(kernel, 1);
    expect(fired).toEqual([1007]);
  });

  it('is the same with every idle tick taken', () => {
    const prints = [true, false].map((skipIdle) => {
      const kernel = boot({ skipIdle });
      const timer: Timer = new Timer(kernel, 't', () => performs(mod_timer(timer, kernel.now + 7)));
      start(kernel, 1, () => performs(mod_timer(timer, 1003)));
      for (let i = 0; i < 20; i++) {
        (i % 2 === 0 ? holdCpu : releaseCpu)(kernel, 1);
        pass(kernel, i);
      }
      return kernel.machine.trace.fingerprint();
    });
    expect(prints[0]).toBe(prints[1]);
  });
});

describe('a handler that changes the preempt count', () => {
  it.each([
    ['2.6.12', 'huh, entered 00000001 with 00000100, exited with 00000101?'],
    ['2.6.18', 'huh, entered 00000001 with preempt_count 00000100, exited with 00000101?'],
  ])('%s', (version, text) => {
    const kernel = boot({ kernel: version, onBug: 'continue', cpus: 1 });
    let fired = 0;
    const timer = new Timer(kernel, 't', () =>
      performs(
        preempt_disable(),
        note(() => fired++),
      ),
    );
    start(kernel, 0, () => performs(mod_timer(timer, 1005)));
    pass(kernel, 10);
    expect(logTexts(kernel).slice(0, 3)).toEqual([
      text,
      '------------[ cut here ]------------',
      'kernel BUG at kernel/timer.c!',
    ]);
    expect(kinds(kernel)).toEqual(['preempt-leak', 'bug']);
    expect(fired).toBe(1);
  });

  it('panics where a BUG dies', () => {
    const kernel = boot({ cpus: 1 });
    const timer = new Timer(kernel, 't', () => performs(preempt_disable()));
    start(kernel, 0, () => performs(mod_timer(timer, 1005)));
    pass(kernel, 10);
    expect(kernel.machine.halted).not.toBeNull();
  });
});
