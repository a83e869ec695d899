/**
 * The search: runs a program under a strategy until something goes wrong, everything was seen, or the budget is used up.
 * It goes run by run, so that whoever drives it may look at the clock, or be interrupted, between two.
 */
import { type Coverage, RaceCoverage } from './coverage.js';
import { DeterminismCheck } from './determinism.js';
import { estimateRuns } from './estimate.js';
import { profileOf } from './profile.js';
import { Recorder } from './recorder.js';
import { release } from './release.js';
import { type Explorable, type ExploreMachine, type Run, Runner } from './runner.js';
import { type Failing, failingOf } from './shrink.js';
import { makeStrategy, type StrategyName, type StrategyOptions } from './strategies.js';
import type { RunVerdict, Strategy } from './strategy.js';

export interface SearchOptions extends Partial<StrategyOptions> {
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

export interface Totals {
  runs: number;
  steps: number;
  complete: number;
  deadlocked: number;
  sleepSetBlocked: number;
  /** Runs that reached the limit of decisions or the horizon, or lie beyond the preemption bound. */
  boundCut: number;
  failing: number;
  /** Distinct Mazurkiewicz traces of complete runs. */
  traces: number;
}

/** A search, without what was found. */
export interface Search {
  readonly strategy: Strategy;
  readonly totals: Totals;
  /** The strategy had nothing left to do, and had left nothing out within its bound. */
  readonly exhaustive: boolean;
  /** Time depended on something, and stalls longer than these jiffies were left out; null: nothing of time was. */
  readonly stallJiffiesMax: number | null;
  /** The first failure. */
  readonly failed: Failing | null;
  /** Runs it took to find it, itself included. */
  readonly runsToFind: number;
  /** Distinct traces of runs that deadlocked, where traces are told apart. */
  readonly deadlockTraces: number;
  /** Pairs of operations seen to race; null if they were not counted. */
  readonly coverage: Coverage | null;
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

export const defaultDecisionsMax = 10_000;
export const defaultRuns = 20_000;
const tracesMax = 250_000;

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
  readonly totals: Totals = {
    runs: 0,
    steps: 0,
    complete: 0,
    deadlocked: 0,
    sleepSetBlocked: 0,
    boundCut: 0,
    failing: 0,
    traces: 0,
  };
  private readonly strategy: Strategy;
  private readonly runner: Runner;
  private readonly recorder: Recorder;
  private readonly check: DeterminismCheck | null;
  private readonly runsMax: number;
  private readonly stepsMax: number;
  private readonly keepGoing: boolean;
  private readonly counting: boolean;
  private readonly traces = new Set<number>();
  private readonly deadlocks = new Set<number>();
  private readonly races: RaceCoverage | null;
  private failed: Failing | null = null;
  private runsToFind = 0;
  private over = false;
  private exhausted = false;
  private cutShort = false;
  private stallsBounded = false;

  constructor(program: Explorable, options: SearchOptions, strategy: Strategy) {
    const decisionsMax = options.decisionsMax ?? defaultDecisionsMax;
    this.strategy = strategy;
    this.runner = new Runner(program, options.machine, options.horizonNs);
    this.runsMax = options.runs ?? defaultRuns;
    this.stepsMax = options.steps ?? Number.POSITIVE_INFINITY;
    this.keepGoing = options.keepGoing === true;
    this.counting = options.countTraces !== false && strategy.tracesAreRuns !== true;
    this.recorder = new Recorder(strategy, decisionsMax, this.counting);
    this.races = options.countPairs === true ? new RaceCoverage() : null;
    this.recorder.coverage = this.races;
    this.check = options.checkDeterminism === true ? new DeterminismCheck(this.runner, decisionsMax) : null;
    if (strategy.prepare !== undefined) strategy.prepare(profileOf(this.runner, decisionsMax));
  }

  /** Makes the next run. False if there is none: the search is over. */
  next(): boolean {
    const { totals, strategy, recorder } = this;
    if (this.over || totals.runs >= this.runsMax || totals.steps >= this.stepsMax) return false;
    if (!strategy.begin(totals.runs)) {
      this.exhausted = true;
      this.over = true;
      return false;
    }
    recorder.reset();
    const run = this.check === null ? this.runner.run(recorder) : this.check.run(recorder);
    const verdict = strategy.end?.(run) ?? 'counts';
    this.tally(run, verdict);
    release(run);
    if (run.fault !== null && verdict !== 'sleep-set-blocked') this.failure(run.fault);
    return true;
  }

  private tally(run: Run, verdict: RunVerdict): void {
    const { totals, recorder } = this;
    totals.runs++;
    totals.steps += recorder.steps;
    const cut = recorder.limited || run.outcome === 'horizon';
    if (cut) this.cutShort = true;
    if (run.machine.stepper.stallsBounded) this.stallsBounded = true;
    if (verdict === 'sleep-set-blocked') totals.sleepSetBlocked++;
    else if (verdict === 'beyond-bound' || cut) totals.boundCut++;
    else if (run.outcome === 'deadlock') totals.deadlocked++;
    else totals.complete++;
    if (this.strategy.tracesAreRuns === true) totals.traces = totals.complete;
    else if (this.counting) this.count(run);
  }

  private count({ outcome }: Run): void {
    const seen = outcome === 'complete' ? this.traces : outcome === 'deadlock' ? this.deadlocks : null;
    if (seen !== null && seen.size < tracesMax) seen.add(this.recorder.hash!.value());
    this.totals.traces = this.traces.size;
  }

  private failure(fault: NonNullable<Run['fault']>): void {
    this.totals.failing++;
    if (this.failed === null) {
      this.failed = failingOf(this.recorder, fault);
      this.runsToFind = this.totals.runs;
    }
    if (!this.keepGoing) this.over = true;
  }

  progress(): Progress {
    const { strategy, totals } = this;
    const part = strategy.exhaustive ? strategy.part?.() : undefined;
    return {
      totals,
      depth: this.recorder.decisions,
      estimatedRuns: part === undefined || totals.runs === 0 ? null : estimateRuns(totals.runs, part),
      coverage: this.races?.coverage ?? null,
    };
  }

  /** What is known so far. */
  result(): Search {
    const { strategy, totals } = this;
    const deadlockTraces = strategy.tracesAreRuns === true ? totals.deadlocked : this.deadlocks.size;
    // A run that was cut at a limit may have hidden something; one beyond the bound was asked for.
    const exhaustive = this.exhausted && strategy.exhaustive && !this.cutShort;
    const stallJiffiesMax = this.stallsBounded ? (strategy.stallJiffiesMax ?? 0) : null;
    const { failed, runsToFind } = this;
    const coverage = this.races?.coverage ?? null;
    return { strategy, totals, exhaustive, stallJiffiesMax, failed, runsToFind, deadlockTraces, coverage };
  }
}
