/**
 * Workqueues and delayed work (kernel/workqueue.c, 2.6.12–2.6.29; differences by era.workqueue).
 *
 * Ordering rule: each CPU has one worklist, first in first out, and one thread; the pending bit is cleared before the
 * function is entered, so a running work can be queued again, also on another CPU, where it may run at the same time.
 * A delayed work is queued on the CPU whose wheel fired its timer.
 *
 * Divergence from Linux: taking a work off the list is one operation, clearing its pending bit the next; the lock
 * between them is not modelled. Before 2.6.20 a work has its timer inside; here delayed work is a type in every era.
 */
import { LocalOp, schedule, setCurrentState } from '../smp/basic-ops.js';
import type { Context, Task } from '../smp/context.js';
import type { Cpu } from '../smp/cpu.js';
import type { Machine } from '../smp/machine.js';
import { type Access, type K, type KernelFunction, Op } from '../smp/op.js';
import { SharedObject } from '../smp/shared-object.js';
import { events } from '../trace/event-types.js';
import { BUG } from './bug.js';
import { callNamed } from './function.js';
import type { Kernel } from './kernel.js';
import { workqueueLeaked } from './messages.js';
import { __mod_timer, addTimerOnNow, Timer } from './timer.js';

/** struct work_struct. */
export class Work extends SharedObject {
  readonly fn: KernelFunction<[Work]>;
  /** The pending bit. */
  pending = false;
  /** The CPU queue whose list it is on. */
  list: CpuWorkqueue | null = null;
  /** CPUs on which its function runs now. */
  activeOn = 0;
  /** The CPU queue that last began to run it. */
  lastRunBy: CpuWorkqueue | null = null;

  constructor(kernel: Kernel, label: string, fn: KernelFunction<[Work]>) {
    super(kernel.machine, label);
    this.fn = fn;
  }
}

/** struct delayed_work: a work and the timer that queues it. */
export class DelayedWork extends Work {
  readonly timer: Timer;
  queue: Workqueue | null = null;

  constructor(kernel: Kernel, label: string, fn: KernelFunction<[Work]>) {
    super(kernel, label, fn);
    this.timer = new Timer(kernel, `${label}.timer`, () => {
      const context = kernel.context;
      this.queue?.of(context.cpu).insert(this, context);
    });
  }
}

/** struct cpu_workqueue_struct: the list and the thread of one CPU. */
export class CpuWorkqueue {
  readonly kernel: Kernel;
  readonly cpu: Cpu;
  readonly worklist: Work[] = [];
  readonly thread: Task;
  current: Work | null = null;
  /** A scenario holds the worker: it takes nothing from its list. */
  held = false;
  /** Works executed. */
  executed = 0;

  constructor(workqueue: Workqueue, cpu: Cpu) {
    this.kernel = workqueue.kernel;
    this.cpu = cpu;
    const priority = 120 + this.kernel.era.workqueue.workerNice;
    this.thread = this.kernel.machine.spawn(`${workqueue.name}/${cpu.id}`, cpu.id, worker_thread(this), priority, true);
  }

  get machine(): Machine {
    return this.kernel.machine;
  }

  /** __queue_work: appends and wakes the thread. For code that is inside an operation. */
  insert(work: Work, context: Context): void {
    work.list = this;
    this.worklist.push(work);
    this.machine.emit(events.workqueue_queue_work, context, work, this.cpu.id, 0);
    this.machine.progress();
    if (!this.held) this.machine.wake(this.thread);
  }

  /** Is there something the worker would take now? */
  get ready(): boolean {
    return this.worklist.length > 0 && !this.held;
  }

  setHeld(held: boolean): void {
    this.held = held;
    if (this.ready) this.machine.wake(this.thread);
  }

  take(context: Context): Work | null {
    if (!this.ready) return null;
    const work = this.worklist.shift()!;
    work.list = null;
    work.lastRunBy = this;
    this.current = work;
    this.machine.emit(events.read, context, work, 0, 0);
    return work;
  }
}

class TakeWorkOp extends Op {
  private readonly queue: CpuWorkqueue;

  constructor(queue: CpuWorkqueue) {
    super(null);
    this.queue = queue;
  }

