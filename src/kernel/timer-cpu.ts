/**
 * The timer state of one CPU: its wheel, the timer whose handler runs, and when its tick is next needed
 * (tvec_base_t, kernel/timer.c 2.6.12–2.6.28).
 *
 * The wheel is brought forward on demand. A CPU that has taken every tick has timer_jiffies = jiffies + 1 between ticks,
 * and jiffies while its softirq of the current tick is still to come; one that could not run softirqs when a tick passed
 * is `frozen` and keeps the value it had, as the kernel's would.
 *
 * Divergence from Linux: the base's lock is not modelled; each call on a timer is one atomic operation.
 */
import { InternalError } from '../sim/errors.js';
import type { Context } from '../smp/context.js';
import type { Cpu } from '../smp/cpu.js';
import type { StepEntry } from '../smp/machine.js';
import { dueDatesResource, wheelResource } from '../smp/touches.js';
import type { Kernel } from './kernel.js';
import type { Timer } from './timer.js';
import { TimerBase } from './timer-wheel.js';

export class CpuTimers {
  readonly kernel: Kernel;
  readonly cpu: Cpu;
  readonly base: TimerBase;
  /** The timer whose handler runs, from its start to the start of the next or the end of the softirq. */
  running: Timer | null = null;
  /** True during run_timer_softirq: timer_jiffies is then what the loop has reached. */
  inSoftirq = false;
  /** TIMER was raised and has not run: timer_jiffies stays until it has. */
  raised = false;
  /** What runs the handlers, while {@link inSoftirq}. */
  context: Context | null = null;
  /** Ends a hold at the next tick (hold.ts). */
  release: StepEntry | null = null;

  constructor(kernel: Kernel, cpu: Cpu, timerJiffies: number) {
    this.kernel = kernel;
    this.cpu = cpu;
    this.base = new TimerBase(cpu.id, timerJiffies, kernel.wraps);
  }

  /** The present step changes what is on the wheel, or runs, and so perhaps when time would next move. */
  touch(): void {
    const { machine } = this.kernel;
    if (machine.touches === null) return;
    machine.touches.add(wheelResource(this.cpu.id), true);
    machine.touches.add(dueDatesResource, false);
  }

  /** Brings timer_jiffies to where the ticks taken so far have brought it. */
  sync(): void {
    if (this.inSoftirq || this.raised || this.cpu.frozen) return;
    const target = this.kernel.timerJiffiesOf(this.cpu);
    if (target !== this.base.timerJiffies && !this.base.advanceTo(target) && !this.kernel.machine.stepwise) {
      throw new InternalError(`CPU ${this.cpu.id} skipped a timer at jiffy ${this.base.timerJiffies}`);
    }
  }

  /** Has the wheel a list to run or cascade at or before now? */
  due(): boolean {
    const jiffies = this.kernel.jiffies();
    if (!this.inSoftirq && !this.raised && !this.cpu.frozen) {
      const reached = this.kernel.timerJiffiesOf(this.cpu);
      this.base.advanceTo(this.kernel.distance(jiffies, reached) > 0 ? jiffies : reached);
    }
    const next = this.base.nextEvent();
    return next !== undefined && this.kernel.distance(next, jiffies) >= 0;
  }

  /** Asks for the tick at which the wheel next has something to do. */
  arm(): void {
    const next = this.base.nextEvent();
    if (next !== undefined) this.needAt(next);
  }

  /** Asks for the tick that makes jiffies = `jiffy`, or the next one this CPU can still take. */
  needAt(jiffy: number): void {
    const { machine } = this.kernel;
    const earliest = machine.ticks + (machine.tickDone(this.cpu) ? 1 : 0);
    machine.needTick(this.cpu, Math.max(earliest, machine.ticks + this.kernel.distance(this.kernel.jiffies(), jiffy)));
  }
}
