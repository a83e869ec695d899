/**
 * Runs that somebody else made: a worker makes the free ones of a range of numbers and packs what the search keeps of them
 * into arrays, which cost little to send. A batch may end early, at a failure or where something was thrown: whoever takes
 * it makes the rest.
 */
import { ends, type RunMaker, type RunRecord } from './run-maker.js';
import type { Failing } from './shrink.js';
import { isFree } from './strategy.js';

export interface Batch {
  /** The range of run numbers: `from` is in it, `to` is not. */
  readonly from: number;
  readonly to: number;
  /** By free run of the range, in order: the number of its end, and flags. */
  readonly kinds: Uint8Array;
  readonly steps: Uint32Array;
  readonly decisions: Uint32Array;
  readonly traces: Float64Array;
  /** Of the first failed run. */
  readonly failing: Failing | null;
  /** What sanitizers found for the first time, and at which of the runs. */
  readonly findings: readonly { readonly at: number; readonly failing: readonly Failing[] }[];
  /** Marks of known races that have applied so far, by their place in the list, and how often. */
  readonly benign: readonly (readonly [mark: number, times: number])[];
  /** Racing pairs that its maker had not seen before, and at which of the runs. */
  readonly pairs: Float64Array;
  readonly pairRuns: Uint32Array;
}

const endBits = 3;
const flags = { cutShort: 4, stallsBounded: 8, failed: 16 } as const;

/** Makes the free runs of a range. `keepGoing`: also after a failure. */
export function makeBatch(maker: RunMaker, from: number, to: number, keepGoing: boolean): Batch {
  const [kinds, steps, decisions, traces]: number[][] = [[], [], [], []];
  const pairs: number[] = [];
  const pairRuns: number[] = [];
  const findings: Batch['findings'][number][] = [];
  let failing: Failing | null = null;
  const { races } = maker;
  if (races !== null) {
    races.onNew = (pair) => {
      pairs.push(pair);
      pairRuns.push(kinds!.length);
    };
  }
  for (let number = from; number < to; number++) {
    if (!isFree(maker.strategy, number)) continue;
    const record = made(maker, number);
    if (record === null) break;
    kinds!.push(kindOf(record));
    steps!.push(record.steps);
    decisions!.push(record.decisions);
    traces!.push(record.trace);
    if (record.findings.length > 0) findings.push({ at: kinds!.length - 1, failing: record.findings });
    if (!record.failed) continue;
    failing ??= record.failing;
    if (!keepGoing) break;
  }
  return {
    from,
    to,
    kinds: Uint8Array.from(kinds!),
    steps: Uint32Array.from(steps!),
    decisions: Uint32Array.from(decisions!),
    traces: Float64Array.from(traces!),
    failing,
    findings,
    benign: benignOf(maker),
    pairs: Float64Array.from(pairs),
    pairRuns: Uint32Array.from(pairRuns),
  };
}

function benignOf({ runner, benign }: RunMaker): Batch['benign'] {
  return [...(runner.sanitizer?.benignSeen ?? [])].map(([mark, times]) => [benign.indexOf(mark), times] as const);
}

/** Null if it is not to be made here. */
function made(maker: RunMaker, number: number): RunRecord | null {
  try {
    return maker.make(number);
  } catch {
    // Whoever takes the batch makes this run again, and throws it where it is told of.
    return null;
  }
}

function kindOf({ end, cutShort, stallsBounded, failed }: RunRecord): number {
  return (
    ends.indexOf(end) +
    (cutShort ? flags.cutShort : 0) +
    (stallsBounded ? flags.stallsBounded : 0) +
    (failed ? flags.failed : 0)
  );
}

const none: readonly Failing[] = [];

/** Hands out a batch's records, in order. */
export class BatchReader {
  private readonly batch: Batch;
  private readonly record: RunRecord = {
    end: 'complete',
    steps: 0,
    decisions: 0,
    trace: 0,
    cutShort: false,
    stallsBounded: false,
    failed: false,
    failing: null,
    findings: none,
  };
  private at = 0;
  private pairsAt = 0;
  private findingsAt = 0;
  private failingLeft: Failing | null;

  constructor(batch: Batch) {
    this.batch = batch;
    this.failingLeft = batch.failing;
  }

  /** Lets a maker know of the marks that others saw applied. */
  tellBenign({ runner, benign }: RunMaker): void {
    const seen = runner.sanitizer?.benignSeen;
    for (const [mark, times] of this.batch.benign) {
      const race = benign[mark];
      if (seen !== undefined && race !== undefined) seen.set(race, Math.max(times, seen.get(race) ?? 0));
    }
  }

  /** What is kept of the next free run; null if the batch has ended. `pair`: told of the pairs first seen in it. */
  next(pair: (pair: number) => void): RunRecord | null {
    const { batch, record, at } = this;
    if (at === batch.kinds.length) return null;
    const kind = batch.kinds[at]!;
    record.end = ends[kind & endBits]!;
    record.steps = batch.steps[at]!;
    record.decisions = batch.decisions[at]!;
    record.trace = batch.traces[at]!;
    record.cutShort = (kind & flags.cutShort) !== 0;
    record.stallsBounded = (kind & flags.stallsBounded) !== 0;
    record.failed = (kind & flags.failed) !== 0;
    record.failing = record.failed ? this.failingLeft : null;
    if (record.failed) this.failingLeft = null;
    const found = batch.findings[this.findingsAt];
    record.findings = found?.at === at ? found.failing : none;
    if (found?.at === at) this.findingsAt++;
    for (; batch.pairRuns[this.pairsAt] === at; this.pairsAt++) pair(batch.pairs[this.pairsAt]!);
    this.at++;
    return record;
  }
}
