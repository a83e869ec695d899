/**
 * Kernel timers: add_timer, mod_timer, del_timer and their relatives on per-CPU wheels, and the softirq that runs them
 * (kernel/timer.c and include/linux/timer.h, 2.6.12–2.6.29; differences by era.timerCore).
 *
 * Ordering rule: the kernel's five-level wheel (timer-wheel.ts); timers of equal expiry fire in wheel order.
 *
 * Divergence from Linux: each call is one atomic operation (the base's lock is not modelled). In 2.6.12 a timer has no
 * base while it is not pending; here every timer remembers the CPU it was last on, and only 2.6.13+ rules look at it.
 */
import { InternalError } from '../sim/errors.js';
import type { Context } from '../smp/context.js';
import type { Machine } from '../smp/machine.js';
import { type Access, type K, type KernelFunction, Op } from '../smp/op.js';
import { SharedObject } from '../smp/shared-object.js';
import { events } from '../trace/event-types.js';
import { BUG } from './bug.js';
import { callNamed } from './function.js';
import type { Kernel } from './kernel.js';
import { formatPointer, preemptLeak } from './messages.js';
import { softirqs } from './softirq-vectors.js';
import type { CpuTimers } from './timer-cpu.js';
import { WheelTimer } from './timer-wheel.js';

/** struct timer_list. */
export class Timer extends WheelTimer {
  readonly kernel: Kernel;
  readonly label: string;
  readonly fn: KernelFunction<[Timer]>;
  /** As {@link SharedObject.resource}. */
  readonly resource: number;
  /** The CPU whose base it is or was last on. */
  on: CpuTimers;
  private shared: SharedObject | null = null;

  /** init_timer: not pending, on the base of the CPU that initialises it. */
  constructor(kernel: Kernel, label: string, fn: KernelFunction<[Timer]>) {
    super();
    this.kernel = kernel;
    this.label = label;
    this.fn = fn;
    this.resource = kernel.machine.newResource();
    this.on = kernel.timersOf(kernel.current?.cpu ?? kernel.machine.cpus[0]!);
  }

  get machine(): Machine {
    return this.kernel.machine;
  }

  /** The timer as a location that operations touch. */
  get object(): SharedObject {
    this.shared ??= new SharedObject(this.kernel.machine, this.label, null, this.resource);
    return this.shared;
  }

  /** timer_pending(). */
  get pending(): boolean {
    return this.base !== null;
  }
}

/** Queues it on a CPU's wheel, whatever wheel it is on. */
function enqueue(timer: Timer, expires: number, to: CpuTimers): void {
  timer.on.touch();
  to.touch();
  timer.machine.touch(timer.resource);
  to.sync();
  timer.expires = expires;
  timer.on = to;
  to.base.add(timer);
  const lag = to.kernel.distance(to.base.timerJiffies, expires);
  to.needAt(lag < 0 ? to.base.timerJiffies : lag < 256 ? expires : (to.base.nextEvent() ?? expires));
}

/** The base for a timer armed from a CPU: that CPU's, unless its handler runs on its present base (2.6.13+). */
function targetBase(timer: Timer, context: Context): CpuTimers {
  const { kernel } = timer;
  if (kernel.era.timerCore.selfSerialised && timer.on.running === timer) return timer.on;
  return kernel.timersOf(context.cpu);
}

/** __mod_timer: answers whether it was pending. */
export function __mod_timer(timer: Timer, expires: number, context: Context): 0 | 1 {
  const was = timer.pending ? 1 : 0;
  enqueue(timer, expires, targetBase(timer, context));
  timer.machine.watcher?.publishes(timer);
  timer.machine.emit(events.timer_start, context, timer.object, expires, timer.on.cpu.id);
  timer.object.changed();
  return was;
}

/** del_timer for code that is inside an operation. */
export function delTimerNow(timer: Timer, context: Context): 0 | 1 {
  timer.machine.touch(timer.resource);
  if (!timer.pending) return 0;
  timer.on.touch();
  timer.base!.remove(timer);
  timer.machine.emit(events.timer_cancel, context, timer.object, timer.expires, timer.on.cpu.id);
  timer.object.changed();
  return 1;
}

/** The CPU that runs its handler, as far as this era's core can tell: 2.6.12 looks everywhere, later only at its base. */
function runningOn(timer: Timer): CpuTimers | null {
  const { kernel } = timer;
  if (!kernel.era.timerCore.delTimerSyncScansAllCpus) return timer.on.running === timer ? timer.on : null;
  for (const cpu of kernel.machine.cpus) {
    const timers = kernel.timersOf(cpu);
    if (timers.running === timer) return timers;
  }
  return null;
}

