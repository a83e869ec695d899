/**
 * dst_run_gc (net/core/dst.c, R1–R13): the garbage scan in a timer's softirq.
 *
 * Ordering rule: one walk from the head of the list, all of it under dst_lock, destroys included. A child that
 * dst_destroy hands back takes its parent's place and is passed over.
 *
 * Divergence from Linux: none known.
 *
 * Cost centres (ns): `dst_gc_start` before the run looks at the clock, `dst_scan_kept` and `dst_scan_destroyed` per
 * entry.
 */
import { kernelFunction } from '../../kernel/function.js';
import { round_jiffies } from '../../kernel/jiffies.js';
import { dstTotalOfTimer } from '../../kernel/messages.js';
import { read_field } from '../../kernel/slab.js';
import { spin_trylock, spin_unlock } from '../../kernel/spinlock.js';
import { add_timer, del_timer, mod_timer } from '../../kernel/timer.js';
import { busy } from '../../smp/basic-ops.js';
import type { K } from '../../smp/op.js';
import type { DstCache } from './dst-cache.js';
import { dst_destroy } from './dst-destroy.js';
import { ___dst_free } from './dst-free.js';
import { backOff, GcRun, resetBackoff } from './gc-run.js';

/**
 * dst_run_gc: the timer's function; code that wants a run at once may call it directly. If the lock is taken it comes
 * back in HZ/10.
 */
export const dst_run_gc = kernelFunction('dst_run_gc', function* (dc: DstCache, _dummy: number): K {
  const { kernel } = dc;
  const startNs = kernel.cost('dst_gc_start');
  if (startNs > 0) yield busy(startNs);
  const locked: boolean = yield spin_trylock(dc.lock);
  if (!locked) {
    yield mod_timer(dc.gc_timer, kernel.addJiffies(kernel.now, Math.floor(kernel.hz / 10)));
    return;
  }
  const run = new GcRun(dc);
  yield del_timer(dc.gc_timer);
  yield* scan(dc, run);
  if (dc.list === null) dc.timer_inc = dc.gcMax;
  else yield* again(dc, run);
  run.noteArmed();
  yield spin_unlock(dc.lock);
  run.report();
});

/** Walks the list, destroying what nobody holds. */
function* scan(dc: DstCache, run: GcRun): K {
  const keptNs = dc.kernel.cost('dst_scan_kept');
  const destroyedNs = dc.kernel.cost('dst_scan_destroyed');
  const kept = keptNs > 0 ? busy(keptNs) : null;
  let previous = null;
  let dst = dc.list;
  while (dst !== null) {
    const count: number = yield dst.refcnt.read;
    if (count !== 0) {
      run.delayed++;
      previous = dst;
      dst = dst.next;
      if (kept !== null) yield kept;
      continue;
    }
    run.worked++;
    let next = dst.next;
    const before = run.destroyed;
    const child = yield* dst_destroy(dc, dst, run);
    const stays = child !== null && ((yield read_field(child, 'obsolete')) as number) <= 1;
    if (stays) {
      ___dst_free(dc, child);
      child.next = next;
      next = child;
    }
    if (previous === null) dc.list = next;
    else previous.next = next;
    if (stays) previous = child;
    dst = stays ? child.next : next;
    if (destroyedNs > 0) yield busy(destroyedNs * (run.destroyed - before));
  }
}

/** There is garbage left: the next interval, and the timer for it. */
function* again(dc: DstCache, run: GcRun): K {
  const { kernel, traits, net } = dc;
  if (traits.resetBackoffOnDestroy && run.worked > 0) resetBackoff(dc);
  else backOff(dc);
  run.printedExpires = dc.timer_expires;
  if (net.debug >= 2) kernel.log.printAll(dstTotalOfTimer(dc.dst_total, run.delayed, dc.timer_expires));
  const now = kernel.now;
  let expires = kernel.addJiffies(now, dc.timer_expires);
  if (traits.roundLongIntervals && dc.timer_expires > 4 * kernel.hz) {
    expires = round_jiffies(expires, kernel.cpuId, now, kernel.hz, kernel.wraps);
  }
  yield traits.rearmWithModTimer ? mod_timer(dc.gc_timer, expires) : add_timer(dc.gc_timer, expires);
}
