/**
 * What a CPU executes, and how that changes: interrupts and softirqs pushed and popped, tasks blocked, woken,
 * preempted, CPUs that spin.
 *
 * Divergence from Linux: switching contexts costs nothing unless a scenario charges for it.
 */
import { events } from '../trace/event-types.js';
import { Context, Task } from './context.js';
import type { Cpu } from './cpu.js';
import { reportDeadlock } from './deadlock.js';
import type { Machine, StepEntry } from './machine.js';
import type { K, Op } from './op.js';

/** The half of the machine that switches; {@link Machine} is the half that steps. */
export abstract class Switching {
  /** Tasks that block, services only where they say on what; for deadlock reports. */
  readonly blockedTasks = new Set<Task>();

  protected abstract newEntry(cpu: Cpu | null): StepEntry;

  private get machine(): Machine {
    return this as unknown as Machine;
  }

  /** Starts a task on a CPU. `priority`: 0–99 real time, 120 + nice otherwise. */
  spawn(name: string, cpuId: number, code: K<unknown>, priority = 120, daemon = false): Task {
    const machine = this.machine;
    const task = new Task(name, machine.newPid(), machine.cpus[cpuId]!, code, priority, daemon);
    this.makeRunnable(task);
    return task;
  }

  /** Makes a hardirq due on a CPU; it comes in as soon as interrupts are on there. */
  interrupt(cpuId: number, name: string, code: K<unknown>): Context {
    const cpu = this.machine.cpus[cpuId]!;
    const context = new Context('hardirq', name, cpu, code);
    cpu.pendingInterrupts.push(context);
    this.interruptCheck(cpu);
    return context;
  }

  /** Interrupts may have become possible on this CPU. */
  interruptCheck(cpu: Cpu): void {
    if (cpu.irqsOff || cpu.top?.kind === 'hardirq') return;
    const next = cpu.pendingInterrupts.shift();
    if (next !== undefined) this.push(cpu, next);
    else this.softirqCheck(cpu);
  }

  /** Softirqs may have become possible on this CPU: thaws a wheel that fell behind and starts what is pending. */
  softirqCheck(cpu: Cpu): void {
    if (!cpu.softirqsAllowed) return;
    const hooks = this.machine.hooks;
    if (hooks === null) return;
    if (cpu.frozen && !cpu.held) {
      cpu.frozen = false;
      hooks.thaw(cpu);
    }
    if (cpu.softirqPending === 0) {
      this.preemptCheck(cpu);
      return;
    }
    this.push(cpu, new Context('softirq', 'softirq', cpu, hooks.softirq(cpu)));
  }

  private push(cpu: Cpu, context: Context): void {
    const machine = this.machine;
    const below = cpu.top;
    if (below !== null) below.remainingNs = Math.max(0, below.readyAtNs - machine.nowNs);
    context.below = below;
    context.readyAtNs = machine.nowNs;
    cpu.top = context;
    if (context.kind === 'hardirq') machine.emit(events.irq_entry, context, null, 0, 0);
    this.requeue(cpu);
  }

  private pop(context: Context): void {
    const machine = this.machine;
    const cpu = context.cpu;
    cpu.top = context.below;
    context.below = null;
    if (cpu.top !== null) {
      cpu.top.readyAtNs = machine.nowNs + cpu.top.remainingNs;
      cpu.top.remainingNs = 0;
    }
    if (context.kind === 'hardirq') machine.emit(events.irq_exit, context, null, 0, 0);
    if (cpu.top === null) this.pickNext(cpu);
    // What a softirq leaves pending after its last round is ksoftirqd's; only the end of an interrupt starts softirqs.
    if (context.kind === 'hardirq') this.interruptCheck(cpu);
    else this.preemptCheck(cpu);
    this.requeue(cpu);
  }

  /** The context's code has come to its end. */
  contextEnded(context: Context): void {
    const machine = this.machine;
    context.over = true;
    if (context.preemptCount !== 0 || context.bhCount !== 0 || (context.held?.length ?? 0) > 0) {
      const locks = (context.held ?? []).map((lock) => lock.name).join(', ');
      machine.violate(
        'preempt-leak',
        `${context.name} ended with preempt_count ${context.preemptCountWord.toString(16).padStart(8, '0')}${locks === '' ? '' : ` holding ${locks}`}`,
      );
    }
    this.leave(context);
    context.onEnd?.();
  }

  /** The context threw: it is over, its locks stay taken. */
  contextDied(context: Context, error: unknown): void {
    const machine = this.machine;
    if (machine.hooks === null) throw error;
    const stop = machine.hooks.died(context, error);
    context.over = true;
    context.op = null;
    if (stop) return;
    this.leave(context);
  }

  private leave(context: Context): void {
    if (context instanceof Task) {
      context.state = 'dead';
      const cpu = context.cpu;
      if (cpu.task === context) {
        cpu.task = null;
        cpu.top = null;
        this.pickNext(cpu);
        this.switched(cpu);
      }
    } else this.pop(context);
  }

  /** A task has left the CPU: the next one begins with interrupts on, and late ticks come in. */
  private switched(cpu: Cpu): void {
    if (cpu.irqsOff) {
      cpu.irqsOff = false;
      this.interruptCheck(cpu);
    } else if (cpu.frozen) this.softirqCheck(cpu);
  }

