/**
 * What walks over many entries do at each: reading its reference count, and taking its bucket's lock.
 *
 * Ordering rule: an operation of its own per entry, unless nobody could come in between nor would see it.
 *
 * Divergence from Linux: none; it is how the simulator walks a million entries in a fraction of a second. The reads are not
 * events of the trace: there would be millions.
 */
import type { SpinLock } from '../../kernel/spinlock.js';
import { type Access, Op } from '../../smp/op.js';
import { events } from '../../trace/event-types.js';
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

/** May a walk read counts without operations? Asked once per chain. */
export function canPeek(rc: RouteCache): boolean {
  const { machine } = rc;
  if (machine.stepwise || machine.gate !== null || machine.onAccess !== null || machine.lines !== null) return false;
  if (machine.watcher !== null) return false;
  return machine.accessCostNs('read') === 0;
}

/** What a {@link CountRead} answers and does, without being an operation. */
export function peekCount(rc: RouteCache, rt: Rtable): number {
  const { machine } = rc;
  machine.ops++;
  // Only an entry that left the table can be freed; asking that first spares a cache line.
  if (rt.rcuFunc !== null && rt.freed) machine.hooks?.badAccess(machine.current!, new CountRead(rt));
  return rt.refcnt.value;
}

/**
 * May locks be taken and given back without operations too? Only where nobody could be kept out or let in by them. True
 * until somebody does something: not to be asked again for each chain.
 */
export function isQuiet(rc: RouteCache): boolean {
  const { machine, kernel } = rc;
  const { cpu } = kernel.context;
  if (
    !canPeek(rc) ||
    rc.scanNs > 0 ||
    rc.bucketNs > 0 ||
    machine.accessCostNs('lock') > 0 ||
    machine.accessCostNs('unlock') > 0
  )
    return false;
  if (cpu.softirqPending !== 0 || cpu.needResched || cpu.frozen || cpu.irqsOff) return false;
  return machine.quietUntilNs() > machine.nowNs && kernel.rcuBh.immediate !== true;
}

/** The traces that taking a bucket's lock and giving it back leave, where {@link isQuiet}. False: it is not free. */
export function passLock(rc: RouteCache, lock: SpinLock): boolean {
  const { machine } = rc;
  const context = machine.current;
  if (lock.owner !== null || lock.waiters !== null) return false;
  machine.ops += 2;
  machine.emit(events.lock, context, lock, 0, 0);
  return true;
}

/** The end of what {@link passLock} began. */
export function leaveLock(rc: RouteCache, lock: SpinLock): void {
  rc.machine.emit(events.unlock, rc.machine.current, lock, 0, 0);
}
