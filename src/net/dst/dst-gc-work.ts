/**
 * dst_gc_task (net/core/dst.c, R14–R26): the garbage scan in a worker thread.
 *
 * Ordering rule: the busy list in its old order, then each batch of new garbage with the entry freed last first, until
 * no new garbage is found under the lock. A child that dst_destroy hands back is examined next.
 *
 * Divergence from Linux: cond_resched (2010) is called only where it would do something.
 *
 * Cost centres (ns): `dst_gc_start` before the run looks at the clock, `dst_scan_kept` and `dst_scan_destroyed` per
 * entry.
 */
import { replaceable } from '../../kernel/function.js';
import { round_jiffies_relative } from '../../kernel/jiffies.js';
import { dstTotalOfWork } from '../../kernel/messages.js';
import { mutex_lock, mutex_unlock } from '../../kernel/mutex.js';
import { spin_lock_bh, spin_unlock_bh } from '../../kernel/spinlock.js';
import { schedule_delayed_work } from '../../kernel/workqueue.js';
import { busy, cond_resched } from '../../smp/basic-ops.js';
import type { K } from '../../smp/op.js';
import type { DstCache } from './dst-cache.js';
import { dst_destroy } from './dst-destroy.js';
import type { DstEntry } from './dst-entry.js';
import { ___dst_free, isDead } from './dst-free.js';
import { backOff, GcRun, resetBackoff } from './gc-run.js';
import { KeptRun } from './kept-run.js';

/** dst_gc_task: the work's function. */
export const dst_gc_task = replaceable('dst_gc_task', function* (dc: DstCache): K {
  const { kernel, net, traits } = dc;
  const { cpu, stack } = kernel.context;
  // The loop is here and not in a function of its own, nor is this one wrapped: each level costs at every entry.
  stack.push('dst_gc_task');
  const startNs = kernel.cost('dst_gc_start');
  if (startNs > 0) yield busy(startNs);
  const run = new GcRun(dc);
  yield* mutex_lock(dc.gc_mutex);
  const keptNs = kernel.cost('dst_scan_kept');
  const destroyedNs = kernel.cost('dst_scan_destroyed');
  const kept = keptNs > 0 ? busy(keptNs) : null;
  const stretch = new KeptRun(dc.machine, keptNs);
  let first: DstEntry | null = null;
  let last: DstEntry | null = null;
  dc.touches('busy_list', 'write');
  let next = dc.busy_list;
  do {
    while (next !== null) {
      const dst: DstEntry = next;
      if (stretch.fits(dst)) {
        yield stretch.from(dst);
        if (stretch.last !== null) {
          if (last === null) first = dst;
          else last.next = dst;
          last = stretch.last;
          next = last.next;
          run.delayed += stretch.count;
          continue;
        }
      }
      next = dst.next;
      if (traits.condResched && cpu.needResched) yield cond_resched();
      const count: number = yield dst.refcnt.read;
      if (count !== 0) {
        if (last === null) first = dst;
        else last.next = dst;
        last = dst;
        run.delayed++;
        if (kept !== null) yield kept;
        continue;
      }
      run.worked++;
      const before = run.destroyed;
      const child: DstEntry | null = yield* dst_destroy(dc, dst, run);
      if (child !== null && !(yield* isDead(child))) {
        ___dst_free(dc, child);
        child.next = next;
        next = child;
      }
      if (destroyedNs > 0) yield busy(destroyedNs * (run.destroyed - before));
    }
    yield spin_lock_bh(dc.lock);
    dc.touches('list', 'write');
    next = dc.list;
    if (next !== null) {
      dc.list = null;
      yield spin_unlock_bh(dc.lock);
    }
  } while (next !== null);
  if (last !== null) last.next = null;
  dc.busy_list = first;
  dc.touches('timer_inc', 'write');
  if (dc.busy_list === null) dc.timer_inc = dc.gcMax;
  else yield* again(dc, run);
  run.noteArmed();
  yield spin_unlock_bh(dc.lock);
  yield mutex_unlock(dc.gc_mutex);
  if (net.debug >= 2) {
    const { delayed, worked, printedExpires, elapsedUs } = run;
    kernel.log.printAll(dstTotalOfWork(kernel.arch, dc.dst_total, delayed, worked, printedExpires, elapsedUs));
  }
  run.report();
  stack.pop();
});

/** There is garbage left: the next interval, and the work for it, unless it is pending already. */
function* again(dc: DstCache, run: GcRun): K {
  const { kernel, traits } = dc;
  const worthWhile = run.worked > Math.floor(run.delayed / 10);
  if (traits.resetBackoffOnDestroy && worthWhile) resetBackoff(dc);
  else backOff(dc);
  let delay = dc.timer_expires;
  if (traits.roundLongIntervals && delay > 4 * kernel.hz) {
    delay = round_jiffies_relative(delay, kernel.cpuId, kernel.now, kernel.hz, kernel.wraps);
  }
  run.printedExpires = delay;
  yield* schedule_delayed_work(kernel, dc.gc_work, delay);
}
