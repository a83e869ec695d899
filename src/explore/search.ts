/**
 * The search: runs a program under a strategy until something goes wrong, everything was seen, or the budget is used up.
 * It goes run by run, so that whoever drives it may look at the clock, or be interrupted, between two.
 */
import type { Coverage } from './coverage.js';
import { estimateRuns } from './estimate.js';
import type { SanitizeOptions } from './findings.js';
import { RunMaker } from './run-maker.js';
import type { Explorable, ExploreMachine } from './runner.js';
import { makeStrategy, type StrategyName, type StrategyOptions } from './strategies.js';
import type { Strategy } from './strategy.js';
import { type Search, Tally, type Totals } from './tally.js';

export { defaultDecisionsMax } from './run-maker.js';
export { defaultRuns, type Search, type Totals } from './tally.js';

export interface SearchOptions extends Partial<StrategyOptions>, SanitizeOptions {
  /** `portfolio` if absent; or a strategy of one's own. */
  readonly strategy?: StrategyName | Strategy;
  /** Runs at most; 20,000 if absent. */
  readonly runs?: number;
  /** Steps at most, over all runs; unlimited if absent. */
  readonly steps?: number;
  /** Decisions of one run at most, beyond which it is cut; 10,000 if absent. */
  readonly decisionsMax?: number;
  /** Go on after a failure; the first one is reported. */
  readonly keepGoing?: boolean;
  /** Tell distinct traces apart; true if absent. Up to 250,000 are. */
  readonly countTraces?: boolean;
  /** Count the pairs of operations seen to race; not if absent. */
  readonly countPairs?: boolean;
  /** Make every run twice, and throw NondeterminismError where the two part; not if absent. */
  readonly checkDeterminism?: boolean;
  /** What the machine is made from, for a program that is a function. */
  readonly machine?: ExploreMachine;
  /** Virtual ns beyond which time does not move. */
  readonly horizonNs?: number;
}

/** How far a search has come. */
export interface Progress {
  readonly totals: Readonly<Totals>;
  /** Decisions of the last run. */
  readonly depth: number;
  /** Runs an exhaustive search is estimated to take in all; null for others, and while nothing is known. */
  readonly estimatedRuns: number | null;
  readonly coverage: Coverage | null;
}

export function strategyOf(options: SearchOptions): Strategy {
  const { strategy = 'portfolio' } = options;
  if (typeof strategy !== 'string') return strategy;
  return makeStrategy(strategy, { ...options, seed: options.seed ?? 1 });
}

/** Runs the search; nothing is shrunk. */
export function search(program: Explorable, options: SearchOptions = {}, strategy = strategyOf(options)): Search {
  const loop = new SearchLoop(program, options, strategy);
  while (loop.next());
  return loop.result();
}

export class SearchLoop {
  readonly maker: RunMaker;
  readonly tally: Tally;
  private depth = 0;
  private closed = false;

  constructor(program: Explorable, options: SearchOptions, strategy: Strategy) {
    this.maker = new RunMaker(program, options, strategy);
    this.tally = new Tally(this.maker, options);
  }

  get totals(): Readonly<Totals> {
    return this.tally.totals;
  }

  /** Makes the next run. False if there is none: the search is over. */
  next(): boolean {
    const { tally } = this;
    const number = tally.totals.runs;
    if (!tally.wants(number)) {
      if (!this.closed) askForMore(this.maker.strategy, tally, number);
      this.closed = true;
      return false;
    }
    const record = this.maker.make(number);
    if (record === null) {
      tally.exhaust();
      return false;
    }
    this.depth = record.decisions;
    tally.take(number, record);
    return true;
  }

  progress(): Progress {
    return progressOf(this.maker, this.tally, this.depth);
  }

  /** What is known so far. */
  result(): Search {
    return this.tally.result();
  }
}

/**
 * The budget is used up: a budget as large as the space has seen all of it, and the strategy knows. It cannot go on
 * afterwards.
 */
export function askForMore(strategy: Strategy, tally: Tally, number: number): void {
  if (!tally.over && strategy.exhaustive && !strategy.begin(number)) tally.exhaust();
}

export function progressOf({ strategy, races }: RunMaker, { totals }: Tally, depth: number): Progress {
  const part = strategy.exhaustive ? strategy.part?.() : undefined;
  return {
    totals,
    depth,
    estimatedRuns: part === undefined || totals.runs === 0 ? null : estimateRuns(totals.runs, part),
    coverage: races?.coverage ?? null,
  };
}
