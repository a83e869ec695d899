/**
 * The virtual multiprocessor: CPUs that execute kernel code one operation at a time, in virtual time. The layers below
 * it, each on the one before: machine-base (what all share), timeline (clock and queue), waiting (spinning CPUs), tasks,
 * interrupts. This one steps.
 *
 * Ordering rule of the timed run: see timeline.ts. An operation takes effect at once, and its cost keeps the CPU busy
 * afterwards; an interrupt may come in meanwhile and puts the rest off. A stepwise run: see stepwise.ts.
 *
 * Divergence from Linux: memory is sequentially consistent.
 */
import { LimitError } from '../sim/errors.js';
import { CacheLines } from './cache-lines.js';
import { type CallOp, callMark } from './call.js';
import type { Context } from './context.js';
import { Cpu } from './cpu.js';
import { reportStuck } from './deadlock.js';
import { Interrupts } from './interrupts.js';
import type { MachineOptions } from './machine-options.js';
import type { Op } from './op.js';
import type { Scheduler } from './scheduler.js';
import type { StepEntry } from './step-entry.js';
import { Stepwise } from './stepwise.js';

export type { Gate, KernelHooks, MachineOptions, Preempt, Replacement, Violation } from './machine-options.js';
export type { StepEntry } from './step-entry.js';

/** Operations without time, a wake-up, a changed cell or a new object before a loop is called endless. */
const staleLimit = 1_000_000;

export class Machine extends Interrupts {
  readonly cpus: readonly Cpu[];
  private readonly costs: Readonly<Partial<Record<string, number>>> | null;
  private readonly maxOps: number;
  private driver: Stepwise | null = null;

  constructor(options: MachineOptions, scheduler: Scheduler) {
    super(options, scheduler);
    this.costs = options.accessCostsNs ?? null;
    this.maxOps = options.maxOps ?? 1e9;
    if (options.cacheLines !== undefined) this.lines = new CacheLines(options.cacheLines);
    const cpus: Cpu[] = [];
    for (let id = 0; id < options.cpus; id++) cpus.push(new Cpu(id, this));
    this.cpus = cpus;
    if (!this.skipIdle) for (const cpu of cpus) this.needTick(cpu, 1);
  }

  /**
   * Runs until nothing is left to do at or before `untilNs`, and leaves the clock there (`settle` leaves it where the
   * last event was; a stepwise run moves it only by choice). Throws LimitError when a limit of the run is reached.
   */
  runUntil(untilNs: number, settle = false): void {
    if (this.stepwise) this.stepper.run(untilNs);
    else this.runTimed(untilNs, settle);
  }

  /** Everything that is due now, and nothing later. */
  settle(): void {
    this.runUntil(this.nowNs, true);
  }

  /** What carries out a stepwise run. */
  get stepper(): Stepwise {
    this.driver ??= new Stepwise(this);
    return this.driver;
  }

  /** What an access costs besides what its code charges, ns. */
  accessCostNs(access: Op['access']): number {
    return this.costs?.[access] ?? 0;
  }

  /** To be called when a run is over: reports who waits and can never go on. Answers whether somebody does. */
  checkDeadlock(): boolean {
    return reportStuck(this);
  }

  private runTimed(untilNs: number, settle: boolean): void {
    this.horizonNs = untilNs + 1;
    for (;;) {
      const head = this.queue.peek();
      if (head === undefined || head.timeNs > untilNs || this.halted !== null) break;
      this.queue.poll();
      if (head.timeNs > this.nowNs) this.advance(head.timeNs);
      this.enter(head.order, head.rank);
      this.dispatch(head, untilNs);
    }
    if (!settle && this.halted === null && untilNs > this.nowNs) this.advance(untilNs);
    this.endOfInstant();
  }

