/** How a bulk action spreads its calls over time, and what a workload draws. */
import { z } from 'zod';
import { call } from '../../smp/call.js';
import type { K } from '../../smp/op.js';
import type { World } from '../world.js';
import { delay } from './arguments.js';

/** `over` spreads evenly: the first at once, each next one `over / count` later. `rate` says the same the other way. */
export const paceShape = {
  over: delay.optional().meta({ description: 'spread evenly over this time' }),
  rate: z.number().positive().max(1e9).optional().meta({ description: 'so many per second' }),
  spacing: z.enum(['even', 'poisson']).default('even'),
};

export interface Pace {
  readonly over?: Parameters<World['ns']>[0] | undefined;
  readonly rate?: number | undefined;
  readonly spacing: 'even' | 'poisson';
}

const randomBits = 2 ** 24;

/** A whole number from 0 to `bound` - 1, by the seed. */
export function draw(world: World, stream: string, bound: number): number {
  return world.kernel.machine.choose(stream, bound);
}

/** Drawn from an exponential distribution with this mean, by the seed. */
export function exponential(world: World, stream: string, mean: number): number {
  return -mean * Math.log((draw(world, stream, randomBits) + 1) / randomBits);
}

/** Calls `one` so many times at the pace asked for. */
export function* paced(world: World, times: number, how: Pace, stream: string, one: () => K): K {
  const startNs = world.kernel.machine.nowNs;
  const gapNs =
    how.over !== undefined ? world.ns(how.over) / Math.max(1, times) : how.rate !== undefined ? 1e9 / how.rate : 0;
  let dueNs = startNs;
  for (let i = 0; i < times; i++) {
    if (gapNs > 0 && i > 0) {
      if (how.spacing === 'even') dueNs = startNs + i * gapNs;
      else dueNs += exponential(world, stream, gapNs);
      yield* world.waitUntilNs(Math.round(dueNs));
    }
    yield call(one());
  }
}
