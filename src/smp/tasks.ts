/**
 * Tasks on CPUs: starting, blocking, waking, preempting, sharing (kernel/sched.c, the O(1) scheduler of 2.6.12–2.6.22).
 *
 * Ordering rule: the runnable task of lowest priority number runs; among equals, first come first served. A preempted
 * task stays in front of its equals. Equals of 100 and above that share a CPU under `preempt: voluntary` or `full`, or
 * in user mode, take turns of 100 ms (DEF_TIMESLICE), ended by the tick; under `none` kernel code is never made to share.
 *
 * In a stepwise run nothing here decides who runs: runnable tasks wait in the runqueue until the driver takes one.
 *
 * Divergence from Linux: switching costs nothing unless a scenario charges for it; slices do not depend on nice; a
 * better task runs for as long as it likes (no expired array); no migration between CPUs.
 */
import { events } from '../trace/event-types.js';
import { type Context, Task, windows } from './context.js';
import type { Cpu } from './cpu.js';
import type { K } from './op.js';
import { cpuResource } from './touches.js';
import { Waiting } from './waiting.js';

/** DEF_TIMESLICE, ns. */
const sliceNs = 100_000_000;
/** Priorities below are real time: first in, first out, without slices. */
const firstNormalPriority = 100;

export abstract class Tasks extends Waiting {
  /** Tasks that block, services only where they say on what; for deadlock reports. Null: none has so far. */
  blockedTasks: Set<Task> | null = null;

  /** Interrupts may have become possible on this CPU. */
  abstract interruptCheck(cpu: Cpu): void;
  /** Softirqs may have become possible on this CPU. */
  abstract softirqCheck(cpu: Cpu): void;

  /** Starts a task on a CPU. `priority`: 0–99 real time, 120 + nice otherwise. */
  spawn(name: string, cpuId: number, code: K<unknown>, priority = 120, daemon = false): Task {
    const task = new Task(name, this.newPid(), this.cpus[cpuId]!, code, priority, daemon);
    if (this.watcher !== null) this.watcher.spawned(task);
    this.makeRunnable(task);
    return task;
  }

  /** All tasks that are on some CPU or runqueue now. */
  *runnableTasks(): Iterable<Task> {
    for (const cpu of this.cpus) {
      if (cpu.task !== null) yield cpu.task;
      yield* cpu.runqueue;
    }
  }

  /**
   * Wakes a task. Answers whether it was blocked: false for one that has said it would sleep but still runs, which
   * then goes on running.
   */
  wake(task: Task): boolean {
    this.touch(task.resource);
    if (task.state === 'dead' || task.state === 'running') return false;
    const blocked = task.state === 'blocked';
    if (this.watcher !== null) this.watcher.woke(task);
    task.state = 'running';
    task.blockedOn = null;
    task.blockedBy = null;
    if (!blocked) return false;
    this.blockedTasks?.delete(task);
    this.progress();
    this.emit(events.sched_wakeup, this.current, null, task.pid, task.cpu.id);
    this.makeRunnable(task);
    return true;
  }

  /** schedule(): the current task blocks if it said it would sleep, else goes behind its equals. */
  schedule(context: Context): void {
    if (!(context instanceof Task) || context.atomic) {
      this.hooks?.sleepInAtomic(context);
      if (!(context instanceof Task) || context.cpu.top !== context) return;
    }
    const cpu = context.cpu;
    if (context.state === 'sleeping') {
      this.touch(context.resource);
      context.state = 'blocked';
      if (!context.daemon || context.blockedOn !== null) {
        this.blockedTasks ??= new Set();
        this.blockedTasks.add(context);
      }
      this.emit(events.sched_block, context, null, context.pid, 0);
      this.putAside(cpu, context);
    } else {
      cpu.needResched = false;
      if (cpu.runqueue.length === 0 || cpu.runqueue[0]!.priority > context.priority) return;
      this.putAside(cpu, context);
      context.window = windows.all;
      cpu.enqueue(context);
    }
    this.switched(cpu);
  }

  /** cond_resched(): lets a better task, or an equal one after a slice, run if one waits. Any `preempt`. */
  reschedule(context: Context): void {
    if (this.stepwise && !context.atomic) context.window |= windows.preempt;
    const cpu = context.cpu;
    if (cpu.needResched && cpu.top === context && !context.atomic) this.giveWay(cpu);
  }

  /** A preemption point: interrupt exit, preempt_enable, unlock, return to user mode, a better task woken. */
  preemptCheck(cpu: Cpu): void {
    const task = cpu.task;
    if (!cpu.needResched || task === null || cpu.top !== task || task.atomic) return;
    if (this.preempt === 'full' || task.inUser) this.giveWay(cpu);
  }

  /** The task is in user mode now: whoever waits for its CPU may have it. */
  enteredUser(task: Task): void {
    this.preemptCheck(task.cpu);
    this.startSlice(task.cpu);
  }

