/**
 * The virtual multiprocessor: CPUs that execute kernel code one operation at a time, in virtual time.
 *
 * Ordering rule of the timed run: earlier virtual time first; at the same nanosecond timer interrupts, then softirqs,
 * then threads, then scenario actions; then the lower CPU; then first come first served. An operation takes effect at
 * once, and its cost keeps the CPU busy afterwards; an interrupt may come in meanwhile and puts the rest off.
 *
 * A local tick that finds nothing to do is no event, so idle time is skipped: a CPU's tick is queued only for the
 * jiffy at which its timer wheel needs it. `skipIdle: false` queues every tick, and must change nothing.
 */
import { InternalError, LimitError } from '../sim/errors.js';
import { EventQueue, type QueueEntry } from '../sim/event-queue.js';
import type { EventType } from '../trace/event-types.js';
import { events } from '../trace/event-types.js';
import { type Stamp, type Subject, Trace } from '../trace/trace.js';
import type { Context, Task } from './context.js';
import { Cpu } from './cpu.js';
import type { K, Op } from './op.js';
import type { Scheduler } from './scheduler.js';
import type { SharedObject } from './shared-object.js';
import { Switching } from './switching.js';

/** How the kernel gives up the CPU inside the kernel. */
export type Preempt = 'none' | 'voluntary' | 'full';

export interface MachineOptions {
  /** 1–64. */
  readonly cpus: number;
  /** Ticks per second; a divisor of 10^9. */
  readonly hz: number;
  readonly preempt?: Preempt;
  /** ns charged per kind of access; zero where absent. */
  readonly accessCostsNs?: Readonly<Partial<Record<Op['access'], number>>>;
  /** Same-nanosecond order of threads: by CPU, or in passes over the CPUs as the golden recordings do. */
  readonly threadOrder?: 'by-cpu' | 'passes';
  /** False queues every tick of every CPU. For the test that this changes nothing. */
  readonly skipIdle?: boolean;
  readonly maxOps?: number;
  /** ns. */
  readonly maxVirtualNs?: number;
}

/** What went wrong, or was promised not to happen. */
export interface Violation {
  readonly kind: string;
  readonly message: string;
  readonly timeNs: number;
  readonly jiffies: number;
  readonly cpu: number;
  readonly stack: readonly string[];
}

/** An entry of the event queue: a CPU's next step, its tick, or something to do at a time. */
export interface StepEntry extends QueueEntry {
  readonly machine: Machine;
  readonly cpu: Cpu | null;
  readonly tick: number;
  readonly fire: (() => void) | null;
}

/** What the kernel room gives the machine. */
export interface KernelHooks {
  /** The jiffies counter, for stamps. */
  jiffies(): number;
  /** The local timer interrupt of a CPU that could take it. Raises what is due. */
  timerInterrupt(cpu: Cpu): void;
  /** Time is about to pass a tick boundary while this CPU can't run softirqs: its wheel falls behind from here. */
  freeze(cpu: Cpu): void;
  /** A CPU that had fallen behind can run softirqs again: raises TIMER if something is due. */
  thaw(cpu: Cpu): void;
  /** The body of a softirq context. */
  softirq(cpu: Cpu): K;
  /** An operation is about to touch a part of a freed object. */
  badAccess(context: Context, op: Op): void;
  /** A context threw. Answers true when the machine must stop. */
  died(context: Context, error: unknown): boolean;
  /** A process context wants to sleep where it must not. */
  sleepInAtomic(context: Context): void;
}

/** Holds contexts back at named points (the `schedule:` of a scenario). */
export interface Gate {
  /** Must `context` not perform `op` yet? Asked before each operation while a gate is set. */
  holds(context: Context, op: Op): boolean;
  /** `op` has been performed. Answers true when somebody held may now go on. */
  passed(context: Context, op: Op): boolean;
}

const staleLimit = 1_000_000;

