import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cancel_delayed_work,
  cancel_delayed_work_sync,
  flush_scheduled_work,
  mod_delayed_work,
} from '../../src/kernel/cancel-work.js';
import { holdCpu, releaseCpu } from '../../src/kernel/hold.js';
import type { Kernel } from '../../src/kernel/kernel.js';
import { Mutex, mutex_lock, mutex_unlock } from '../../src/kernel/mutex.js';
import { msleep } from '../../src/kernel/sleep.js';
import { open_softirq, raise_softirq } from '../../src/kernel/softirq.js';
import { softirqs } from '../../src/kernel/softirq-vectors.js';
import {
  SpinLock,
  spin_lock,
  spin_lock_bh,
  spin_lock_irqsave,
  spin_unlock,
  spin_unlock_bh,
  spin_unlock_irqrestore,
} from '../../src/kernel/spinlock.js';
import { del_timer_sync, mod_timer, Timer } from '../../src/kernel/timer.js';
import { DelayedWork, schedule_delayed_work, schedule_delayed_work_on } from '../../src/kernel/workqueue.js';
import { busy, LocalOp, local_bh_disable, local_bh_enable, smp_call_function } from '../../src/smp/basic-ops.js';
import type { K } from '../../src/smp/op.js';
import { RandomScheduler } from '../../src/smp/random-scheduler.js';
import type { Scheduler } from '../../src/smp/scheduler.js';
import { boot, pass } from './boot.js';

/** Correct kernel code that does a bit of everything: `[what, n]`, n chooses the object and the length. */
type Step = readonly [what: (typeof kindsOfStep)[number], n: number];
const kindsOfStep = [
  'busy',
  'bh section',
  'bh lock',
  'irq lock',
  'mutex',
  'timer',
  'delete timer',
  'work',
  'work on',
  'modify work',
  'cancel work',
  'cancel work and wait',
  'flush',
  'sleep',
  'softirq',
  'call',
  'hold',
] as const;

interface Plan {
  readonly version: string;
  readonly cpus: number;
  readonly preempt: 'none' | 'voluntary' | 'full';
  readonly tasks: readonly (readonly Step[])[];
}

const plan: fc.Arbitrary<Plan> = fc.record({
  version: fc.constantFrom('2.6.12', '2.6.18', '2.6.24'),
  cpus: fc.integer({ min: 1, max: 3 }),
  preempt: fc.constantFrom('none', 'voluntary', 'full'),
  tasks: fc.array(
    fc.array(fc.tuple(fc.constantFrom(...kindsOfStep), fc.integer({ min: 0, max: 999 })), { maxLength: 14 }),
    { minLength: 1, maxLength: 5 },
  ),
});

class Chaos {
  readonly kernel: Kernel;
  ended = 0;
  private readonly bhLock: SpinLock;
  private readonly irqLock: SpinLock;
  private readonly mutex: Mutex;
  private readonly timers: Timer[] = [];
  private readonly works: DelayedWork[] = [];
  /** Who is inside which lock: must never be two. */
  private readonly inside = new Map<object, number>();

  constructor(p: Plan, skipIdle: boolean, scheduler?: Scheduler) {
    const kernel = boot({ kernel: p.version, cpus: p.cpus, preempt: p.preempt, skipIdle }, scheduler);
    this.kernel = kernel;
    this.bhLock = new SpinLock(kernel, 'bh lock');
    this.irqLock = new SpinLock(kernel, 'irq lock');
    this.mutex = new Mutex(kernel, 'mutex');
    open_softirq(kernel, softirqs.NET_RX, () => this.softirqCode(7));
    for (let i = 0; i < 3; i++) {
      this.timers.push(new Timer(kernel, `t${i}`, () => this.handler(i)));
      this.works.push(new DelayedWork(kernel, `w${i}`, () => this.work(i)));
    }
  }

  *task(steps: readonly Step[]): K {
    for (const [what, n] of steps) yield* this.step(what, n);
    this.ended++;
  }

  private *section(lock: object, n: number): K {
    const count = (this.inside.get(lock) ?? 0) + 1;
    this.inside.set(lock, count);
    expect(count).toBe(1);
    yield busy(this.ns(n));
    this.inside.set(lock, count - 1);
  }

  /** Up to two and a half ticks, often a whole number of them. */
  private ns(n: number): number {
    const { tickNs } = this.kernel.machine;
    return n % 5 === 0 ? (n % 3) * tickNs : n * 10_000;
  }

  private *irqSection(n: number): K {
    const flags = (yield spin_lock_irqsave(this.irqLock)) as number;
    yield* this.section(this.irqLock, n);
    yield spin_unlock_irqrestore(this.irqLock, flags);
  }

