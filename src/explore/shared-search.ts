/**
 * One search whose runs several threads make, or several machines. This thread takes all runs in the order of their
 * numbers, and makes those that are nobody else's: what an exhaustive strategy does next depends on what it has done. The
 * helpers make the others, range by range, ahead of it. What was taken at any time, and so the result, is the same as with
 * one thread.
 *
 * A shard takes every n-th range only. It makes the runs of exhaustive strategies in all of them, as these depend on each
 * other, but counts its own.
 */
import { type Batch, BatchReader, makeBatch } from './batch.js';
import { type GraphNode, graphOf } from './object-graph.js';
import { RunMaker, type RunRecord } from './run-maker.js';
import type { Explorable } from './runner.js';
import { askForMore, type Progress, progressOf, type SearchOptions, strategyOf } from './search.js';
import { isFree, type Strategy } from './strategy.js';
import { type Search, Tally } from './tally.js';

/** Threads that make runs. */
export interface Helpers {
  readonly threads: number;
  /** Makes the free runs from `from` to `to`, less one. Ranges are asked for in rising order. */
  make(from: number, to: number): Promise<Batch>;
  /** Lets what has been made come in. */
  pause(): Promise<void>;
}

/** A part of a search: the `index`-th, from 1, of `count`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

/** Who else takes part in a search. */
export interface Sharing {
  readonly helpers?: Helpers | null;
  readonly shard?: Shard | null;
  /** Makes the strategy, if not from the options. */
  readonly strategy?: () => Strategy;
}

/** Asked after each run: true ends the search there. */
export type Between = () => boolean | Promise<boolean>;

/** Runs that are shared out at a time. */
export const rangeRuns = 256;
/** Runs before helpers are asked: many searches are over by then. */
const helpFrom = 64;
/** Ranges that wait at each helper, so that none is idle. */
export const waitingMax = 4;
/** Ranges by helper that may be ready before they are wanted: more than are made here while the first helper starts up. */
const readyMax = 64;

export function rangeOf(number: number): number {
  return Math.floor(number / rangeRuns);
}

/** May others make any of its runs? */
export function canBeShared(strategy: Strategy): boolean {
  for (let number = 0; number < rangeRuns; number++) if (isFree(strategy, number)) return true;
  return false;
}

export class SharedSearch {
  readonly maker: RunMaker;
  readonly tally: Tally;
  readonly shard: Shard | null;
  /** Number of the next run. */
  number = 0;
  private readonly program: Explorable;
  private readonly options: SearchOptions;
  private readonly helpers: Helpers | null;
  /** Ranges that helpers make or have made. */
  private readonly asked = new Map<number, Promise<void>>();
  private readonly ready = new Map<number, BatchReader>();
  private underway = 0;
  private nextToAsk = -1;
  /** Makes ranges ahead, in this thread. */
  private aheadMaker: RunMaker | null = null;
  private reader: BatchReader | null = null;
  private depth = 0;
  private broken: unknown = null;
  private ended = false;
  /** What the strategy knew when the budget was used up. */
  private known: readonly GraphNode[] | null = null;

  private readonly strategy: () => Strategy;

  constructor(program: Explorable, options: SearchOptions, sharing: Sharing = {}) {
    this.program = program;
    this.options = options;
    this.shard = sharing.shard ?? null;
    this.strategy = sharing.strategy ?? (() => strategyOf(options));
    this.maker = new RunMaker(program, options, this.strategy());
    this.tally = new Tally(this.maker, options);
    this.helpers = canBeShared(this.maker.strategy) ? (sharing.helpers ?? null) : null;
  }

  /** Searches until it is over. False if `between` ended it. */
  async run(between: Between = () => false): Promise<boolean> {
    const { tally } = this;
    let entered = -1;
    while (tally.wants(this.number)) {
      const range = rangeOf(this.number);
      if (range !== entered) {
        entered = range;
        if (this.shard !== null && this.number % rangeRuns === 0) tally.note(range);
        await this.enter(range);
      } else if (this.number === helpFrom) this.ask();
      if (!this.step()) break;
      const stop = between();
      if (stop === true || (stop !== false && (await stop))) {
        this.ended = true;
        return false;
      }
    }
    this.ended = true;
    this.close();
    return true;
  }

  private close(): void {
    const { strategy } = this.maker;
    if (this.tally.over || !strategy.exhaustive || this.known !== null) return;
    this.known = this.remakes ? [] : graphOf(strategy);
    askForMore(strategy, this.tally, this.number);
  }

