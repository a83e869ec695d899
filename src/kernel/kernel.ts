/**
 * The kernel of one run: a machine, an era, and the services made on it when first used.
 *
 * Ordering rule: see smp/machine.ts. jiffies is the number of tick boundaries passed since boot plus the initial
 * value, whoever takes the tick.
 *
 * Divergence from Linux: the jiffies counter never loses a tick (a CPU with interrupts off does not stop it); the tick
 * itself costs no time.
 */
import type { Context, Task } from '../smp/context.js';
import type { Cpu } from '../smp/cpu.js';
import { type KernelHooks, Machine, type MachineOptions } from '../smp/machine.js';
import type { K, Op } from '../smp/op.js';
import type { Scheduler } from '../smp/scheduler.js';
import { clockResource } from '../smp/touches.js';
import { Oops, reportOops } from './bug.js';
import { type Era, eraOf } from './era.js';
import { type Arch, initialJiffies, wrapsAt32Bits } from './jiffies.js';
import { scheduleInAtomic } from './might-sleep.js';
import { KernelLog } from './printk.js';
import type { RcuBh } from './rcu.js';
import { ClassicRcuBh } from './rcupdate.js';
import { SlabObject } from './slab.js';
import { __do_softirq } from './softirq.js';
import { raiseSoftirq, softirqs } from './softirq-vectors.js';
import { Tasklets } from './tasklet.js';
import type { Timer } from './timer.js';
import { CpuTimers } from './timer-cpu.js';
import { type Work, Workqueue } from './work.js';

export interface KernelOptions extends MachineOptions {
  /** '2.6.12' … '2.6.29'. */
  readonly kernel: string;
  readonly arch?: Arch;
  /** jiffies at boot; -300*HZ mod 2^32 if absent. */
  readonly initialJiffies?: number;
  /** `boot`: timer_jiffies equals jiffies until the first tick. `steady`: it is jiffies + 1 from the start. */
  readonly wheel?: 'boot' | 'steady';
  /** What a BUG does: kill the context (a panic in interrupt), or nothing beyond its message. */
  readonly onBug?: 'die' | 'continue';
  /** Answers net_ratelimit and printk_ratelimit: by the kernel's rule, or always yes. */
  readonly ratelimit?: 'real' | 'always';
}

export class Kernel implements KernelHooks {
  readonly machine: Machine;
  readonly era: Era;
  readonly arch: Arch;
  readonly hz: number;
  /** jiffies have 32 bits. */
  readonly wraps: boolean;
  readonly initialJiffies: number;
  readonly onBug: 'die' | 'continue';
  readonly log: KernelLog;
  /** Named costs, ns; zero where absent. */
  readonly costsNs: Readonly<Record<string, number>>;
  /** Set when code looks at jiffies: the run depends on time. */
  timeObserved = false;
  /** Told of every timer that fires; observers only. */
  onTimer: ((timer: Timer, cpu: Cpu) => void) | null = null;
  /** Told of every work that begins; observers only. */
  onWork: ((work: Work, cpu: Cpu) => void) | null = null;
  /** Oopses so far. */
  dieCount = 0;
  /** End-of-trace lines printed so far; their number is their id. */
  traceCount = 0;
  private readonly firstTimerJiffies: number;
  private readonly timers: (CpuTimers | undefined)[];
  private eventsQueue: Workqueue | null = null;
  private taskletLists: Tasklets | null = null;
  private rcuBhControl: RcuBh | null = null;
  readonly ksoftirqd: (Task | undefined)[] = [];
  /** Handlers of the softirq vectors besides TIMER (open_softirq). */
  readonly softirqHandlers: (((cpu: Cpu) => K) | undefined)[] = [];
  /** Called by every timer interrupt before it looks at the wheel. One that finds nothing to do must change nothing. */
  readonly tickHooks: ((cpu: Cpu) => void)[] = [];
  /** Called when a softirq action of a CPU is over. */
  readonly softirqActionHooks: ((cpu: Cpu) => void)[] = [];
  /** When might_sleep last printed, in ticks; null for never. */
  sleepComplaintTick: number | null = null;

  constructor(options: KernelOptions, scheduler: Scheduler, costsNs: Readonly<Record<string, number>> = {}) {
    this.era = eraOf(options.kernel);
    this.arch = options.arch ?? 'i386';
    this.wraps = wrapsAt32Bits(this.arch);
    this.hz = options.hz;
    this.initialJiffies = options.initialJiffies ?? initialJiffies(options.hz);
    this.onBug = options.onBug ?? 'die';
    this.costsNs = costsNs;
    this.machine = new Machine(options, scheduler);
    this.machine.hooks = this;
    this.log = new KernelLog(this, options.ratelimit ?? 'real');
    this.firstTimerJiffies = options.wheel === 'steady' ? this.addJiffies(this.initialJiffies, 1) : this.initialJiffies;
    this.timers = [];
  }

