/**
 * Taking work back: cancel_delayed_work, cancel_delayed_work_sync, flush, mod_delayed_work (kernel/workqueue.c).
 *
 * Divergence from Linux: mod_delayed_work and cancel_delayed_work_sync may be used in any era. A flush waits with a
 * barrier work, as 2.6.22 and later do. Grabbing the pending bit is one operation that never waits.
 */
import { LocalOp } from '../smp/basic-ops.js';
import type { Context } from '../smp/context.js';
import { type Access, type K, Op, type Ordering } from '../smp/op.js';
import { SharedOp } from '../smp/shared-op.js';
import { events } from '../trace/event-types.js';
import type { Kernel } from './kernel.js';
import { might_sleep } from './might-sleep.js';
import { Completion, completeAllNow, completeNow, wait_for_completion } from './mutex.js';
import { del_timer_sync, delTimerNow } from './timer.js';
import { type CpuWorkqueue, type DelayedWork, run_workqueue, Work } from './work.js';
import { queueClaimed } from './workqueue.js';

/**
 * cancel_delayed_work: deletes the timer (waiting for its handler); only if that was pending is the work no longer
 * pending. Answers 1 then, else 0: queued, running or idle, it is left alone.
 */
export function* cancel_delayed_work(work: DelayedWork): K<0 | 1> {
  const deleted = (yield del_timer_sync(work.timer)) as 0 | 1;
  if (deleted === 1) yield new LocalOp(() => work.clearPending());
  return deleted;
}

/**
 * try_to_grab_pending: whatever the work was waiting for, it no longer is, and its pending bit is set and ours.
 * Answers whether it was `pending` or `idle`; `busy` if somebody cancels it. Where the kernel retries, for somebody is
 * between two steps, this acts as if those had been one: a claim is taken over, and its owner's queueing comes to
 * nothing; a work that a worker has taken is as good as running.
 */
class GrabPendingOp extends Op {
  private readonly work: DelayedWork;
  /** Set by one who cancels: completed when he has done. */
  private readonly canceling: Completion | null;

  constructor(work: DelayedWork, canceling: Completion | null) {
    super(work);
    this.work = work;
    this.canceling = canceling;
  }

  override get access(): Access {
    return 'rmw';
  }

  override get ordering(): Ordering {
    return 'full';
  }

  override get field(): string {
    return 'pending';
  }

  override perform(context: Context): 'pending' | 'idle' | 'busy' {
    const { work } = this;
    work.machine.touch(work.resource);
    if (work.canceling !== null) return 'busy';
    const was = work.pending && !work.taken;
    if (was && delTimerNow(work.timer, context) === 0) work.list?.unlist(work);
    work.taken = false;
    work.pending = true;
    work.canceling = this.canceling;
    work.claimedBy = this.canceling === null ? context : null;
    work.machine.emit(events.rmw, context, work, 1, was ? 1 : 0);
    work.machine.progress();
    return was ? 'pending' : 'idle';
  }
}

/**
 * cancel_delayed_work_sync: takes it off the wheel or the list and waits until its function runs nowhere; meanwhile
 * nobody can queue it, not even that function. Answers 1 if it was pending.
 */
export function* cancel_delayed_work_sync(kernel: Kernel, work: DelayedWork): K<0 | 1> {
  might_sleep(kernel, 'kernel/workqueue.c');
  const over = new Completion(kernel, `cancel of ${work.name}`);
  const grab = new GrabPendingOp(work, over);
  let was: unknown = yield grab;
  while (was === 'busy') {
    work.machine.touch(work.resource, false);
    if (work.canceling !== null) yield* wait_for_completion(work.canceling, `${work.name} to be cancelled`);
    was = yield grab;
  }
  for (const queue of (work.queue ?? kernel.events).all) {
    queue.touch(false);
    if (queue.current === work) yield* barrier(kernel, queue, true);
    kernel.machine.watcher?.observes(queue);
  }
  yield new SharedOp(work, 'let go of', () => {
    work.canceling = null;
    work.clearPending();
    completeAllNow(over);
  });
  return was === 'pending' ? 1 : 0;
}

/**
 * mod_delayed_work: (re)starts with this delay whatever it was waiting for; a work that is queued but not started is
 * pulled back and postponed. Answers 1 if it was pending; so it does, and does nothing, while somebody cancels it.
 */
export function* mod_delayed_work(kernel: Kernel, work: DelayedWork, delay: number): K<0 | 1> {
  const was = (yield new GrabPendingOp(work, null)) as 'pending' | 'idle' | 'busy';
  if (was === 'busy') return 1;
  const direct = delay === 0 && kernel.era.workqueue.directQueueWhenDelayZero;
  yield* queueClaimed(kernel.events, work, delay, null, direct);
  return was === 'pending' ? 1 : 0;
}

/** Waits for a work of one's own that the queue's thread runs after what is there now, or (front) after the current. */
function* barrier(kernel: Kernel, queue: CpuWorkqueue, front: boolean): K {
  const done = new Completion(kernel, 'barrier');
  const work = new Work(kernel, 'wq_barrier_func', () => completeNow(done), true);
  yield new SharedOp(queue.drained, 'queue a barrier for', (context) => {
    work.pending = true;
    queue.insert(work, context, front);
  });
  yield* wait_for_completion(done, `${queue.thread.name} to finish`, queue.thread);
}

/**
 * flush_scheduled_work: waits until all that is queued now, on every CPU, has run. Timers are not waited for. Called by
 * a work of the queue, it runs the rest of its own CPU's list itself.
 */
export function* flush_scheduled_work(kernel: Kernel): K {
  might_sleep(kernel, 'kernel/workqueue.c');
  for (const queue of kernel.events.all) {
    queue.touch(false);
    if (queue.thread === kernel.context) yield* run_workqueue(queue);
    else if (queue.current !== null || queue.worklist.length > 0) yield* barrier(kernel, queue, false);
    kernel.machine.watcher?.observes(queue);
  }
}
