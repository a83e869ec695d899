/**
 * Round robin: one step of each context in turn, always the same schedule; a single run. The check that a program works
 * at all under heavy switching.
 *
 * Deviations from Shuttle's scheduler of that name: every step ends the turn; interrupts and time come last, when no
 * context can take a step.
 */
import type { Choice } from '../smp/scheduler.js';
import { actorOf } from './actor.js';
import type { Strategy } from './strategy.js';

export class RoundRobin implements Strategy {
  readonly family = 'stepwise';
  readonly name = 'round-robin';
  readonly exhaustive = false;
  private last = -1;
  private readonly once: boolean;

  /** `once`: there is nothing left to do after the first run. */
  constructor(once = true) {
    this.once = once;
  }

  begin(run: number): boolean {
    this.last = -1;
    return run === 0 || !this.once;
  }

  pick(enabled: readonly Choice[]): number {
    let next = -1;
    let nextActor = 0;
    let first = 0;
    let firstActor = Number.POSITIVE_INFINITY;
    for (let i = 0; i < enabled.length; i++) {
      if (enabled[i]!.kind !== 'step') continue;
      const actor = actorOf(enabled[i]!);
      if (actor > this.last && (next < 0 || actor < nextActor)) {
        next = i;
        nextActor = actor;
      }
      if (actor < firstActor) {
        first = i;
        firstActor = actor;
      }
    }
    const index = next < 0 ? first : next;
    this.last = actorOf(enabled[index]!);
    return index;
  }

  choose(): number {
    return 0;
  }
}