  private *softirqCode(n: number): K {
    yield spin_lock(this.bhLock);
    yield* this.section(this.bhLock, n);
    yield spin_unlock(this.bhLock);
    yield* this.irqSection(n);
  }

  private *handler(i: number): K {
    yield* this.softirqCode(i * 40);
    if (i === 1) yield mod_timer(this.timers[0]!, this.kernel.now + 3);
  }

  private *work(i: number): K {
    yield* mutex_lock(this.mutex);
    yield* this.section(this.mutex, i * 111);
    yield mutex_unlock(this.mutex);
    if (i === 2) yield* msleep(this.kernel, 9);
  }

  private *step(what: Step[0], n: number): K {
    const { kernel } = this;
    const { machine } = kernel;
    const timer = this.timers[n % 3]!;
    const work = this.works[n % 3]!;
    const cpu = n % machine.cpus.length;
    switch (what) {
      case 'busy':
        yield busy(this.ns(n));
        return;
      case 'bh section':
        yield local_bh_disable();
        yield busy(this.ns(n));
        yield local_bh_enable();
        return;
      case 'bh lock':
        yield spin_lock_bh(this.bhLock);
        yield* this.section(this.bhLock, n);
        if (n % 2 === 0) yield* this.irqSection(n % 50);
        yield spin_unlock_bh(this.bhLock);
        return;
      case 'irq lock':
        yield* this.irqSection(n);
        return;
      case 'mutex':
        yield* mutex_lock(this.mutex);
        yield* this.section(this.mutex, n);
        if (n % 2 === 0) yield* msleep(kernel, n % 20);
        yield mutex_unlock(this.mutex);
        return;
      case 'timer':
        yield mod_timer(timer, kernel.now + (n % 9));
        return;
      case 'delete timer':
        yield del_timer_sync(timer);
        return;
      case 'work':
        yield* schedule_delayed_work(kernel, work, n % 6);
        return;
      case 'work on':
        yield* schedule_delayed_work_on(kernel, cpu, work, n % 6);
        return;
      case 'modify work':
        yield* mod_delayed_work(kernel, work, n % 6);
        return;
      case 'cancel work':
        yield* cancel_delayed_work(work);
        return;
      case 'cancel work and wait':
        yield* cancel_delayed_work_sync(kernel, work);
        return;
      case 'flush':
        yield* flush_scheduled_work(kernel);
        return;
      case 'sleep':
        yield* msleep(kernel, n % 30);
        return;
      case 'softirq':
        yield raise_softirq(kernel, softirqs.NET_RX);
        return;
      case 'call':
        yield* smp_call_function(machine, cpu, 'call', () => this.irqSection(n % 60));
        return;
      case 'hold':
        yield new LocalOp(() => {
          holdCpu(kernel, cpu);
          machine.at(machine.nowNs + this.ns(n) * 3, () => releaseCpu(kernel, cpu));
        });
    }
  }
}

function run(p: Plan, skipIdle: boolean, scheduler?: Scheduler): Chaos {
  const chaos = new Chaos(p, skipIdle, scheduler);
  const { kernel } = chaos;
  const { machine } = kernel;
  for (const [i, steps] of p.tasks.entries()) machine.spawn(`task${i}`, i % p.cpus, chaos.task(steps));
  pass(kernel, 3000);
  return chaos;
}

describe('correct code that does everything at once', () => {
  it('ends without a complaint, the same with and without idle ticks', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(plan, (p) => {
        const chaos = run(p, true);
        const { machine } = chaos.kernel;
        expect(machine.violations).toEqual([]);
        expect(chaos.kernel.log.entries).toEqual([]);
        expect(chaos.ended).toBe(p.tasks.length);
        expect(machine.cpus.map((cpu) => [cpu.top, cpu.irqsOff, cpu.softirqPending])).toEqual(
          machine.cpus.map(() => [null, false, 0]),
        );
        expect(run(p, false).kernel.machine.trace.fingerprint()).toBe(machine.trace.fingerprint());
      }),
      { numRuns: 150 },
    );
  });

  it('ends without a complaint whatever a scheduler does', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(plan, fc.nat(), (p, seed) => {
        const chaos = run(p, true, new RandomScheduler(seed));
        expect(chaos.kernel.machine.violations).toEqual([]);
        expect(chaos.ended).toBe(p.tasks.length);
        const again = run(p, true, new RandomScheduler(seed));
        expect(again.kernel.machine.trace.fingerprint()).toBe(chaos.kernel.machine.trace.fingerprint());
      }),
      { numRuns: 100 },
    );
  });
});
