/**
 * The discrete-event scheduler: the event order decides who goes next, and data choices come from named streams of
 * the run's seed.
 */
import { InternalError } from '../sim/errors.js';
import { RandomStreams } from '../sim/random.js';
import type { Scheduler } from './scheduler.js';

export class TimedScheduler implements Scheduler {
  readonly family = 'timed';
  private readonly streams: RandomStreams;

  constructor(seed = 0) {
    this.streams = new RandomStreams(seed);
  }

  pick(): number {
    throw new InternalError('the timed scheduler picks by the event order');
  }

  choose(name: string, bound: number): number {
    return this.streams.stream(name).below(bound);
  }
}
