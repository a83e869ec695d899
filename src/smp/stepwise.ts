/**
 * The stepwise run: before each visible operation the scheduler is shown every way to go on, and picks.
 *
 * Every context that could run is *announced*: it has run on to its next scheduling point, so that its operation is
 * known before it is chosen. What is not visible is performed with the operation before it; but what a context
 * disabled since (interrupts, bottom halves, preemption) does not keep out what could have come in before that.
 * A blocked acquire is not enabled. Costs are not charged: time moves only by choice (time-choice.ts). A CPU's timer softirq, once due, may begin wherever interrupts
 * and bottom halves are enabled; while it has not, later timers of that CPU give time nothing to move to.
 *
 * Divergence from Linux: among tasks of priority 100 and above any may run next, as their slices could always be over;
 * of real-time tasks only the best.
 */
import { Context, Task, windows } from './context.js';
import type { Cpu } from './cpu.js';
import { reportStuck } from './deadlock.js';
import { noteLook } from './futile.js';
import type { Machine } from './machine.js';
import type { Choice } from './scheduler.js';
import { TimeChoice } from './time-choice.js';
import { cpuResource } from './touches.js';

/** Why a stepwise run returned: all done, nobody can go on, time would pass the horizon, the scheduler's or a panic's end. */
export type Outcome = 'complete' | 'deadlock' | 'horizon' | 'stopped' | 'halted';

type Interrupt = { kind: 'interrupt'; cpu: Cpu; source: 'timer' | 'hardirq' };
type Step = { kind: 'step'; cpu: Cpu; context: Context; op: NonNullable<Context['op']> };

const firstNormalPriority = 100;
const never = Number.POSITIVE_INFINITY;

export class Stepwise {
  /** How the last {@link run} ended. */
  outcome: Outcome = 'complete';
  private readonly machine: Machine;
  private readonly enabled: Choice[] = [];
  /** How many are enabled so far: the list is not cut before, as it would lose its memory with its entries. */
  private offered = 0;
  private readonly interrupts: Interrupt[] = [];
  private readonly time: TimeChoice;
  /** The context that took the last step. */
  private current: Context | null = null;
  private nextDueNs = never;
  /** Somebody could go on who looks in vain. */
  private vain = false;
  /** Who looks in vain waits for something to look at. */
  private patient = true;
  /** A timer is due and its softirq has not begun. */
  private overdue = false;

  constructor(machine: Machine) {
    this.machine = machine;
    this.time = new TimeChoice(machine);
  }

  /** Time depended on something, and longer stalls were possible than the scheduler wanted. */
  get stallsBounded(): boolean {
    return this.time.bounded;
  }

  /** Runs until nothing is enabled at or before `untilNs`, or the scheduler ends it. */
  run(untilNs = never): Outcome {
    this.outcome = this.steps(Math.min(untilNs, this.machine.maxVirtualNs));
    return this.outcome;
  }

  private steps(untilNs: number): Outcome {
    const { machine, enabled } = this;
    for (;;) {
      machine.fireDue();
      this.announceAll();
      if (machine.halted !== null) return 'halted';
      this.enumerate(untilNs);
      if (enabled.length === 0) return this.ended();
      const index = machine.scheduler.pick(enabled, this.current);
      if (index < 0) return 'stopped';
      this.carryOut(enabled[index]!);
    }
  }

  private ended(): Outcome {
    if (this.nextDueNs !== never) return 'horizon';
    for (const cpu of this.machine.cpus) {
      for (let context = cpu.top; context !== null; context = context.below) context.waiting = context.op !== null;
      for (const task of cpu.runqueue) task.waiting = task.op !== null;
    }
    return reportStuck(this.machine) ? 'deadlock' : 'complete';
  }

  // --- carrying out ---

  private carryOut(choice: Choice): void {
    const { machine } = this;
    if (choice.kind === 'time') this.time.carryOut();
    else {
      this.time.wentOn();
      if (choice.kind === 'step') {
        this.step(choice);
        return;
      }
      this.interrupt(choice.cpu, choice.source);
    }
    machine.scheduler.executed?.(choice, 'none');
  }

  private step(choice: Step): void {
    const { machine } = this;
    const { context, op } = choice;
    if (context instanceof Task) machine.giveCpu(context.cpu, context);
    this.current = context;
    context.window = 0;
    this.perform(context);
    noteLook(context, op);
    machine.scheduler.executed?.(choice, op.effect);
  }

  private interrupt(cpu: Cpu, source: 'timer' | 'hardirq'): void {
    const { machine } = this;
    if (source === 'hardirq') {
      machine.enterEarly(cpu, cpu.pendingInterrupts.shift()!);
      return;
    }
    const { hooks } = machine;
    hooks!.timerInterrupt(cpu);
    if (cpu.softirqPending !== 0) machine.enterEarly(cpu, new Context('softirq', 'softirq', cpu, hooks!.softirq(cpu)));
  }

  private perform(context: Context): void {
    const { machine } = this;
    machine.current = context;
    try {
      machine.perform(context, context.op!);
    } catch (error) {
      machine.failed(context, error);
    }
    machine.current = null;
    this.noteWindow(context);
  }

  /** What could come in right now stays possible until the context's next step. */
  private noteWindow(context: Context): void {
    const { cpu } = context;
    if (cpu.top !== context || cpu.irqsOff || context.kind === 'hardirq') return;
    context.window |= windows.hardirq;
    if (context.kind !== 'process' || context.bhCount > 0) return;
    context.window |= windows.softirq;
    if (context.preemptCount > 0) return;
    if (this.machine.preempt === 'full' || (context as Task).inUser) context.window |= windows.preempt;
  }

  // --- announcing ---

