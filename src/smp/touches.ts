/**
 * What a step of a stepwise run touches besides the object of its operation: tasks that it puts to sleep or wakes, wheels,
 * worklists, the clock. Searches that leave out orders which make no difference must know all of it.
 *
 * A step is an operation with all that its context, and whoever it lets run, does up to the next scheduling point.
 *
 * Resources have keys that are the same in all runs that differ in nothing but the order of independent steps: what is
 * made while a run is set up is counted, what a context makes later is named by the context and its count there, service
 * threads by their names. Counters of the machine (ids, pids) are not of that kind.
 *
 * Divergence from Linux: none; these are the simulator's own terms.
 */

/** Jiffies, and the time at large: written when time moves, read by who looks at it. */
export const clockResource = -1;
/** When time would next move, and where to: written when it moves, read by who sets or takes away a due date. */
export const dueDatesResource = -2;
/** The kernel log with its rate limit. */
export const logResource = -3;
/** The state of RCU. */
export const rcuResource = -4;

const perCpu = 64;
const nameBase = 2 ** 40;

/** The timer wheel of a CPU. */
export function wheelResource(cpuId: number): number {
  return -(perCpu + cpuId * 3);
}

/** The CPU whose wheel it is; -1 if it is none. */
export function cpuOfWheel(resource: number): number {
  const place = -resource - perCpu;
  return place >= 0 && place % 3 === 0 ? place / 3 : -1;
}

/** The hard interrupts that wait for a CPU. */
export function interruptsResource(cpuId: number): number {
  return -(perCpu + cpuId * 3 + 1);
}

/** What a CPU has to run: touched from outside, by who wakes a task there or lets one go on. */
export function cpuResource(cpuId: number): number {
  return -(perCpu + cpuId * 3 + 2);
}

/** A service that there is once, by its name. */
export function namedResource(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return nameBase + (hash >>> 0);
}

/** The `count`-th thing that a context made during a run; `owner` is the context's own key. */
export function madeResource(owner: number, count: number): number {
  const low = Math.imul(owner ^ (count + 0x9e3779b9), 0x85ebca6b);
  const high = Math.imul(Math.floor(owner / 2 ** 32) ^ low ^ (count << 7), 0xc2b2ae35);
  return 2 ** 44 + ((high >>> 0) % 2 ** 18) * 2 ** 28 + ((low ^ (low >>> 13)) >>> 4);
}

export class Touches {
  private list: number[] = [];

  /** `write`: what others do with the resource afterwards may depend on it. */
  add(key: number, write: boolean): void {
    const code = key * 2 + (write ? 1 : 0);
    if (!this.list.includes(code)) this.list.push(code);
  }

  /** What was touched since this was last asked: twice the key, one more for a write. Null: nothing. */
  take(): readonly number[] | null {
    if (this.list.length === 0) return null;
    const { list } = this;
    this.list = [];
    return list;
  }
}
