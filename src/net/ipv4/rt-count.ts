/**
 * Reading the reference count of an entry in the table, for walks over many.
 *
 * Ordering rule: an operation of its own per entry, unless nobody could come in between nor would see it.
 *
 * Divergence from Linux: none. These reads are not events of the trace: there would be millions.
 */
import { type Access, Op } from '../../smp/op.js';
import type { RouteCache } from './route-cache.js';
import type { Rtable } from './rtable.js';

/** atomic_read of an entry's count. */
export class CountRead extends Op {
  private readonly rt: Rtable;

  constructor(rt: Rtable) {
    super(rt.refcnt);
    this.rt = rt;
  }

  override get access(): Access {
    return 'read';
  }

  override perform(): number {
    return this.rt.refcnt.value;
  }
}

/**
 * May a walk read counts without operations? Asked once per chain. An entry that has left the table and is met in it all the
 * same ({@link strayed}) is always read by an operation, which finds it if it is freed.
 */
export function canPeek(rc: RouteCache): boolean {
  const { machine } = rc;
  return !machine.stepwise && machine.gate === null && machine.onAccess === null && machine.accessCostNs('read') === 0;
}

/** The entry is in the hands of RCU. */
export function strayed(rt: Rtable): boolean {
  return rt.rcuFunc !== null;
}
