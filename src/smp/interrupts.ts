/**
 * What interrupts a CPU: hard interrupts and softirqs, pushed on top of what it was doing and popped when they end.
 *
 * Ordering rule: a hard interrupt comes in as soon as interrupts are on; softirqs begin when the outermost hard
 * interrupt ends, bottom halves are enabled, or a tick finds its wheel due.
 *
 * Divergence from Linux: one hard interrupt does not interrupt another; interrupts are on in softirqs.
 */
import { events } from '../trace/event-types.js';
import { Context, Task, windows } from './context.js';
import type { Cpu } from './cpu.js';
import type { K } from './op.js';
import { Tasks } from './tasks.js';
import { interruptsResource } from './touches.js';

export abstract class Interrupts extends Tasks {
  /** Makes a hardirq due on a CPU; it comes in as soon as interrupts are on there. */
  interrupt(cpuId: number, name: string, code: K<unknown>): Context {
    const cpu = this.cpus[cpuId]!;
    const context = new Context('hardirq', name, cpu, code);
    if (this.watcher !== null) this.watcher.publishes(context);
    this.touch(interruptsResource(cpuId));
    cpu.pendingInterrupts.push(context);
    this.interruptCheck(cpu);
    return context;
  }

  /** Interrupts may have become possible on this CPU. */
  override interruptCheck(cpu: Cpu): void {
    if (cpu.irqsOff || cpu.top?.kind === 'hardirq') return;
    // In a stepwise run the scheduler lets them in.
    const next = this.stepwise ? undefined : cpu.pendingInterrupts.shift();
    if (next !== undefined) this.push(cpu, next);
    else this.softirqCheck(cpu);
  }

  /** Softirqs may have become possible on this CPU: thaws a wheel that fell behind and starts what is pending. */
  override softirqCheck(cpu: Cpu): void {
    if (!cpu.softirqsAllowed) return;
    const hooks = this.hooks;
    if (hooks !== null && cpu.frozen && !cpu.held) {
      cpu.frozen = false;
      hooks.thaw(cpu);
    }
    if (hooks === null || cpu.softirqPending === 0) this.preemptCheck(cpu);
    else this.push(cpu, new Context('softirq', 'softirq', cpu, hooks.softirq(cpu)));
  }

  /** The local timer interrupt of a tick. */
  protected tickOf(cpu: Cpu, tick: number): void {
    if (tick !== cpu.nextTick) return;
    cpu.nextTick = Number.POSITIVE_INFINITY;
    cpu.tickEntry = null;
    if (!this.skipIdle) this.needTick(cpu, this.ticks + 1);
    if (cpu.irqsOff || cpu.held || cpu.top?.kind === 'hardirq') {
      this.fallBehind(cpu);
      return;
    }
    this.hooks?.timerInterrupt(cpu);
    this.softirqCheck(cpu);
  }

  /** The context's code has come to its end. */
  protected contextEnded(context: Context): void {
    const { cpu } = context;
    context.over = true;
    if (cpu.irqsOff || context.preemptCount !== 0 || context.bhCount !== 0 || (context.held?.length ?? 0) > 0) {
      this.reportLeak(context);
    }
    this.leave(context);
    context.onEnd?.();
  }

  private reportLeak(context: Context): void {
    const held = (context.held ?? []).map((lock) => lock.name).join(', ');
    const count = context.preemptCountWord.toString(16).padStart(8, '0');
    const irqs = context.cpu.irqsOff ? ' and interrupts off' : '';
    this.violate(
      'preempt-leak',
      `${context.name} ended with preempt_count ${count}${irqs}${held === '' ? '' : ` holding ${held}`}`,
    );
  }

  /** The context threw: it is over, its locks stay taken. */
  protected contextDied(context: Context, error: unknown): void {
    if (this.hooks === null) throw error;
    const stop = this.hooks.died(context, error);
    context.over = true;
    context.op = null;
    if (!stop) this.leave(context);
  }

  private leave(context: Context): void {
    if (context instanceof Task) this.taskLeft(context);
    else this.pop(context);
  }

  protected push(cpu: Cpu, context: Context): void {
    const below = cpu.top;
    if (below !== null) below.remainingNs = Math.max(0, below.readyAtNs - this.nowNs);
    cpu.account.leaves(below === null ? null : below.kind, this.nowNs);
    if (context.kind === 'softirq') cpu.account.bhOffSinceNs = this.nowNs;
    context.below = below;
    context.readyAtNs = this.nowNs;
    cpu.top = context;
    if (this.watcher !== null) this.watcher.entered(context);
    if (context.kind === 'hardirq') this.emit(events.irq_entry, context, null, 0, 0);
    this.requeue(cpu);
  }

  private pop(context: Context): void {
    const cpu = context.cpu;
    const below = context.below;
    if (this.watcher !== null) this.watcher.left(context);
    cpu.account.leaves(context.kind, this.nowNs);
    if (context.kind === 'softirq') cpu.account.bhOn(this.nowNs);
    cpu.top = below;
    cpu.irqsOff = false;
    context.below = null;
    if (below !== null) {
      below.readyAtNs = this.nowNs + below.remainingNs;
      below.remainingNs = 0;
      below.waiting = false;
    }
    if (context.kind === 'hardirq') this.emit(events.irq_exit, context, null, 0, 0);
    if (below === null) this.pickNext(cpu);
    // What a softirq leaves pending after its last round is ksoftirqd's; only the end of an interrupt starts softirqs.
    if (context.kind === 'hardirq' || cpu.pendingInterrupts.length > 0) this.interruptCheck(cpu);
    else this.preemptCheck(cpu);
    if (context.masked !== null) this.unmask(cpu, context, below);
    this.requeue(cpu);
  }

  /**
   * Stepwise runs: lets an interrupt in at the place where the CPU's context, which has meanwhile disabled interrupts
   * or bottom halves without touching anything shared, still had them enabled.
   */
  enterEarly(cpu: Cpu, context: Context): void {
    const below = cpu.top;
    if (below !== null && (cpu.irqsOff || below.bhCount > 0)) {
      context.masked = { irqsOff: cpu.irqsOff, bhCount: below.bhCount };
      cpu.irqsOff = false;
      // Off since before the place where it comes in: then no softirq may follow it.
      if ((below.window & windows.softirq) !== 0) below.bhCount = 0;
    }
    this.push(cpu, context);
  }

  private unmask(cpu: Cpu, context: Context, below: Context | null): void {
    const { masked } = context;
    context.masked = null;
    if (masked === null || below === null) return;
    if (cpu.top !== below) {
      cpu.top!.masked = masked;
      return;
    }
    cpu.irqsOff = masked.irqsOff;
    below.bhCount = masked.bhCount;
    if (this.watcher === null) return;
    // It came in before what the interrupted one has disabled by now: that begins here.
    if (masked.irqsOff) this.watcher.keepsOff(below, 'interrupts');
    else this.watcher.keepsOff(below, 'softirqs');
  }
}
