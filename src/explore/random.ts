/**
 * Random walk: at each step every enabled choice is equally likely. "Naive random scheduling" of Thomson, Donaldson and
 * Betts, "Concurrency testing using controlled schedulers" (TOPC 2016): uniform over choices, not over interleavings.
 *
 * Deviations: interrupts and time are choices like any other.
 */
import type { Choice } from '../smp/scheduler.js';
import { Draw } from './draw.js';
import type { Strategy } from './strategy.js';

export class RandomWalk implements Strategy {
  readonly family = 'stepwise';
  readonly name = 'random';
  readonly exhaustive = false;
  stallJiffiesMax = Number.POSITIVE_INFINITY;
  private readonly draw = new Draw();
  private readonly seed: number;

  constructor(seed: number) {
    this.seed = seed;
  }

  begin(run: number): boolean {
    this.draw.seed(this.seed, run);
    return true;
  }

  pick(enabled: readonly Choice[]): number {
    return enabled.length === 1 ? 0 : this.draw.below(enabled.length);
  }

  choose(name: string, bound: number): number {
    return this.draw.data(name, bound);
  }
}