export class Machine extends Switching {
  readonly cpus: readonly Cpu[];
  readonly hz: number;
  /** Virtual ns per jiffy. */
  readonly tickNs: number;
  readonly preempt: Preempt;
  readonly trace: Trace;
  readonly violations: Violation[] = [];
  hooks: KernelHooks | null = null;
  scheduler: Scheduler;
  gate: Gate | null = null;
  /** Told before each operation; observers only. */
  onAccess: ((context: Context, op: Op) => void) | null = null;
  /** Virtual time, ns since boot. */
  nowNs = 0;
  /** Tick boundaries passed since boot. */
  ticks = 0;
  objectCount = 0;
  pidCount = 0;
  /** Operations performed. */
  ops = 0;
  /** What executes right now; null between steps. */
  current: Context | null = null;
  /** Why the machine stopped for good: a panic, or null. */
  halted: string | null = null;
  protected readonly queue = new EventQueue<StepEntry>();
  protected readonly passes: boolean;
  /** The CPU whose steps are being performed: it is not in the queue meanwhile. */
  protected running: Cpu | null = null;
  /** Rank of the thread being run, for the order in passes; -1 before the first of a nanosecond. */
  protected cursor = -1;
  private nesting = 0;
  private readonly skipIdle: boolean;
  private readonly costs: Readonly<Partial<Record<string, number>>> | null;
  private readonly maxOps: number;
  private readonly maxVirtualNs: number;
  private nextBoundaryNs: number;
  private chargedNs = 0;
  private stale = 0;
  private epochNow = 0;
  /**
   * How far the current nanosecond has come, when it is a tick boundary: the softirqs of CPUs up to this one have
   * had their turn. -1 at its start, 64 when threads run or the time is between ticks.
   */
  private phase = 64;

  constructor(options: MachineOptions, scheduler: Scheduler) {
    super();
    this.hz = options.hz;
    this.tickNs = 1_000_000_000 / options.hz;
    this.nextBoundaryNs = this.tickNs;
    this.preempt = options.preempt ?? 'none';
    this.passes = options.threadOrder === 'passes';
    this.skipIdle = options.skipIdle ?? true;
    this.costs = options.accessCostsNs ?? null;
    this.maxOps = options.maxOps ?? 1e9;
    this.maxVirtualNs = options.maxVirtualNs ?? 10 * 86_400e9;
    this.scheduler = scheduler;
    this.trace = new Trace(() => this.stamp());
    const cpus: Cpu[] = [];
    for (let id = 0; id < options.cpus; id++) {
      const entry = this.newEntry(null);
      const cpu = new Cpu(id, entry);
      cpu.entry = this.newEntry(cpu);
      cpus.push(cpu);
    }
    this.cpus = cpus;
    if (!this.skipIdle) for (const cpu of cpus) this.needTick(cpu, 1);
  }

  /** Ticks passed, ending with the one of `nowNs`; the kernel adds its initial jiffies. */
  tickTimeNs(tick: number): number {
    return tick * this.tickNs;
  }

  /** Has this CPU's timer softirq of the current tick had its turn? Always true between ticks. */
  tickDone(cpu: Cpu): boolean {
    return this.phase >= cpu.id;
  }

  emit(type: EventType, context: Context | null, subject: Subject | null, a: number, b: number): void {
    this.trace.emit(type, this.nowNs, context === null ? 0 : context.cpu.id, subject, a, b);
  }

  /** Something happened that could end a wait: the count towards an endless loop starts again. */
  progress(): void {
    this.epochNow++;
    this.stale = 0;
  }

  /** Adds to the cost of the operation being performed. */
  charge(ns: number): void {
    this.chargedNs += ns;
  }

  violate(kind: string, message: string): void {
    const context = this.current;
    const violation: Violation = {
      kind,
      message,
      timeNs: this.nowNs,
      jiffies: this.hooks?.jiffies() ?? 0,
      cpu: context?.cpu.id ?? 0,
      stack: context === null ? [] : [context.name, ...context.stack],
    };
    this.violations.push(violation);
    this.trace.emitText(events.violation, this.nowNs, violation.cpu, null, `${kind}: ${message}`);
  }

  /** A number from 0 to `bound` - 1, decided by the scheduler. */
  choose(name: string, bound: number): number {
    const value = this.scheduler.choose(name, bound);
    if (!(value >= 0 && value < bound)) throw new InternalError(`choice ${name}: ${value} is not below ${bound}`);
    this.trace.emit(events.choice, this.nowNs, 0, null, value, bound);
    return value;
  }

  /** Does `fire` at a virtual time, after everything else of that nanosecond. Answers a handle for {@link unschedule}. */
  at(timeNs: number, fire: () => void, order = 3, rank = 0): StepEntry {
    const entry: StepEntry = {
      timeNs: Math.max(timeNs, this.nowNs),
      order,
      rank,
      sequence: 0,
      queued: false,
      dead: false,
      machine: this,
      cpu: null,
      tick: 0,
      fire,
    };
    this.queue.push(entry);
    return entry;
  }

  unschedule(entry: StepEntry): void {
    this.queue.cancel(entry);
  }

