/**
 * What a machine is made from, what it reports, and what the kernel room plugs into it.
 *
 * Divergence from Linux: none; these are the simulator's own terms.
 */
import type { LineCosts } from './cache-lines.js';
import type { Context } from './context.js';
import type { Cpu } from './cpu.js';
import type { Access, K, Op } from './op.js';

/** Where kernel code can be preempted: nowhere, at voluntary points (cond_resched, might_sleep), or anywhere. */
export type Preempt = 'none' | 'voluntary' | 'full';

export interface MachineOptions {
  /** 1–64. */
  readonly cpus: number;
  /** Ticks per second; a divisor of 10^9. */
  readonly hz: number;
  readonly preempt?: Preempt;
  /** ns charged per kind of access; zero where absent. Ignored in stepwise runs. */
  readonly accessCostsNs?: Readonly<Partial<Record<Access, number>>>;
  /** Models the cache line of each shared object, at these costs per bus transaction. */
  readonly cacheLines?: LineCosts;
  /** Same-nanosecond order of threads: by CPU, or in passes over the CPUs as the golden recordings do. */
  readonly threadOrder?: 'by-cpu' | 'passes';
  /** False queues every tick of every CPU. For the test that this changes nothing. */
  readonly skipIdle?: boolean;
  /** Operations after which the run ends with a LimitError; 10^9 if absent. */
  readonly maxOps?: number;
  /** Virtual ns after which the run ends with a LimitError; ten days if absent. */
  readonly maxVirtualNs?: number;
}

/** What a run puts in the place of a function of the model: it is given the function and the arguments of the call. */
export type Replacement = (original: (...args: any[]) => K<any>, args: readonly unknown[]) => K<any>;

/** What went wrong, or was promised not to happen. */
export interface Violation {
  readonly kind: string;
  readonly message: string;
  readonly timeNs: number;
  readonly jiffies: number;
  readonly cpu: number;
  readonly stack: readonly string[];
}

/** What the kernel room gives the machine. */
export interface KernelHooks {
  /** The jiffies counter, for stamps. */
  jiffies(): number;
  /** Code has looked at jiffies: what it does may depend on time. */
  readonly timeObserved?: boolean;
  /** The local timer interrupt of a CPU that could take it. Raises what is due. */
  timerInterrupt(cpu: Cpu): void;
  /** Time is about to pass a tick boundary while this CPU can't run softirqs: its wheel falls behind from here. */
  freeze(cpu: Cpu): void;
  /** A CPU that had fallen behind can run softirqs again: raises TIMER if something is due. */
  thaw(cpu: Cpu): void;
  /** The body of a softirq context. */
  softirq(cpu: Cpu): K;
  /**
   * Stepwise runs only: the tick (count since boot) at which the CPU's next timer fires, now or in the past if one is
   * due; Infinity if none is pending. Without this hook a stepwise run lets no timer fire.
   */
  nextTimerTick?(cpu: Cpu): number;
  /** An operation is about to touch a part of a freed object. */
  badAccess(context: Context, op: Op): void;
  /** A context threw. Answers true when the machine must stop. */
  died(context: Context, error: unknown): boolean;
  /** A process context wants to sleep where it must not. */
  sleepInAtomic(context: Context): void;
}

/** Holds contexts back at named points (the `schedule:` of a scenario). */
export interface Gate {
  /** Must `context` not perform `op` yet? Asked before each operation while a gate is set. */
  holds(context: Context, op: Op): boolean;
  /** `op` has been performed. Answers true when somebody held may now go on. */
  passed(context: Context, op: Op): boolean;
}
