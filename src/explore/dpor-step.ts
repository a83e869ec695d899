/**
 * Executed steps with their happens-before clocks, and the races among them.
 *
 * A step happens before a later one that depends on it. A race is a pair of steps of different contexts, the first directly
 * before the second, that could have come in the other order: the second must have been enabled before the first. For one
 * that waits (a lock, a spin wait) that is asked of every step on its object on the way back: so the race of two critical
 * sections is that of their acquires.
 *
 * In a program that uses the kernel's services a step may also let another context go on, or keep it from it, without a
 * location that both touch: they depend on each other, too.
 */
import { dependent, type Footprint, writes } from './dependence.js';
import type { Planned } from './wakeup-tree.js';

const nobody: readonly number[] = [];
const noRaces: Race[] = [];

export class Step implements Planned {
  readonly footprint: Footprint;
  /** A small number for whose step it is, the same for a whole search. */
  readonly number: number;
  /** Data choices made in this step, and their bounds. */
  readonly data: number[] = [];
  readonly bounds: number[] = [];
  /** By number: 1 + the position of the last step that happened before this one, itself included; 0 for none. */
  clock: readonly number[] = nobody;
  /** Who could have taken a step instead, itself included, and which of them it was. */
  readonly enabled: readonly number[];
  readonly index: number;
  /** Who else could go on before it and not after it, or the other way round; null where that is not asked. */
  toggled: readonly number[] | null = null;
  /** Races whose second step it is. */
  races: readonly Race[] = [];
  /** Position of the context's previous step; -1 for none. */
  previous = -1;

  constructor(footprint: Footprint, number: number, enabled: readonly number[] = nobody, index = 0) {
    this.footprint = footprint;
    this.number = number;
    this.enabled = enabled;
    this.index = index;
  }

  /** Does the step at `position`, of the context with this number, happen before this one? */
  follows(position: number, number: number): boolean {
    return (this.clock[number] ?? 0) > position;
  }

  /** The step is over, and those are the ones who can go on now. */
  leaves(enabled: readonly number[]): void {
    const { stepper } = this.footprint;
    const changed: number[] = [];
    for (const other of this.enabled) if (other !== stepper && !enabled.includes(other)) changed.push(other);
    for (const other of enabled) if (other !== stepper && !this.enabled.includes(other)) changed.push(other);
    this.toggled = changed.length === 0 ? null : changed;
  }
}

/** A race: the step at `first` could have come after `footprint`, which is what the other would have been before it. */
export interface Race {
  readonly first: number;
  readonly footprint: Footprint;
  /** It could have come there; false: that is not known. */
  readonly sure: boolean;
}

/** Small numbers for contexts, the same for a whole search. */
export class ActorNumbers {
  private readonly known = new Map<number, number>();

  of(stepper: number): number {
    let number = this.known.get(stepper);
    if (number === undefined) {
      number = this.known.size;
      this.known.set(stepper, number);
    }
    return number;
  }
}

/**
 * Gives the step at `at` of `steps` its clock and answers its races. `at` may be one beyond the executed steps: a step that
 * is waiting for ever. `services`: what lets a step come need not be at its location (a timer that is due, a CPU that is
 * given up), so that one that was not enabled before another might have been, had others come first.
 */
export function orderStep(steps: readonly Step[], at: number, step: Step, services: boolean): readonly Race[] {
  const { footprint } = step;
  const { stepper } = footprint;
  step.previous = at - 1;
  while (step.previous >= 0 && steps[step.previous]!.number !== step.number) step.previous--;
  const clock = (step.previous < 0 ? nobody : steps[step.previous]!.clock).slice();
  // The clock itself, as long as every step that was joined is a race.
  let covered = clock;
  let races = noRaces;
  for (let i = at - 1; i >= 0; i--) {
    const other = steps[i]!;
    if ((covered[other.number] ?? 0) > i) continue;
    const toggles = other.toggled !== null && i > step.previous && other.toggled.includes(stepper);
    if (!toggles && !dependent(other.footprint, footprint)) continue;
    const surely = i <= step.previous || other.enabled.includes(stepper);
    const now = surely || services ? beforeStep(other, step) : null;
    const sure = surely && now !== null;
    if (!sure && covered === clock) covered = clock.slice();
    join(clock, other.clock);
    // Where it may be that it could not have come, an earlier step may be the one that it could have come before.
    if (sure && covered !== clock) join(covered, other.clock);
    if (now === null && footprint.op?.maySleep !== true) continue;
    if (races === noRaces) races = [];
    races.push({ first: i, footprint: now ?? footprint, sure });
  }
  while (clock.length <= step.number) clock.push(0);
  clock[step.number] = at + 1;
  step.clock = clock;
  return races;
}

function join(into: number[], clock: readonly number[]): void {
  while (into.length < clock.length) into.push(0);
  for (let i = 0; i < clock.length; i++) if (into[i]! < clock[i]!) into[i] = clock[i]!;
}

/** What `step` would have been right before `other`; null if it was not enabled there. */
function beforeStep(other: Step, step: Step): Footprint | null {
  const { footprint } = step;
  const { op } = footprint;
  if (op === null || footprint.wide) return footprint;
  if (other.footprint.object !== footprint.object || other.footprint.part !== footprint.part) return footprint;
  const effect = op.effectOn(other.footprint.word);
  if (effect === null) return null;
  const write = writes(effect);
  return write === footprint.write ? footprint : footprint.as(write);
}
