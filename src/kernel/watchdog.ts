/**
 * The soft-lockup detector (kernel/softlockup.c, 2.6.14–2.6.29, by era.softLockup): on each CPU a real-time thread
 * stamps the time, and the tick complains when the stamp is old, because then nothing else could have run either.
 *
 * Ordering rule: the tick looks before its softirqs run. It wakes the thread, then reports; one report per stamp.
 *
 * The tick is asked for only where it has something to do: to wake the thread, or to report. So idle time is skipped,
 * from one stamp to the next.
 *
 * Divergence from Linux: of the register dump only the modelled functions are shown. The nanosecond clock begins at one
 * of its seconds, as if the firmware had taken that long. A tick that comes while interrupts are off inside a softirq is
 * made up for at the softirq's end. Threads are there from the start of the run, and not in stepwise runs, where time is
 * the scheduler's.
 */
import { LocalOp, schedule, setCurrentState } from '../smp/basic-ops.js';
import type { Task } from '../smp/context.js';
import type { Cpu } from '../smp/cpu.js';
import type { K, Op } from '../smp/op.js';
import type { SoftLockupRules } from './era-lockup.js';
import type { Kernel } from './kernel.js';
import { softLockup } from './messages.js';
import { msleep } from './sleep.js';
import { dump_stack } from './stack-dump.js';

/** SCHED_FIFO 99: before everything else. */
const priority = 0;
const never = Number.POSITIVE_INFINITY;

/** One CPU's thread and stamps, in the detector's unit. */
class CpuWatchdog {
  readonly cpu: Cpu;
  task: Task | null = null;
  touched = 0;
  /** The stamp that was last reported; 0: none yet. */
  printed = 0;
  /** The thread was woken and has not stamped since. */
  woken = false;
  /** The tick (count since boot) at which there is something to do. */
  wantedTick = never;

  constructor(cpu: Cpu) {
    this.cpu = cpu;
  }
}

/** Starts the detector of the kernel's version; null where there is none. */
export function spawn_softlockup_task(kernel: Kernel): SoftLockupWatchdog | null {
  const rules = kernel.era.softLockup;
  if (!rules.exists || kernel.machine.stepwise) return null;
  return new SoftLockupWatchdog(kernel, rules);
}

export class SoftLockupWatchdog {
  private readonly kernel: Kernel;
  private readonly rules: SoftLockupRules;
  private readonly thresholdSeconds: number;
  private readonly perCpu: readonly CpuWatchdog[];

  constructor(kernel: Kernel, rules: SoftLockupRules) {
    this.kernel = kernel;
    this.rules = rules;
    this.thresholdSeconds = rules.thresholdSeconds ?? never;
    this.perCpu = kernel.machine.cpus.map((cpu) => new CpuWatchdog(cpu));
    kernel.tickHooks.push((cpu) => this.tick(this.perCpu[cpu.id]!));
    for (const data of this.perCpu) {
      data.task = kernel.machine.spawn(`watchdog/${data.cpu.id}`, data.cpu.id, this.watchdog(data), priority, true);
    }
  }

  /** touch_softlockup_watchdog: whoever keeps a CPU on purpose stamps for its thread. On the current CPU. */
  touch(): Op {
    return new LocalOp((context) => this.touch_softlockup_watchdog(this.perCpu[context.cpu.id]!));
  }

  /** The body of watchdog/N. */
  private *watchdog(data: CpuWatchdog): K {
    const touch = this.touch();
    if (this.rules.refreshedBy === 'sleep-1s') {
      for (;;) {
        yield touch;
        yield* msleep(this.kernel, 1000);
      }
    }
    for (;;) {
      setCurrentState(this.kernel.machine, 'sleeping');
      yield touch;
      yield schedule();
      data.woken = false;
    }
  }

  private touch_softlockup_watchdog(data: CpuWatchdog): void {
    data.touched = this.timestamp();
    data.woken = false;
    this.want(data);
  }