  override get access(): Access {
    return 'rmw';
  }

  override perform(context: Context): Work | null {
    return this.queue.take(context);
  }
}

class ClearPendingOp extends Op {
  private readonly work: Work;

  constructor(work: Work) {
    super(work);
    this.work = work;
  }

  override get access(): Access {
    return 'write';
  }

  override get field(): string {
    return 'pending';
  }

  override perform(): void {
    this.work.pending = false;
  }
}

/** run_workqueue in a loop: the body of events/N. */
function* worker_thread(queue: CpuWorkqueue): K {
  const { kernel } = queue;
  const take = new TakeWorkOp(queue);
  for (;;) {
    while (queue.ready) {
      const work = (yield take) as Work | null;
      if (work === null) continue;
      yield new ClearPendingOp(work);
      yield* runWork(kernel, queue, work);
    }
    setCurrentState(kernel.machine, 'sleeping');
    if (queue.ready) setCurrentState(kernel.machine, 'running');
    else yield schedule();
  }
}

function* runWork(kernel: Kernel, queue: CpuWorkqueue, work: Work): K {
  const { machine } = kernel;
  const context = kernel.context;
  const before = context.preemptCountWord;
  work.activeOn++;
  queue.executed++;
  kernel.onWork?.(work, queue.cpu);
  machine.emit(events.workqueue_execute_start, context, work, work.activeOn, 0);
  yield* callNamed(context, work.name, () => work.fn(work));
  work.activeOn--;
  queue.current = null;
  machine.emit(events.workqueue_execute_end, context, work, work.activeOn, 0);
  machine.reconsiderAll();
  if (context.preemptCountWord === before && (context.held?.length ?? 0) === 0) return;
  const { thread } = queue;
  const lines = workqueueLeaked(kernel.era, thread.name, context.preemptCountWord, thread.pid, work.name);
  kernel.log.printAll(lines);
  machine.violate('preempt-leak', lines[0]?.text ?? `${work.name} returned with a lock or preempt count`);
}

/** A workqueue with one thread per CPU. */
export class Workqueue {
  readonly kernel: Kernel;
  readonly name: string;
  private readonly queues: (CpuWorkqueue | undefined)[] = [];

  constructor(kernel: Kernel, name: string) {
    this.kernel = kernel;
    this.name = name;
  }

  get machine(): Machine {
    return this.kernel.machine;
  }

  /** The queue of a CPU; its thread is made when first needed. */
  of(cpu: Cpu): CpuWorkqueue {
    let queue = this.queues[cpu.id];
    if (queue === undefined) {
      queue = new CpuWorkqueue(this, cpu);
      this.queues[cpu.id] = queue;
    }
    return queue;
  }

  /** The CPU queues that exist. */
  get all(): readonly CpuWorkqueue[] {
    return this.queues.filter((queue) => queue !== undefined);
  }
}

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

  override get field(): string {
    return 'pending';
  }

  override perform(context: Context): boolean {
    const { work } = this;
    const claimed = !work.pending;
    work.machine.emit(events.rmw, context, work, 1, work.pending ? 1 : 0);
    work.pending = true;
    return claimed;
  }
}

/** queue_work: answers 1 if it was queued, 0 if it was pending. */
export function* queue_work(workqueue: Workqueue, work: Work): K<0 | 1> {
  if (!((yield new ClaimOp(work)) as boolean)) return 0;
  yield new LocalOp((context) => workqueue.of(context.cpu).insert(work, context));
  return 1;
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

/** queue_delayed_work: 1 if queued, 0 (and nothing done, whatever the delay) if pending. `delay` in jiffies. */
export function* queue_delayed_work(workqueue: Workqueue, work: DelayedWork, delay: number): K<0 | 1> {
  if (delay === 0 && workqueue.kernel.era.workqueue.directQueueWhenDelayZero) return yield* queue_work(workqueue, work);
  if (!((yield new ClaimOp(work)) as boolean)) return 0;
  work.queue = workqueue;
  yield new ArmOp(work, delay, null);
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
  work.queue = workqueue;
  yield new ArmOp(work, delay, cpuId);
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