  /** What its strategy knows, for another process; null if that cannot be kept. */
  get knowledge(): readonly GraphNode[] | null {
    return this.remakes ? null : (this.known ?? graphOf(this.maker.strategy));
  }

  /**
   * What its strategy knows cannot be kept: one that counts preemptions asks for the operations of earlier runs. To go on
   * it makes them again.
   */
  get remakes(): boolean {
    const { tracesByPreemptions, preemptionBound } = this.maker.strategy;
    if (tracesByPreemptions === undefined) return false;
    if (this.options.countInterleavings === true) return true;
    return this.options.countPreemptions === true || (preemptionBound ?? null) !== null;
  }

  /** Brings a new strategy to where {@link number} is. */
  remake(): void {
    for (let number = 0; number < this.number; number++) this.maker.make(number);
  }

  /** How far it has come. */
  progress(): Progress {
    return progressOf(this.maker, this.tally, this.depth);
  }

  /** What is known so far. */
  result(): Search {
    return this.tally.result();
  }

  private owns(range: number): boolean {
    return this.shard === null || range % this.shard.count === this.shard.index - 1;
  }

  /** Takes the next run. False if there is none. */
  private step(): boolean {
    const { tally, maker, number } = this;
    const own = this.owns(rangeOf(number));
    const free = isFree(maker.strategy, number);
    if (!own && free) {
      this.number = this.nextOf(number);
      return true;
    }
    const record = (free ? this.fetched() : null) ?? maker.make(number);
    if (record === null) {
      tally.exhaust();
      return false;
    }
    this.depth = record.decisions;
    if (own) tally.take(number, record);
    else if (record.failed && this.options.keepGoing !== true) tally.over = true;
    this.number++;
    return true;
  }

  /** The next run of others' ranges that is to be made here. */
  private nextOf(number: number): number {
    const end = (rangeOf(number) + 1) * rangeRuns;
    let next = number + 1;
    while (next < end && isFree(this.maker.strategy, next)) next++;
    return next;
  }

  private fetched(): RunRecord | null {
    const { races } = this.maker;
    return this.reader?.next((pair) => races?.add(pair)) ?? null;
  }

  // --- helpers ---

  /** Waits for what helpers make of a range; meanwhile makes what nobody was asked for yet. */
  private async enter(range: number): Promise<void> {
    const { helpers, asked, ready } = this;
    this.reader = null;
    if (helpers === null) return;
    if (this.number >= helpFrom) this.ask();
    while (asked.has(range) && !ready.has(range)) {
      if (this.broken !== null) throw this.broken;
      const other = asked.size < helpers.threads * readyMax ? this.nextAhead() : null;
      if (other === null) await asked.get(range);
      else {
        this.makeAhead(other);
        await helpers.pause();
      }
    }
    this.reader = ready.get(range) ?? null;
    this.reader?.tellBenign(this.maker);
    ready.delete(range);
    asked.delete(range);
  }

  /** Asks helpers for more, as long as they have little to do and not too much is ready. */
  private ask(): void {
    const { helpers } = this;
    if (helpers === null || this.ended || this.broken !== null) return;
    while (this.underway < helpers.threads * waitingMax && this.asked.size < helpers.threads * readyMax) {
      const range = this.nextAhead();
      if (range === null) return;
      this.nextToAsk = range + 1;
      this.underway++;
      this.asked.set(range, this.arrival(helpers, range));
    }
  }

  private async arrival(helpers: Helpers, range: number): Promise<void> {
    try {
      const batch = await helpers.make(range * rangeRuns, Math.min((range + 1) * rangeRuns, this.tally.runsMax));
      this.ready.set(range, new BatchReader(batch));
    } catch (error) {
      this.broken ??= error;
    }
    this.underway--;
    this.ask();
  }

  /** The next range nobody was asked for; null if there is none. */
  private nextAhead(): number | null {
    let range = Math.max(this.nextToAsk, rangeOf(this.number) + 1);
    while (!this.owns(range)) range++;
    return range * rangeRuns < this.tally.runsMax ? range : null;
  }

  private makeAhead(range: number): void {
    const { options } = this;
    this.aheadMaker ??= new RunMaker(this.program, options, this.strategy());
    this.nextToAsk = range + 1;
    const to = Math.min((range + 1) * rangeRuns, this.tally.runsMax);
    const batch = makeBatch(this.aheadMaker, range * rangeRuns, to, options.keepGoing === true);
    this.asked.set(range, Promise.resolve());
    this.ready.set(range, new BatchReader(batch));
  }
}
