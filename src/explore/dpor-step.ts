/**
 * Executed steps with their happens-before clocks, and the races among them.
 *
 * A step happens before a later one that depends on it. A race is a pair of steps of different actors, the first directly
 * before the second, that could have come in the other order: the second must have been enabled before the first. For one
 * that waits (a lock, a spin wait) that is asked of every step on its object on the way back: so the race of two critical
 * sections is that of their acquires.
 */
import { dependent, type Footprint, writes } from './dependence.js';

export class Step {
  readonly footprint: Footprint;
  /** Data choices made in this step, and their bounds. */
  readonly data: number[] = [];
  readonly bounds: number[] = [];
  /** By actor: 1 + the position of its last step that happened before this one, itself included; 0 for none. */
  clock: number[] = [];
  /** Who could have taken a step instead, itself included. */
  readonly enabled: readonly number[];
  /** Races whose second step it is. */
  races: readonly Race[] = [];
  /** Position of the actor's previous step; -1 for none. */
  previous = -1;

  constructor(footprint: Footprint, enabled: readonly number[]) {
    this.footprint = footprint;
    this.enabled = enabled;
  }

  /** Does the step at `position`, of `actor`, happen before this one? */
  follows(position: number, actor: number): boolean {
    return (this.clock[actor] ?? 0) > position;
  }
}

function join(into: number[], clock: readonly number[]): void {
  for (let i = 0; i < clock.length; i++) if ((into[i] ?? 0) < (clock[i] ?? 0)) into[i] = clock[i]!;
}

/** A race: the step at `first` could have come after `footprint`, which is what the other would have been before it. */
export interface Race {
  readonly first: number;
  readonly footprint: Footprint;
}

/** Small numbers for actors, the same for a whole search. */
export class ActorNumbers {
  private readonly known = new Map<number, number>();

  of(actor: number): number {
    let number = this.known.get(actor);
    if (number === undefined) {
      number = this.known.size;
      this.known.set(actor, number);
    }
    return number;
  }
}

/**
 * Gives the step at `at` of `steps` its clock and answers its races. `at` may be one beyond the executed steps: a step that
 * is waiting for ever.
 */
export function orderStep(steps: readonly Step[], at: number, step: Step, numbers: ActorNumbers): readonly Race[] {
  const { footprint } = step;
  const clock = previousClock(steps, at, step);
  const covered = clock.slice();
  const races: Race[] = [];
  for (let i = at - 1; i >= 0; i--) {
    const other = steps[i]!;
    const number = numbers.of(other.footprint.actor);
    if ((covered[number] ?? 0) > i || !dependent(other.footprint, footprint)) continue;
    join(clock, other.clock);
    const now = beforeStep(other, i, step);
    if (now === null) continue;
    races.push({ first: i, footprint: now });
    join(covered, other.clock);
  }
  clock[numbers.of(footprint.actor)] = at + 1;
  step.clock = clock;
  return races;
}

/** The clock of what made the step possible: the actor's step before it, or the one that made the actor appear. */
function previousClock(steps: readonly Step[], at: number, step: Step): number[] {
  const { actor } = step.footprint;
  step.previous = -1;
  for (let i = at - 1; i >= 0; i--) {
    if (steps[i]!.footprint.actor !== actor) continue;
    step.previous = i;
    return steps[i]!.clock.slice();
  }
  let appeared = 0;
  while (appeared < at && !steps[appeared]!.enabled.includes(actor)) appeared++;
  return appeared === 0 ? [] : steps[appeared - 1]!.clock.slice();
}

/** What `step` would have been right before `other`, which is at `i`; null if it was not enabled there. */
function beforeStep(other: Step, i: number, step: Step): Footprint | null {
  const { footprint } = step;
  if (i > step.previous && !other.enabled.includes(footprint.actor)) return null;
  const { op } = footprint;
  if (op === null || footprint.wide) return footprint;
  if (other.footprint.object !== footprint.object || other.footprint.part !== footprint.part) return footprint;
  const effect = op.effectOn(other.footprint.word);
  if (effect === null) return null;
  const write = writes(effect);
  return write === footprint.write ? footprint : { ...footprint, write };
}
