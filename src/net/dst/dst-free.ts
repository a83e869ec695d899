/**
 * dst_free, __dst_free, ___dst_free (include/net/dst.h and net/core/dst.c, R1–R26): an entry that leaves its cache is
 * destroyed at once, or becomes garbage while somebody holds it.
 *
 * Ordering rule: garbage is pushed on the head of the list under the lock; only a free that finds the back-off beyond
 * its first step hurries the next run.
 *
 * Divergence from Linux: `obsolete` is read by one visible operation in dst_free, and is a plain field under the lock.
 */
import { atomic_read } from '../../kernel/atomic.js';
import { cancel_delayed_work, mod_delayed_work } from '../../kernel/cancel-work.js';
import { kernelFunction, replaceable } from '../../kernel/function.js';
import { read_field } from '../../kernel/slab.js';
import { spin_lock_bh, spin_unlock_bh } from '../../kernel/spinlock.js';
import { mod_timer } from '../../kernel/timer.js';
import { schedule_delayed_work } from '../../kernel/workqueue.js';
import type { K } from '../../smp/op.js';
import { events } from '../../trace/event-types.js';
import type { DstCache } from './dst-cache.js';
import { dst_destroy } from './dst-destroy.js';
import { DST_DEAD, type DstEntry, discardInput, discardOutput } from './dst-entry.js';

/** dst_free: an entry that nobody can find any more. Held: garbage. Not held: destroyed now. Dead: nothing. */
export const dst_free = replaceable('dst_free', function* (dc: DstCache, dst: DstEntry): K {
  const { stack } = dc.kernel.context;
  stack.push('dst_free');
  const obsolete: number = yield read_field(dst, 'obsolete');
  if (obsolete <= 1) {
    const count: number = yield atomic_read(dst.refcnt);
    const garbage = count === 0 ? yield* dst_destroy(dc, dst) : dst;
    if (garbage !== null) yield* __dst_free(dc, garbage);
  }
  stack.pop();
});

/** Was it freed before? Somebody else may be freeing it now, so looking is a visible operation. */
export function* isDead(dst: DstEntry): K<boolean> {
  const obsolete: number = yield read_field(dst, 'obsolete');
  return obsolete > 1;
}

/** ___dst_free: marks it dead. Its packets are thrown away unless its device is up. The caller holds the lock. */
export function ___dst_free(dc: DstCache, dst: DstEntry): void {
  const { watcher } = dc.machine;
  if (dst.dev === null || !dst.dev.up) {
    watcher?.touched(dst, 'input', 'write');
    watcher?.touched(dst, 'output', 'write');
    dst.input = discardInput(dc.traits);
    dst.output = discardOutput(dc.traits);
  }
  watcher?.touched(dst, 'obsolete', 'write');
  dst.obsolete = DST_DEAD;
}

/** __dst_free: onto the garbage list; sees to it that a run comes within DST_GC_MIN if the back-off had grown. */
export const __dst_free = kernelFunction('__dst_free', function* (dc: DstCache, dst: DstEntry): K {
  yield spin_lock_bh(dc.lock);
  ___dst_free(dc, dst);
  dc.touches('list', 'write');
  dst.next = dc.list;
  dc.list = dst;
  dc.machine.progress();
  dc.machine.emit(events.dst_free, dc.kernel.current, dst, dst.refcnt.value, dc.timer_inc);
  dc.onGarbage?.(dst);
  if (dc.timer_inc > dc.gcInc) yield* hurry(dc);
  yield spin_unlock_bh(dc.lock);
});

/** The back-off starts again, and the next run is asked for in DST_GC_MIN; how depends on the revision. */
function* hurry(dc: DstCache): K {
  const { kernel, traits } = dc;
  dc.touches('timer_inc', 'write');
  const inc = dc.timer_inc;
  const expires = dc.timer_expires;
  dc.timer_inc = dc.gcInc;
  dc.timer_expires = dc.gcMin;
  if (!traits.gcInWorkqueue) {
    yield mod_timer(dc.gc_timer, kernel.addJiffies(kernel.now, dc.timer_expires));
    return;
  }
  if (traits.modDelayedWork) {
    yield* mod_delayed_work(kernel, dc.gc_work, dc.timer_expires);
    return;
  }
  if (traits.cancelBeforeSchedule) yield* cancel_delayed_work(dc.gc_work);
  const scheduled = yield* schedule_delayed_work(kernel, dc.gc_work, dc.timer_expires);
  if (scheduled === 0 && traits.restoreBackoffWhenPending) {
    dc.timer_inc = inc;
    dc.timer_expires = expires;
  }
}
