/**
 * What puts one strand before another: the rules, over the clocks.
 *
 * - A lock: who gives it back is before who takes it next. So is who completes before who had waited.
 * - Atomics that return a value, and a cmpxchg that succeeds: each is after those before it on the same object. Those that
 *   return none (atomic_read, _set, _inc, _dec) order nothing.
 * - A wake-up, and making a task, is before what the task does next.
 * - Arming a timer is before its handler, queueing a work before its function, raising a softirq before it; the end of a
 *   handler or function is before what has waited for that. Sending an interrupt is before it, its end before the answer.
 * - An interrupt and what it interrupts on its CPU are *not* ordered, but for stretches that keep it off: what such a
 *   stretch did is before the interrupts after it, and after those before it.
 * - Tasks of one CPU are not ordered by sharing it, for the switch could come anywhere on another machine; only stretches that
 *   keep tasks off by intent (preempt_disable, local_bh_disable, local_irq_save) come one after the other.
 * - In a stepwise run somebody may come in before a stretch though the task that keeps it off has been told to already: its
 *   stretch begins once more when the task goes on.
 * - What runs after an RCU-bh grace period is after every stretch with softirqs off that was over by then.
 */
import { Mutex } from '../kernel/mutex.js';
import type { Context, Task } from '../smp/context.js';
import type { KeptOff } from '../smp/watcher.js';
import { Clocks } from './clocks.js';

/** Numbered places of a CPU: what its softirqs did; its stretches that kept those off; the same of interrupts; of tasks. */
const places = { softirqs: 0, withoutSoftirqs: 1, interrupts: 2, withoutInterrupts: 3, withoutTasks: 4 } as const;
const perCpu = 5;

export class Order {
  readonly clocks = new Clocks();
  private readonly withoutSoftirqs = {};
  /** By CPU: who was last seen there, and which task. */
  private readonly last: (Context | undefined)[] = [];
  private readonly lastTask: (Context | undefined)[] = [];
  /** Who keeps interrupts off. */
  private readonly irqsOff = new Set<Context>();

  reset(): void {
    this.clocks.reset();
    this.last.length = 0;
    this.lastTask.length = 0;
    if (this.irqsOff.size > 0) this.irqsOff.clear();
  }

  /** The strand of a context that runs now. */
  strandOf(context: Context): number {
    if (this.last[context.cpu.id] !== context) this.goesOn(context);
    return this.clocks.strandOf(context);
  }

  /** Somebody else was on this CPU: before what the context keeps off by now, for it could not have been since. */
  private goesOn(context: Context): void {
    const { cpu } = context;
    const irqsOff = this.irqsOff.has(context);
    this.last[cpu.id] = context;
    if (context.kind !== 'process') return;
    const task = this.lastTask[cpu.id];
    this.lastTask[cpu.id] = context;
    if (irqsOff) this.take(context, places.interrupts);
    if (irqsOff || context.bhCount > 0) this.take(context, places.softirqs);
    if (task !== context && keepsTasksOff(context, irqsOff)) this.take(context, places.withoutTasks);
  }

  /** What the strand did is before whoever observes `key` later. */
  publish(context: Context, key: object): void {
    this.clocks.release(this.strandOf(context), this.clocks.ofKey(key));
  }

  observe(context: Context, key: object): void {
    const clock = this.clocks.known(key);
    if (clock !== undefined) this.clocks.acquire(this.strandOf(context), clock);
  }

  publishById(strand: number, id: number): void {
    this.clocks.release(strand, this.clocks.of(id));
  }

  observeById(strand: number, id: number): void {
    this.clocks.acquire(strand, this.clocks.of(id));
  }

  /** What `context` did is before what the task does next. */
  hand(context: Context, to: Task): void {
    const receiver = this.clocks.strandOf(to);
    const giver = this.strandOf(context);
    if (giver !== receiver) this.clocks.release(giver, this.clocks.strands[receiver]!);
  }

  keepsOff(context: Context, what: KeptOff): void {
    if (this.last[context.cpu.id] !== context) this.goesOn(context);
    if (what === 'interrupts') this.irqsOff.add(context);
    if (what === 'tasks') {
      if (context.kind === 'process') this.take(context, places.withoutTasks);
    } else if (what === 'interrupts') this.take(context, places.interrupts);
    if (what !== 'tasks' && context.kind === 'process') this.take(context, places.softirqs);
  }

  letsIn(context: Context, what: KeptOff): void {
    if (what === 'tasks') {
      if (context.kind === 'process') this.give(context, places.withoutTasks);
    } else if (what === 'interrupts') {
      this.give(context, places.withoutInterrupts);
      this.irqsOff.delete(context);
    }
    if (what === 'tasks' || context.kind !== 'process') return;
    this.give(context, places.withoutSoftirqs);
    this.publish(context, this.withoutSoftirqs);
  }

  entered(context: Context): void {
    const hard = context.kind === 'hardirq';
    this.take(context, hard ? places.withoutInterrupts : places.withoutSoftirqs);
    this.observe(context, hard ? context : context.cpu);
  }

  left(context: Context): void {
    const hard = context.kind === 'hardirq';
    this.give(context, hard ? places.interrupts : places.softirqs);
    if (!hard) this.publish(context, this.withoutSoftirqs);
  }

  gracePeriod(context: Context): void {
    this.observe(context, this.withoutSoftirqs);
  }

  private take(context: Context, place: number): void {
    this.clocks.acquire(this.strandOf(context), this.clocks.ofSlot(context.cpu.id * perCpu + place));
  }

  private give(context: Context, place: number): void {
    this.clocks.release(this.strandOf(context), this.clocks.ofSlot(context.cpu.id * perCpu + place));
  }
}

/** By intent, and not only by the locks it holds. */
function keepsTasksOff({ bhCount, preemptCount, held }: Context, irqsOff: boolean): boolean {
  if (irqsOff || bhCount > 0) return true;
  return preemptCount > 0 && preemptCount > (held ?? []).filter((lock) => !(lock instanceof Mutex)).length;
}
