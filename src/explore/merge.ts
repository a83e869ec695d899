/**
 * The shards of a search made one again: what one search would have counted, and where it would have ended. A shard goes on
 * to its own first failure, which may lie behind that of another; so each is cut where the search ends.
 */
import { InputError } from '../sim/errors.js';
import { type Checkpoint, checkIdentity } from './checkpoint.js';
import { type Coverage, RaceCoverage } from './coverage.js';
import { rangeOf } from './shared-search.js';
import { noTotals, type Row, type Totals, tracesMax } from './tally.js';

export interface NamedCheckpoint {
  readonly file: string;
  readonly checkpoint: Checkpoint;
}

export interface Merged {
  readonly totals: Totals;
  /** The strategy found nothing left to explore. */
  readonly exhausted: boolean;
  readonly coverage: Coverage | null;
  /** The shard whose failure is that of the search; any if none failed. */
  readonly telling: Checkpoint;
}

const never = Number.POSITIVE_INFINITY;

/** Throws InputError unless the files are all the shards of one search, each of them done or far enough. */
export function mergeShards(shards: readonly NamedCheckpoint[]): Merged {
  checkShards(shards);
  const all = shards.map(({ checkpoint }) => checkpoint);
  const end = Math.min(...all.map(endOf));
  for (const { file, checkpoint } of shards) {
    if (checkpoint.done || checkpoint.number >= end) continue;
    throw new InputError(`${file}: shard ${shardOf(checkpoint)} is not done: go on from it with --resume`);
  }
  const cuts = all.map((checkpoint) => cutAt(checkpoint, end));
  const totals = noTotals();
  for (const { row } of cuts) {
    for (const name of Object.keys(totals) as (keyof Totals)[]) totals[name] += row.totals[name];
  }
  const traces = new Set(cuts.flatMap((cut) => cut.traces));
  if (traces.size > 0) totals.traces = Math.min(traces.size, tracesMax);
  return {
    totals,
    exhausted: all.some((checkpoint) => checkpoint.exhausted && endOf(checkpoint) === end),
    coverage: coverageOf(cuts.map((cut) => cut.pairs)),
    telling: tellingOf(all),
  };
}

/** The number of the run with which the search ends, as far as a shard knows. */
function endOf({ over, number }: Checkpoint): number {
  return over ? number : never;
}

/** The first failure of all; or, if there is none, the first that a sanitizer found. */
function tellingOf(all: readonly Checkpoint[]): Checkpoint {
  const failed = all.filter((checkpoint) => checkpoint.failed !== null);
  const first = (list: readonly Checkpoint[], run: (c: Checkpoint) => number): Checkpoint =>
    list.reduce((best, checkpoint) => (run(checkpoint) < run(best) ? checkpoint : best));
  if (failed.length > 0) return first(failed, ({ runsToFind }) => runsToFind);
  return first(all, ({ findings }) => findings[0]?.run ?? never);
}

interface Cut {
  readonly row: Row;
  readonly traces: readonly number[];
  readonly pairs: readonly number[] | null;
}

/** What a shard had counted where the search ends. */
function cutAt(checkpoint: Checkpoint, end: number): Cut {
  const range = end === never ? never : rangeOf(end - 1);
  const row = checkpoint.rows.findLast((one) => one.range <= range) ?? nothing;
  return {
    row,
    traces: checkpoint.traces.slice(0, row.traces),
    pairs: checkpoint.pairs?.slice(0, row.pairs) ?? null,
  };
}

const nothing: Row = {
  range: -1,
  totals: noTotals(),
  traces: 0,
  deadlocks: 0,
  pairs: 0,
  cutShort: false,
  stallsBounded: false,
};

function coverageOf(lists: readonly (readonly number[] | null)[]): Coverage | null {
  if (lists.some((list) => list === null)) return null;
  const races = new RaceCoverage();
  for (const pair of lists.flatMap((list) => list ?? [])) races.add(pair);
  return races.coverage;
}

function shardOf({ identity }: Checkpoint): string {
  return String(identity['shard'] ?? 'none');
}

/** One search, and each of its shards once. */
function checkShards(shards: readonly NamedCheckpoint[]): void {
  const [first] = shards;
  if (first === undefined) throw new InputError('there are no checkpoints to merge');
  const seen = new Map<number, string>();
  let count = 0;
  for (const { file, checkpoint } of shards) {
    const [index, of] = shardOf(checkpoint).split('/').map(Number);
    if (index === undefined || of === undefined) {
      throw new InputError(`${file}: this search is whole: it was made without --shard`);
    }
    checkIdentity(
      { ...checkpoint.identity, shard: `of ${of}`, runs: checkpoint.runs },
      {
        ...first.checkpoint.identity,
        shard: `of ${shardOf(first.checkpoint).split('/')[1]}`,
        runs: first.checkpoint.runs,
      },
      file,
      `merge it with ${first.file}`,
    );
    const other = seen.get(index);
    if (other !== undefined) throw new InputError(`${file}: shard ${index}/${of} is also in ${other}`);
    seen.set(index, file);
    count = of;
  }
  const missing = Array.from({ length: count }, (_, i) => i + 1).filter((index) => !seen.has(index));
  if (missing.length > 0) throw new InputError(`shard ${missing[0]}/${count} is missing`);
}
