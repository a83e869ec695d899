/**
 * Where two runs part: the first event that differs, without keeping the events of either run.
 *
 * Each run is observed once, into a running hash per block of {@link blockSize} events; the first {@link keptMax} events
 * are kept, so that a short run is compared exactly even if it is never the same twice. If longer runs differ, both are
 * run again and only the events around the first differing block are kept. A program with hidden nondeterminism may then
 * part elsewhere, or nowhere in that block: {@link Parting.stable} tells.
 */
import type { Listener, TraceEvent } from './trace.js';

/** Runs something with a listener. Called once or twice, and should do the same each time. */
export type TracedRun = (listener: Listener) => void;

export interface Parting {
  /** Index of the first event that differs, from 0; where `stable` is false, of the first of its block. */
  readonly at: number;
  /** What both share right before it. */
  readonly common: readonly TraceEvent[];
  /** The first run from there on; empty if it ended there. */
  readonly left: readonly TraceEvent[];
  /** The second run from there on. */
  readonly right: readonly TraceEvent[];
  /** False if the difference was gone when the runs were repeated: then `left` and `right` are empty. */
  readonly stable: boolean;
}

export interface CompareOptions {
  /** Events before and after the first difference that are kept; 5 if absent. */
  readonly context?: number;
  /** Events kept of each run for an exact comparison; 20,000 if absent. */
  readonly keptMax?: number;
}

const blockSize = 1024;

/** Runs twice and answers where the two runs part; null when every event is the same. */
export function checkDeterminism(run: TracedRun, options: CompareOptions = {}): Parting | null {
  return whereTheyPart(run, run, options);
}

/** The first difference between two runs; null when every event is the same. */
export function whereTheyPart(left: TracedRun, right: TracedRun, options: CompareOptions = {}): Parting | null {
  const context = options.context ?? 5;
  const keptMax = options.keptMax ?? 20_000;
  const first = observe(left, keptMax);
  const second = observe(right, keptMax);
  const exact = partingOf(first.kept, second.kept, 0, context);
  if (exact !== null && exact.at + context < keptMax) return exact;
  const block = differingBlock(first, second);
  if (block === null) return null;
  const from = Math.max(0, block * blockSize - context);
  const to = (block + 1) * blockSize + context;
  const parting = partingOf(eventsOf(left, from, to), eventsOf(right, from, to), from, context);
  return parting ?? { at: block * blockSize, common: [], left: [], right: [], stable: false };
}

/** The fields of an event that must agree, as text. */
function keyOf(e: TraceEvent): string {
  const stack = e.stack.join('>');
  return `${e.timeNs} ${e.jiffies} ${e.cpu} ${e.context} ${e.task} ${e.type} ${e.subject} ${e.a} ${e.b} ${stack} ${e.text}`;
}

interface Observed {
  /** The hash so far at the end of each full block, then at the end of the run. */
  readonly hashes: readonly number[];
  readonly count: number;
  readonly kept: readonly TraceEvent[];
}

function observe(run: TracedRun, keptMax: number): Observed {
  const hashes: number[] = [];
  const kept: TraceEvent[] = [];
  let low = 0;
  let high = 0;
  let count = 0;
  run((event) => {
    const key = keyOf(event);
    for (let i = 0; i < key.length; i++) {
      low = Math.imul(low ^ key.charCodeAt(i), 0x01000193);
      high = (Math.imul(high, 31) + key.charCodeAt(i)) | 0;
    }
    if (kept.length < keptMax) kept.push(event);
    if (++count % blockSize === 0) hashes.push(low, high);
  });
  hashes.push(low, high);
  return { hashes, count, kept };
}

function differingBlock(a: Observed, b: Observed): number | null {
  const words = Math.min(a.hashes.length, b.hashes.length);
  for (let i = 0; i < words; i++) if (a.hashes[i] !== b.hashes[i]) return i >> 1;
  return a.count === b.count ? null : (words >> 1) - 1;
}

function eventsOf(run: TracedRun, from: number, to: number): TraceEvent[] {
  const events: TraceEvent[] = [];
  let index = 0;
  run((event) => {
    if (index >= from && index < to) events.push(event);
    index++;
  });
  return events;
}

function partingOf(
  left: readonly TraceEvent[],
  right: readonly TraceEvent[],
  from: number,
  context: number,
): Parting | null {
  let at = 0;
  while (at < left.length && at < right.length && keyOf(left[at]!) === keyOf(right[at]!)) at++;
  if (at === left.length && at === right.length) return null;
  return {
    at: from + at,
    common: left.slice(Math.max(0, at - context), at),
    left: left.slice(at, at + context + 1),
    right: right.slice(at, at + context + 1),
    stable: true,
  };
}
