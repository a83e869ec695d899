/**
 * Probabilistic concurrency testing: Burckhardt, Kothari, Musuvathi and Nagarakatte, "A randomized scheduler with
 * probabilistic guarantees of finding bugs" (ASPLOS 2010). Contexts have random priorities and the highest that is enabled
 * goes; at d - 1 random steps whoever is about to go falls below all others. A bug of depth d among n contexts and k steps
 * is found with probability at least 1/(n k^(d-1)) a run.
 *
 * Deviations: k is the most steps of the profile's runs, so that the bound does not hold for longer ones; interrupts and time have priorities too, and a
 * context that appears later is put at a random rank among those there are.
 */
import type { Choice } from '../smp/scheduler.js';
import { actorOf } from './actor.js';
import { Draw } from './draw.js';
import type { Profile } from './profile.js';
import type { Strategy } from './strategy.js';

export class Pct implements Strategy {
  readonly family = 'stepwise';
  readonly name: string;
  readonly exhaustive = false;
  stallJiffiesMax = Number.POSITIVE_INFINITY;
  private readonly draw = new Draw();
  private readonly seed: number;
  private readonly depth: number;
  /** Highest first. */
  private order: number[] = [];
  private changes: number[] = [];
  private step = 0;
  private stepsMax = 1;

  constructor(seed: number, depth = 3) {
    this.seed = seed;
    this.depth = depth;
    this.name = `pct(${depth})`;
  }

  prepare({ decisions }: Profile): void {
    this.stepsMax = Math.max(1, decisions);
  }

  begin(run: number): boolean {
    this.draw.seed(this.seed, run);
    this.order.length = 0;
    this.step = 0;
    this.changes.length = 0;
    for (let i = 1; i < this.depth; i++) this.changes.push(this.draw.below(this.stepsMax));
    return true;
  }

  pick(enabled: readonly Choice[]): number {
    for (const choice of enabled) this.know(actorOf(choice));
    let best = this.highest(enabled);
    for (const change of this.changes) {
      if (change !== this.step) continue;
      const actor = actorOf(enabled[best]!);
      this.order.splice(this.order.indexOf(actor), 1);
      this.order.push(actor);
      best = this.highest(enabled);
    }
    this.step++;
    return best;
  }

  choose(name: string, bound: number): number {
    return this.draw.data(name, bound);
  }

  private know(actor: number): void {
    if (!this.order.includes(actor)) this.order.splice(this.draw.below(this.order.length + 1), 0, actor);
  }

  private highest(enabled: readonly Choice[]): number {
    let best = 0;
    let bestRank = Number.POSITIVE_INFINITY;
    for (let i = 0; i < enabled.length; i++) {
      const rank = this.order.indexOf(actorOf(enabled[i]!));
      if (rank < bestRank) {
        best = i;
        bestRank = rank;
      }
    }
    return best;
  }
}
