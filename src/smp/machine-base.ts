/**
 * What every part of the machine shares: the clock's reading, the trace, the scheduler, violations and counters.
 *
 * Divergence from Linux: none; this is the simulator's own.
 */
import { InternalError } from '../sim/errors.js';
import { type EventType, events } from '../trace/event-types.js';
import { type Stamp, type Subject, Trace } from '../trace/trace.js';
import type { CacheLines } from './cache-lines.js';
import type { Context } from './context.js';
import type { Cpu } from './cpu.js';
import type { Gate, KernelHooks, MachineOptions, Preempt, Replacement, Violation } from './machine-options.js';
import type { Op } from './op.js';
import type { Scheduler } from './scheduler.js';
import type { SharedObject } from './shared-object.js';
import { madeResource, type Touches } from './touches.js';
import type { Watcher } from './watcher.js';

export abstract class MachineBase {
  abstract readonly cpus: readonly Cpu[];
  readonly hz: number;
  /** Virtual ns per jiffy. */
  readonly tickNs: number;
  readonly preempt: Preempt;
  readonly trace: Trace;
  readonly violations: Violation[] = [];
  readonly scheduler: Scheduler;
  /** The scheduler is asked before every visible operation; costs are not charged. */
  readonly stepwise: boolean;
  hooks: KernelHooks | null = null;
  gate: Gate | null = null;
  /** Functions of the model that this run replaces, by name; null: none. */
  replacements: ReadonlyMap<string, Replacement> | null = null;
  /** Told before each operation; observers only. */
  onAccess: ((context: Context, op: Op) => void) | null = null;
  /** Told of each operation that takes time, ns; observers only. */
  onCost: ((context: Context, costNs: number) => void) | null = null;
  /** Whoever watches this run more closely than its trace tells; null: nobody. */
  watcher: Watcher | null = null;
  /** The cache lines under the shared objects; null: memory is one, and access to it is free. */
  lines: CacheLines | null = null;
  /** Virtual time, ns since boot. */
  nowNs = 0;
  /** Tick boundaries passed since boot. */
  ticks = 0;
  objectCount = 0;
  /** Keys given while no context ran: the set-up of the run. */
  private setupResources = 0;
  /** What the present step touches; null where nobody wants to know. */
  readonly touches: Touches | null;
  pidCount = 0;
  /** Operations performed. */
  ops = 0;
  /** What executes right now; null between steps. */
  current: Context | null = null;
  /** Why the machine stopped for good: a panic, or null. */
  halted: string | null = null;
  /** Counts what could end a wait: time, wake-ups, changed cells. */
  protected epochNow = 0;
  /** Operations since the last progress that touched nothing new. */
  protected stale = 0;
  /** Cost of the operation being performed, ns. */
  protected chargedNs = 0;

  constructor(options: MachineOptions, scheduler: Scheduler) {
    this.hz = options.hz;
    this.tickNs = 1_000_000_000 / options.hz;
    this.preempt = options.preempt ?? 'none';
    this.scheduler = scheduler;
    this.stepwise = scheduler.family === 'stepwise';
    this.touches = scheduler.touches ?? null;
    this.trace = new Trace(() => this.stamp());
  }

  emit(type: EventType, context: Context | null, subject: Subject | null, a: number, b: number): void {
    this.trace.emit(type, this.nowNs, context === null ? 0 : context.cpu.id, subject, a, b);
  }

  /** Something happened that could end a wait: the count towards an endless loop starts again. */
  progress(): void {
    this.epochNow++;
    this.stale = 0;
  }

  /** Operations since anything changed: a cell, the time, a task woken, or a cell looked at that was not before. */
  get staleOps(): number {
    return this.stale;
  }

  /** Adds to the cost of the operation being performed. */
  charge(ns: number): void {
    this.chargedNs += ns;
  }

  /**
   * `cpu`: where, if that is not the current context's. `object`, `op`: what it is about, if it is about an access; for
   * those who watch.
   */
  violate(
    kind: string,
    message: string,
    cpu = this.current?.cpu.id ?? 0,
    object: SharedObject | null = null,
    op: Op | null = null,
  ): void {
    const context = this.current;
    const violation: Violation = {
      kind,
      message,
      timeNs: this.nowNs,
      jiffies: this.hooks?.jiffies() ?? 0,
      cpu,
      stack: context === null ? [] : [context.name, ...context.stack],
    };
    this.violations.push(violation);
    this.trace.emitText(events.violation, this.nowNs, violation.cpu, null, `${kind}: ${message}`);
    if (this.watcher !== null) this.watcher.violated(violation, object, op);
  }

  /** A number from 0 to `bound` - 1, decided by the scheduler. */
  choose(name: string, bound: number): number {
    const value = this.scheduler.choose(name, bound);
    if (!(value >= 0 && value < bound)) throw new InternalError(`choice ${name}: ${value} is not below ${bound}`);
    this.trace.emit(events.choice, this.nowNs, 0, null, value, bound);
    return value;
  }

  /** A key for something that is made now, the same in every run that differs only in the order of independent steps. */
  newResource(): number {
    const { current } = this;
    return current === null ? ++this.setupResources : madeResource(current.resource, ++current.maker.made);
  }

  /** The present step touches a resource, by its key (touches.ts). */
  touch(key: number, write = true): void {
    if (this.touches !== null) this.touches.add(key, write);
  }

  newPid(): number {
    return ++this.pidCount;
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
}