  /** Runs every context that could take a step on to its next scheduling point. */
  private announceAll(): void {
    const { machine } = this;
    // What one does on the way may let another go on, or stop the machine for good.
    for (let again = true; again; ) {
      again = false;
      for (const cpu of machine.cpus) while (machine.halted === null && this.announceOn(cpu)) again = true;
    }
  }

  /** Announces one context of a CPU, if one is not; answers whether. */
  private announceOn(cpu: Cpu): boolean {
    const { top } = cpu;
    if (top !== null && this.unannounced(top)) {
      this.announce(top);
      return true;
    }
    if (cpu.runqueue.length === 0 || !this.shared(cpu)) return false;
    for (const task of cpu.runqueue) {
      if (!this.unannounced(task) || !eligible(cpu, task)) continue;
      this.machine.giveCpu(cpu, task);
      this.announce(task);
      return true;
    }
    return false;
  }

  private unannounced(context: Context): boolean {
    const { op } = context;
    return op === null || (!op.schedulingPoint(context) && op.enabled(context) && !this.held(context));
  }

  private announce(context: Context): void {
    const { machine } = this;
    const { cpu } = context;
    if (this.current !== null && cpu !== this.current.cpu) machine.touch(cpuResource(cpu.id));
    while (machine.halted === null && cpu.top === context) {
      machine.current = context;
      try {
        if (context.op === null && machine.announce(context) === null) break;
      } catch (error) {
        machine.failed(context, error);
        break;
      }
      if (!this.unannounced(context)) break;
      this.perform(context);
    }
    machine.current = null;
  }

  /** May any of the CPU's runnable tasks take the next step there? */
  private shared(cpu: Cpu): boolean {
    return cpu.top === null || (cpu.top === cpu.task && (cpu.top.window & windows.preempt) !== 0);
  }

  // --- enumerating ---

  private enumerate(untilNs: number): void {
    const { enabled, machine } = this;
    this.offered = 0;
    this.nextDueNs = machine.nextEventNs() ?? never;
    this.overdue = false;
    this.vain = false;
    for (const cpu of machine.cpus) this.stepsOf(cpu);
    this.currentFirst();
    if (machine.hooks !== null) for (const cpu of machine.cpus) this.interruptsOf(cpu);
    const time = this.time.offer(this.offered > 0, this.nextDueNs, untilNs, this.overdue);
    if (time !== null) this.add(time);
    if (this.offered === 0 && this.vain) this.offerFutile();
    while (enabled.length > this.offered) enabled.pop();
  }

  private add(choice: Choice): void {
    this.enabled[this.offered++] = choice;
  }

  private stepsOf(cpu: Cpu): void {
    const { top } = cpu;
    if (cpu.runqueue.length === 0 || !this.shared(cpu)) {
      if (top !== null) this.offer(top);
      return;
    }
    if (cpu.task !== null && eligible(cpu, cpu.task)) this.offer(cpu.task);
    for (const task of cpu.runqueue) if (eligible(cpu, task)) this.offer(task);
  }

  /** Nobody else can go on: those who look in vain do. */
  private offerFutile(): void {
    this.vain = false;
    this.patient = false;
    for (const cpu of this.machine.cpus) this.stepsOf(cpu);
    this.patient = true;
    this.currentFirst();
  }

  private offer(context: Context): void {
    const { op } = context;
    if (op === null || this.held(context)) return;
    if (this.patient && context.looks?.futile === true) {
      this.vain = true;
      return;
    }
    if (!op.enabled(context)) {
      this.due(op.enabledAtNs);
      return;
    }
    const choice = context.choice as Step | null;
    if (choice === null) {
      context.choice = { kind: 'step', cpu: context.cpu, context, op };
      this.add(context.choice);
    } else {
      choice.op = op;
      this.add(choice);
    }
  }

  private held(context: Context): boolean {
    return this.machine.gate?.holds(context, context.op!) === true;
  }

  private currentFirst(): void {
    const { current, enabled, offered } = this;
    const choice = current?.choice ?? null;
    if (choice === null || enabled[0] === choice) return;
    let index = 0;
    while (index < offered && enabled[index] !== choice) index++;
    if (index === offered) return;
    for (; index > 0; index--) enabled[index] = enabled[index - 1]!;
    enabled[0] = choice;
  }

  private interruptsOf(cpu: Cpu): void {
    const { top } = cpu;
    const window = top === null ? windows.all : top.window;
    if (cpu.pendingInterrupts.length > 0 && (window & windows.hardirq) !== 0) this.offerInterrupt(cpu, 'hardirq');
    const { machine } = this;
    const tick = machine.hooks!.nextTimerTick?.(cpu) ?? never;
    if (tick > machine.ticks) {
      this.due(machine.tickTimeNs(tick));
      return;
    }
    this.overdue = true;
    if ((window & windows.softirq) !== 0 && !cpu.held) this.offerInterrupt(cpu, 'timer');
  }

  private offerInterrupt(cpu: Cpu, source: 'timer' | 'hardirq'): void {
    const slot = cpu.id * 2 + (source === 'timer' ? 0 : 1);
    this.interrupts[slot] ??= { kind: 'interrupt', cpu, source };
    this.add(this.interrupts[slot]);
  }

  private due(timeNs: number): void {
    if (timeNs < this.nextDueNs) this.nextDueNs = timeNs;
  }
}

/** May the task have its CPU, as far as priorities go? */
function eligible(cpu: Cpu, task: Task): boolean {
  let best = cpu.task === null ? never : cpu.task.priority;
  if (cpu.runqueue.length > 0) best = Math.min(best, cpu.runqueue[0]!.priority);
  return best >= firstNormalPriority || task.priority === best;
}