abstract class TimerOp extends Op {
  protected readonly timer: Timer;

  constructor(timer: Timer) {
    super(timer.object);
    this.timer = timer;
  }

  override get access(): Access {
    return 'rmw';
  }
}

class ModTimerOp extends TimerOp {
  private readonly expires: number;

  constructor(timer: Timer, expires: number) {
    super(timer);
    this.expires = expires;
  }

  override get verb(): string {
    return 'mod_timer';
  }

  override perform(context: Context): 0 | 1 {
    const { timer } = this;
    if (timer.pending && timer.expires === this.expires) return 1;
    return __mod_timer(timer, this.expires, context);
  }
}

class AddTimerOp extends TimerOp {
  private readonly expires: number;

  constructor(timer: Timer, expires: number) {
    super(timer);
    this.expires = expires;
  }

  override get verb(): string {
    return 'add_timer';
  }

  override perform(context: Context): boolean {
    const { timer } = this;
    const { timerCore } = timer.kernel.era;
    if (timer.pending && timerCore.addTimerChecksPending && timerCore.addTimerBug !== null) {
      BUG(timer.kernel, timerCore.addTimerBug);
      return false;
    }
    __mod_timer(timer, this.expires, context);
    return true;
  }
}

class AddTimerOnOp extends TimerOp {
  private readonly expires: number;
  private readonly cpuId: number;

  constructor(timer: Timer, expires: number, cpuId: number) {
    super(timer);
    this.expires = expires;
    this.cpuId = cpuId;
  }

  override get verb(): string {
    return 'add_timer_on';
  }

  override perform(context: Context): boolean {
    return addTimerOnNow(this.timer, this.expires, this.cpuId, context);
  }
}

/** add_timer_on for code that is inside an operation. */
export function addTimerOnNow(timer: Timer, expires: number, cpuId: number, context: Context): boolean {
  const { kernel } = timer;
  if (timer.pending) {
    BUG(kernel, kernel.era.timerCore.addTimerOnBug);
    return false;
  }
  enqueue(timer, expires, kernel.timersOf(kernel.machine.cpus[cpuId]!));
  kernel.machine.watcher?.publishes(timer);
  kernel.machine.emit(events.timer_start, context, timer.object, expires, cpuId);
  timer.object.changed();
  return true;
}

class DelTimerOp extends TimerOp {
  override get verb(): string {
    return 'del_timer';
  }

  override perform(context: Context): 0 | 1 {
    return delTimerNow(this.timer, context);
  }
}

class TryDelTimerSyncOp extends TimerOp {
  override get verb(): string {
    return 'try_to_del_timer_sync';
  }

  override perform(context: Context): -1 | 0 | 1 {
    if (runningOn(this.timer) !== null) return -1;
    this.timer.machine.watcher?.observes(this.timer.object);
    return delTimerNow(this.timer, context);
  }
}

class DelTimerSyncOp extends TimerOp {
  private deleted: 0 | 1 = 0;

  override get verb(): string {
    return 'del_timer_sync';
  }

  override enabled(): boolean {
    return runningOn(this.timer) === null;
  }

  /** 2.6.12 deletes first and then waits for the handler; later cores leave the timer alone until the handler is over. */
  override beginWait(context: Context): void {
    if (!this.timer.kernel.era.timerCore.delTimerSyncScansAllCpus) return;
    if (delTimerNow(this.timer, context) === 1) this.deleted = 1;
  }

  override perform(context: Context): 0 | 1 {
    this.timer.machine.watcher?.observes(this.timer.object);
    return delTimerNow(this.timer, context) === 1 ? 1 : this.deleted;
  }

  override describe(): string {
    return `the handler of ${this.timer.label} to end`;
  }

  override heldBy(): Context | null {
    return runningOn(this.timer)?.context ?? null;
  }
}

/** mod_timer: `yield` answers 1 if it was pending, else 0. Pending for the same jiffy already: 1, and nothing changes. */
export function mod_timer(timer: Timer, expires: number): Op {
  return new ModTimerOp(timer, expires);
}

/** add_timer for `expires`: a BUG if it is pending (2.6.15+; before, as mod_timer). Answers whether it was queued. */
export function add_timer(timer: Timer, expires: number): Op {
  return new AddTimerOp(timer, expires);
}