  /** The CPU's local timer interrupt is needed at this tick (count since boot), if not before. */
  needTick(cpu: Cpu, tick: number): void {
    if (tick >= cpu.nextTick) return;
    cpu.nextTick = tick;
    const timeNs = Math.max(this.tickTimeNs(tick), this.nowNs);
    this.queue.push({
      timeNs,
      order: 0,
      rank: cpu.id,
      sequence: 0,
      queued: false,
      dead: false,
      machine: this,
      cpu,
      tick,
      fire: null,
    });
  }

  /**
   * Runs until nothing is left to do at or before `untilNs`, and leaves the clock there (`settle` leaves it where the
   * last event was). Throws LimitError when a limit of the run is reached.
   */
  runUntil(untilNs: number, settle = false): void {
    for (;;) {
      const head = this.queue.peek();
      if (head === undefined || head.timeNs > untilNs || this.halted !== null) break;
      this.queue.poll();
      if (head.timeNs > this.nowNs) this.advance(head.timeNs);
      this.notePhase(head);
      if (head.fire !== null) head.fire();
      else if (head.order === 0 && head.tick > 0) this.tickOf(head.cpu!, head.tick);
      else this.runCpu(head.cpu!, untilNs);
    }
    if (!settle && this.halted === null && untilNs > this.nowNs) this.advance(untilNs);
    this.phase = 64;
  }

  /** Everything that is due now, and nothing later. */
  settle(): void {
    this.runUntil(this.nowNs, true);
  }

  /** Virtual time of the next thing to happen; undefined when the machine has nothing left to do. */
  nextEventNs(): number | undefined {
    return this.queue.peek()?.timeNs;
  }

  protected override newEntry(cpu: Cpu | null): StepEntry {
    return {
      timeNs: 0,
      order: 2,
      rank: 0,
      sequence: 0,
      queued: false,
      dead: false,
      machine: this,
      cpu,
      tick: 0,
      fire: null,
    };
  }

  /** Moves the clock. CPUs that can't take the ticks passed on the way fall behind from here. */
  advance(toNs: number): void {
    if (toNs > this.maxVirtualNs) {
      throw new LimitError(`the limit of ${this.maxVirtualNs} ns of virtual time was reached (--max-virtual)`);
    }
    if (toNs >= this.nextBoundaryNs) {
      for (const cpu of this.cpus) {
        if (cpu.held || !cpu.softirqsAllowed) this.fallBehind(cpu);
      }
      this.ticks = Math.floor(toNs / this.tickNs);
      this.nextBoundaryNs = (this.ticks + 1) * this.tickNs;
      this.phase = this.ticks * this.tickNs === toNs ? -1 : 64;
    } else this.phase = 64;
    this.nowNs = toNs;
    this.cursor = -1;
    this.nesting = 0;
    this.progress();
  }

  private fallBehind(cpu: Cpu): void {
    if (cpu.frozen) return;
    this.hooks?.freeze(cpu);
    cpu.frozen = true;
  }

  private notePhase(head: StepEntry): void {
    if (head.order >= 2) this.phase = 64;
    else if (head.order === 1 && head.rank > this.phase) this.phase = head.rank;
    if (head.order === 2) {
      if (Number.isInteger(head.rank)) this.cursor = head.rank;
    } else if (head.order === 3) this.cursor = -1;
  }

  isRunning(cpu: Cpu): boolean {
    return this.running === cpu;
  }

  enqueueEntry(entry: StepEntry): void {
    this.queue.push(entry);
  }

  dequeue(entry: StepEntry): void {
    this.queue.cancel(entry);
  }

  /**
   * Place of a CPU's thread among the threads of one nanosecond: its number; or, in passes, after the CPU that runs
   * now in this pass if its number is higher, else in the next pass. A CPU keeps its place until it goes idle.
   */
  rankOf(cpu: Cpu, timeNs: number): number {
    if (!this.passes || timeNs > this.nowNs) return cpu.id;
    if (cpu.rankAtNs === timeNs) return cpu.rank;
    let rank = cpu.id;
    if (this.phase === 64 && this.cursor >= 0) {
      rank += Math.floor(this.cursor / 64) * 64;
      if (rank <= this.cursor) rank += 64;
    }
    cpu.rank = rank;
    cpu.rankAtNs = timeNs;
    return rank;
  }

  /** In passes: lets another CPU's thread go right before this one's next step (a nested run). */
  goBefore(cpu: Cpu, current: Cpu): void {
    cpu.rank = current.rank - 2 ** -(1 + ++this.nesting);
    cpu.rankAtNs = this.nowNs;
    this.requeue(cpu);
  }

