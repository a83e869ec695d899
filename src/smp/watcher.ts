/**
 * What somebody who watches a run is told of it, beyond the trace: which operation was performed, and what puts one
 * thing before another. Null on a machine that nobody watches; all who tell ask that first, so it costs nothing then.
 *
 * Who is told answers nothing and changes nothing. The teller is always the current context of the machine; where there
 * is none (the set-up of a run, a tick), nothing is before anything.
 *
 * Divergence from Linux: none; these are the simulator's own terms.
 */
import type { Context, Task } from './context.js';
import type { Violation } from './machine-options.js';
import type { Op } from './op.js';
import type { SharedObject } from './shared-object.js';

/** What a stretch of code keeps off its CPU: softirqs, hard interrupts, other tasks. */
export type KeptOff = 'softirqs' | 'interrupts' | 'tasks';

export interface Watcher {
  /** An operation has been performed. */
  performed(context: Context, op: Op): void;
  /** Code that is no operation touches a part of something shared: a plain access. */
  touched(object: SharedObject, field: string, access: 'read' | 'write'): void;
  /** A lock was taken; `tried`: by one who would not have waited. */
  locked(context: Context, lock: SharedObject, tried: boolean): void;
  /** A lock is about to be given back. */
  unlocking(context: Context, lock: SharedObject): void;
  /** What was done so far is before whatever {@link observes} `key` later: a timer armed, a work queued, a completion. */
  publishes(key: object): void;
  observes(key: object): void;
  /** So is everything that ran with softirqs kept off, on any CPU, and was over by now: an RCU-bh grace period. */
  gracePeriod(): void;
  /** Something is kept off this CPU from now on; nests. */
  keepsOff(context: Context, what: KeptOff): void;
  /** It is about to be let in again. `what` was kept off by one call of {@link keepsOff}. */
  letsIn(context: Context, what: KeptOff): void;
  /** A task was made, or woken. */
  spawned(task: Task): void;
  woke(task: Task): void;
  /** An interrupt context begins, or ends. */
  entered(context: Context): void;
  left(context: Context): void;
  /** Memory was allocated, or is about to be freed. */
  allocated(object: SharedObject): void;
  freeing(object: SharedObject): void;
  /** A violation was recorded. `object`, `op`: what it is about, where it is about an access. */
  violated(violation: Violation, object: SharedObject | null, op: Op | null): void;
}
