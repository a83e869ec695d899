/**
 * The lists that the timer wheel is made of: what 2.6.12–2.6.28 kernel/timer.c does with list_head. Private to
 * timer-wheel.ts.
 *
 * *Ordering rule.* FIFO.
 *
 * *Cost.* With a million timers only memory latency counts, so a list is an array: taking a timer out touches that timer
 * alone and leaves a stale entry behind, and a walk need not wait for one timer to learn where the next one lies. An entry is
 * live if its timer says that it is here. Stale entries go when a list is walked, and when they are more than the live ones.
 *
 * *Divergence from Linux.* Only in the layout: the kernel links the timers themselves.
 */

import { diffJiffies } from './jiffies.js';
import type { TimerBase } from './timer-wheel.js';

/** A timer as the wheel sees it. Subclass it, or hold one. `slot` and `place` are the wheel's own. */
export class WheelTimer {
  /** The list it is on, and the index there. */
  slot: Slot | null = null;
  place = 0;
  // The expiry as two small integers: V8 would keep one number above 2^31 as an object of its own, elsewhere in memory.
  private low = 0;
  private high = 0;

  /** Jiffy at which to fire, an integer, as the caller set it. While the timer is pending, set it only to `add` again. */
  get expires(): number {
    return this.high * 2 ** 32 + (this.low >>> 0);
  }

  set expires(jiffy: number) {
    this.low = jiffy | 0;
    this.high = Math.floor(jiffy / 2 ** 32);
  }

  /** The base it is pending on, also while it waits in the running slot; null = not pending. */
  get base(): TimerBase | null {
    return this.slot === null ? null : this.slot.base;
  }
}

/** One FIFO list of timers. */
export class Slot {
  readonly base: TimerBase;
  /** Where its bit is, `mask`, which says whether it holds timers. The slot that is being run has none: `mask` is 0. */
  group: SlotGroup;
  mask: number;
  /** Live timers. */
  live = 0;
  private items: WheelTimer[] = [];
  /** Entries from `begin` to before `end` count; the rest is garbage. */
  private begin = 0;
  private end = 0;

  constructor(base: TimerBase, group: SlotGroup, mask: number) {
    this.base = base;
    this.group = group;
    this.mask = mask;
  }

  append(t: WheelTimer): void {
    const end = this.end;
    this.items[end] = t;
    t.slot = this;
    t.place = end;
    this.end = end + 1;
    if (this.live++ === 0) this.group.bits |= this.mask;
  }

  remove(t: WheelTimer): void {
    t.slot = null;
    if (--this.live === 0) this.clear();
    else if (this.end - this.begin > 2 * this.live + 64) this.compact();
  }

  /** The first timer, taken out; null if there is none. */
  shift(): WheelTimer | null {
    if (this.live === 0) return null;
    let i = this.begin;
    while (!this.isLive(this.items[i]!, i)) i++;
    const t = this.items[i]!;
    this.begin = i + 1;
    t.slot = null;
    if (--this.live === 0) this.clear();
    return t;
  }

  /** Drops the stale entries. On the way it brings all its timers into the cache, which pays before they are run. */
  compact(): void {
    this.end = this.gather(this.items, this.begin, this.end);
  }

  /** Empties it; its base places each timer anew, in their order. */
  cascade(): void {
    const { items, begin, end } = this;
    this.clear();
    // By and by, in two passes: the first has the timers fetched from memory at the same time, not one after another.
    for (let from = begin; from < end; from += 32) {
      const to = this.gather(items, from, Math.min(from + 32, end));
      for (let i = from; i < to; i++) this.base.internal_add_timer(items[i]!);
    }
  }

  /** Jiffies from its base's timerJiffies to the earliest expiry, at most `limit`. */
  distance(limit: number): number {
    const { timerJiffies, wraps } = this.base;
    let best = limit;
    for (let i = this.begin; i < this.end; i++) {
      const t = this.items[i]!;
      if (this.isLive(t, i)) best = Math.min(best, diffJiffies(t.expires, timerJiffies, wraps));
    }
    return best;
  }

  /** Every live timer, in order. */
  *[Symbol.iterator](): Iterator<WheelTimer> {
    for (let i = this.begin; i < this.end; i++) {
      const t = this.items[i]!;
      if (this.isLive(t, i)) yield t;
    }
  }

  private isLive(t: WheelTimer, i: number): boolean {
    return t.slot === this && t.place === i;
  }

  /** Moves the live timers of a range of entries to its front; answers where they end. */
  private gather(items: WheelTimer[], begin: number, end: number): number {
    let to = begin;
    for (let i = begin; i < end; i++) {
      const t = items[i]!;
      if (!this.isLive(t, i)) continue;
      if (i !== to) {
        items[to] = t;
        t.place = to;
      }
      to++;
    }
    return to;
  }

  private clear(): void {
    this.begin = 0;
    this.end = 0;
    this.live = 0;
    this.group.bits &= ~this.mask;
    if (this.items.length > 1024) this.items = [];
  }
}

/** 32 neighbouring slots, made on demand, and the bitmap of those that hold timers. */
export class SlotGroup {
  bits = 0;
  readonly slots: (Slot | null)[] = new Array<Slot | null>(32).fill(null);
}
