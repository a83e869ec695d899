/** Makes the runs of a search, any of them, and says of each what the search keeps. */

import { type BenignRace, benignRaces } from '../kernel/benign-race.js';
import { isFinding } from '../sanitize/findings.js';
import { RaceCoverage } from './coverage.js';
import { DeterminismCheck } from './determinism.js';
import { findingsIn, searchSanitizer } from './findings.js';
import { refuseNothing } from './mistakes.js';
import { profileOf } from './profile.js';
import { Recorder } from './recorder.js';
import { release } from './release.js';
import { Replay } from './replay-strategy.js';
import { type Explorable, type Run, Runner } from './runner.js';
import type { SearchOptions } from './search.js';
import { type Failing, failingOf } from './shrink.js';
import type { RunVerdict, Strategy } from './strategy.js';

export const defaultDecisionsMax = 10_000;

/** What became of a run. */
export const ends = ['complete', 'deadlocked', 'sleepSetBlocked', 'boundCut'] as const;
export type End = (typeof ends)[number];

/** What a search keeps of a run. The object is used again for the next one. */
export interface RunRecord {
  end: End;
  steps: number;
  decisions: number;
  /** Hash of its trace; NaN if traces are not told apart. */
  trace: number;
  /** It reached the limit of decisions or the horizon: something may lie behind. */
  cutShort: boolean;
  /** Longer stalls of time were left out. */
  stallsBounded: boolean;
  failed: boolean;
  /** How to make it again, if it failed and that is known. */
  failing: Failing | null;
  /** What could have gone wrong in it, and was not seen in one of this maker's runs before; usually nothing. */
  findings: readonly Failing[];
}

const none: readonly Failing[] = [];

export class RunMaker {
  readonly strategy: Strategy;
  /** What it has seen to race; null if that is not counted. */
  readonly races: RaceCoverage | null;
  readonly runner: Runner;
  /** Marks of races that are known. */
  readonly benign: readonly BenignRace[];
  /** Traces are told apart by their hashes. */
  readonly counting: boolean;
  private readonly recorder: Recorder;
  private readonly check: DeterminismCheck | null;
  private readonly record: RunRecord = {
    end: 'complete',
    steps: 0,
    decisions: 0,
    trace: Number.NaN,
    cutShort: false,
    stallsBounded: false,
    failed: false,
    failing: null,
    findings: [],
  };

  constructor(program: Explorable, options: SearchOptions, strategy: Strategy) {
    const decisionsMax = options.decisionsMax ?? defaultDecisionsMax;
    this.strategy = strategy;
    this.benign = options.benign ?? benignRaces;
    this.runner = new Runner(program, options.machine, options.horizonNs);
    this.counting = options.countTraces !== false && strategy.tracesAreRuns !== true;
    this.recorder = new Recorder(strategy, decisionsMax, this.counting);
    this.races = options.countPairs === true ? new RaceCoverage() : null;
    this.recorder.coverage = this.races;
    this.check = options.checkDeterminism === true ? new DeterminismCheck(this.runner, decisionsMax) : null;
    if (strategy.prepare !== undefined) strategy.prepare(profileOf(this.runner, decisionsMax));
    // Not before: a race is reported in one run only, and that is to be one of the search.
    this.runner.sanitizer = searchSanitizer(options);
  }

  /** The `number`-th run, from 0; null if there is nothing left to explore. */
  make(number: number): RunRecord | null {
    const { strategy, recorder } = this;
    if (!strategy.begin(number)) return null;
    recorder.reset();
    const run = this.check === null ? this.runner.run(recorder) : this.check.run(recorder);
    const verdict = strategy.end?.(run) ?? 'counts';
    this.describe(run, verdict);
    const nothing = number === 0 && recorder.decisions === 0 && run.fault === null;
    if (nothing && this.runner.subject.name === null) refuseNothing(run.setup);
    const services = run.setup.sharesCpus;
    release(run);
    if (services) this.runner.subject.usesServices = true;
    if (services && recorder.hash?.careful === false) this.record.trace = this.traceAgain();
    return this.record;
  }

  /** The program turned out to use the kernel's services while it ran: makes the run again for its hash. */
  private traceAgain(): number {
    const { runner, recorder } = this;
    if (Number.isNaN(this.record.trace)) return Number.NaN;
    const replay = new Replay(recorder.schedule());
    const again = new Recorder(replay, recorder.decisions, true);
    replay.begin(0);
    again.reset();
    const { sanitizer } = runner;
    runner.sanitizer = null;
    release(runner.run(again));
    runner.sanitizer = sanitizer;
    return again.hash!.value();
  }

  private describe(run: Run, verdict: RunVerdict): void {
    const { record, recorder } = this;
    record.steps = recorder.steps;
    record.decisions = recorder.decisions;
    record.cutShort = recorder.limited || run.outcome === 'horizon';
    record.stallsBounded = run.machine.stepper.stallsBounded;
    record.end = endOf(run, verdict, record.cutShort);
    const told = this.counting && (run.outcome === 'complete' || run.outcome === 'deadlock');
    record.trace = told ? recorder.hash!.value() : Number.NaN;
    const counts = run.fault !== null && verdict === 'counts';
    record.failed = counts && !isFinding(run.fault!.kind);
    record.failing = record.failed ? failingOf(recorder, run.fault!) : null;
    record.findings = counts ? findingsIn(run, recorder) : none;
  }
}

function endOf(run: Run, verdict: RunVerdict, cutShort: boolean): End {
  if (verdict === 'sleep-set-blocked') return 'sleepSetBlocked';
  if (verdict === 'beyond-bound' || cutShort) return 'boundCut';
  return run.outcome === 'deadlock' ? 'deadlocked' : 'complete';
}
