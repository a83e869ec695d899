/**
 * Time as a choice of stepwise runs. It exists only while something depends on time: a due date (a pending timer, a
 * scenario action, a wait for a time), timers that are overdue, code that has looked at jiffies. It moves to the next due
 * date, or by a stall, whose length is a data choice: so it is in tokens, and shrinks.
 *
 * Ordering rule: values of the data choice. 0 is the next due date (one jiffy if there is none); the others are the
 * lengths in jiffies, shortest first, without that of 0. Counted from now, or from the due date if nobody could go on before
 * it. After a stall time stands still until somebody has gone on; when nobody can, and nothing is due, it stands still for good.
 *
 * Divergence from Linux: a stall is longest five minutes; time moves by whole jiffies, or to the due date.
 */
import type { Machine } from './machine.js';
import type { Choice } from './scheduler.js';

/** The name of the data choice. */
export const stallName = 'stall';

/** The longest stall, seconds. */
const stallSecondsMax = 300;

export class TimeChoice {
  /** A longer stall than the scheduler wants would have been possible. */
  bounded = false;
  private readonly choice: Extract<Choice, { kind: 'time' }> & { toNs: number } = { kind: 'time', toNs: 0 };
  private readonly machine: Machine;
  /** Stalls that are possible, and that the scheduler wants. */
  private stalls = 0;
  /** From when they are counted, ticks. */
  private baseTick = 0;
  /** The length in jiffies that is no stall, but the move to the due date; need not be whole. */
  private dueJiffies = 0;
  private dueNs = 0;
  private isDue = false;
  private stalled = false;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** Null if it is none. `others` can go on; `dueNs`: Infinity for none; `overdue`: a timer has not been run yet. */
  offer(others: boolean, dueNs: number, untilNs: number, overdue: boolean): Choice | null {
    const { machine } = this;
    const due = dueNs <= untilNs && dueNs !== Number.POSITIVE_INFINITY;
    if (others ? this.stalled || !(due || overdue || machine.hooks?.timeObserved === true) : !due) return null;
    this.count(others, due ? dueNs : Number.NaN, untilNs);
    if (!due && this.stalls === 0) return null;
    this.choice.toNs = this.dueNs;
    return this.choice;
  }

  private count(others: boolean, dueNs: number, untilNs: number): void {
    const { machine } = this;
    const { tickNs } = machine;
    const dueTick = dueNs / tickNs;
    this.baseTick = others ? machine.ticks : Math.floor(dueTick);
    this.isDue = !Number.isNaN(dueNs);
    this.dueJiffies = !this.isDue ? 1 : dueTick - this.baseTick;
    this.dueNs = !this.isDue ? machine.tickTimeNs(machine.ticks + 1) : dueNs;
    const room = Math.floor(Math.min(untilNs, machine.maxVirtualNs) / tickNs) - this.baseTick;
    const possible = Math.max(0, Math.min(room, stallSecondsMax * machine.hz));
    this.stalls = Math.min(possible, machine.scheduler.stallJiffiesMax ?? 0);
    if (this.stalls < possible) this.bounded = true;
  }

  /** It was picked. */
  carryOut(): void {
    const { machine } = this;
    const { scheduler } = machine;
    const skips = Number.isInteger(this.dueJiffies) && this.dueJiffies >= 1 && this.dueJiffies <= this.stalls;
    const bound = 1 + this.stalls - (skips ? 1 : 0);
    const value = scheduler.stallJiffiesMax === undefined ? 0 : scheduler.choose(stallName, bound);
    this.stalled = value > 0 || !this.isDue;
    if (value > 0) {
      const length = skips && value >= this.dueJiffies ? value + 1 : value;
      this.choice.toNs = machine.tickTimeNs(this.baseTick + length);
    }
    machine.advance(this.choice.toNs);
  }

  /** Somebody has gone on. */
  wentOn(): void {
    this.stalled = false;
  }
}
