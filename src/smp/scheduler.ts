/**
 * The one source of nondeterminism. Everything that could have gone another way is asked here.
 *
 * Two families answer. A *timed* scheduler lets the discrete-event order decide (time, then timer interrupts,
 * softirqs, threads, scenario actions, then CPU, then sequence) and is asked only for data. A *stepwise* one is shown
 * every enabled choice before each visible operation, with what the operation will touch, and picks; time is then one
 * of the choices.
 */
import type { Context, Task } from './context.js';
import type { Cpu } from './cpu.js';
import type { Op } from './op.js';

/** One way the run can go on. */
export type Choice =
  /** Perform the announced operation of a CPU's current context. */
  | { readonly kind: 'step'; readonly cpu: Cpu; readonly context: Context; readonly op: Op }
  /** Let the softirq that is due on a CPU begin. */
  | { readonly kind: 'interrupt'; readonly cpu: Cpu }
  /** Preempt a CPU's task in favour of another runnable one. */
  | { readonly kind: 'switch'; readonly cpu: Cpu; readonly task: Task }
  /** Let time move to the next due date. */
  | { readonly kind: 'time'; readonly toNs: number };

export interface Scheduler {
  readonly family: 'timed' | 'stepwise';
  /**
   * Index into `enabled`, which is never empty and in the default order: the current context first if it can go on,
   * then by CPU, time last. Never asked of a timed scheduler.
   */
  pick(enabled: readonly Choice[], current: Context | null): number;
  /** A named data choice: a whole number from 0 to `bound` - 1. */
  choose(name: string, bound: number): number;
  /** Told of every choice that was carried out. */
  executed?(choice: Choice): void;
}
