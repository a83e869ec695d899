/**
 * Contexts: what a CPU executes. A process context is a task; softirq and hardirq contexts are pushed on top of
 * whatever the CPU was doing and must end before it goes on.
 *
 * Divergence from Linux: preempt_count is kept as three counters (preempt, bottom halves, kind of context).
 */
import type { Cpu } from './cpu.js';
import type { Looks } from './futile.js';
import type { K, Op } from './op.js';
import type { Choice } from './scheduler.js';
import type { SharedObject } from './shared-object.js';
import { interruptsResource, namedResource } from './touches.js';

export type ContextKind = 'process' | 'softirq' | 'hardirq';

/** The event queue's order classes at one nanosecond: timer interrupts, softirqs, threads, scenario actions. */
export const orders = { hardirq: 0, softirq: 1, process: 2, action: 3 } as const;

/**
 * What may come in between a context's last operation and its next one, in a stepwise run: a hard interrupt, a softirq,
 * another task. Bits of {@link Context.window}.
 */
export const windows = { hardirq: 1, softirq: 2, preempt: 4, all: 7 } as const;

export class Context {
  readonly kind: ContextKind;
  /** As {@link SharedObject.resource}; all interrupts of a CPU have one. */
  readonly resource: number;
  readonly name: string;
  readonly order: number;
  cpu: Cpu;
  /** The innermost generator that the machine resumes. */
  code: K<unknown>;
  /** Those that called it, outermost first. */
  callers: K<unknown>[] | null = null;
  /** The announced operation that has not been performed yet. */
  op: Op | null = null;
  /** True while the CPU spins on {@link op}. */
  waiting = false;
  /** The operation it began to wait for. */
  spinsOn: Op | null = null;
  /** Virtual ns at which that began. */
  spinSinceNs = 0;
  /** Part of a deadlock that has been reported. */
  deadlocked = false;
  /** Result of the last operation, handed over at the next resume. */
  result: unknown = undefined;
  /** Virtual ns at which it goes on. */
  readyAtNs = 0;
  /** A softirq: the function that let it in, for stack dumps. */
  enteredFrom = 'irq_exit';
  /** Work left of a charged cost when it was interrupted, ns. */
  remainingNs = 0;
  /** What it interrupted. */
  below: Context | null = null;
  /** spin_lock and preempt_disable nesting. */
  preemptCount = 0;
  /** local_bh_disable nesting. */
  bhCount = 0;
  /** Locks held, in order of taking. */
  held: SharedObject[] | null = null;
  /** Modelled functions entered, outermost first. */
  readonly stack: string[] = [];
  /** Stepwise runs: what could come in since its last operation, whatever it has disabled since. */
  window: number;
  /** Stepwise runs: what the interrupted context had disabled, given back to it when this one ends. */
  masked: { readonly irqsOff: boolean; readonly bhCount: number } | null = null;
  /** Stepwise runs: what it has looked at since it last did anything else (futile.ts); null: nothing yet. */
  looks: Looks | null = null;
  /** Stepwise runs: its next step as a choice. */
  choice: Extract<Choice, { kind: 'step' }> | null = null;
  /** Called when it ends normally. */
  onEnd: (() => void) | null = null;
  /** Operations performed. */
  steps = 0;
  /** Ended, normally or by dying. */
  over = false;

  constructor(kind: ContextKind, name: string, cpu: Cpu, code: K<unknown>, resource = interruptsResource(cpu.id)) {
    this.kind = kind;
    this.resource = resource;
    this.name = name;
    this.cpu = cpu;
    this.code = code;
    this.order = orders[kind];
    this.window = kind === 'process' ? windows.all : kind === 'softirq' ? windows.hardirq : 0;
  }

  /** The innermost modelled function, or the context's own name. */
  get function(): string {
    const { stack } = this;
    return stack.length === 0 ? this.name : stack[stack.length - 1]!;
  }

  /** Counts what it makes, for keys: itself, or its CPU for all interrupts there. */
  get maker(): { made: number } {
    return this.cpu;
  }

  /** May it sleep? */
  get atomic(): boolean {
    return this.kind !== 'process' || this.preemptCount > 0 || this.bhCount > 0 || this.cpu.irqsOff;
  }

  /** preempt_count as the kernel would print it: preempt in bits 0–7, softirq in 8–15, hardirq in 16 and up. */
  get preemptCountWord(): number {
    const softirq = this.bhCount + (this.kind === 'softirq' ? 1 : 0);
    return (this.preemptCount & 0xff) | ((softirq & 0xff) << 8) | (this.kind === 'hardirq' ? 0x10000 : 0);
  }
}

/** A process: kernel code with a place in a runqueue. */
export class Task extends Context {
  readonly pid: number;
  /** Lower runs first: 0–99 real time, 120 + nice otherwise. */
  readonly priority: number;
  /** What schedule() will do: `sleeping` blocks. */
  state: 'running' | 'sleeping' | 'blocked' | 'dead' = 'running';
  /** What it is blocked on, for reports. */
  blockedOn: string | null = null;
  /** Who could wake it, if known (the owner of a mutex). */
  blockedBy: Context | null = null;
  /** Its interrupt flag while it is not on a CPU. */
  irqsOff = false;
  /** ns of its time slice used up before it was last given the CPU. */
  sliceUsedNs = 0;
  /** Its slice is used up: an equal is to run next. */
  sliceOver = false;
  /** True while it runs outside the kernel, where it can always be preempted. */
  inUser = false;
  /** A kernel service thread that idles blocked: not part of a deadlock. */
  readonly daemon: boolean;
  /** Objects it has made. */
  made = 0;

  constructor(name: string, pid: number, cpu: Cpu, code: K<unknown>, priority: number, daemon: boolean) {
    super('process', name, cpu, code, daemon ? namedResource(name) : cpu.machine.newResource());
    this.pid = pid;
    this.priority = priority;
    this.daemon = daemon;
  }

  override get maker(): { made: number } {
    return this;
  }
}
