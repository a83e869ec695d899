/**
 * The queue of what happens next in virtual time: a binary heap (fastpriorityqueue) behind a total order. Where many wait,
 * only those that come soon are in the heap; the others lie by until their time draws near (later.ts).
 *
 * Ordering rule: earlier time first; at the same nanosecond the lower class first, then the lower rank, then first
 * come first served (`sequence`). The order is total, because the heap itself is not stable.
 * Cancelling marks an entry as dead; dead entries are dropped as they surface, or all at once when they outnumber the
 * living, since the heap's own remove() is linear and matches by comparator.
 */
import FastPriorityQueue from 'fastpriorityqueue';
import { Later, stretchOf } from './later.js';

export interface QueueEntry {
  /** Virtual time, ns. */
  timeNs: number;
  /** Lower goes first at the same time. */
  order: number;
  /** Lower goes first within an order. */
  rank: number;
  /** Given by the queue. */
  sequence: number;
  /** True while it waits in the queue. */
  queued: boolean;
  /** Set by cancel(); the entry is skipped when it surfaces. */
  dead: boolean;
}

function before(a: QueueEntry, b: QueueEntry): boolean {
  if (a.timeNs !== b.timeNs) return a.timeNs < b.timeNs;
  if (a.order !== b.order) return a.order < b.order;
  if (a.rank !== b.rank) return a.rank < b.rank;
  return a.sequence < b.sequence;
}

/** So many are kept in the heap whenever they come. */
const nearMin = 1024;

export class EventQueue<E extends QueueEntry> {
  private heap = new FastPriorityQueue<E>(before);
  private later = new Later<E>();
  private readonly nearMin: number;
  /** The stretch of time that entries were last taken from. */
  private stretch = 0;
  private sequence = 0;
  private deadCount = 0;

  /** `near`: how many entries are sorted at once, however late they come. It changes no order. */
  constructor(near = nearMin) {
    this.nearMin = near;
  }

  /** Living entries. */
  get size(): number {
    return this.heap.size + this.later.size - this.deadCount;
  }

  push(entry: E): void {
    entry.sequence = this.sequence++;
    entry.queued = true;
    entry.dead = false;
    if (this.heap.size < this.nearMin || stretchOf(entry.timeNs) <= this.stretch) this.heap.add(entry);
    else this.later.add(entry);
  }

  /** Takes a waiting entry out. Cheap: it stays in the queue until it surfaces. An entry must not be pushed again before that. */
  cancel(entry: E): void {
    if (!entry.queued || entry.dead) return;
    entry.dead = true;
    this.deadCount++;
    if (this.deadCount > 64 && this.deadCount * 2 > this.heap.size + this.later.size) this.compact();
  }

  peek(): E | undefined {
    const top = this.heap.peek();
    if (top !== undefined && !top.dead && top.timeNs < this.later.startNs) return top;
    return this.surface();
  }

  poll(): E | undefined {
    this.peek();
    const entry = this.heap.poll();
    if (entry === undefined) return undefined;
    entry.queued = false;
    if (this.later.size > 0) this.stretch = stretchOf(entry.timeNs);
    return entry;
  }

  /** Drops dead entries, and sorts those whose time draws near, until the first one is known. */
  private surface(): E | undefined {
    for (;;) {
      const top = this.heap.peek();
      if (top?.dead) this.drop(this.heap.poll()!);
      else if (this.later.size > 0 && (top === undefined || top.timeNs >= this.later.startNs)) {
        for (const entry of this.later.takeFirst()) this.keep(entry);
      } else return top;
    }
  }

  private drop(entry: E): void {
    entry.queued = false;
    this.deadCount--;
  }

  /** Into the heap, if it lives. */
  private keep(entry: E): void {
    if (entry.dead) this.drop(entry);
    else this.heap.add(entry);
  }

  private compact(): void {
    const { heap, later } = this;
    this.heap = new FastPriorityQueue<E>(before);
    this.later = new Later<E>();
    heap.forEach((entry) => {
      this.keep(entry);
    });
    while (later.size > 0) {
      for (const entry of later.takeFirst()) {
        if (entry.dead) this.drop(entry);
        else this.later.add(entry);
      }
    }
  }
}