  /** Now, in the detector's unit. */
  private timestamp(): number {
    const { kernel, rules } = this;
    return rules.secondNs === null ? kernel.now : 1 + Math.floor(kernel.machine.nowNs / rules.secondNs);
  }

  /** Age of the stamp: jiffies, or the detector's seconds. */
  private age(data: CpuWatchdog): number {
    const now = this.timestamp();
    return this.rules.secondNs === null ? this.kernel.distance(data.touched, now) : now - data.touched;
  }

  /** So many seconds in the stamp's unit. */
  private seconds(count: number): number {
    return this.rules.secondNs === null ? count * this.kernel.hz : count;
  }

  /** How old the stamp may be before the tick wakes the thread, seconds. */
  private get wakeSeconds(): number {
    if (this.rules.refreshedBy === 'sleep-1s') return never;
    return this.rules.refreshedBy === 'tick-after-half-threshold' ? Math.floor(this.thresholdSeconds / 2) : 1;
  }

  /** Does the tick leave at once, since this stamp seems to have been reported? The comparison is the release's own. */
  private seemsReported(data: CpuWatchdog): boolean {
    const { printed, touched } = data;
    switch (this.rules.reportedTest) {
      case 'same':
        return printed === touched;
      case 'below-next':
        return printed < touched + 1;
      default:
        return printed >= touched && printed < touched + 1;
    }
  }

  /** Asks for the tick at which there is next something to do. */
  private want(data: CpuWatchdog): void {
    data.wantedTick = this.nextTick(data);
    if (data.wantedTick !== never) this.kernel.machine.needTick(data.cpu, data.wantedTick);
  }

  private nextTick(data: CpuWatchdog): number {
    const { rules } = this;
    if (rules.checkedIn === 'do_timer' && data.cpu.id !== 0) return never;
    if (this.seemsReported(data)) return never;
    return this.tickOlderThan(
      data,
      data.woken ? this.thresholdSeconds : Math.min(this.wakeSeconds, this.thresholdSeconds),
    );
  }

  /** The first tick (count since boot) at which the stamp is more than so many seconds old. */
  private tickOlderThan(data: CpuWatchdog, seconds: number): number {
    const { kernel, rules } = this;
    const { machine } = kernel;
    if (rules.secondNs !== null) return Math.ceil(((data.touched + seconds) * rules.secondNs) / machine.tickNs);
    return machine.ticks - kernel.distance(data.touched, kernel.jiffies()) + seconds * kernel.hz + 1;
  }

  private tick(data: CpuWatchdog): void {
    if (data.wantedTick === never) return;
    const { machine } = this.kernel;
    if (machine.ticks < data.wantedTick) {
      machine.needTick(data.cpu, data.wantedTick);
      return;
    }
    this.softlockup_tick(data);
    this.want(data);
  }

  private softlockup_tick(data: CpuWatchdog): void {
    const { kernel } = this;
    if (this.seemsReported(data)) return;
    const age = this.age(data);
    if (age > this.seconds(this.wakeSeconds)) {
      data.woken = true;
      kernel.machine.wake(data.task!);
    }
    if (age > this.seconds(this.thresholdSeconds)) this.report(data, age);
  }

  /** The message, and what the tick has interrupted. */
  private report(data: CpuWatchdog, age: number): void {
    const { kernel } = this;
    const { machine, era } = kernel;
    const { cpu } = data;
    data.printed = data.touched;
    const lines = softLockup(era, cpu.id, age, cpu.task?.name ?? 'swapper', cpu.task?.pid ?? 0);
    const { current } = machine;
    machine.current = cpu.top;
    kernel.log.printAll(lines, cpu.id);
    dump_stack(kernel, cpu);
    machine.violate('soft-lockup', lines[0]?.text ?? `CPU ${cpu.id} is stuck`, cpu.id);
    machine.current = current;
  }
}
