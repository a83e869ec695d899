/**
 * What a script does to the machine from outside: holding a CPU's timers back, and making another CPU's worker run at
 * a given point.
 *
 * A held CPU takes no timer softirq; everything else on it goes on. Its timer_jiffies stays, and distances of timers
 * armed on it are counted from there. A release does nothing by itself: the CPU's next tick catches up, jiffy by jiffy.
 *
 * Divergence from Linux: no kernel has any of this. The nearest real cause of a held CPU is a lost local timer
 * interrupt, of a worker that runs right now another CPU's scheduler.
 */
import { schedule } from '../smp/basic-ops.js';
import type { Context } from '../smp/context.js';
import { type Access, type K, Op } from '../smp/op.js';
import type { Kernel } from './kernel.js';
import { softirqs } from './softirq-vectors.js';
import type { CpuWorkqueue } from './work.js';

/** From now on this CPU's timer softirq does not run. One that has begun goes on to its end. */
export function holdCpu(kernel: Kernel, cpuId: number): void {
  const cpu = kernel.machine.cpus[cpuId]!;
  const timers = kernel.timersOf(cpu);
  if (timers.release !== null) {
    kernel.machine.unschedule(timers.release);
    timers.release = null;
  }
  cpu.held = true;
  if (!timers.raised || timers.inSoftirq) return;
  cpu.softirqPending &= ~(1 << softirqs.TIMER);
  timers.raised = false;
  cpu.frozen = true;
}

/** The CPU's next tick runs its timers again, beginning where they were held. */
export function releaseCpu(kernel: Kernel, cpuId: number): void {
  const { machine } = kernel;
  const cpu = machine.cpus[cpuId]!;
  const timers = kernel.timersOf(cpu);
  if (!cpu.held || timers.release !== null) return;
  // Ahead of every timer interrupt of that nanosecond.
  timers.release = machine.at(
    machine.tickTimeNs(machine.ticks + 1),
    () => {
      timers.release = null;
      cpu.held = false;
      machine.needTick(cpu, machine.ticks);
    },
    -1,
    cpuId,
  );
}

/** CPUs that are held: their number, in order. A CPU that was released is no longer held, though its tick is to come. */
export function heldCpus(kernel: Kernel): readonly number[] {
  return kernel.machine.cpus.filter((cpu) => cpu.held && kernel.timersOf(cpu).release === null).map((cpu) => cpu.id);
}

/** timer_jiffies of a CPU now: the next jiffy that its wheel will process. */
export function timerJiffiesOf(kernel: Kernel, cpuId: number): number {
  const timers = kernel.timersOf(kernel.machine.cpus[cpuId]!);
  timers.sync();
  return timers.base.timerJiffies;
}

/** Why a worker can't be made to run: it is held, or inside a work function. */
export const workerBusy = -3;

/**
 * Makes the `events` worker of a CPU drain its list now, while the caller waits. Answers the number of works it
 * executed, those included that it made other workers execute in the same way; or {@link workerBusy}.
 */
export function* run_worker_now(kernel: Kernel, cpuId: number): K<number> {
  const { context } = kernel;
  const queue = kernel.events.of(kernel.machine.cpus[cpuId]!);
  const sameCpu = queue.cpu === context.cpu;
  if (sameCpu && context.atomic) return workerBusy;
  const before = queue.executed + queue.nested;
  if ((yield new BeginDrainOp(queue)) as boolean) return workerBusy;
  if (sameCpu) while (!queue.idle) yield schedule();
  else yield new DrainedOp(queue);
  const count = queue.executed + queue.nested - before;
  const caller = kernel.events.all.find((other) => other.thread === context);
  if (caller !== undefined) caller.nested += count;
  return count;
}

/** Puts the worker before the caller in the order of threads. Answers true if it can't run. */
class BeginDrainOp extends Op {
  private readonly queue: CpuWorkqueue;

  constructor(queue: CpuWorkqueue) {
    super(null);
    this.queue = queue;
  }

  override get access(): Access {
    return 'none';
  }

  override get visible(): boolean {
    return false;
  }

  override perform(context: Context): boolean {
    const { queue } = this;
    if (queue.held || queue.current !== null) return true;
    if (queue.ready) queue.machine.goBefore(queue.cpu, context.cpu);
    return false;
  }
}

/** Spins until the worker has nothing left to do. */
class DrainedOp extends Op {
  private readonly queue: CpuWorkqueue;

  constructor(queue: CpuWorkqueue) {
    super(queue.drained);
    this.queue = queue;
  }

  override get access(): Access {
    return 'read';
  }

  override get visible(): boolean {
    return false;
  }

  override enabled(): boolean {
    return this.queue.idle;
  }

  override perform(): void {
    this.queue.machine.watcher?.observes(this.queue);
  }

  override describe(): string {
    return `${this.queue.thread.name} to drain its list`;
  }

  override heldBy(): Context {
    return this.queue.thread;
  }
}