/** add_timer_on: queues on a named CPU; a BUG if pending. Answers whether it was queued. */
export function add_timer_on(timer: Timer, expires: number, cpuId: number): Op {
  return new AddTimerOnOp(timer, expires, cpuId);
}

/** del_timer: answers 1 if it was pending. Its handler may be running. */
export function del_timer(timer: Timer): Op {
  return new DelTimerOp(timer);
}

/** try_to_del_timer_sync: -1 while its handler runs, else as del_timer. */
export function try_to_del_timer_sync(timer: Timer): Op {
  return new TryDelTimerSyncOp(timer);
}

/** del_timer_sync: waits (spinning) for a running handler, then as del_timer. */
export function del_timer_sync(timer: Timer): Op {
  return new DelTimerSyncOp(timer);
}

/** Takes the next timer of the running list off the wheel and marks it as running. Answers it, or null. */
class NextTimerOp extends Op {
  private readonly timers: CpuTimers;

  constructor(timers: CpuTimers) {
    super(null);
    this.timers = timers;
  }

  override get access(): Access {
    return 'rmw';
  }

  override describe(): string {
    return 'look for a timer that is due';
  }

  override perform(context: Context): Timer | null {
    const { timers } = this;
    timers.touch();
    handlerOver(timers);
    const timer = timers.base.shift() as Timer | null;
    if (timer === null) return null;
    timers.running = timer;
    timer.machine.touch(timer.resource);
    timers.kernel.machine.watcher?.observes(timer);
    timers.kernel.machine.progress();
    timers.kernel.machine.emit(events.timer_expire_entry, context, timer.object, timer.expires, 0);
    timers.kernel.onTimer?.(timer, timers.cpu);
    return timer;
  }
}

function handlerOver(timers: CpuTimers): void {
  const timer = timers.running;
  if (timer === null) return;
  timers.running = null;
  timer.machine.touch(timer.resource);
  // Its end is before whoever waits for that (del_timer_sync).
  timer.machine.watcher?.publishes(timer.object);
  timer.object.changed();
}

/** The TIMER softirq: runs every list up to now, cascading on the way. */
export function* run_timer_softirq(timers: CpuTimers): K {
  const { kernel, base, cpu } = timers;
  timers.touch();
  timers.inSoftirq = true;
  timers.context = kernel.current;
  const next = new NextTimerOp(timers);
  let entered = false;
  while (kernel.distance(base.timerJiffies, kernel.now) >= 0) {
    const event = base.nextEvent();
    if (event === undefined || kernel.distance(event, kernel.now) < 0) break;
    if (!base.advanceTo(event) && base.timerJiffies !== event) throw new InternalError('the wheel ran past a timer');
    if (kernel.distance(base.timerJiffies, kernel.now) < 0) break;
    base.beginSlot();
    if (!entered && base.slotRunning) {
      entered = true;
      kernel.machine.emit(events.softirq_entry, kernel.current, null, softirqs.TIMER, 0);
    }
    while (base.slotRunning) {
      const timer = (yield next) as Timer | null;
      if (timer === null) continue;
      yield* runHandler(kernel, timer);
      kernel.machine.emit(events.timer_expire_exit, kernel.current, timer.object, 0, 0);
    }
  }
  timers.touch();
  handlerOver(timers);
  base.advanceTo(kernel.addJiffies(kernel.now, 1));
  timers.inSoftirq = false;
  timers.context = null;
  timers.raised = false;
  cpu.frozen = false;
  if (entered) kernel.machine.emit(events.softirq_exit, kernel.current, null, softirqs.TIMER, 0);
  timers.arm();
}

function* runHandler(kernel: Kernel, timer: Timer): K {
  const context = kernel.context;
  const before = context.preemptCountWord;
  const counts = { preempt: context.preemptCount, bh: context.bhCount };
  yield* callNamed(context, timer.label, () => timer.fn(timer));
  const after = context.preemptCountWord;
  if (before === after) return;
  const lines = preemptLeak(kernel.era, formatPointer(kernel.arch, timer.object.id), before, after);
  kernel.log.printAll(lines);
  kernel.machine.violate('preempt-leak', `${lines[0]!.text} (${timer.label})`);
  BUG(kernel, kernel.era.timerCore.preemptLeakBug);
  context.preemptCount = counts.preempt;
  context.bhCount = counts.bh;
}
