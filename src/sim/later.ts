/**
 * What happens much later: entries by the stretch of time they fall into, unsorted. However many wait, adding one costs the
 * same, where a heap of a million is a walk through memory.
 *
 * Ordering rule: none within a stretch; the stretches are taken in the order of time.
 */
import FastPriorityQueue from 'fastpriorityqueue';

/** Length of a stretch, ns: about a millisecond. */
export const stretchNs = 2 ** 20;

/** The stretch that a virtual time falls into. */
export function stretchOf(timeNs: number): number {
  return Math.floor(timeNs / stretchNs);
}

export class Later<E extends { readonly timeNs: number }> {
  /** Where the first stretch that has entries begins, ns; Infinity: there are none. */
  startNs = Number.POSITIVE_INFINITY;
  size = 0;
  /** Made when first needed: few runs have so much waiting, and a search makes a queue for each. */
  private stretches: Map<number, E[]> | null = null;
  private order: FastPriorityQueue<number> | null = null;

  add(entry: E): void {
    this.stretches ??= new Map();
    this.order ??= new FastPriorityQueue();
    const stretch = stretchOf(entry.timeNs);
    const entries = this.stretches.get(stretch);
    this.size++;
    if (entries !== undefined) {
      entries.push(entry);
      return;
    }
    this.stretches.set(stretch, [entry]);
    this.order.add(stretch);
    this.look();
  }

  /** Takes the entries of the first stretch. */
  takeFirst(): readonly E[] {
    const stretch = this.order?.poll();
    if (stretch === undefined) return [];
    const entries = this.stretches?.get(stretch) ?? [];
    this.stretches?.delete(stretch);
    this.size -= entries.length;
    this.look();
    return entries;
  }

  private look(): void {
    const first = this.order?.peek();
    this.startNs = first === undefined ? Number.POSITIVE_INFINITY : first * stretchNs;
  }
}