  private giveWay(cpu: Cpu): void {
    const best = cpu.runqueue[0];
    if (best !== undefined && best.priority <= cpu.task!.priority) this.switchTo(cpu, best);
    else cpu.needResched = false;
  }

  /** Preempts the CPU's task in favour of one from its runqueue. */
  switchTo(cpu: Cpu, next: Task): void {
    const task = cpu.task;
    if (task !== null) {
      task.remainingNs = Math.max(0, task.readyAtNs - this.nowNs);
      const turnOver = task.sliceOver;
      this.putAside(cpu, task);
      if (turnOver) cpu.enqueue(task);
      else cpu.enqueueFirst(task);
    }
    cpu.dequeue(next);
    this.start(cpu, next);
    this.requeue(cpu);
  }

  /** The CPU's task is over. */
  protected taskLeft(task: Task): void {
    const cpu = task.cpu;
    task.state = 'dead';
    if (cpu.task !== task) return;
    this.putAside(cpu, task);
    this.switched(cpu);
  }

  /** An idle CPU takes the next task, if there is one. */
  protected pickNext(cpu: Cpu): void {
    if (this.stepwise) return;
    cpu.needResched = false;
    const next = cpu.runqueue.shift();
    if (next !== undefined) this.start(cpu, next);
  }

  /** Stepwise runs: the driver gives the CPU to a task, in whose favour another may have to wait. */
  giveCpu(cpu: Cpu, next: Task): void {
    if (cpu.task !== next) this.switchTo(cpu, next);
  }

  /** A task has left the CPU: the next one runs, with the interrupt flag it had; what was held back comes in. */
  private switched(cpu: Cpu): void {
    const off = cpu.irqsOff;
    cpu.irqsOff = false;
    this.pickNext(cpu);
    if (off && !cpu.irqsOff) this.interruptCheck(cpu);
    else if (cpu.frozen) this.softirqCheck(cpu);
  }

  private makeRunnable(task: Task): void {
    const cpu = task.cpu;
    if (task.readyAtNs < this.nowNs) task.readyAtNs = this.nowNs;
    this.touch(cpuResource(cpu.id));
    task.window = windows.all;
    cpu.enqueue(task);
    if (this.stepwise) return;
    if (cpu.task === null) {
      if (cpu.top === null) this.pickNext(cpu);
    } else if (task.priority < cpu.task.priority) {
      cpu.needResched = true;
      this.preemptCheck(cpu);
    } else this.startSlice(cpu);
    this.requeue(cpu);
  }

  private start(cpu: Cpu, task: Task): void {
    cpu.account.leaves(null, this.nowNs);
    cpu.task = task;
    cpu.top = task;
    cpu.needResched = false;
    cpu.irqsOff = task.irqsOff;
    cpu.startedNs = this.nowNs;
    // It may have waited for something when it was preempted: it looks again.
    task.waiting = false;
    if (task.remainingNs > 0) {
      task.readyAtNs = this.nowNs + task.remainingNs;
      task.remainingNs = 0;
    } else if (task.readyAtNs < this.nowNs) task.readyAtNs = this.nowNs;
    this.emit(events.sched_switch, task, null, task.pid, 0);
    if (cpu.runqueue.length > 0) this.startSlice(cpu);
  }

  private putAside(cpu: Cpu, task: Task): void {
    task.irqsOff = cpu.irqsOff;
    task.sliceUsedNs = task.sliceOver ? 0 : task.sliceUsedNs + this.nowNs - cpu.startedNs;
    task.sliceOver = false;
    if (cpu.sliceEnd !== null) {
      this.unschedule(cpu.sliceEnd);
      cpu.sliceEnd = null;
    }
    cpu.account.leaves('process', this.nowNs);
    cpu.task = null;
    cpu.top = null;
  }

  /** Ends the task's turn at the tick that uses its slice up, if an equal waits. */
  private startSlice(cpu: Cpu): void {
    const task = cpu.task;
    if (task === null || cpu.sliceEnd !== null || this.stepwise) return;
    if (this.preempt === 'none' && !task.inUser) return;
    if (cpu.runqueue[0]?.priority !== task.priority || task.priority < firstNormalPriority) return;
    const usedNs = (task.sliceUsedNs + this.nowNs - cpu.startedNs) % sliceNs;
    const tick = Math.ceil((this.nowNs + sliceNs - usedNs) / this.tickNs);
    cpu.sliceEnd = this.at(this.tickTimeNs(tick), () => this.sliceEnded(cpu, task), 0, cpu.id);
  }

  private sliceEnded(cpu: Cpu, task: Task): void {
    cpu.sliceEnd = null;
    if (cpu.runqueue[0]?.priority !== task.priority) return;
    task.sliceOver = true;
    cpu.needResched = true;
    this.preemptCheck(cpu);
  }
}