  /** The context can't perform its operation: it spins (or is held by a gate) until something changes. */
  protected wait(context: Context, op: Op, spins: boolean): void {
    const first = !context.waiting;
    context.waiting = true;
    if (!spins) return;
    if (first) op.beginWait(context);
    const object = op.object;
    if (object !== null) {
      object.waiters ??= [];
      if (!object.waiters.includes(context)) object.waiters.push(context);
    }
    if (first) reportDeadlock(this.machine, context);
  }

  protected lookAgain(context: Context): void {
    if (!context.waiting) return;
    context.waiting = false;
    const now = this.machine.nowNs;
    if (context.readyAtNs < now) context.readyAtNs = now;
    if (context.cpu.top === context) this.requeue(context.cpu);
  }

  /** Puts a CPU into the event queue for its next step, or takes it out. */
  requeue(cpu: Cpu): void {
    const machine = this.machine;
    if (machine.isRunning(cpu)) return;
    const top = cpu.top;
    const entry = cpu.entry;
    if (top === null || top.waiting) {
      if (top === null) cpu.rankAtNs = -1;
      machine.dequeue(entry);
      return;
    }
    const timeNs = Math.max(top.readyAtNs, machine.nowNs);
    const rank = top.order === 2 ? machine.rankOf(cpu, timeNs) : cpu.id;
    if (entry.queued && !entry.dead) {
      if (entry.timeNs === timeNs && entry.order === top.order && entry.rank === rank) return;
      machine.dequeue(entry);
    }
    const next = entry.queued ? this.newEntry(cpu) : entry;
    cpu.entry = next;
    next.timeNs = timeNs;
    next.order = top.order;
    next.rank = rank;
    machine.enqueueEntry(next);
  }

  private makeRunnable(task: Task): void {
    const cpu = task.cpu;
    const now = this.machine.nowNs;
    if (task.readyAtNs < now) task.readyAtNs = now;
    cpu.enqueue(task);
    if (cpu.task === null) {
      if (cpu.top === null) this.pickNext(cpu);
    } else if (task.priority < cpu.task.priority) {
      cpu.needResched = true;
      this.preemptCheck(cpu);
    }
    this.requeue(cpu);
  }

  /** An idle CPU takes the next task, if there is one. */
  private pickNext(cpu: Cpu): void {
    const task = cpu.task ?? cpu.runqueue.shift() ?? null;
    cpu.task = task;
    cpu.top = task;
    cpu.needResched = false;
    if (task === null) return;
    const machine = this.machine;
    if (task.remainingNs > 0) {
      task.readyAtNs = machine.nowNs + task.remainingNs;
      task.remainingNs = 0;
    } else if (task.readyAtNs < machine.nowNs) task.readyAtNs = machine.nowNs;
    machine.emit(events.sched_switch, task, null, task.pid, 0);
  }

  /** schedule(): the current task blocks if it said it would sleep, else goes behind its equals. */
  schedule(context: Context): void {
    const machine = this.machine;
    if (!(context instanceof Task) || context.atomic) {
      machine.hooks?.sleepInAtomic(context);
      if (!(context instanceof Task) || context.cpu.top !== context) return;
    }
    const cpu = context.cpu;
    if (context.state === 'sleeping') {
      context.state = 'blocked';
      if (!context.daemon || context.blockedOn !== null) this.blockedTasks.add(context);
      machine.emit(events.sched_block, context, null, context.pid, 0);
    } else {
      cpu.needResched = false;
      if (cpu.runqueue.length === 0 || cpu.runqueue[0]!.priority > context.priority) return;
      cpu.enqueue(context);
    }
    cpu.task = null;
    cpu.top = null;
    this.pickNext(cpu);
    this.switched(cpu);
  }

  /** Wakes a task; answers whether it was asleep. */
  wake(task: Task): boolean {
    const machine = this.machine;
    if (task.state === 'dead' || task.state === 'running') return false;
    const blocked = task.state === 'blocked';
    task.state = 'running';
    task.blockedOn = null;
    task.blockedBy = null;
    if (!blocked) return false;
    this.blockedTasks.delete(task);
    machine.progress();
    machine.emit(events.sched_wakeup, machine.current, null, task.pid, task.cpu.id);
    this.makeRunnable(task);
    return true;
  }

  /** A preemption point: interrupt exit, preempt_enable, unlock, return to user mode, a better task woken. */
  preemptCheck(cpu: Cpu): void {
    const task = cpu.task;
    if (!cpu.needResched || task === null || cpu.top !== task) return;
    if (task.state !== 'running' || task.atomic) return;
    if (this.machine.preempt !== 'full' && !task.inUser) return;
    const best = cpu.runqueue[0];
    if (best === undefined || best.priority > task.priority) return;
    this.switchTo(cpu, best);
  }

  /** Preempts the CPU's task in favour of one from its runqueue. */
  switchTo(cpu: Cpu, next: Task): void {
    const task = cpu.task;
    const now = this.machine.nowNs;
    if (task !== null) {
      task.remainingNs = Math.max(0, task.readyAtNs - now);
      cpu.enqueueFirst(task);
    }
    cpu.runqueue.splice(cpu.runqueue.indexOf(next), 1);
    cpu.runqueue.unshift(next);
    cpu.task = null;
    cpu.top = null;
    this.pickNext(cpu);
    this.requeue(cpu);
  }
}
