/**
 * The five-level timer wheel of one CPU: tvec_base_t of kernel/timer.c, 2.6.12 to 2.6.28, CONFIG_BASE_SMALL off. Models
 * internal_add_timer (placement), cascade, and the part of __run_timers that picks what to run. A plain data structure: it
 * knows no locks, no handlers and no machine; kernel/timer.ts adds those. Times are jiffies.
 *
 * Level tv1 has 256 lists of one jiffy each, tv2 … tv5 have 64 lists of 2^8, 2^14, 2^20, 2^26 jiffies.
 *
 * *Ordering rule.* Lists are FIFO. A list is re-inserted, front first, one or more levels down in the jiffy in which its
 * span begins, before that jiffy's own list is run: so of timers of equal expiry one that was put near (in tv1) runs
 * before one that cascades to it later, whichever was armed first.
 *
 * *Cost.* add, remove, shift: constant, or amortised so. A base is a few words; lists (timer-slot.ts) come into being at
 * first use. nextEvent looks at 16 words of bitmap at most; nextExpiry may also walk the nearest list of each level above tv1,
 * once after each change.
 *
 * *Divergence from Linux.* The kernel has no occupancy bitmaps and visits every jiffy; advanceTo skips what would find
 * nothing, with the same result. Its next_timer_interrupt (only under NO_IDLE_HZ / NO_HZ) is not modelled: nextExpiry is
 * exact. 64-bit jiffies are exact up to 2^53.
 */

import { InternalError } from '../sim/errors.js';
import { addJiffies, diffJiffies } from './jiffies.js';
import { Slot, SlotGroup, WheelTimer } from './timer-slot.js';

export { WheelTimer };

/** Slots 0–255 are tv1. An upper level has 64 from `first` on, which span 2^shift jiffies each. */
const UPPER_LEVELS = [
  { shift: 8, first: 256 },
  { shift: 14, first: 320 },
  { shift: 20, first: 384 },
  { shift: 26, first: 448 },
] as const;

const NEVER = Number.POSITIVE_INFINITY;

export class TimerBase {
  readonly cpu: number;
  readonly wraps: boolean;
  /** The next jiffy to be processed. At boot it equals jiffies, later it is jiffies + 1 between ticks. */
  timerJiffies = 0;
  /** Timers in the wheel and in the running slot. */
  pendingCount = 0;
  private readonly groups: (SlotGroup | null)[];
  /** The slot that is being run, taken out of its group. */
  private running: Slot | null = null;
  /** What nextExpiry has found, unless timers were put in or taken out since. */
  private expiry: number | undefined;
  private moved = false;

  /** `now` is the first jiffy to be processed; `wraps`: jiffies have 32 bits (see kernel/jiffies.ts). */
  constructor(cpu: number, now: number, wraps: boolean) {
    this.cpu = cpu;
    this.wraps = wraps;
    this.timerJiffies = now;
    // biome-ignore format: a literal is copied on write, so it costs nothing until the first add
    this.groups = [null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null];
  }

  /** Queues `t` for `t.expires`. A timer that is pending, on whatever base, is moved. */
  add(t: WheelTimer): void {
    const from = t.slot;
    if (from !== null) {
      from.remove(t);
      from.base.pendingCount--;
      from.base.moved = true;
    }
    this.internal_add_timer(t);
    this.pendingCount++;
  }

  /** The placement alone: for `add`, and for a slot that cascades. */
  internal_add_timer(t: WheelTimer): void {
    this.moved = true;
    this.slotFor(t.expires).append(t);
  }

  /** Takes out a timer that is pending on this base, be it in the running slot. */
  remove(t: WheelTimer): void {
    const slot = t.slot;
    if (slot === null || slot.base !== this) throw new InternalError(`timer is not pending on CPU ${this.cpu}`);
    slot.remove(t);
    this.pendingCount--;
    this.moved = true;
  }

  /**
   * The jiffy, timerJiffies or later, at which the wheel next has something to do: run a list or cascade one.
   * Undefined when there is none. What the running slot still holds does not count.
   */
  nextEvent(): number | undefined {
    const distance = this.eventDistance();
    return distance === NEVER ? undefined : addJiffies(this.timerJiffies, distance, this.wraps);
  }

  /** The exact jiffy at which the next timer fires if every jiffy is processed in time. Otherwise as nextEvent. */
  nextExpiry(): number | undefined {
    if (this.moved) {
      this.expiry = this.pendingCount === 0 ? undefined : this.findExpiry();
      this.moved = false;
    }
    return this.expiry;
  }

  private findExpiry(): number | undefined {
    let best = this.nearest(0, 256, this.timerJiffies & 255);
    for (const { shift, first } of UPPER_LEVELS) {
      const toBoundary = this.toBoundary(shift);
      const index = this.indexAfter(shift);
      // Slots in the order of their spans, while a span begins before the best found. Only in tv5 can that be several:
      // timers more than 2^32 jiffies ahead wait there in slots that are not theirs.
      for (let i = 0; i < 64; i++) {
        i += this.nearest(first, 64, (index + i) & 63);
        if (toBoundary + i * 2 ** shift >= best) break;
        best = this.slotAt(first + ((index + i) & 63))!.distance(best);
      }
    }
    return best === NEVER ? undefined : addJiffies(this.timerJiffies, best, this.wraps);
  }

