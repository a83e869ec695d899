/**
 * What code that frees after an RCU-bh grace period knows of it (include/linux/rcupdate.h, 2.6.12–2.6.29): a head inside
 * the object, and call_rcu_bh.
 *
 * Divergence from Linux: the grace period is one of several implementations, so that recorded runs, which had none, can
 * be repeated: see rcupdate.ts for the kernel's, rcu-scripted.ts for the others.
 */
import type { Cpu } from '../smp/cpu.js';
import type { K } from '../smp/op.js';

/** struct rcu_head: part of the object that is to be freed. */
export interface RcuHead {
  rcuNext: RcuHead | null;
  /** The callback. Set by whoever calls {@link RcuBh.call}. */
  rcuFunc: ((head: any) => K) | null;
}

/** call_rcu_bh and what stands behind it. */
export interface RcuBh {
  /**
   * call_rcu_bh: `head.rcuFunc(head)` is to run when every CPU has left the softirqs and BH-off sections it is in now.
   * Not an operation: it touches only the calling CPU's own list. What it answers must be run at once, if anything.
   */
  call(head: RcuHead): K | undefined;
  /** The tick (count since boot) at which a CPU has RCU work to do, Infinity if it has none; where ticks drive it. */
  nextTick?(cpu: Cpu): number;
  /** Calls answer code that must be run at once. */
  readonly immediate?: boolean;
  /** Callbacks that have not run yet, oldest first as far as that is known. For observers. */
  waiting(): Iterable<RcuHead>;
}

/** A list of heads, first in first out. */
export class RcuList {
  first: RcuHead | null = null;
  private last: RcuHead | null = null;

  get empty(): boolean {
    return this.first === null;
  }

  push(head: RcuHead): void {
    head.rcuNext = null;
    if (this.last === null) this.first = head;
    else this.last.rcuNext = head;
    this.last = head;
  }

  shift(): RcuHead | null {
    const head = this.first;
    if (head === null) return null;
    this.first = head.rcuNext;
    if (this.first === null) this.last = null;
    head.rcuNext = null;
    return head;
  }

  /** Takes everything from another list, behind what is here. */
  takeAll(from: RcuList): void {
    if (from.first === null) return;
    if (this.last === null) this.first = from.first;
    else this.last.rcuNext = from.first;
    this.last = from.last;
    from.first = null;
    from.last = null;
  }

  *[Symbol.iterator](): Iterator<RcuHead> {
    for (let head = this.first; head !== null; head = head.rcuNext) yield head;
  }
}
