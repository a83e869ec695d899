/**
 * The queue of what happens next in virtual time: a binary heap (fastpriorityqueue) behind a total order.
 *
 * Ordering rule: earlier time first; at the same nanosecond the lower class first, then the lower rank, then first
 * come first served (`sequence`). The order is total, because the heap itself is not stable.
 * Cancelling marks an entry as dead; dead entries are dropped as they surface, or all at once when they outnumber the
 * living, since the heap's own remove() is linear and matches by comparator.
 */
import FastPriorityQueue from 'fastpriorityqueue';

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

export class EventQueue<E extends QueueEntry> {
  private heap = new FastPriorityQueue<E>(before);
  private sequence = 0;
  private deadCount = 0;

  /** Living entries. */
  get size(): number {
    return this.heap.size - this.deadCount;
  }

  push(entry: E): void {
    entry.sequence = this.sequence++;
    entry.queued = true;
    entry.dead = false;
    this.heap.add(entry);
  }

  /** Takes a waiting entry out. Cheap: it stays in the heap until it surfaces. An entry must not be pushed again before that. */
  cancel(entry: E): void {
    if (!entry.queued || entry.dead) return;
    entry.dead = true;
    this.deadCount++;
    if (this.deadCount > 64 && this.deadCount * 2 > this.heap.size) this.compact();
  }

  peek(): E | undefined {
    if (this.deadCount > 0) this.dropDead();
    return this.heap.peek();
  }

  poll(): E | undefined {
    if (this.deadCount > 0) this.dropDead();
    const entry = this.heap.poll();
    if (entry !== undefined) entry.queued = false;
    return entry;
  }

  private dropDead(): void {
    for (let top = this.heap.peek(); top?.dead; top = this.heap.peek()) {
      this.heap.poll();
      top.queued = false;
      this.deadCount--;
    }
  }

  private compact(): void {
    const living: E[] = [];
    this.heap.forEach((entry) => {
      if (entry.dead) entry.queued = false;
      else living.push(entry);
    });
    this.heap = new FastPriorityQueue<E>(before);
    for (const entry of living) this.heap.add(entry);
    this.deadCount = 0;
  }
}
