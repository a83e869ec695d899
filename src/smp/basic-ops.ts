/**
 * Operations every kernel needs that touch no shared cell: spending time, bottom halves, interrupts, preemption,
 * giving up the CPU.
 *
 * Divergence from Linux: preempt_disable and friends are not scheduling points of their own; the switch or softirq
 * they hold back is.
 */
import { type Context, Task } from './context.js';
import type { Machine } from './machine.js';
import { type Access, type K, Op } from './op.js';
import { givesWay } from './shared-op.js';
import { cpuResource } from './touches.js';

/**
 * An operation that is code rather than an access. `wakes` answers whether it is about to make another context runnable,
 * for stepwise runs.
 */
export class LocalOp extends Op {
  private readonly action: (context: Context) => unknown;
  private readonly wakes: ((context: Context) => boolean) | null;

  constructor(action: (context: Context) => unknown, wakes: ((context: Context) => boolean) | null = null) {
    super(null);
    this.action = action;
    this.wakes = wakes;
  }

  override get access(): Access {
    return 'none';
  }

  override get visible(): boolean {
    return false;
  }

  override schedulingPoint(context: Context): boolean {
    return this.wakes?.(context) === true;
  }

  override perform(context: Context): unknown {
    return this.action(context);
  }
}

/** Keeps the CPU busy for `ns` of virtual time. Interrupts may come in between. */
export class BusyOp extends Op {
  private readonly ns: number;

  constructor(ns: number) {
    super(null);
    this.ns = ns;
  }

  override get access(): Access {
    return 'none';
  }

  override get visible(): boolean {
    return false;
  }

  override perform(context: Context): void {
    context.cpu.machine.charge(this.ns);
  }
}

/** Keeps the CPU busy for `ns` of virtual time, as udelay and every charged piece of code do. */
export function busy(ns: number): Op {
  return new BusyOp(ns);
}

const bhDisable = new LocalOp((c) => {
  c.cpu.machine.watcher?.keepsOff(c, 'tasks');
  disableBottomHalves(c);
});
const bhEnable = new LocalOp(
  (c) => {
    c.cpu.machine.watcher?.letsIn(c, 'tasks');
    enableBottomHalves(c, 'local_bh_enable');
  },
  (c) => c.bhCount === 1 && softirqWaits(c),
);

/** Would softirqs begin if the context had them enabled now? */
function softirqWaits(context: Context): boolean {
  return context.kind === 'process' && context.cpu.softirqPending !== 0;
}

/** Bottom halves off on this CPU; nests. */
export function local_bh_disable(): Op {
  return bhDisable;
}

/** Undoes one local_bh_disable; the outermost runs the softirqs that became pending meanwhile. */
export function local_bh_enable(): Op {
  return bhEnable;
}

/** local_bh_disable for code that is inside an operation (spin_lock_bh). */
export function disableBottomHalves(context: Context): void {
  const { cpu } = context;
  const { watcher } = cpu.machine;
  if (watcher !== null) watcher.keepsOff(context, 'softirqs');
  if (context.bhCount++ === 0 && context.kind === 'process') cpu.account.bhOffSinceNs = cpu.machine.nowNs;
}

/** local_bh_enable for code that is inside an operation (spin_unlock_bh). `from`: the kernel function that does it. */
export function enableBottomHalves(context: Context, from: string): void {
  const { cpu } = context;
  const { machine } = cpu;
  if (context.bhCount === 0) {
    machine.violate('bh-underflow', `${context.name}: local_bh_enable without local_bh_disable`);
    return;
  }
  if (machine.watcher !== null) machine.watcher.letsIn(context, 'softirqs');
  if (--context.bhCount > 0 || context.kind !== 'process') return;
  cpu.account.bhOn(machine.nowNs);
  machine.softirqCheck(cpu);
  const { top } = cpu;
  if (top !== context && top?.kind === 'softirq') top.enteredFrom = from;
}

/** Local interrupts off; answers the flags to hand back to {@link local_irq_restore}. */
export function local_irq_save(): Op {
  return irqSave;
}

const irqSave = new LocalOp((c) => {
  c.cpu.machine.watcher?.keepsOff(c, 'tasks');
  return disableInterrupts(c) ? 1 : 0;
});

/** Interrupts off; answers whether they were. */
export function disableInterrupts(context: Context): boolean {
  const { cpu } = context;
  const was = cpu.irqsOff;
  cpu.irqsOff = true;
  const { watcher } = cpu.machine;
  if (watcher !== null) watcher.keepsOff(context, 'interrupts');
  return was;
}

/** Gives the interrupt flag back that {@link local_irq_save} answered. */
export function local_irq_restore(flags: number): Op {
  return flags === 0 ? irqsOn : irqsOff;
}

const irqsOn = new LocalOp(
  (c) => {
    c.cpu.machine.watcher?.letsIn(c, 'tasks');
    restoreInterrupts(c, false);
  },
  (c) => c.bhCount === 0 && softirqWaits(c),
);
const irqsOff = new LocalOp((c) => restoreInterrupts(c, true));

