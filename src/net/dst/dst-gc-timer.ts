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
import { replaceable } from '../../kernel/function.js';
import { round_jiffies } from '../../kernel/jiffies.js';
import { dstTotalOfTimer } from '../../kernel/messages.js';
import { spin_trylock, spin_unlock } from '../../kernel/spinlock.js';
import { add_timer, del_timer, mod_timer } from '../../kernel/timer.js';
import { busy } from '../../smp/basic-ops.js';
import type { K } from '../../smp/op.js';
import type { DstCache } from './dst-cache.js';
import { dst_destroy } from './dst-destroy.js';
import type { DstEntry } from './dst-entry.js';
import { ___dst_free, isDead } from './dst-free.js';
import { backOff, GcRun, resetBackoff } from './gc-run.js';
import { KeptRun } from './kept-run.js';

/**
 * dst_run_gc: the timer's function; code that wants a run at once may call it directly. If the lock is taken it comes
 * back in HZ/10.
 */
export const dst_run_gc = replaceable('dst_run_gc', function* (dc: DstCache, _dummy: number): K {
  const { kernel } = dc;
  const { stack } = kernel.context;
  // The loop is here and not in a function of its own, nor is this one wrapped: each level costs at every entry.
  stack.push('dst_run_gc');
  const startNs = kernel.cost('dst_gc_start');
  if (startNs > 0) yield busy(startNs);
  const locked: boolean = yield spin_trylock(dc.lock);
  if (!locked) {
    yield mod_timer(dc.gc_timer, kernel.addJiffies(kernel.now, Math.floor(kernel.hz / 10)));
    stack.pop();
    return;
  }
  const run = new GcRun(dc);
  dc.touches('list', 'write');
  dc.touches('timer_inc', 'write');
  yield del_timer(dc.gc_timer);
  const keptNs = kernel.cost('dst_scan_kept');
  const destroyedNs = kernel.cost('dst_scan_destroyed');
  const kept = keptNs > 0 ? busy(keptNs) : null;
  let previous: DstEntry | null = null;
  let dst = dc.list;
  const stretch = new KeptRun(dc.machine, keptNs);
  while (dst !== null) {
    if (stretch.fits(dst)) {
      yield stretch.from(dst);
      if (stretch.last !== null) {
        run.delayed += stretch.count;
        previous = stretch.last;
        dst = stretch.last.next;
        continue;
      }
    }
    const count: number = yield dst.refcnt.read;
    if (count !== 0) {
      run.delayed++;
      previous = dst;
      dst = dst.next;
      if (kept !== null) yield kept;
      continue;
    }
    run.worked++;
    const before = run.destroyed;
    let next = dst.next;
    const child: DstEntry | null = yield* dst_destroy(dc, dst, run);
    const stays: DstEntry | null = child !== null && !(yield* isDead(child)) ? child : null;
    if (stays !== null) {
      ___dst_free(dc, stays);
      stays.next = next;
      next = stays;
    }
    if (previous === null) dc.list = next;
    else previous.next = next;
    if (stays !== null) previous = stays;
    dst = stays === null ? next : stays.next;
    if (destroyedNs > 0) yield busy(destroyedNs * (run.destroyed - before));
  }
  if (dc.list === null) dc.timer_inc = dc.gcMax;
  else yield* again(dc, run);
  run.noteArmed();
  yield spin_unlock(dc.lock);
  run.report();
  stack.pop();
});

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
