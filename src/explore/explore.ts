/**
 * The public face of the explorer: `explore` searches for a failure, shrinks it and tells it; `replay` makes a run again
 * from its token.
 */
import type { BenignRace } from '../kernel/benign-race.js';
import { isFinding } from '../sanitize/findings.js';
import { ScheduleMismatch } from '../smp/replay-scheduler.js';
import type { Outcome } from '../smp/stepwise.js';
import type { Listener } from '../trace/trace.js';
import { checkOptions, checkProgram } from './check-options.js';
import type { Coverage } from './coverage.js';
import { type Found, type SanitizeOptions, sanitizerOf } from './findings.js';
import { fingerprintOf } from './fingerprint.js';
import { Recorder, type Schedule } from './recorder.js';
import { Replay } from './replay-strategy.js';
import { formatFailure } from './report.js';
import { type Explorable, type ExploreMachine, type Fault, Runner } from './runner.js';
import {
  defaultDecisionsMax,
  type Progress,
  SearchLoop,
  type SearchOptions,
  strategyOf,
  type Totals,
} from './search.js';
import { SharedSearch, type Sharing } from './shared-search.js';
import { type Failing, Shrinker } from './shrink.js';
import { type StoryStep, StoryTeller } from './story.js';
import type { Interleavings, Strategy } from './strategy.js';
import { decodeToken, encodeToken } from './token.js';

export interface ExploreOptions extends SearchOptions {
  /** Look for the failure's simplest schedule; true if absent. */
  readonly shrink?: boolean;
  /** Runs that shrinking may take; 5,000 if absent. */
  readonly shrinkRuns?: number;
  /** Width of the report, as far as it can be had; 100 if absent. */
  readonly columns?: number;
  /** A token whose run is followed for the first `prefixDecisions` (all of them if absent), and explored on from there. */
  readonly prefix?: string;
  readonly prefixDecisions?: number;
}

export interface Failure {
  readonly kind: string;
  readonly message: string;
  /** For {@link replay}. */
  readonly token: string;
  /** Runs until it was found, itself included; 0 in a replay. */
  readonly runsToFind: number;
  readonly steps: number;
  readonly preemptions: number;
  /** What the run was like that was found; null if it was not shrunk. */
  readonly shrunkFrom: { readonly steps: number; readonly preemptions: number } | null;
  /** Runs that shrinking took; and whether it came to its end within its budget. */
  readonly shrinkRuns: number;
  readonly shrinkDone: boolean;
  /** Made again it fails in the same way. False: the program depends on more than its schedule. */
  readonly recurs: boolean;
  /** The story, ready to be printed. */
  readonly report: string;
}

/** What could go wrong, seen in a run that may have ended well: a data race, an unsafe order or use of locks. */
export interface Finding {
  readonly kind: string;
  readonly message: string;
  /** The first run in which it was seen; for {@link replay}. */
  readonly run: number;
  readonly token: string;
  /** What the sanitizer has to say, ready to be printed. */
  readonly report: string;
}

export interface ExploreResult {
  readonly strategy: string;
  readonly seed: number;
  readonly totals: Readonly<Totals>;
  /** The strategy is one that ends when it has seen everything. */
  readonly searchesAll: boolean;
  /** Every schedule was covered, within the bound if there is one. */
  readonly exhaustive: boolean;
  readonly preemptionBound: number | null;
  /** Where `exhaustive`: time depended on something, and stalls longer than these jiffies were left out; else null. */
  readonly stallJiffiesMax: number | null;
  /** Complete traces by the fewest preemptions they need; null if they were not counted. */
  readonly tracesByPreemptions: readonly number[] | null;
  /** The interleavings that the traces stand for, of complete and of deadlocked runs; null if they were not counted. */
  readonly interleavings: Readonly<Interleavings> | null;
  /** Pairs of operations seen to race; null if they were not counted. */
  readonly coverage: Coverage | null;
  readonly failure: Failure | null;
  /** In the order of finding, twenty at most. */
  readonly findings: readonly Finding[];
  /** Known races that were seen and are no violations: each mark of the model, and how often it applied. */
  readonly benign: readonly { readonly mark: BenignRace; readonly seen: number }[];
}

export interface ReplayRunOptions extends SanitizeOptions {
  readonly machine?: ExploreMachine;
  readonly decisionsMax?: number;
  readonly horizonNs?: number;
  /** Told of every event of the run. */
  readonly listener?: Listener;
  /** Width of the report, as far as it can be had; 100 if absent. */
  readonly columns?: number;
}

export interface ReplayRunResult {
  readonly outcome: Outcome;
  readonly failure: Failure | null;
  readonly faults: readonly Fault[];
  readonly story: readonly StoryStep[];
  readonly steps: number;
  readonly preemptions: number;
  /** False: the program is no longer what it was when the token was made, though its schedule still fits. */
  readonly sameProgram: boolean;
  readonly revision: string | null;
  readonly era: string | null;
}

