/**
 * Replays a recorded schedule: the default decision everywhere but at the recorded deviations. A schedule that no longer
 * fits its program is refused with the step, what was expected and what is enabled. After a given number of decisions
 * another scheduler may take over, so that a prefix can be replayed and explored on.
 *
 * Divergence from Linux: none; this is the simulator's own.
 */
import { JiffiesError } from '../sim/errors.js';
import type { Context } from './context.js';
import { DefaultScheduler } from './default-scheduler.js';
import type { Access } from './op.js';
import type { Deviation } from './recording-scheduler.js';
import { type Choice, choiceKey, describeChoice, type Scheduler } from './scheduler.js';

/** The schedule does not fit the program: exit 2. */
export class ScheduleMismatch extends JiffiesError {
  /** The decision at which it does not fit, from 0. */
  readonly step: number;
  readonly expected: string;
  /** What could have been chosen there: key and words. */
  readonly enabled: readonly string[];

  constructor(step: number, expected: string, enabled: readonly string[]) {
    super(
      'schedule',
      2,
      `the schedule does not fit this program: decision ${step} should be ${expected}; possible are: ${enabled.join(', ')}`,
    );
    this.name = 'ScheduleMismatch';
    this.step = step;
    this.expected = expected;
    this.enabled = enabled;
  }
}

export interface ReplayOptions {
  /** Decisions after which {@link after} takes over; all of them if absent. */
  readonly prefix?: number;
  /** Who decides after the prefix; the default schedule if absent. */
  readonly after?: Scheduler;
}

export class ReplayScheduler implements Scheduler {
  readonly family = 'stepwise';
  /** Decisions made so far. */
  decisions = 0;
  private readonly deviations: readonly Deviation[];
  private next = 0;
  private readonly prefix: number;
  private readonly after: Scheduler;

  /** `deviations` in order of `at`. */
  constructor(deviations: readonly Deviation[], options: ReplayOptions = {}) {
    this.deviations = deviations;
    this.prefix = options.prefix ?? Number.POSITIVE_INFINITY;
    this.after = options.after ?? new DefaultScheduler();
  }

  pick(enabled: readonly Choice[], current: Context | null): number {
    const expected = this.expected();
    if (expected === undefined) return 0;
    if (expected === null) return this.after.pick(enabled, current);
    const index = enabled.findIndex((choice) => choiceKey(choice) === expected);
    if (index >= 0) return index;
    const possible = enabled.map((choice) => `${choiceKey(choice)} (${describeChoice(choice)})`);
    throw new ScheduleMismatch(this.decisions - 1, expected, possible);
  }

  choose(name: string, bound: number): number {
    const expected = this.expected();
    if (expected === undefined) return 0;
    if (expected === null) return this.after.choose(name, bound);
    const value = expected.startsWith(`${name}=`) ? Number(expected.slice(name.length + 1)) : Number.NaN;
    if (Number.isInteger(value) && value >= 0 && value < bound) return value;
    throw new ScheduleMismatch(this.decisions - 1, expected, [`${name}=0 to ${name}=${bound - 1}`]);
  }

  executed(choice: Choice, effect: Access): void {
    if (this.decisions > this.prefix) this.after.executed?.(choice, effect);
  }

  /** To be called when the run is over: refuses a schedule that the run ended before. */
  finish(): void {
    const left = this.deviations[this.next];
    if (left === undefined || left.at >= this.prefix) return;
    throw new ScheduleMismatch(left.at, left.choice, [`nothing: the run was over after ${this.decisions} decisions`]);
  }

  /** The recorded choice for this decision; undefined: the default one; null: beyond the prefix. */
  private expected(): string | undefined | null {
    const at = this.decisions++;
    if (at >= this.prefix) return null;
    const deviation = this.deviations[this.next];
    if (deviation?.at !== at) return undefined;
    this.next++;
    return deviation.choice;
  }
}
