/**
 * Work, worklists and the threads that run them (kernel/workqueue.c run_workqueue, worker_thread, 2.6.12–2.6.29).
 *
 * Ordering rule: each CPU has one worklist, first in first out, and one thread; the pending bit is cleared before the
 * function is entered, so a running work can be queued again, also on another CPU, where it may run at the same time.
 * A delayed work is queued on the CPU whose wheel fired its timer.
 *
 * Divergence from Linux: taking a work off the list is one operation, clearing its pending bit the next; the lock
 * between them is not modelled. Before 2.6.20 a work has its timer inside; here delayed work is a type in every era.
 */
import { schedule, setCurrentState } from '../smp/basic-ops.js';
import type { Context, Task } from '../smp/context.js';
import type { Cpu } from '../smp/cpu.js';
import type { Machine } from '../smp/machine.js';
import { type Access, type K, type KernelFunction, Op, type Ordering } from '../smp/op.js';
import { SharedObject } from '../smp/shared-object.js';
import { namedResource } from '../smp/touches.js';
import { events } from '../trace/event-types.js';
import { callNamed } from './function.js';
import type { Kernel } from './kernel.js';
import { workqueueLeaked } from './messages.js';
import type { Completion } from './mutex.js';
import { Timer } from './timer.js';

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
  /** Who has taken the pending bit and not queued it yet; another may take it over meanwhile (cancel-work.ts). */
  claimedBy: Context | null = null;
  /** A worker has taken it off its list and not cleared the pending bit yet. */
  taken = false;
  /** Completed when the cancel_delayed_work_sync that owns the pending bit is over. */
  canceling: Completion | null = null;
  /** The workqueue it was last queued on. */
  queue: Workqueue | null = null;
  /** The kernel's own (a barrier): not told to observers, not counted. */
  readonly internal: boolean;

  constructor(kernel: Kernel, label: string, fn: KernelFunction<[Work]>, internal = false) {
    super(kernel.machine, label);
    this.fn = fn;
    this.internal = internal;
  }

  /** Gives the pending bit back without running it. */
  clearPending(): void {
    this.machine.touch(this.resource);
    this.pending = false;
    this.changed();
  }
}

/** struct delayed_work: a work and the timer that queues it. */
export class DelayedWork extends Work {
  readonly timer: Timer;

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
  readonly workqueue: Workqueue;
  readonly cpu: Cpu;
  readonly worklist: Work[] = [];
  readonly thread: Task;
  private readonly resource: number;
  current: Work | null = null;
  /** A scenario holds the worker: it takes nothing from its list. */
  held = false;
  /** Works executed, barriers not counted. */
  executed = 0;
  /** Works that its works made other workers execute (hold.ts). */
  nested = 0;
  private drainedObject: SharedObject | null = null;

  constructor(workqueue: Workqueue, cpu: Cpu) {
    this.kernel = workqueue.kernel;
    this.workqueue = workqueue;
    this.cpu = cpu;
    const priority = 120 + this.kernel.era.workqueue.workerNice;
    const name = `${workqueue.name}/${cpu.id}`;
    this.resource = namedResource(`${name} worklist`);
    this.thread = this.kernel.machine.spawn(name, cpu.id, worker_thread(this), priority, true);
  }

  get machine(): Machine {
    return this.kernel.machine;
  }

  /** __queue_work: appends and wakes the thread. For code that is inside an operation. `front`: before all others. */
  insert(work: Work, context: Context, front = false): void {
    this.touch();
    this.machine.touch(work.resource);
    work.list = this;
    this.machine.watcher?.publishes(work);
    if (front) this.worklist.unshift(work);
    else this.worklist.push(work);
    work.changed();
    this.machine.emit(events.workqueue_queue_work, context, work, this.cpu.id, 0);
    this.machine.progress();
    this.wakeThread();
  }

  /** wake_up(more_work): the thread, if that is what it waits for and not something inside a work function. */
  private wakeThread(): void {
    if (this.current === null && this.ready) this.machine.wake(this.thread);
  }