  /**
   * Processes, cascades included, the jiffies before `target`, from event to event and not one by one. If one of them has a
   * timer to run, stops before that jiffy is touched, with timerJiffies there, and returns false. Else timerJiffies
   * becomes `target`; a `target` not after timerJiffies does nothing.
   */
  advanceTo(target: number): boolean {
    for (;;) {
      const left = diffJiffies(target, this.timerJiffies, this.wraps);
      if (left <= 0) return true;
      const distance = this.eventDistance();
      this.timerJiffies = addJiffies(this.timerJiffies, Math.min(left, distance), this.wraps);
      if (distance >= left) return true;
      if (this.hasDue()) return false;
      this.cascade();
      this.timerJiffies = addJiffies(this.timerJiffies, 1, this.wraps);
    }
  }

  /** One round of __run_timers up to its work list: cascades if due, moves on to the next jiffy, takes the whole list. */
  beginSlot(): void {
    if (this.slotRunning) throw new InternalError(`the running slot of CPU ${this.cpu} is not empty`);
    const index = this.timerJiffies & 255;
    if (index === 0) this.cascade();
    this.timerJiffies = addJiffies(this.timerJiffies, 1, this.wraps);
    const slot = this.slotAt(index);
    if (slot === null || slot.live === 0) return;
    this.moved = true;
    // The slot itself becomes the work list, and the old work list, empty now, takes its place in the wheel.
    const { group, mask } = slot;
    const idle = this.running ?? new Slot(this, group, mask);
    idle.group = group;
    idle.mask = mask;
    group.slots[index & 31] = idle;
    group.bits &= ~mask;
    slot.mask = 0;
    slot.compact();
    this.running = slot;
  }

  /** Takes the next timer out of the running slot; it is no longer pending. Null when the slot is done. */
  shift(): WheelTimer | null {
    const t = this.running === null ? null : this.running.shift();
    if (t !== null) this.pendingCount--;
    return t;
  }

  get slotRunning(): boolean {
    return this.running !== null && this.running.live > 0;
  }

  /** Every pending timer, the running slot first, then slot by slot. Do not add or remove meanwhile. */
  *pending(): Iterable<WheelTimer> {
    const slots = this.groups.flatMap((group) => group?.slots ?? []);
    for (const slot of [this.running, ...slots]) {
      if (slot !== null) yield* slot;
    }
  }

  /** The number of the slot for an expiry. Shifts and masks see the low 32 bits, which hold all index bits. */
  private slotNumber(expires: number): number {
    const now = this.timerJiffies;
    const delta = this.wraps ? (expires - now) | 0 : expires - now;
    if (delta < 0x100) return (delta < 0 ? now : expires) & 255;
    if (delta < 0x4000) return 256 + ((expires >>> 8) & 63);
    if (delta < 0x100000) return 320 + ((expires >>> 14) & 63);
    if (delta < 0x4000000) return 384 + ((expires >>> 20) & 63);
    return 448 + ((delta > 0xffffffff ? now + 0xffffffff : expires) >>> 26);
  }

  private slotFor(expires: number): Slot {
    const n = this.slotNumber(expires);
    let group = this.groups[n >> 5]!;
    if (group === null) {
      group = new SlotGroup();
      this.groups[n >> 5] = group;
    }
    let slot = group.slots[n & 31]!;
    if (slot === null) {
      slot = new Slot(this, group, 1 << n);
      group.slots[n & 31] = slot;
    }
    return slot;
  }

  private slotAt(n: number): Slot | null {
    return this.groups[n >> 5]?.slots[n & 31] ?? null;
  }

  /** The slots to be cascaded in jiffy timerJiffies: tv2's if it is a multiple of 256, the next level's if index 0, … */
  private cascading(): Slot[] {
    const slots: Slot[] = [];
    for (const { shift, first } of UPPER_LEVELS) {
      if (this.toBoundary(shift) !== 0) break;
      const slot = this.slotAt(first + this.indexAfter(shift));
      if (slot !== null && slot.live > 0) slots.push(slot);
    }
    return slots;
  }

  private cascade(): void {
    for (const slot of this.cascading()) slot.cascade();
  }

  /** Whether the jiffy timerJiffies has a timer to run, or would have after its cascade. */
  private hasDue(): boolean {
    if ((this.slotAt(this.timerJiffies & 255)?.live ?? 0) > 0) return true;
    return this.cascading().some((slot) => slot.distance(1) === 0);
  }

  /** Jiffies from timerJiffies to nextEvent, or NEVER. */
  private eventDistance(): number {
    let best = this.nearest(0, 256, this.timerJiffies & 255);
    for (const { shift, first } of UPPER_LEVELS) {
      const toBoundary = this.toBoundary(shift);
      if (toBoundary >= best) break;
      const slots = this.nearest(first, 64, this.indexAfter(shift));
      best = Math.min(best, toBoundary + slots * 2 ** shift);
    }
    return best;
  }

  /** Jiffies until the span of a slot of that level begins; 0 if one begins now, for it is still to be cascaded. */
  private toBoundary(shift: number): number {
    return -this.timerJiffies & ((1 << shift) - 1);
  }

  /** Index in its level of the slot whose span begins at that boundary. */
  private indexAfter(shift: number): number {
    return ((this.timerJiffies + this.toBoundary(shift)) >>> shift) & 63;
  }

  /** How many slots on, circularly from `start`, the next one with timers is among the `count` from `first` on. */
  private nearest(first: number, count: number, start: number): number {
    const firstGroup = first >> 5;
    const lastWord = (count >> 5) - 1;
    let word = start >> 5;
    let bits = (this.groups[firstGroup + word]?.bits ?? 0) & (-1 << start);
    for (let looked = 0; looked <= lastWord + 1; looked++) {
      if (bits !== 0) return ((word << 5) + 31 - Math.clz32(bits & -bits) - start) & (count - 1);
      word = (word + 1) & lastWord;
      bits = this.groups[firstGroup + word]?.bits ?? 0;
    }
    return NEVER;
  }
}
