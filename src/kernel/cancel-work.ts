/**
 * Taking work back: cancel_delayed_work, cancel_delayed_work_sync, flush, mod_delayed_work (kernel/workqueue.c).
 *
 * Divergence from Linux: mod_delayed_work and cancel_delayed_work_sync may be used in any era. A flush waits with a
 * barrier work, as 2.6.22 and later do.
 */
import { LocalOp } from '../smp/basic-ops.js';
import type { K } from '../smp/op.js';
import type { Kernel } from './kernel.js';
import { might_sleep } from './might-sleep.js';
import { Completion, completeNow, wait_for_completion } from './mutex.js';
import { del_timer, del_timer_sync } from './timer.js';
import { type CpuWorkqueue, type DelayedWork, queue_delayed_work, Work } from './workqueue.js';

/**
 * cancel_delayed_work: deletes the timer (waiting for its handler); only if that was pending is the work no longer
 * pending. Answers 1 then, else 0: queued, running or idle, it is left alone.
 */
export function* cancel_delayed_work(work: DelayedWork): K<0 | 1> {
  const deleted = (yield del_timer_sync(work.timer)) as 0 | 1;
  if (deleted === 1) yield new LocalOp(() => clearPending(work));
  return deleted;
}

function clearPending(work: Work): void {
  work.pending = false;
  work.changed();
}

/** Takes a queued work off its list. Answers whether it was there. */
function unlist(work: Work): boolean {
  const queue = work.list;
  if (queue === null) return false;
  queue.worklist.splice(queue.worklist.indexOf(work), 1);
  work.list = null;
  return true;
}

/** try_to_grab_pending: deletes its timer or takes it off the list; its pending bit is then ours. */
function* grab(work: DelayedWork): K<boolean> {
  if (((yield del_timer(work.timer)) as number) === 1) return true;
  return (yield new LocalOp(() => unlist(work))) as boolean;
}

/** cancel_delayed_work_sync: also takes it off the list, and waits until its function runs nowhere. 1 if it was pending. */
export function* cancel_delayed_work_sync(kernel: Kernel, work: DelayedWork): K<0 | 1> {
  might_sleep(kernel, 'kernel/workqueue.c');
  const was = yield* grab(work);
  if (was) yield new LocalOp(() => clearPending(work));
  for (const queue of kernel.events.all) if (queue.current === work) yield* waitForCurrent(kernel, queue);
  return was ? 1 : 0;
}

/**
 * mod_delayed_work: (re)starts with this delay whatever it was waiting for; a work that is queued but not started is
 * pulled back and postponed. Answers 1 if it was pending.
 */
export function* mod_delayed_work(kernel: Kernel, work: DelayedWork, delay: number): K<0 | 1> {
  const was = yield* grab(work);
  if (was) yield new LocalOp(() => clearPending(work));
  yield* queue_delayed_work(kernel.events, work, delay);
  return was ? 1 : 0;
}

/** Waits for the work that a queue runs now: a barrier at the front of its list. */
function* waitForCurrent(kernel: Kernel, queue: CpuWorkqueue): K {
  yield* barrier(kernel, queue, true);
}

function* barrier(kernel: Kernel, queue: CpuWorkqueue, front: boolean): K {
  const done = new Completion(kernel, 'barrier');
  const work = new Work(kernel, 'wq_barrier_func', () => completeNow(done));
  yield new LocalOp((context) => {
    work.pending = true;
    queue.insert(work, context);
    if (front) {
      queue.worklist.pop();
      queue.worklist.unshift(work);
    }
  });
  yield* wait_for_completion(done, `${queue.thread.name} to finish`);
}

/** flush_scheduled_work: waits until all that is queued now, on every CPU, has run. Timers are not waited for. */
export function* flush_scheduled_work(kernel: Kernel): K {
  might_sleep(kernel, 'kernel/workqueue.c');
  for (const queue of kernel.events.all) {
    if (queue.current !== null || queue.worklist.length > 0) yield* barrier(kernel, queue, false);
  }
}
