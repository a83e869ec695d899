/** One step of an actor or a callback: an action, when it comes, where and how often. */
import type { Duration } from './read/duration.js';

export interface Step {
  /** Name of the action. */
  readonly kind: string;
  /** Its arguments, checked: a mapping, or one value for actions that take one. */
  readonly args: unknown;
  /** Not before this time since boot. */
  readonly at?: Duration;
  /** So long after the step before it. */
  readonly after?: Duration;
  /** Another CPU performs it, now (an interrupt there). */
  readonly cpu?: number;
  /** Only the first so many times it is reached. */
  readonly times?: number;
}
