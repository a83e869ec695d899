/**
 * Uniform random walk over interleavings: Zhao, Wolff, Mathur and Roychoudhury, "Selectively uniform concurrency testing"
 * (ASPLOS 2025), its URW. A context is chosen with probability proportional to the number of steps it still has to take, so
 * that every interleaving of straight-line contexts is equally likely.
 *
 * Deviations: the numbers are the most of the profile's runs; a context beyond its number counts as one step.
 */
import type { Choice } from '../smp/scheduler.js';
import { actorOf } from './actor.js';
import { Draw } from './draw.js';
import type { Profile } from './profile.js';
import type { Strategy } from './strategy.js';

export class UniformRandomWalk implements Strategy {
  readonly family = 'stepwise';
  readonly name = 'urw';
  readonly exhaustive = false;
  stallJiffiesMax = Number.POSITIVE_INFINITY;
  private readonly draw = new Draw();
  private readonly seed: number;
  private known: ReadonlyMap<number, number> = new Map();
  private readonly taken = new Map<number, number>();
  private readonly weights: number[] = [];

  constructor(seed: number) {
    this.seed = seed;
  }

  prepare({ stepsByActor }: Profile): void {
    this.known = stepsByActor;
  }

  begin(run: number): boolean {
    this.draw.seed(this.seed, run);
    this.taken.clear();
    return true;
  }

  pick(enabled: readonly Choice[]): number {
    const index = enabled.length === 1 ? 0 : this.weighted(enabled);
    const actor = actorOf(enabled[index]!);
    this.taken.set(actor, (this.taken.get(actor) ?? 0) + 1);
    return index;
  }

  choose(name: string, bound: number): number {
    return this.draw.data(name, bound);
  }

  private weighted(enabled: readonly Choice[]): number {
    const { weights } = this;
    let total = 0;
    for (let i = 0; i < enabled.length; i++) {
      const actor = actorOf(enabled[i]!);
      const left = (this.known.get(actor) ?? 1) - (this.taken.get(actor) ?? 0);
      weights[i] = left > 1 ? left : 1;
      total += weights[i]!;
    }
    let at = this.draw.below(total);
    let index = 0;
    while (at >= weights[index]!) at -= weights[index++]!;
    return index;
  }
}
