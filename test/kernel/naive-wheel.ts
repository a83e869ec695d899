/** What the tests of the timer wheel share: numbered timers, and a wheel simple enough to be believed. */

import { addJiffies, diffJiffies } from '../../src/kernel/jiffies.js';
import { type TimerBase, WheelTimer } from '../../src/kernel/timer-wheel.js';

export class Timer extends WheelTimer {
  readonly id: number;
  constructor(id: number) {
    super();
    this.id = id;
  }
}

export type Fired = [jiffies: number, id: number];

export function timers(count: number): Timer[] {
  return Array.from({ length: count }, (_, id) => new Timer(id));
}

export function arm(base: TimerBase, t: Timer, expires: number): void {
  t.expires = expires;
  base.add(t);
}

/** The wheel as a reader of the kernel would write it down: arrays, one jiffy after another. */
export class NaiveWheel {
  now: number;
  readonly wraps: boolean;
  readonly expires = new Map<number, number>();
  readonly fireAt = new Map<number, number>();
  private readonly levels: number[][][];

  constructor(now: number, wraps: boolean) {
    this.now = now;
    this.wraps = wraps;
    this.levels = [256, 64, 64, 64, 64].map((size) => Array.from({ length: size }, () => []));
  }

  private modulo(value: number, size: number): number {
    return ((value % size) + size) % size;
  }

  add(id: number, expires: number): void {
    this.remove(id);
    this.expires.set(id, expires);
    this.fireAt.set(id, diffJiffies(expires, this.now, this.wraps) < 0 ? this.now : expires);
    this.place(id, expires);
  }

  private place(id: number, expires: number): void {
    const delta = diffJiffies(expires, this.now, this.wraps);
    const at = (level: number, span: number, size: number, jiffy = expires) =>
      this.levels[level]![this.modulo(Math.floor(jiffy / span), size)]!.push(id);
    if (delta < 0) at(0, 1, 256, this.now);
    else if (delta < 2 ** 8) at(0, 1, 256);
    else if (delta < 2 ** 14) at(1, 2 ** 8, 64);
    else if (delta < 2 ** 20) at(2, 2 ** 14, 64);
    else if (delta < 2 ** 26) at(3, 2 ** 20, 64);
    else at(4, 2 ** 26, 64, this.now + Math.min(delta, 2 ** 32 - 1));
  }

  remove(id: number): boolean {
    this.fireAt.delete(id);
    if (!this.expires.delete(id)) return false;
    for (const lists of this.levels) {
      const list = lists.find((list) => list.includes(id));
      if (list !== undefined) list.splice(list.indexOf(id), 1);
    }
    return true;
  }

  private cascades(now: number): number[][] {
    const lists: number[][] = [];
    for (let level = 1; level <= 4; level++) {
      const span = 2 ** (8 + 6 * (level - 1));
      if (now % span !== 0) break;
      lists.push(this.levels[level]![this.modulo(now / span, 64)]!);
    }
    return lists;
  }

  tick(): number[] {
    for (const list of this.cascades(this.now)) for (const id of list.splice(0)) this.place(id, this.expires.get(id)!);
    const fired = this.levels[0]![this.now % 256]!.splice(0);
    this.now = addJiffies(this.now, 1, this.wraps);
    for (const id of fired) this.remove(id);
    return fired;
  }

  tickTo(target: number): Fired[] {
    const fired: Fired[] = [];
    while (this.now !== target) {
      const now = this.now;
      for (const id of this.tick()) fired.push([now, id]);
    }
    return fired;
  }

  /** Undefined if it is not within `limit` jiffies. */
  nextEvent(limit: number): number | undefined {
    for (let ahead = 0; ahead < limit; ahead++) {
      const jiffy = addJiffies(this.now, ahead, this.wraps);
      if (this.levels[0]![jiffy % 256]!.length > 0 && ahead < 256) return jiffy;
      if (this.cascades(jiffy).some((list) => list.length > 0)) return jiffy;
    }
    return undefined;
  }

  nextExpiry(): number | undefined {
    const ahead = [...this.fireAt.values()].map((jiffy) => diffJiffies(jiffy, this.now, this.wraps));
    return ahead.length === 0 ? undefined : addJiffies(this.now, Math.min(...ahead), this.wraps);
  }
}
