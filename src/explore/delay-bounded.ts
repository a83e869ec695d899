/**
 * Delay bounding: Emmi, Qadeer and Rakamarić, "Delay-bounded scheduling" (POPL 2011). A deterministic scheduler runs each
 * context for as long as it can, then the next in turn; at up to k random steps it is made to pass over the one it would
 * have picked.
 *
 * Deviations: delays are sampled instead of enumerated, over the most steps of the profile's runs.
 */
import type { Context } from '../smp/context.js';
import type { Choice } from '../smp/scheduler.js';
import { actorOf } from './actor.js';
import { Draw } from './draw.js';
import type { Profile } from './profile.js';
import type { Strategy } from './strategy.js';

export class DelayBounded implements Strategy {
  readonly family = 'stepwise';
  readonly name: string;
  readonly exhaustive = false;
  stallJiffiesMax = Number.POSITIVE_INFINITY;
  private readonly draw = new Draw();
  private readonly seed: number;
  private readonly delays: number;
  private readonly at: number[] = [];
  private step = 0;
  private stepsMax = 1;
  private last = -1;

  constructor(seed: number, delays = 2) {
    this.seed = seed;
    this.delays = delays;
    this.name = `delay(${delays})`;
  }

  prepare({ decisions }: Profile): void {
    this.stepsMax = Math.max(1, decisions);
  }

  begin(run: number): boolean {
    this.draw.seed(this.seed, run);
    this.at.length = 0;
    this.step = 0;
    this.last = -1;
    for (let i = 0; i < this.delays; i++) this.at.push(this.draw.below(this.stepsMax));
    return true;
  }

  pick(enabled: readonly Choice[], _current: Context | null): number {
    let index = this.turn(enabled, this.last);
    for (const at of this.at) if (at === this.step) index = this.turn(enabled, actorOf(enabled[index]!) + 1);
    this.step++;
    this.last = actorOf(enabled[index]!);
    return index;
  }

  choose(name: string, bound: number): number {
    return this.draw.data(name, bound);
  }

  /** The enabled choice of the lowest actor from `from` on, round the corner if there is none. */
  private turn(enabled: readonly Choice[], from: number): number {
    let best = 0;
    let bestRank = Number.POSITIVE_INFINITY;
    for (let i = 0; i < enabled.length; i++) {
      const actor = actorOf(enabled[i]!);
      const rank = actor >= from ? actor : actor + 1e6;
      if (rank < bestRank) {
        best = i;
        bestRank = rank;
      }
    }
    return best;
  }
}