/** Searches the schedules of a program for one under which something goes wrong. */
export function explore(program: Explorable, options: ExploreOptions = {}): ExploreResult {
  const exploration = new Exploration(program, options);
  while (exploration.next());
  return exploration.result();
}

/** A search that is driven from outside, run by run or shared out: where a clock or a person may end it. */
export class Exploration {
  /** How it is shared out; null if it is not. */
  readonly shared: SharedSearch | null;
  private readonly program: Explorable;
  private readonly options: ExploreOptions;
  private readonly strategy: Strategy;
  private readonly loop: SearchLoop | SharedSearch;

  /** `sharing`: it is driven by {@link shared}, and not by {@link next}. */
  constructor(program: Explorable, options: ExploreOptions = {}, sharing: Sharing | null = null) {
    checkProgram('explore', program);
    checkOptions('explore', options);
    this.program = program;
    this.options = options;
    this.strategy = strategyOf(options);
    if (sharing === null) {
      this.shared = null;
      this.loop = new SearchLoop(program, options, this.deciderOf(this.strategy));
      return;
    }
    // The first that is made is the one whose answers are asked for; others make runs ahead of it.
    let first: Strategy | null = this.strategy;
    const strategy = (): Strategy => {
      const made = this.deciderOf(first ?? strategyOf(options));
      first = null;
      return made;
    };
    this.shared = new SharedSearch(program, options, { ...sharing, strategy });
    this.loop = this.shared;
  }

  private deciderOf(strategy: Strategy): Strategy {
    const { prefix, prefixDecisions } = this.options;
    return prefix === undefined ? strategy : new Replay(decodeToken(prefix), strategy, prefixDecisions);
  }

  /** Makes the next run. False if there is none: the search is over. */
  next(): boolean {
    return this.loop instanceof SearchLoop && this.loop.next();
  }

  progress(): Progress {
    return this.loop.progress();
  }

  /** What is known so far. A failure is shrunk now. */
  result(): ExploreResult {
    const { strategy, options } = this;
    const found = this.loop.result();
    const [first] = options.sanitize === 'report' ? [] : found.findings;
    const failed = found.failed ?? first?.failing ?? null;
    const runsToFind = found.failed === null ? (first?.run ?? 0) : found.runsToFind;
    return {
      strategy: strategy.name,
      seed: options.seed ?? 1,
      totals: found.totals,
      searchesAll: strategy.name !== 'portfolio' && strategy.exhaustive,
      exhaustive: found.exhaustive,
      preemptionBound: strategy.preemptionBound ?? null,
      stallJiffiesMax: found.exhaustive ? found.stallJiffiesMax : null,
      interleavings: strategy.interleavings ?? null,
      tracesByPreemptions: strategy.tracesByPreemptions?.length ? strategy.tracesByPreemptions : null,
      coverage: found.coverage,
      failure: failed === null ? null : failureOf(this.program, options, failed, runsToFind),
      findings: findingsOf(this.program, options, found.findings),
      benign: [...found.benignSeen].map(([mark, seen]) => ({ mark, seen })),
    };
  }
}

/** The failing runs' token, and all that is told of it. */
function failureOf(program: Explorable, options: ExploreOptions, failed: Failing, runsToFind: number): Failure {
  const decisionsMax = options.decisionsMax ?? defaultDecisionsMax;
  const runner = new Runner(program, options.machine, options.horizonNs);
  const wanted = options.shrink !== false;
  runner.sanitizer = isFinding(failed.fault.kind) ? sanitizerOf(options) : null;
  const shrunk = wanted
    ? new Shrinker(runner, failed, decisionsMax, options.shrinkRuns ?? 5000).shrink()
    : { failing: failed, runs: 0, done: false };
  const { failing } = shrunk;
  const token = encodeToken({
    ...failing.schedule,
    fingerprint: fingerprintOf(runner.subject),
    cut: wasCut(failing.schedule, decisionsMax),
    revision: runner.subject.revision,
    era: runner.subject.era,
  });
  const { kind, message } = failing.fault;
  const failure = {
    kind,
    message,
    token,
    runsToFind,
    steps: failing.steps,
    preemptions: failing.preemptions,
    shrunkFrom: wanted ? { steps: failed.steps, preemptions: failed.preemptions } : null,
    shrinkRuns: shrunk.runs,
    shrinkDone: shrunk.done,
  };
  const told = tellAgain(runner, failing, decisionsMax, options);
  const faults = told?.run.faults ?? [failing.fault];
  const recurs = told !== null && faults.some((other) => other.kind === kind && other.place === failing.fault.place);
  const whole = { ...failure, recurs };
  const [verdict, effort, ...rest] = formatFailure(whole, faults, told?.steps ?? [], options.columns).split('\n');
  const notes = [...(recurs ? [] : [lost]), ...(wanted && !shrunk.done ? [unfinished(shrunk.runs)] : [])];
  return { ...whole, report: [verdict, effort, ...notes, ...rest].join('\n') };
}

