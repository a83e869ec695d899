/**
 * The books of destination entries that are not yet destroyed: for observers, who would find garbage that has been lost.
 *
 * Entering and leaving touches no other entry but one that is likely to be at hand: among a million, each would be a walk to
 * memory.
 *
 * Divergence from Linux: the kernel keeps only a count, and that in debug builds.
 */
import type { DstEntry } from './dst-entry.js';

export class LiveEntries {
  /** In no order: who leaves gives his place to the last. */
  private readonly entries: DstEntry[] = [];

  add(dst: DstEntry): void {
    dst.place = this.entries.length;
    this.entries.push(dst);
  }

  remove(dst: DstEntry): void {
    const { place } = dst;
    const last = this.entries.pop();
    if (last !== undefined && last !== dst) {
      this.entries[place] = last;
      last.place = place;
    }
    dst.place = -1;
  }

  /** By allocation. */
  newestFirst(): readonly DstEntry[] {
    return this.entries.slice().sort((a, b) => b.id - a.id);
  }
}