/** Gives the interrupt flag back; interrupts and softirqs that waited come in at once. */
export function restoreInterrupts(context: Context, off: boolean): void {
  const cpu = context.cpu;
  if (cpu.irqsOff === off) return;
  const { watcher } = cpu.machine;
  if (watcher !== null && !off) watcher.letsIn(context, 'interrupts');
  cpu.irqsOff = off;
  if (!off) cpu.machine.interruptCheck(cpu);
}

const preemptDisable = new LocalOp((c) => {
  c.cpu.machine.watcher?.keepsOff(c, 'tasks');
  c.preemptCount++;
});
const preemptEnable = new LocalOp((c) => {
  if (c.preemptCount === 0) {
    c.cpu.machine.violate('preempt-underflow', `${c.name}: preempt_enable without preempt_disable`);
    return;
  }
  c.cpu.machine.watcher?.letsIn(c, 'tasks');
  c.preemptCount--;
  c.cpu.machine.preemptCheck(c.cpu);
});

export function preempt_disable(): Op {
  return preemptDisable;
}

export function preempt_enable(): Op {
  return preemptEnable;
}

const scheduleOp = new LocalOp((c) => c.cpu.machine.schedule(c), givesWay);

/** Gives up the CPU: for good until a wake-up if the task has said that it sleeps, else behind its equals. */
export function schedule(): Op {
  return scheduleOp;
}

/** Says what the next schedule() means. A wake-up in between turns it back into `running`. */
export function setCurrentState(machine: Machine, state: 'running' | 'sleeping'): void {
  const current = machine.current;
  if (!(current instanceof Task)) return;
  machine.touch(current.resource);
  current.state = state;
}

const condResched = new LocalOp((c) => c.cpu.machine.reschedule(c));

/** Lets a better task run if one waits, or an equal one if the slice is over; whatever `preempt` says. */
export function cond_resched(): Op {
  return condResched;
}

const userEnter = new LocalOp((c) => {
  if (!(c instanceof Task)) return;
  c.inUser = true;
  c.cpu.machine.enteredUser(c);
});
const userLeave = new LocalOp((c) => {
  if (c instanceof Task) c.inUser = false;
});

/** Runs `ns` outside the kernel, where the task can be preempted whatever `preempt` says. */
export function* userMode(ns: number): K {
  yield userEnter;
  yield busy(ns);
  yield userLeave;
}

/** Wakes a task; answers whether it was asleep. */
export function wake_up_process(task: Task): Op {
  return new LocalOp(
    (c) => c.cpu.machine.wake(task),
    () => task.state === 'blocked',
  );
}

/** Interrupts another CPU with `code` and waits until it has run there (smp_call_function_single with wait). */
export function* smp_call_function(machine: Machine, cpuId: number, name: string, code: () => K<unknown>): K<unknown> {
  const me = machine.current;
  if (me !== null && me.cpu.id === cpuId) return yield* code();
  const answer: { value: unknown; done: boolean } = { value: undefined, done: false };
  function* body(): K {
    answer.value = yield* code();
    machine.watcher?.publishes(answer);
    answer.done = true;
  }
  const context = yield new LocalOp(
    () => machine.interrupt(cpuId, name, body()),
    () => true,
  );
  yield new InterruptDoneOp(context as Context, me);
  machine.watcher?.observes(answer);
  return answer.value;
}

/** Spins until a virtual time, as code that waits for jiffies to move does. Answers nothing. */
export class SpinUntilTimeOp extends Op {
  private readonly machine: Machine;
  private readonly timeNs: number;

  constructor(machine: Machine, timeNs: number) {
    super(null);
    this.machine = machine;
    this.timeNs = timeNs;
  }

  override get access(): Access {
    return 'none';
  }

  override get visible(): boolean {
    return false;
  }

  override get enabledAtNs(): number {
    return this.timeNs;
  }

  override enabled(): boolean {
    return this.machine.nowNs >= this.timeNs;
  }

  override perform(): void {}

  override describe(): string {
    return `${this.timeNs} ns of virtual time`;
  }
}

class InterruptDoneOp extends Op {
  private readonly context: Context;

  constructor(context: Context, waiter: Context | null) {
    super(null);
    this.context = context;
    const previous = context.onEnd;
    context.onEnd = (): void => {
      previous?.();
      if (waiter !== null) waiter.cpu.machine.touch(cpuResource(waiter.cpu.id));
      context.cpu.machine.reconsiderAll();
    };
  }

  override get access(): Access {
    return 'none';
  }

  override get visible(): boolean {
    return false;
  }

  override enabled(): boolean {
    return this.context.over;
  }

  override perform(): void {}

  override describe(): string {
    return `${this.context.name} on CPU ${this.context.cpu.id}`;
  }

  override heldBy(): Context {
    return this.context;
  }
}
