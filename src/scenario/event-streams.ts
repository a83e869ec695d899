/**
 * Finds the first event in which two runs differ without keeping the events of either: a sum per block on the first
 * pass, the events of one block on the second.
 */
import type { Listener, TraceEvent } from '../trace/trace.js';

/** Runs something with a listener; every call does the same again. */
export type TracedRun = (listener: Listener) => void;

export interface Parting {
  /** Index of the first event that differs. */
  readonly at: number;
  /** What both share right before it. */
  readonly common: readonly TraceEvent[];
  readonly left: readonly TraceEvent[];
  readonly right: readonly TraceEvent[];
}

const blockSize = 4096;

/** The first difference between two runs, with `context` events around it; null when they are the same. */
export function whereTheyPart(left: TracedRun, right: TracedRun, context: number): Parting | null {
  const block = blocksOf(left).firstDifference(blocksOf(right));
  if (block === null) return null;
  const from = Math.max(0, block * blockSize - context);
  const to = (block + 1) * blockSize + context;
  const leftEvents = windowOf(left, from, to);
  const rightEvents = windowOf(right, from, to);
  let at = 0;
  while (at < leftEvents.length && at < rightEvents.length && key(leftEvents[at]!) === key(rightEvents[at]!)) at++;
  return {
    at: from + at,
    common: leftEvents.slice(Math.max(0, at - context), at),
    left: leftEvents.slice(at, at + context),
    right: rightEvents.slice(at, at + context),
  };
}

function blocksOf(run: TracedRun): Blocks {
  const blocks = new Blocks();
  run((event) => blocks.add(event));
  return blocks;
}

function windowOf(run: TracedRun, from: number, to: number): TraceEvent[] {
  const events: TraceEvent[] = [];
  let index = 0;
  run((event) => {
    if (index >= from && index < to) events.push(event);
    index++;
  });
  return events;
}

function key(e: TraceEvent): string {
  return `${e.timeNs} ${e.cpu} ${e.context} ${e.task} ${e.type} ${e.subject} ${e.a} ${e.b} ${e.text}`;
}

/** A running sum at the end of each block of events. */
class Blocks {
  private readonly sums: number[] = [];
  private sum = 0;
  private count = 0;

  add(event: TraceEvent): void {
    const text = key(event);
    let sum = this.sum;
    for (let i = 0; i < text.length; i++) sum = (Math.imul(sum, 31) + text.charCodeAt(i)) | 0;
    this.sum = sum;
    if (++this.count % blockSize === 0) this.sums.push(sum);
  }

  firstDifference(other: Blocks): number | null {
    const blocks = Math.min(this.sums.length, other.sums.length);
    for (let i = 0; i < blocks; i++) if (this.sums[i] !== other.sums[i]) return i;
    return this.sum === other.sum && this.count === other.count ? null : blocks;
  }
}
