/** Strategies by name. */
import { didYouMean, InputError } from '../sim/errors.js';
import { DelayBounded } from './delay-bounded.js';
import { DepthFirst } from './depth-first.js';
import { OptimalDpor } from './optimal-dpor.js';
import { Pct } from './pct.js';
import { Portfolio } from './portfolio.js';
import { PartialOrderSampling } from './pos.js';
import { RandomWalk } from './random.js';
import { RoundRobin } from './round-robin.js';
import { SourceDpor } from './source-dpor.js';
import type { Strategy } from './strategy.js';
import { UniformRandomWalk } from './urw.js';

export interface StrategyOptions {
  readonly seed: number;
  /** Bound of `bounded-dfs` (2 if absent) and of the DPOR strategies (none if absent). */
  readonly preemptionBound?: number | null;
  /** d of `pct`, 3 if absent; delays of `delay`, 2 if absent. */
  readonly depth?: number;
  /** The longest stall of time, jiffies: if absent 0 for searches that may be exhaustive, five minutes for the others. */
  readonly stallJiffiesMax?: number;
  /** DPOR strategies: count traces by the preemptions they need. */
  readonly countPreemptions?: boolean;
  /** DPOR strategies: count the interleavings that the traces stand for. */
  readonly countInterleavings?: boolean;
}

const makers = {
  portfolio: (o) =>
    new Portfolio(
      [
        new DepthFirst(1),
        new RandomWalk(o.seed),
        new Pct(o.seed, o.depth ?? 3),
        new UniformRandomWalk(o.seed),
        new PartialOrderSampling(o.seed),
        new DelayBounded(o.seed, o.depth ?? 2),
        new OptimalDpor(),
        new RoundRobin(),
      ],
      o.seed,
    ),
  random: (o) => new RandomWalk(o.seed),
  pct: (o) => new Pct(o.seed, o.depth ?? 3),
  pos: (o) => new PartialOrderSampling(o.seed),
  urw: (o) => new UniformRandomWalk(o.seed),
  delay: (o) => new DelayBounded(o.seed, o.depth ?? 2),
  'bounded-dfs': (o) => new DepthFirst(o.preemptionBound ?? 2),
  dfs: () => new DepthFirst(),
  'optimal-dpor': (o) => new OptimalDpor(o),
  'source-dpor': (o) => new SourceDpor(o),
  'round-robin': () => new RoundRobin(),
} as const satisfies Record<string, (options: StrategyOptions) => Strategy>;

export type StrategyName = keyof typeof makers;

export const strategyNames = Object.keys(makers) as StrategyName[];

export function makeStrategy(name: string, options: StrategyOptions): Strategy {
  if (Object.hasOwn(makers, name)) {
    const strategy: Strategy = makers[name as StrategyName](options);
    if (options.stallJiffiesMax !== undefined) strategy.stallJiffiesMax = options.stallJiffiesMax;
    return strategy;
  }
  throw new InputError(
    `no strategy is called '${name}'${didYouMean(name, strategyNames)}; there are ${strategyNames.join(', ')}`,
  );
}