  private dispatch(entry: StepEntry, untilNs: number): void {
    if (entry.fire !== null) entry.fire();
    else if (entry.tick > 0) this.tickOf(entry.cpu!, entry.tick);
    else this.runCpu(entry.cpu!, untilNs);
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
      const switched = cpu.top !== context;
      if (switched) {
        context = cpu.top;
        if (context === null) break;
      }
      if (context.waiting || !this.comesFirst(cpu, context, untilNs)) break;
      const later = context.readyAtNs > this.nowNs;
      if (later) this.advance(context.readyAtNs);
      if (later || switched) this.enter(context.order, this.rankNow(cpu, context));
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
    const rank = context.order === 2 ? this.rankOf(cpu, at) : cpu.id;
    return rank < head.rank;
  }

  private rankNow(cpu: Cpu, context: Context): number {
    return context.order === 2 ? this.rankOf(cpu, this.nowNs) : cpu.id;
  }

  /** Resumes a context if its last operation is over, and performs the next one if that is enabled. */
  private step(context: Context): void {
    let op = context.op;
    if (op === null) {
      op = this.announce(context);
      if (op === null) return;
    }
    if (this.gate?.holds(context, op)) {
      this.wait(context, op, false);
      return;
    }
    if (!op.enabled(context)) {
      if (this.lines !== null && op.object !== null) {
        this.lines.touch(context.cpu.id, op.object, context.spinsOn === op ? 'read' : op.access);
      }
      this.wait(context, op, true);
      return;
    }
    this.perform(context, op);
    const costNs = this.costs === null ? this.chargedNs : this.chargedNs + (this.costs[op.access] ?? 0);
    if (costNs > 0) {
      this.chargedNs = 0;
      if (this.onCost !== null) this.onCost(context, costNs);
      if (context === context.cpu.top) context.readyAtNs = this.nowNs + Math.round(costNs);
      else context.remainingNs += Math.round(costNs);
    }
  }

  /** Lets a context run on to its next operation. Null: it has ended. */
  announce(context: Context): Op | null {
    for (;;) {
      const next = context.code.next(context.result);
      if (next.done === true) {
        const caller = context.callers?.pop();
        if (caller === undefined) {
          this.contextEnded(context);
          return null;
        }
        context.code = caller;
        context.result = next.value;
        continue;
      }
      const op = next.value;
      if (op.object !== callMark) {
        context.op = op;
        return op;
      }
      context.callers ??= [];
      context.callers.push(context.code);
      context.code = (op as CallOp).callee;
      context.result = undefined;
    }
  }

  /** Performs an operation that is enabled. */
  perform(context: Context, op: Op): void {
    context.waiting = false;
    if (context.spinsOn !== null) this.spinOver(context, op);
    const object = op.object;
    if (object === null || object.epoch === this.epochNow) {
      if (++this.stale > staleLimit) this.endless(context);
    } else {
      object.epoch = this.epochNow;
      this.stale = 0;
    }
    if (object?.home?.freed) this.hooks?.badAccess(context, op);
    if (this.onAccess !== null) this.onAccess(context, op);
    if (++this.ops > this.maxOps) {
      throw new LimitError(`the limit of ${this.maxOps} operations was reached (--max-ops)`);
    }
    context.steps++;
    context.op = null;
    context.result = op.perform(context);
    if (this.watcher !== null) this.watcher.performed(context, op);
    if (this.lines !== null && object !== null) this.charge(this.lines.touch(context.cpu.id, object, op.access));
    if (this.gate?.passed(context, op)) this.reconsiderAll();
  }

  /** Stepwise runs: the context's code threw. */
  failed(context: Context, error: unknown): void {
    this.contextDied(context, error);
  }

  private endless(context: Context): never {
    const where = context.stack.length > 0 ? ` in ${context.stack.join(' > ')}` : '';
    this.violate('endless-loop', `${context.name} on CPU ${context.cpu.id} repeats itself without end${where}`);
    throw new LimitError(
      `endless loop: ${context.name} on CPU ${context.cpu.id} performed ${staleLimit} operations${where} while neither time, a wake-up nor any cell changed`,
    );
  }
}
