/**
 * Makes a recorded run again: the default decision everywhere but at the recorded deviations. A schedule that does not fit
 * is refused with the decision, what was expected there and what is enabled. A prefix of it may be followed by another
 * strategy, run after run.
 */
import type { Context } from '../smp/context.js';
import type { Access } from '../smp/op.js';
import { ScheduleMismatch } from '../smp/replay-scheduler.js';
import { type Choice, describeChoice } from '../smp/scheduler.js';
import { stallName } from '../smp/time-choice.js';
import { actorName, actorOf } from './actor.js';
import type { Profile } from './profile.js';
import type { Deviation, Schedule } from './recorder.js';
import type { ProgramTraits, RunEnd, RunVerdict, Strategy } from './strategy.js';

export class Replay implements Strategy {
  readonly family = 'stepwise';
  readonly name = 'replay';
  readonly exhaustive = false;
  private readonly schedule: Schedule;
  /** Decisions after which {@link after} goes on. */
  private readonly prefix: number;
  private readonly after: Strategy | null;
  private decisions = 0;
  private next = 0;

  /** `prefix`: decisions that are replayed; all of the schedule's if absent. `after`: who goes on, or the run ends there. */
  constructor(schedule: Schedule, after: Strategy | null = null, prefix = schedule.decisions) {
    this.schedule = schedule;
    this.after = after;
    this.prefix = prefix;
  }

  get stallJiffiesMax(): number {
    const { after } = this;
    return this.decisions < this.prefix || after === null ? Number.POSITIVE_INFINITY : (after.stallJiffiesMax ?? 0);
  }

  prepare(profile: Profile): void {
    this.after?.prepare?.(profile);
  }

  meet(program: ProgramTraits): void {
    this.after?.meet?.(program);
  }

  /** What it replays depends on the prefix, which only the one who was given it has. */
  free(): boolean {
    return false;
  }

  begin(run: number): boolean {
    this.decisions = 0;
    this.next = 0;
    return this.after === null ? run === 0 : this.after.begin(run);
  }

  pick(enabled: readonly Choice[], current: Context | null): number {
    const at = this.decisions++;
    if (at >= this.prefix) return this.after === null ? -1 : this.after.pick(enabled, current);
    const deviation = this.deviation(at);
    if (deviation === null) return 0;
    const index = enabled.findIndex((choice) => actorOf(choice) === deviation.actor);
    if (index >= 0) return index;
    const possible = enabled.map((choice) => `${actorName(actorOf(choice))} (${describeChoice(choice)})`);
    throw new ScheduleMismatch(at, inWords(deviation), possible);
  }

  choose(name: string, bound: number): number {
    const at = this.decisions++;
    if (at >= this.prefix) return this.after === null ? 0 : this.after.choose(name, this.wanted(name, bound));
    const deviation = this.deviation(at);
    if (deviation === null) return 0;
    if (deviation.actor < 0 && deviation.name === name && deviation.value < bound) return deviation.value;
    throw new ScheduleMismatch(at, inWords(deviation), [`${name}=0 to ${name}=${bound - 1}`]);
  }

  /** The prefix ends between a move of time and its stall: the bound is the prefix's. */
  private wanted(name: string, bound: number): number {
    return name === stallName ? Math.min(bound, 1 + (this.after?.stallJiffiesMax ?? 0)) : bound;
  }

  executed(choice: Choice, effect: Access): void {
    if (this.decisions > this.prefix) this.after?.executed?.(choice, effect);
  }

  settled(touches: readonly number[] | null, enabled: readonly Choice[]): void {
    if (this.decisions > this.prefix) this.after?.settled?.(touches, enabled);
  }

  end(end: RunEnd): RunVerdict {
    return this.after?.end?.(end) ?? 'counts';
  }

  /** To be called when the run is over: refuses a schedule that the run ended before, or went beyond. */
  finish(): void {
    const left = this.schedule.deviations[this.next];
    if (left !== undefined && left.at < this.prefix) {
      throw new ScheduleMismatch(left.at, inWords(left), [
        `nothing: the run was over after ${this.decisions} decisions`,
      ]);
    }
  }

  private deviation(at: number): Deviation | null {
    const deviation = this.schedule.deviations[this.next];
    if (deviation?.at !== at) return null;
    this.next++;
    return deviation;
  }
}

function inWords({ actor, name, value }: Deviation): string {
  return actor < 0 ? `${name}=${value}` : actorName(actor);
}

/** As near to a schedule as the program allows: deviations that do not fit are left out. For shrinking. */
export class NearReplay implements Strategy {
  readonly family = 'stepwise';
  readonly name = 'near-replay';
  readonly exhaustive = false;
  stallJiffiesMax = Number.POSITIVE_INFINITY;
  private readonly deviations: readonly Deviation[];
  private decisions = 0;
  private next = 0;

  constructor(deviations: readonly Deviation[]) {
    this.deviations = deviations;
  }

  begin(): boolean {
    this.decisions = 0;
    this.next = 0;
    return true;
  }

  pick(enabled: readonly Choice[]): number {
    const deviation = this.deviation();
    if (deviation === null || deviation.actor < 0) return 0;
    return Math.max(
      0,
      enabled.findIndex((choice) => actorOf(choice) === deviation.actor),
    );
  }

  choose(name: string, bound: number): number {
    const deviation = this.deviation();
    return deviation !== null && deviation.name === name && deviation.value < bound ? deviation.value : 0;
  }

  private deviation(): Deviation | null {
    const at = this.decisions++;
    const deviation = this.deviations[this.next];
    if (deviation?.at !== at) return null;
    this.next++;
    return deviation;
  }
}