const lost =
  'it did not fail like this when the run was made again: the program draws, or keeps something from run to run; --check-determinism (checkDeterminism) says where it parts from itself';

function unfinished(runs: number): string {
  const budget = runs === 1 ? '1 run' : `${runs} runs`;
  return `shrinking was ended by its budget of ${budget} (--shrink-runs, shrinkRuns): there may be a simpler schedule`;
}

/** Makes the run of a failure again and tells it; null if it goes another way though all is decided as it was. */
function tellAgain(runner: Runner, { schedule }: Failing, decisionsMax: number, options: SanitizeOptions) {
  try {
    return tell(runner, new Replay(schedule), decisionsMax, options);
  } catch (error) {
    if (error instanceof ScheduleMismatch) return null;
    throw error;
  }
}

/** The run was ended at the limit of decisions: its token says so, or its replay would be told to go on. */
function wasCut({ decisions }: Schedule, decisionsMax: number): boolean {
  return decisions >= decisionsMax;
}

/** Each finding with its token, and its block from the run in which it was first seen. */
function findingsOf(program: Explorable, options: ExploreOptions, found: readonly Found[]): readonly Finding[] {
  if (found.length === 0) return [];
  const decisionsMax = options.decisionsMax ?? defaultDecisionsMax;
  const runner = new Runner(program, options.machine, options.horizonNs);
  const { revision, era } = runner.subject;
  const fingerprint = fingerprintOf(runner.subject);
  return found.map(({ failing, run }) => {
    const { schedule, fault } = failing;
    const faults = tellAgain(runner, failing, decisionsMax, options)?.run.faults ?? [];
    const told = faults.find(({ kind, message }) => kind === fault.kind && message === fault.message);
    const report = (told?.block ?? [fault.message]).join('\n');
    const token = encodeToken({ ...schedule, fingerprint, cut: wasCut(schedule, decisionsMax), revision, era });
    return { kind: fault.kind, message: fault.message, run, token, report };
  });
}

/** Makes a run with everything remembered that is to be told. */
function tell(runner: Runner, replayed: Replay, decisionsMax: number, options: SanitizeOptions, listener?: Listener) {
  runner.sanitizer = sanitizerOf(options);
  runner.telling = true;
  const teller = new StoryTeller(replayed);
  const recorder = new Recorder(teller, decisionsMax, false);
  teller.begin(0);
  recorder.reset();
  const run = runner.run(recorder, (setup) => {
    if (listener !== undefined) setup.machineKernel.machine.trace.listen(listener);
  });
  return { run, recorder, steps: teller.steps };
}

/** Makes a run again. Throws {@link ScheduleMismatch} where the token no longer fits the program. */
export function replay(program: Explorable, token: string, options: ReplayRunOptions = {}): ReplayRunResult {
  checkProgram('replay', program);
  checkOptions('replay', options);
  const decoded = decodeToken(token);
  const decisionsMax = options.decisionsMax ?? Math.max(defaultDecisionsMax, decoded.decisions);
  const runner = new Runner(program, options.machine, options.horizonNs);
  const sameProgram = fingerprintOf(runner.subject) === decoded.fingerprint;
  const replayed = new Replay(decoded);
  const { run, recorder, steps } = tell(runner, replayed, decisionsMax, options, options.listener);
  replayed.finish();
  if (!decoded.cut && run.outcome === 'stopped' && !recorder.limited) {
    const more = `the end of the run after ${decoded.decisions} decisions`;
    throw new ScheduleMismatch(decoded.decisions, more, ['further steps: the program is not over there']);
  }
  const fault = options.sanitize === 'report' && run.fault !== null && isFinding(run.fault.kind) ? null : run.fault;
  const base = {
    kind: fault?.kind ?? '',
    message: fault?.message ?? '',
    token,
    runsToFind: 0,
    steps: recorder.steps,
    preemptions: recorder.preemptions,
    shrunkFrom: null,
    shrinkRuns: 0,
    shrinkDone: false,
    recurs: true,
  };
  return {
    outcome: run.outcome,
    failure: fault === null ? null : { ...base, report: formatFailure(base, run.faults, steps, options.columns) },
    faults: run.faults,
    story: steps,
    steps: recorder.steps,
    preemptions: recorder.preemptions,
    sameProgram,
    revision: decoded.revision,
    era: decoded.era,
  };
}
