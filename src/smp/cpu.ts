/**
 * One CPU: a stack of contexts, a runqueue, and what is pending on it.
 *
 * Ordering rule: the runnable task of lowest priority number runs; among equals, first come first served.
 * Divergence from Linux: see tasks.ts.
 */
import { CpuAccount } from './accounting.js';
import type { Context, Task } from './context.js';
import type { Machine } from './machine.js';
import type { StepEntry } from './step-entry.js';

export class Cpu {
  readonly machine: Machine;
  readonly id: number;
  /** What executes now; null when idle. */
  top: Context | null = null;
  /** The task at the bottom of the stack; null when idle. */
  task: Task | null = null;
  /** Runnable tasks that are not running, best first. */
  readonly runqueue: Task[] = [];
  irqsOff = false;
  /** Softirq vectors pending, one bit each. */
  softirqPending = 0;
  /** Local ticks passed that could not run their softirq yet (bottom halves off, in softirq, irqs off, or held). */
  frozen = false;
  /** A scenario holds the timer softirq of this CPU back. */
  held = false;
  needResched = false;
  /** Virtual ns at which its task was given the CPU. */
  startedNs = 0;
  /** The end of its task's time slice, while an equal waits. */
  sliceEnd: StepEntry | null = null;
  /** Its place in the event queue; null: it had none so far. */
  entry: StepEntry | null = null;
  /** Tick (count since boot) at which its local timer interrupt is next needed; Infinity when it is not. */
  nextTick = Number.POSITIVE_INFINITY;
  /** That tick's place in the event queue. */
  tickEntry: StepEntry | null = null;
  /** Tie-break at one nanosecond within a class; its number, unless the lockstep profile ranks passes. */
  rank: number;
  /** The virtual ns for which {@link rank} was given; -1 for none. */
  rankAtNs = -1;
  /** Contexts entered by interrupts while those were off. */
  readonly pendingInterrupts: Context[] = [];
  /** Objects made by its interrupts, for their keys. */
  made = 0;
  /** Where its time goes; observers only. */
  readonly account = new CpuAccount();

  constructor(id: number, machine: Machine) {
    this.id = id;
    this.machine = machine;
    this.rank = id;
  }

  /** Could a softirq begin here now? */
  get softirqsAllowed(): boolean {
    if (this.irqsOff) return false;
    const top = this.top;
    return top === null || (top.kind === 'process' && top.bhCount === 0);
  }

  enqueue(task: Task): void {
    const { runqueue } = this;
    let at = runqueue.length;
    while (at > 0 && runqueue[at - 1]!.priority > task.priority) at--;
    if (at === runqueue.length) runqueue.push(task);
    else runqueue.splice(at, 0, task);
  }

  /** Back to the front of its priority: it was preempted, it did not give up the CPU. */
  enqueueFirst(task: Task): void {
    let at = 0;
    while (at < this.runqueue.length && this.runqueue[at]!.priority < task.priority) at++;
    if (at === this.runqueue.length) this.runqueue.push(task);
    else this.runqueue.splice(at, 0, task);
  }

  dequeue(task: Task): void {
    const { runqueue } = this;
    const at = runqueue.indexOf(task);
    if (at === runqueue.length - 1) runqueue.pop();
    else runqueue.splice(at, 1);
  }
}
