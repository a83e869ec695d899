/**
 * The search: runs a program under a strategy until something goes wrong, everything was seen, or the budget is used up.
 */
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
  /** What the machine is made from. */
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
}

export const defaultDecisionsMax = 10_000;
const tracesMax = 250_000;

export function strategyOf(options: SearchOptions): Strategy {
  const { strategy = 'portfolio' } = options;
  if (typeof strategy !== 'string') return strategy;
  return makeStrategy(strategy, { ...options, seed: options.seed ?? 1 });
}

/** Runs the search; nothing is shrunk. */
export function search(program: Explorable, options: SearchOptions = {}, strategy = strategyOf(options)): Search {
  const runner = new Runner(program, options.machine, options.horizonNs);
  const runsMax = options.runs ?? 20_000;
  const stepsMax = options.steps ?? Number.POSITIVE_INFINITY;
  const counting = options.countTraces !== false && strategy.tracesAreRuns !== true;
  const recorder = new Recorder(strategy, options.decisionsMax ?? defaultDecisionsMax, counting);
  const traces = new Set<number>();
  const deadlocks = new Set<number>();
  const totals: Totals = {
    runs: 0,
    steps: 0,
    complete: 0,
    deadlocked: 0,
    sleepSetBlocked: 0,
    boundCut: 0,
    failing: 0,
    traces: 0,
  };
  let failed: Search['failed'] = null;
  let runsToFind = 0;
  let exhausted = false;
  let cutShort = false;
  let stallsBounded = false;
  while (totals.runs < runsMax && totals.steps < stepsMax) {
    if (!strategy.begin(totals.runs)) {
      exhausted = true;
      break;
    }
    recorder.reset();
    const run = runner.run(recorder);
    const verdict = strategy.end?.(run) ?? 'counts';
    tally(totals, run, recorder, verdict);
    if (run.machine.stepper.stallsBounded) stallsBounded = true;
    if (recorder.limited || run.outcome === 'horizon') cutShort = true;
    if (counting && run.outcome === 'complete' && traces.size < tracesMax) traces.add(recorder.hash!.value());
    if (counting && run.outcome === 'deadlock' && deadlocks.size < tracesMax) deadlocks.add(recorder.hash!.value());
    release(run);
    if (run.fault === null || verdict === 'sleep-set-blocked') continue;
    totals.failing++;
    if (failed === null) {
      failed = failingOf(recorder, run.fault);
      runsToFind = totals.runs;
    }
    if (options.keepGoing !== true) break;
  }
  totals.traces = strategy.tracesAreRuns === true ? totals.complete : traces.size;
  const deadlockTraces = strategy.tracesAreRuns === true ? totals.deadlocked : deadlocks.size;
  // A run that was cut at a limit may have hidden something; one beyond the bound was asked for.
  const exhaustive = exhausted && strategy.exhaustive && !cutShort;
  const stallJiffiesMax = stallsBounded ? (strategy.stallJiffiesMax ?? 0) : null;
  return { strategy, totals, exhaustive, stallJiffiesMax, failed, runsToFind, deadlockTraces };
}

function tally(totals: Totals, run: Run, recorder: Recorder, verdict: RunVerdict): void {
  totals.runs++;
  totals.steps += recorder.steps;
  if (verdict === 'sleep-set-blocked') totals.sleepSetBlocked++;
  else if (verdict === 'beyond-bound' || recorder.limited || run.outcome === 'horizon') totals.boundCut++;
  else if (run.outcome === 'deadlock') totals.deadlocked++;
  else totals.complete++;
}
