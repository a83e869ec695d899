/**
 * Checkpoints: a search in the middle, as a text that another process goes on from, and that `merge` takes for the result of
 * a shard. JSON of one line: what is searched and how, what is known, what the strategy knows.
 *
 * Version 1. `sum` is a checksum of all that follows it: half a file, or one with a changed letter, is told.
 */
import { z } from 'zod';
import { InputError } from '../sim/errors.js';
import type { Found } from './findings.js';
import { type GraphNode, restoreGraph } from './object-graph.js';
import { rangeOf, type SharedSearch } from './shared-search.js';
import type { Failing } from './shrink.js';

/** What a search must be to go on from a checkpoint: names and values as a person knows them. */
export type Identity = Readonly<Record<string, string | number | boolean | null>>;

const format = 'jiffies-checkpoint';
const version = 1;

const count = z.int().min(0);
const deviation = z.strictObject({ at: count, actor: z.int(), name: z.string(), value: count });
const failing = z.strictObject({
  schedule: z.strictObject({ deviations: z.array(deviation), decisions: count }),
  fault: z.looseObject({ kind: z.string(), message: z.string(), place: z.string() }),
  steps: count,
  preemptions: count,
  intrusions: count,
  dataSum: count,
});
const totals = z.strictObject({
  runs: count,
  steps: count,
  complete: count,
  deadlocked: count,
  sleepSetBlocked: count,
  boundCut: count,
  failing: count,
  traces: count,
});
const row = z.strictObject({
  range: z.int(),
  totals,
  traces: count,
  deadlocks: count,
  pairs: count,
  cutShort: z.boolean(),
  stallsBounded: z.boolean(),
});
const shape = z.strictObject({
  identity: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  runs: count,
  done: z.boolean(),
  number: count,
  over: z.boolean(),
  exhausted: z.boolean(),
  cutShort: z.boolean(),
  stallsBounded: z.boolean(),
  totals,
  runsToFind: count,
  failed: failing.nullable(),
  findings: z.array(z.strictObject({ failing, run: count })),
  traces: z.array(z.number()),
  deadlocks: z.array(z.number()),
  pairs: z.array(z.number()).nullable(),
  rows: z.array(row),
  strategy: z.array(z.array(z.unknown())).nullable(),
  result: z.unknown(),
});

export type Checkpoint = z.infer<typeof shape>;

/** `result`: what is printed of a search that is over, for `merge`; null otherwise. */
export function checkpointOf(search: SharedSearch, identity: Identity, done: boolean, result: unknown = null): string {
  const { tally, maker, number } = search;
  const { over, exhausted, cutShort, stallsBounded, totals, runsToFind, failed, findings, rows } = tally;
  const body = JSON.stringify({
    identity,
    runs: tally.runsMax,
    done,
    number,
    over,
    exhausted,
    cutShort,
    stallsBounded,
    totals,
    runsToFind,
    failed,
    findings,
    traces: [...tally.traces],
    deadlocks: [...tally.deadlocks],
    pairs: maker.races === null ? null : [...maker.races.pairs],
    rows: search.shard === null ? [] : [...rows, tally.row(rangeOf(search.number - 1))],
    strategy: search.knowledge,
    result,
  });
  return `{"format":"${format}","version":${version},"sum":"${checksum(body)}","search":${body}}\n`;
}

/** Reads a checkpoint. Throws InputError, in one line, for what is none. `file`: its name, for that. */
export function readCheckpoint(text: string, file: string): Checkpoint {
  const head = /^\{"format":"jiffies-checkpoint","version":(\d+),"sum":"([0-9a-f]+)","search":(.*)\}\s*$/s.exec(text);
  if (head === null) {
    const begun = text.startsWith(`{"format":"${format}"`);
    throw new InputError(`${file}: ${begun ? 'the checkpoint is cut off' : 'not a checkpoint of jiffies explore'}`);
  }
  const [, number, sum, body] = head as unknown as [string, string, string, string];
  if (Number(number) !== version) {
    throw new InputError(`${file}: a checkpoint of version ${number}, where version ${version} is known`);
  }
  if (checksum(body) !== sum) throw new InputError(`${file}: the checkpoint is damaged: its checksum is wrong`);
  const parsed = shape.safeParse(parsedJson(body, file));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new InputError(`${file}: the checkpoint is not well-formed: ${issue!.path.join('.')}: ${issue!.message}`);
}

function parsedJson(body: string, file: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new InputError(`${file}: the checkpoint is damaged: it is not JSON`);
  }
}

/** Throws InputError, naming what differs first, unless a checkpoint is of this search. */
export function checkIdentity(found: Identity, wanted: Identity, file: string, doing = 'go on from it'): void {
  const other = differenceOf(found, wanted);
  if (other !== null) throw new InputError(`${file}: cannot ${doing}: ${other}`);
}

/** What differs first between the search of a checkpoint and another; null if they are the same. */
export function differenceOf(found: Identity, wanted: Identity): string | null {
  for (const name of new Set([...Object.keys(wanted), ...Object.keys(found)])) {
    const [was, is] = [found[name] ?? null, wanted[name] ?? null];
    if (was !== is) return `${changes[name] ?? name} was ${shown(was)} and is ${shown(is)}`;
  }
  return null;
}

/** What it means that these differ. */
const changes: Readonly<Record<string, string>> = {
  program: 'the program has changed: its fingerprint',
  text: 'its text has changed: its SHA-256',
};

function shown(value: Identity[string]): string {
  return value === null ? 'not given' : String(value);
}

/** Lets a search that has not begun go on from a checkpoint. */
export function restoreSearch(search: SharedSearch, checkpoint: Checkpoint, file: string): void {
  const { tally, maker } = search;
  const { strategy } = checkpoint;
  search.number = checkpoint.number;
  Object.assign(tally.totals, checkpoint.totals);
  tally.traces = new Set(checkpoint.traces);
  tally.deadlocks = new Set(checkpoint.deadlocks);
  tally.failed = checkpoint.failed as Failing | null;
  tally.findings = checkpoint.findings as Found[];
  tally.runsToFind = checkpoint.runsToFind;
  tally.over = checkpoint.over;
  tally.exhausted = checkpoint.exhausted;
  tally.cutShort = checkpoint.cutShort;
  tally.stallsBounded = checkpoint.stallsBounded;
  // The last row is of a range that goes on.
  tally.rows = checkpoint.rows.slice(0, -1);
  for (const pair of checkpoint.pairs ?? []) maker.races?.add(pair);
  try {
    if (strategy === null) search.remake();
    else restoreGraph(maker.strategy, strategy as unknown as GraphNode[]);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${file}: the checkpoint does not fit: ${error.message}`);
  }
}

/** 64 bits: two of Fowler, Noll and Vo's hashes. */
function checksum(text: string): string {
  let [low, high] = [0x811c9dc5, 0x9dc5811c];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ (code + i), 0x01000193);
  }
  return [low, high].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}