  /** The jiffies counter. Code that models the kernel reads time here. */
  get now(): number {
    this.timeObserved = true;
    this.machine.touch(clockResource, false);
    return this.jiffies();
  }

  /** Jiffies since a tick (counted from boot). Code that models the kernel asks for an age here. */
  ticksSince(tick: number): number {
    this.timeObserved = true;
    this.machine.touch(clockResource, false);
    return this.machine.ticks - tick;
  }

  /** The jiffies counter, for observers. */
  jiffies(): number {
    const sum = this.initialJiffies + this.machine.ticks;
    return this.wraps ? sum >>> 0 : sum;
  }

  addJiffies(jiffies: number, delta: number): number {
    return this.wraps ? (jiffies + delta) >>> 0 : jiffies + delta;
  }

  /** Signed distance from `from` to `to`. */
  distance(from: number, to: number): number {
    return this.wraps ? (to - from) | 0 : to - from;
  }

  /** Milliseconds to jiffies, rounded up. */
  msecs_to_jiffies(ms: number): number {
    return Math.ceil((ms * this.hz) / 1000);
  }

  /** Nanoseconds of virtual time charged at a named cost centre. */
  cost(centre: string): number {
    return this.costsNs[centre] ?? 0;
  }

  get current(): Context | null {
    return this.machine.current;
  }

  /** The current context; code of the modelled kernel always has one. */
  get context(): Context {
    const context = this.machine.current;
    if (context === null) throw new Error('no context is running');
    return context;
  }

  /** smp_processor_id(). */
  get cpuId(): number {
    return this.machine.current?.cpu.id ?? 0;
  }

  /** The timers of one CPU, made when first needed. */
  timersOf(cpu: Cpu): CpuTimers {
    let timers = this.timers[cpu.id];
    if (timers === undefined) {
      timers = new CpuTimers(this, cpu, this.timerJiffiesOf(cpu));
      this.timers[cpu.id] = timers;
    }
    return timers;
  }

  /** timer_jiffies of a CPU that has taken every tick it could. */
  timerJiffiesOf(cpu: Cpu): number {
    const done = this.machine.tickDone(cpu);
    if (this.machine.ticks === 0 || (this.machine.ticks === 1 && !done)) return this.firstTimerJiffies;
    return done ? this.addJiffies(this.jiffies(), 1) : this.jiffies();
  }

  /** The shared workqueue `events`: one worker per CPU. */
  get events(): Workqueue {
    this.eventsQueue ??= new Workqueue(this, 'events');
    return this.eventsQueue;
  }

  get tasklets(): Tasklets {
    this.taskletLists ??= new Tasklets(this);
    return this.taskletLists;
  }

  /** call_rcu_bh. Its grace periods may be replaced by others before the first call. */
  get rcuBh(): RcuBh {
    this.rcuBhControl ??= new ClassicRcuBh(this);
    return this.rcuBhControl;
  }

  set rcuBh(control: RcuBh) {
    this.rcuBhControl = control;
  }

  timerInterrupt(cpu: Cpu): void {
    this.machine.touch(clockResource, false);
    for (const hook of this.tickHooks) hook(cpu);
    const timers = this.timers[cpu.id];
    if (timers === undefined) return;
    timers.touch();
    if (timers.due()) {
      timers.raised = true;
      raiseSoftirq(cpu, softirqs.TIMER);
    } else timers.arm();
  }

  nextTimerTick(cpu: Cpu): number {
    const rcu = this.rcuBhControl?.nextTick?.(cpu) ?? Number.POSITIVE_INFINITY;
    const timers = this.timers[cpu.id];
    if (timers === undefined || timers.inSoftirq) return rcu;
    timers.sync();
    const next = timers.base.nextExpiry();
    if (next === undefined) return rcu;
    return Math.min(rcu, this.machine.ticks + this.distance(this.jiffies(), next));
  }

  freeze(cpu: Cpu): void {
    this.timersOf(cpu).sync();
  }

  thaw(cpu: Cpu): void {
    this.timerInterrupt(cpu);
  }

  softirq(cpu: Cpu): K {
    return __do_softirq(this, cpu);
  }

  badAccess(context: Context, op: Op): void {
    const home = op.object?.home ?? null;
    if (home instanceof SlabObject) home.cache.useAfterFree(home, context, op);
    else if (home !== null) this.machine.violate('use-after-free', `${op.describe()}: ${home.name} is freed`);
  }

  died(context: Context, error: unknown): boolean {
    if (!(error instanceof Oops)) throw error;
    return reportOops(this, context, error);
  }

  sleepInAtomic(context: Context): void {
    scheduleInAtomic(this, context);
  }
}
