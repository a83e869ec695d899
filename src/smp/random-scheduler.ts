/**
 * A random walk: at each step every enabled choice is equally likely. The strategy to beat ("naive random scheduling" of
 * Thomson, Donaldson and Betts, TOPC 2016); uniform over choices, not over interleavings.
 *
 * Divergence from Linux: time and interrupts are choices like any other, so a CPU may lag by any number of ticks.
 */
import { RandomStreams } from '../sim/random.js';
import type { Choice, Scheduler } from './scheduler.js';

export class RandomScheduler implements Scheduler {
  readonly family = 'stepwise';
  private readonly streams: RandomStreams;

  /** `seed`: a whole number; the same seed walks the same way in any process. */
  constructor(seed: number) {
    this.streams = new RandomStreams(seed);
  }

  pick(enabled: readonly Choice[]): number {
    return enabled.length === 1 ? 0 : this.streams.stream('schedule').below(enabled.length);
  }

  choose(name: string, bound: number): number {
    return this.streams.stream(`data ${name}`).below(bound);
  }
}
