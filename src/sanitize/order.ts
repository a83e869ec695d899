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
 * - What runs after an RCU-bh grace period is after every stretch with softirqs off that was over by then.
 */
import type { Context, Task } from '../smp/context.js';
import type { KeptOff } from '../smp/watcher.js';
import { Clocks } from './clocks.js';

/** Numbered places of a CPU: what its softirqs did; its stretches that kept those off; the same of interrupts; of tasks. */
const places = { softirqs: 0, withoutSoftirqs: 1, interrupts: 2, withoutInterrupts: 3, withoutTasks: 4 } as const;
const perCpu = 5;

export class Order {
  readonly clocks = new Clocks();
  private readonly withoutSoftirqs = {};

  reset(): void {
    this.clocks.reset();
  }

  strandOf(context: Context): number {
    return this.clocks.strandOf(context);
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
    const receiver = this.strandOf(to);
    const giver = this.strandOf(context);
    if (giver !== receiver) this.clocks.release(giver, this.clocks.strands[receiver]!);
  }

  keepsOff(context: Context, what: KeptOff): void {
    if (what === 'tasks') this.take(context, places.withoutTasks);
    else if (what === 'interrupts') this.take(context, places.interrupts);
    if (what !== 'tasks' && context.kind === 'process') this.take(context, places.softirqs);
  }

  letsIn(context: Context, what: KeptOff): void {
    if (what === 'tasks') this.give(context, places.withoutTasks);
    else if (what === 'interrupts') this.give(context, places.withoutInterrupts);
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
