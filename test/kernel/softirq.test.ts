import { describe, expect, it } from 'vitest';
import { open_softirq, raise_softirq } from '../../src/kernel/softirq.js';
import { softirqs } from '../../src/kernel/softirq-vectors.js';
import { SpinLock, spin_lock_bh, spin_unlock_bh } from '../../src/kernel/spinlock.js';
import { mod_timer, Timer } from '../../src/kernel/timer.js';
import {
  busy,
  local_bh_disable,
  local_bh_enable,
  local_irq_restore,
  local_irq_save,
  smp_call_function,
} from '../../src/smp/basic-ops.js';
import { boot, kinds, note, pass, performs, start } from './boot.js';

const { NET_RX, NET_TX, TASKLET, HI } = softirqs;

describe('softirqs', () => {
  it('run in the order of their bits when the outermost bottom half is enabled', () => {
    const kernel = boot();
    const order: string[] = [];
    for (const [name, vector] of Object.entries({ TASKLET, NET_RX, HI, NET_TX })) {
      open_softirq(kernel, vector, function* () {
        order.push(`${name} in ${kernel.context.kind}`);
      });
    }
    start(kernel, 0, () =>
      performs(
        local_bh_disable(),
        local_bh_disable(),
        ...[NET_RX, TASKLET, HI, NET_TX].map((vector) => raise_softirq(kernel, vector)),
        local_bh_enable(),
        note(() => order.push('inner')),
        local_bh_enable(),
        note(() => order.push('outer')),
      ),
    );
    expect(order).toEqual([
      'inner',
      'HI in softirq',
      'NET_TX in softirq',
      'NET_RX in softirq',
      'TASKLET in softirq',
      'outer',
    ]);
    expect(kernel.ksoftirqd).toEqual([]);
  });

  it('run at the end of a hard interrupt, not inside it', () => {
    const kernel = boot();
    const order: string[] = [];
    open_softirq(kernel, NET_RX, function* () {
      order.push(`softirq on ${kernel.cpuId}`);
    });
    start(kernel, 0, () =>
      smp_call_function(kernel.machine, 1, 'irq', () =>
        performs(
          raise_softirq(kernel, NET_RX),
          busy(1000),
          note(() => order.push('irq')),
        ),
      ),
    );
    pass(kernel, 1);
    expect(order).toEqual(['irq', 'softirq on 1']);
    expect(kernel.ksoftirqd[1]).toBeUndefined();
  });

  it('wait for interrupts that are off', () => {
    const kernel = boot();
    const order: string[] = [];
    open_softirq(kernel, NET_RX, function* () {
      order.push('softirq');
    });
    start(kernel, 0, function* () {
      const flags = (yield local_irq_save()) as number;
      yield local_bh_disable();
      yield raise_softirq(kernel, NET_RX);
      yield local_bh_enable();
      order.push('enabled');
      yield local_irq_restore(flags);
      order.push('restored');
    });
    expect(order).toEqual(['enabled', 'softirq', 'restored']);
  });

  it('raised by a task go to ksoftirqd, after the task', () => {
    const kernel = boot();
    const order: string[] = [];
    open_softirq(kernel, NET_RX, function* () {
      order.push(`on top of ${kernel.context.cpu.task!.name}`);
    });
    const task = start(kernel, 0, () =>
      performs(
        raise_softirq(kernel, NET_RX),
        note(() => order.push('task')),
        busy(1000),
      ),
    );
    pass(kernel, 1);
    expect(task.state).toBe('dead');
    expect(order).toEqual(['task', 'on top of ksoftirqd/0']);
  });

  it.each([
    ['2.6.12', 139],
    ['2.6.22', 139],
    ['2.6.23', 115],
    ['2.6.29', 115],
  ])('%s: the priority of ksoftirqd is %d', (version, priority) => {
    const kernel = boot({ kernel: version });
    start(kernel, 0, () => performs(raise_softirq(kernel, NET_RX)));
    expect(kernel.ksoftirqd[0]!.priority).toBe(priority);
  });

  it('raised again by themselves run ten rounds, then ksoftirqd runs the rest', () => {
    const kernel = boot({ cpus: 1 });
    const ranUnder: string[] = [];
    let left = 25;
    open_softirq(kernel, NET_RX, function* () {
      ranUnder.push(kernel.context.cpu.task!.name);
      if (--left > 0) yield raise_softirq(kernel, NET_RX);
    });
    let roundsBeforeTaskGoesOn = 0;
    start(kernel, 0, () =>
      performs(
        local_bh_disable(),
        raise_softirq(kernel, NET_RX),
        local_bh_enable(),
        note(() => {
          roundsBeforeTaskGoesOn = ranUnder.length;
        }),
        busy(1000),
      ),
    );
    pass(kernel, 1);
    expect(roundsBeforeTaskGoesOn).toBe(10);
    expect(ranUnder).toHaveLength(25);
    expect(ranUnder.slice(10).every((name) => name === 'ksoftirqd/0')).toBe(true);
  });

  it('left to ksoftirqd also run at the next interrupt', () => {
    const kernel = boot({ cpus: 1 });
    let rounds = 0;
    open_softirq(kernel, NET_RX, function* () {
      if (++rounds < 15) yield raise_softirq(kernel, NET_RX);
    });
    const timer = new Timer(kernel, 't', () => {});
    const seen: number[] = [];
    const { tickNs } = kernel.machine;
    start(kernel, 0, () =>
      performs(
        mod_timer(timer, 1001),
        local_bh_disable(),
        raise_softirq(kernel, NET_RX),
        local_bh_enable(),
        note(() => seen.push(rounds)),
        busy(1.5 * tickNs),
        note(() => seen.push(rounds)),
      ),
    );
    pass(kernel, 3);
    expect(seen).toEqual([10, 15]);
  });

  it('ksoftirqd lets a better task in between two passes', () => {
    const kernel = boot({ kernel: '2.6.22', cpus: 1 });
    const order: string[] = [];
    let left = 20;
    open_softirq(kernel, NET_RX, function* () {
      order.push(`softirq ${left}`);
      yield busy(100);
      if (--left > 0) yield raise_softirq(kernel, NET_RX);
    });
    start(kernel, 0, () => performs(raise_softirq(kernel, NET_RX)));
    kernel.machine.at(500, () => {
      kernel.machine.spawn('better', 0, performs(note(() => order.push('better'))));
    });
    pass(kernel, 1);
    expect(order.indexOf('better')).toBe(10);
    expect(order).toHaveLength(21);
  });

  it('a tick during one causes another round', () => {
    const kernel = boot({ cpus: 1 });
    const order: string[] = [];
    const timer = new Timer(kernel, 't', () => {
      order.push(`timer ${kernel.jiffies()}`);
    });
    open_softirq(kernel, NET_RX, function* () {
      yield busy(2.5 * kernel.machine.tickNs);
      order.push(`softirq ${kernel.jiffies()}`);
    });
    start(kernel, 0, () =>
      performs(
        mod_timer(timer, 1001),
        local_bh_disable(),
        raise_softirq(kernel, NET_RX),
        local_bh_enable(),
        note(() => order.push('task')),
      ),
    );
    pass(kernel, 10);
    expect(order).toEqual(['softirq 1002', 'timer 1002', 'task']);
  });

  it('that a task leaves pending with bottom halves off run when it gives up the CPU', () => {
    const kernel = boot({ cpus: 1 });
    const fired: number[] = [];
    const timer = new Timer(kernel, 't', () => {
      fired.push(kernel.jiffies());
    });
    start(kernel, 0, () => performs(mod_timer(timer, 1002), local_bh_disable(), busy(4 * kernel.machine.tickNs)));
    pass(kernel, 10);
    expect(fired).toEqual([1004]);
    expect(kinds(kernel)).toEqual(['preempt-leak']);
  });

  it('other than the timer go on on a held CPU', async () => {
    const { holdCpu } = await import('../../src/kernel/hold.js');
    const kernel = boot();
    let rounds = 0;
    let fired = 0;
    open_softirq(kernel, NET_RX, function* () {
      rounds++;
    });
    const timer = new Timer(kernel, 't', () => {
      fired++;
    });
    start(kernel, 1, () => performs(mod_timer(timer, 1003)));
    holdCpu(kernel, 1);
    pass(kernel, 10);
    const lock = new SpinLock(kernel, 'lock');
    start(kernel, 1, () => performs(spin_lock_bh(lock), raise_softirq(kernel, NET_RX), spin_unlock_bh(lock)));
    expect([rounds, fired]).toEqual([1, 0]);
  });

  it('without end are found', () => {
    const kernel = boot({ cpus: 1 });
    open_softirq(kernel, NET_RX, () => performs(raise_softirq(kernel, NET_RX)));
    expect(() => start(kernel, 0, () => performs(raise_softirq(kernel, NET_RX)))).toThrow(/endless loop/);
    expect(kinds(kernel)).toEqual(['endless-loop']);
  });
});