  private tickOf(cpu: Cpu, tick: number): void {
    if (tick !== cpu.nextTick) return;
    cpu.nextTick = Number.POSITIVE_INFINITY;
    if (!this.skipIdle) this.needTick(cpu, this.ticks + 1);
    if (cpu.irqsOff || cpu.held || cpu.top?.kind === 'hardirq') {
      this.fallBehind(cpu);
      return;
    }
    this.hooks?.timerInterrupt(cpu);
    this.softirqCheck(cpu);
  }

  /** Performs steps of one CPU for as long as it comes first. */
  private runCpu(cpu: Cpu, untilNs: number): void {
    this.running = cpu;
    let context = cpu.top;
    while (context !== null && this.halted === null) {
      this.current = context;
      try {
        this.step(context);
      } catch (error) {
        this.contextDied(context, error);
      }
      if (cpu.top !== context) {
        context = cpu.top;
        if (context === null) break;
      }
      if (context.waiting) break;
      if (!this.comesFirst(cpu, context, untilNs)) break;
      if (context.readyAtNs > this.nowNs) this.advance(context.readyAtNs);
    }
    this.current = null;
    this.running = null;
    this.requeue(cpu);
  }

  /** Does this CPU's next step come before everything in the queue? */
  private comesFirst(cpu: Cpu, context: Context, untilNs: number): boolean {
    const at = context.readyAtNs;
    if (at > untilNs) return false;
    const head = this.queue.peek();
    if (head === undefined || at < head.timeNs) return true;
    if (at > head.timeNs) return false;
    if (context.order !== head.order) return context.order < head.order;
    return (context.order === 2 && this.passes ? this.rankOf(cpu, at) : cpu.id) <= head.rank;
  }

  /** Resumes a context if its last operation is over, and performs the next one if that is enabled. */
  step(context: Context): void {
    let op = context.op;
    if (op === null) {
      const next = context.code.next(context.result);
      if (next.done === true) {
        this.contextEnded(context);
        return;
      }
      op = next.value;
      context.op = op;
    }
    if (this.gate?.holds(context, op)) {
      this.wait(context, op, false);
      return;
    }
    if (!op.enabled(context)) {
      this.wait(context, op, true);
      return;
    }
    context.waiting = false;
    const object = op.object;
    if (object === null || object.epoch === this.epochNow) {
      if (++this.stale > staleLimit) this.endless(context);
    } else object.epoch = this.epochNow;
    if (object?.home?.freed) this.hooks?.badAccess(context, op);
    if (this.onAccess !== null) this.onAccess(context, op);
    if (++this.ops > this.maxOps) {
      throw new LimitError(`the limit of ${this.maxOps} operations was reached (--max-ops)`);
    }
    context.steps++;
    context.op = null;
    context.result = op.perform(context);
    const costNs = this.costs === null ? this.chargedNs : this.chargedNs + (this.costs[op.access] ?? 0);
    if (costNs > 0) {
      this.chargedNs = 0;
      if (context === context.cpu.top) context.readyAtNs = this.nowNs + costNs;
      else context.remainingNs += costNs;
    }
    if (this.gate?.passed(context, op)) this.reconsiderAll();
  }

  private endless(context: Context): never {
    const where = context.stack.length > 0 ? ` in ${context.stack.join(' > ')}` : '';
    this.violate('endless-loop', `${context.name} on CPU ${context.cpu.id} repeats itself without end${where}`);
    throw new LimitError(
      `endless loop: ${context.name} on CPU ${context.cpu.id} performed ${staleLimit} operations${where} while neither time, a wake-up nor any cell changed`,
    );
  }

  private stamp(): Stamp {
    const context = this.current;
    return {
      timeNs: this.nowNs,
      jiffies: this.hooks?.jiffies() ?? 0,
      cpu: context?.cpu.id ?? 0,
      context: context?.kind ?? 'none',
      task: context?.cpu.task?.name ?? 'swapper',
      stack: context === null ? [] : context.stack.slice(),
    };
  }

  /** Lets the waiters of an object look again. */
  reconsider(object: SharedObject): void {
    const waiters = object.waiters;
    if (waiters === null) return;
    object.waiters = null;
    for (const context of waiters) this.lookAgain(context);
  }

  /** Lets every waiting CPU look again: something changed that is no object. */
  reconsiderAll(): void {
    for (const cpu of this.cpus) {
      for (let context = cpu.top; context !== null; context = context.below) {
        if (context.waiting) this.lookAgain(context);
      }
    }
  }

  newPid(): number {
    return ++this.pidCount;
  }

  /** All tasks that are on some CPU or runqueue now. */
  *runnableTasks(): Iterable<Task> {
    for (const cpu of this.cpus) {
      if (cpu.task !== null) yield cpu.task;
      yield* cpu.runqueue;
    }
  }
}
