/**
 * Queueing work and delayed work (kernel/workqueue.c, 2.6.12–2.6.29; differences by era.workqueue). The works and
 * their threads are in work.ts.
 *
 * Ordering rule: a pending work is neither moved nor re-timed by queueing it again, from whatever CPU.
 *
 * Divergence from Linux: test_and_set_bit of the pending bit is one operation, queueing the next, as in the kernel;
 * but arming the timer is one operation where the kernel fills it in and adds it.
 */
import { LocalOp } from '../smp/basic-ops.js';
import type { Context } from '../smp/context.js';
import { type Access, type K, Op, type Ordering } from '../smp/op.js';
import { events } from '../trace/event-types.js';
import { BUG } from './bug.js';
import type { Kernel } from './kernel.js';
import { __mod_timer, addTimerOnNow } from './timer.js';
import type { DelayedWork, Work, Workqueue } from './work.js';

export { CpuWorkqueue, DelayedWork, run_workqueue, Work, Workqueue } from './work.js';

/** test_and_set_bit(pending): answers whether it was clear. */
class ClaimOp extends Op {
  private readonly work: Work;

  constructor(work: Work) {
    super(work);
    this.work = work;
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

  override perform(context: Context): boolean {
    const { work } = this;
    const claimed = !work.pending;
    work.machine.emit(events.rmw, context, work, 1, work.pending ? 1 : 0);
    work.pending = true;
    if (claimed) work.claimedBy = context;
    return claimed;
  }
}

/** queue_work: answers 1 if it was queued, 0 if it was pending. */
export function* queue_work(workqueue: Workqueue, work: Work): K<0 | 1> {
  if (!((yield new ClaimOp(work)) as boolean)) return 0;
  yield* queueClaimed(workqueue, work, 0, null, true);
  return 1;
}

/** Ends a claim of the pending bit. Answers whether it was still ours. */
function consumeClaim(work: Work, context: Context): boolean {
  work.machine.touch(work.resource);
  const ours = work.claimedBy === context;
  if (ours) work.claimedBy = null;
  return ours;
}

/** Arms the timer of a delayed work whose pending bit we hold; `cpuId` null: on the calling CPU. */
class ArmOp extends Op {
  private readonly work: DelayedWork;
  private readonly delay: number;
  private readonly cpuId: number | null;

  constructor(work: DelayedWork, delay: number, cpuId: number | null) {
    super(work.timer.object);
    this.work = work;
    this.delay = delay;
    this.cpuId = cpuId;
  }

  override get access(): Access {
    return 'rmw';
  }

  override perform(context: Context): void {
    if (!consumeClaim(this.work, context)) return;
    const { timer } = this.work;
    const { kernel } = timer;
    const expires = kernel.addJiffies(kernel.now, this.delay);
    if (this.cpuId !== null) {
      if (timer.pending) BUG(kernel, kernel.era.workqueue.timerPendingOnBug);
      else addTimerOnNow(timer, expires, this.cpuId, context);
    } else if (timer.pending) BUG(kernel, kernel.era.workqueue.timerPendingBug);
    else __mod_timer(timer, expires, context);
  }
}

/**
 * Queues a work whose pending bit is ours: `direct` on the list of the calling CPU, else after a delay on the wheel of
 * a CPU (null: the calling one).
 */
export function* queueClaimed(
  workqueue: Workqueue,
  work: Work,
  delay: number,
  cpuId: number | null,
  direct: boolean,
): K {
  work.queue = workqueue;
  if (direct) {
    yield new LocalOp(
      (context) => {
        if (consumeClaim(work, context)) workqueue.of(context.cpu).insert(work, context);
      },
      (context) => workqueue.wakes(context.cpu),
    );
  } else yield new ArmOp(work as DelayedWork, delay, cpuId);
}

/** queue_delayed_work: 1 if queued, 0 (and nothing done, whatever the delay) if pending. `delay` in jiffies. */
export function* queue_delayed_work(workqueue: Workqueue, work: DelayedWork, delay: number): K<0 | 1> {
  const { directQueueWhenDelayZero } = workqueue.kernel.era.workqueue;
  if (!((yield new ClaimOp(work)) as boolean)) return 0;
  yield* queueClaimed(workqueue, work, delay, null, delay === 0 && directQueueWhenDelayZero);
  return 1;
}

/** queue_delayed_work_on: arms the timer on a named CPU, also for a delay of 0. */
export function* queue_delayed_work_on(
  workqueue: Workqueue,
  work: DelayedWork,
  delay: number,
  cpuId: number,
): K<0 | 1> {
  if (!((yield new ClaimOp(work)) as boolean)) return 0;
  yield* queueClaimed(workqueue, work, delay, cpuId, false);
  return 1;
}

export function schedule_work(kernel: Kernel, work: Work): K<0 | 1> {
  return queue_work(kernel.events, work);
}

export function schedule_delayed_work(kernel: Kernel, work: DelayedWork, delay: number): K<0 | 1> {
  return queue_delayed_work(kernel.events, work, delay);
}

export function schedule_delayed_work_on(kernel: Kernel, cpuId: number, work: DelayedWork, delay: number): K<0 | 1> {
  return queue_delayed_work_on(kernel.events, work, delay, cpuId);
}
