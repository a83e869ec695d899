/**
 * The one source of nondeterminism. Everything that could have gone another way is asked here.
 *
 * Two families answer. A *timed* scheduler lets the discrete-event order decide (time, then timer interrupts,
 * softirqs, threads, scenario actions, then CPU, then sequence) and is asked only for data. A *stepwise* one is shown
 * every enabled choice before each visible operation, with what the operation will touch, and picks; time is then one
 * of the choices. A scheduler serves one run.
 *
 * Divergence from Linux: none; this is the simulator's own.
 */
import type { Context } from './context.js';
import type { Cpu } from './cpu.js';
import type { Access, Op } from './op.js';
import type { Touches } from './touches.js';

/** One way the run can go on. The objects are used again: keep what you need of them, not them. */
export type Choice =
  /**
   * Perform the announced operation of a context: what a CPU executes, or a task that has the CPU then, be it
   * preempted, woken or new. `op.object`, `op.field` and `op.access` say what it will touch; an operation without an
   * object makes other contexts runnable and may depend on anything.
   */
  | { readonly kind: 'step'; readonly cpu: Cpu; readonly context: Context; readonly op: Op }
  /** Let what is due on a CPU begin: the softirq of its timers, or the first hard interrupt that waits. */
  | { readonly kind: 'interrupt'; readonly cpu: Cpu; readonly source: 'timer' | 'hardirq' }
  /** Let time move: to the next due date, or by a stall (time-choice.ts). */
  | { readonly kind: 'time'; readonly toNs: number };

export interface Scheduler {
  readonly family: 'timed' | 'stepwise';
  /** Where steps are to note what they touch besides their objects; absent: nowhere. */
  readonly touches?: Touches;
  /**
   * The longest stall that time may make, jiffies; absent: it moves to due dates only, and nothing is asked. Else each move
   * of time asks for the data choice `stall` of time-choice.ts; 0 possible stalls too.
   */
  readonly stallJiffiesMax?: number;
  /**
   * Index into `enabled`, which is never empty and in the default order: the step of `current` first if it can go on,
   * then steps by CPU (on one CPU: what it executes, then its runqueue), then interrupts by CPU, time last. A negative
   * answer ends the run here. `current` is the context that took the last step; picking another while `enabled` has a
   * step of `current` is a preemption. Never asked of a timed scheduler.
   */
  pick(enabled: readonly Choice[], current: Context | null): number;
  /** A named data choice: a whole number from 0 to `bound` - 1; 0 is the default one. */
  choose(name: string, bound: number): number;
  /**
   * Told of every choice that was carried out, before the next operation of its context is known. `effect` is what a
   * step turned out to be: its access, or `read` for a compare-and-exchange that failed; `none` for other choices.
   */
  executed?(choice: Choice, effect: Access): void;
}

/** A name for a choice that stays the same from run to run, as long as the program does. */
export function choiceKey(choice: Choice): string {
  if (choice.kind === 'time') return 'time';
  if (choice.kind === 'interrupt') return `${choice.source}:${choice.cpu.id}`;
  const { context } = choice;
  return context.kind === 'process' ? `task:${(context as Context & { pid: number }).pid}` : `cpu:${choice.cpu.id}`;
}

/** A choice in words. */
export function describeChoice(choice: Choice): string {
  if (choice.kind === 'time') return `time moves to ${choice.toNs} ns`;
  if (choice.kind === 'interrupt') return `a ${choice.source} interrupt on CPU ${choice.cpu.id}`;
  const { op } = choice;
  const what = op.access === 'none' ? 'goes on' : op.describe();
  return `${choice.context.name} on CPU ${choice.cpu.id}: ${what}`;
}