  /** The present step looks at the worklist or its worker, or changes them. */
  touch(write = true): void {
    this.machine.touch(this.resource, write);
  }

  /** Is there something the worker would take now? */
  get ready(): boolean {
    this.touch(false);
    return this.worklist.length > 0 && !this.held;
  }

  /** Does its thread wait for something to do? */
  get sleeps(): boolean {
    return this.current === null && !this.held && this.thread.state === 'blocked';
  }

  /** Is its thread outside every work function, with nothing to take? */
  get idle(): boolean {
    return this.current === null && !this.ready;
  }

  /** Changes when the queue may have become idle. */
  get drained(): SharedObject {
    this.drainedObject ??= new SharedObject(this.machine, `${this.thread.name} idle`, null, this.resource);
    return this.drainedObject;
  }

  maybeDrained(): void {
    this.touch();
    this.drainedObject?.changed();
  }

  /** Holds the worker: it takes nothing more from its list until it is let go. What it runs now goes on. */
  setHeld(held: boolean): void {
    this.held = held;
    this.wakeThread();
    this.maybeDrained();
  }

  /** Takes a work that waits off the list. */
  unlist(work: Work): void {
    this.worklist.splice(this.worklist.indexOf(work), 1);
    work.list = null;
    this.maybeDrained();
  }

  take(context: Context): Work | null {
    if (!this.ready) return null;
    this.touch();
    const work = this.worklist.shift()!;
    this.machine.touch(work.resource);
    work.list = null;
    work.taken = true;
    work.lastRunBy = this;
    this.current = work;
    this.machine.watcher?.observes(work);
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

  override get ordering(): Ordering {
    return 'observes';
  }

  override get field(): string {
    return 'pending';
  }

  override perform(context: Context): void {
    const { work } = this;
    if (!work.taken) return;
    work.taken = false;
    work.machine.emit(events.write, context, work, 0, 1);
    work.machine.progress();
    work.clearPending();
  }
}

/** The body of events/N. */
function* worker_thread(queue: CpuWorkqueue): K {
  const { machine } = queue;
  for (;;) {
    yield* run_workqueue(queue);
    setCurrentState(machine, 'sleeping');
    if (queue.ready) setCurrentState(machine, 'running');
    else yield schedule();
  }
}

/** Runs what is on the list, until it is empty. Also called by a work that flushes the queue it runs on. */
export function* run_workqueue(queue: CpuWorkqueue): K {
  const take = new TakeWorkOp(queue);
  while (queue.ready) {
    const outer = queue.current;
    const work = (yield take) as Work | null;
    if (work === null) continue;
    yield new ClearPendingOp(work);
    yield* runWork(queue, work);
    queue.current = outer;
    queue.maybeDrained();
  }
}

function* runWork(queue: CpuWorkqueue, work: Work): K {
  const { machine, kernel } = queue;
  const context = kernel.context;
  const before = context.preemptCountWord;
  const locksBefore = context.held?.length ?? 0;
  machine.touch(work.resource);
  work.activeOn++;
  if (!work.internal) {
    queue.executed++;
    kernel.onWork?.(work, queue.cpu);
  }
  machine.emit(events.workqueue_execute_start, context, work, work.activeOn, 0);
  yield* callNamed(context, work.name, () => work.fn(work));
  machine.watcher?.publishes(queue);
  machine.touch(work.resource);
  work.activeOn--;
  machine.emit(events.workqueue_execute_end, context, work, work.activeOn, 0);
  if (context.preemptCountWord === before && (context.held?.length ?? 0) <= locksBefore) return;
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

  /** Does queueing on this CPU make a worker runnable? */
  wakes(cpu: Cpu): boolean {
    return this.queues[cpu.id]?.sleeps ?? true;
  }

  /** The CPU queues that exist. */
  get all(): readonly CpuWorkqueue[] {
    return this.queues.filter((queue) => queue !== undefined);
  }
}
