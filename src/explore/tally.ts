/**
 * What is known of a search so far: counts, distinct traces, the first failure. Records are taken in the order of the runs,
 * whoever made them: so a search says the same however its runs were shared out.
 */
import type { BenignRace } from '../kernel/benign-race.js';
import type { Coverage } from './coverage.js';
import { type Found, noteFindings } from './findings.js';
import type { RunMaker, RunRecord } from './run-maker.js';
import type { SearchOptions } from './search.js';
import type { Failing } from './shrink.js';
import type { Strategy } from './strategy.js';

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
  /** What could go wrong, in the order of finding. */
  readonly findings: readonly Found[];
  /** Marks of races that applied, and how often. */
  readonly benignSeen: ReadonlyMap<BenignRace, number>;
  /** Distinct traces of runs that deadlocked, where traces are told apart. */
  readonly deadlockTraces: number;
  /** Pairs of operations seen to race; null if they were not counted. */
  readonly coverage: Coverage | null;
}

export const defaultRuns = 20_000;
/** Traces that are told apart at most. */
export const tracesMax = 250_000;

export function noTotals(): Totals {
  return {
    runs: 0,
    steps: 0,
    complete: 0,
    deadlocked: 0,
    sleepSetBlocked: 0,
    boundCut: 0,
    failing: 0,
    traces: 0,
  };
}

/** What had been counted at the end of a range of runs. */
export interface Row {
  readonly range: number;
  readonly totals: Totals;
  /** So many of the traces, of the traces of deadlocks and of the racing pairs were known. */
  readonly traces: number;
  readonly deadlocks: number;
  readonly pairs: number;
  readonly cutShort: boolean;
  readonly stallsBounded: boolean;
}

export class Tally {
  totals = noTotals();
  /** Hashes of traces, in the order in which they were first seen. */
  traces = new Set<number>();
  deadlocks = new Set<number>();
  failed: Failing | null = null;
  runsToFind = 0;
  findings: Found[] = [];
  /** Nothing more is wanted, whatever the budget: a failure was found, or everything was seen. */
  over = false;
  exhausted = false;
  cutShort = false;
  stallsBounded = false;
  /** By range of runs: what had been counted when it ended. Noted by shards, so that others may cut it. */
  rows: Row[] = [];
  private readonly maker: RunMaker;
  /** Runs wanted at most. */
  readonly runsMax: number;
  private readonly stepsMax: number;
  private readonly keepGoing: boolean;

  constructor(maker: RunMaker, options: SearchOptions) {
    this.maker = maker;
    this.runsMax = options.runs ?? defaultRuns;
    this.stepsMax = options.steps ?? Number.POSITIVE_INFINITY;
    this.keepGoing = options.keepGoing === true;
  }

  /** Is the run of this number, from 0, still wanted? */
  wants(number: number): boolean {
    return !this.over && number < this.runsMax && this.totals.steps < this.stepsMax;
  }

  /** The strategy has nothing left to explore. */
  exhaust(): void {
    this.exhausted = true;
    this.over = true;
  }

  take(number: number, record: RunRecord): void {
    const { totals } = this;
    totals.runs++;
    totals.steps += record.steps;
    totals[record.end]++;
    if (record.cutShort) this.cutShort = true;
    if (record.stallsBounded) this.stallsBounded = true;
    const seen = record.end === 'deadlocked' ? this.deadlocks : this.traces;
    if (!Number.isNaN(record.trace) && seen.size < tracesMax) seen.add(record.trace);
    totals.traces = this.maker.strategy.tracesAreRuns === true ? totals.complete : this.traces.size;
    if (record.findings.length > 0) noteFindings(this.findings, record.findings, number + 1);
    if (record.failed) this.failure(number, record.failing);
  }

  /** A range is about to begin: notes what those before it came to. */
  note(range: number): void {
    const row = this.row(range - 1);
    if ((this.rows.at(-1)?.totals.runs ?? 0) !== row.totals.runs) this.rows.push(row);
  }

  row(range: number): Row {
    const { traces, deadlocks, cutShort, stallsBounded } = this;
    const pairs = this.maker.races?.count ?? 0;
    const totals = { ...this.totals };
    return { range, totals, traces: traces.size, deadlocks: deadlocks.size, pairs, cutShort, stallsBounded };
  }

  private failure(number: number, failing: Failing | null): void {
    this.totals.failing++;
    if (this.failed === null) {
      this.failed = failing;
      this.runsToFind = number + 1;
    }
    if (!this.keepGoing) this.over = true;
  }

  result(): Search {
    const { totals } = this;
    const { strategy, races, runner } = this.maker;
    const deadlockTraces = strategy.tracesAreRuns === true ? totals.deadlocked : this.deadlocks.size;
    // A run that was cut at a limit may have hidden something; one beyond the bound was asked for.
    const exhaustive = this.exhausted && strategy.exhaustive && strategy.covers !== false && !this.cutShort;
    const stallJiffiesMax = this.stallsBounded ? (strategy.stallJiffiesMax ?? 0) : null;
    const { failed, runsToFind, findings } = this;
    const benignSeen = runner.sanitizer?.benignSeen ?? new Map();
    const coverage = races?.coverage ?? null;
    const base = { strategy, totals, exhaustive, stallJiffiesMax, failed, runsToFind, deadlockTraces, coverage };
    return { ...base, findings, benignSeen };
  }
}
