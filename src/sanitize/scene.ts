/**
 * Where something happened, for reports: task, CPU, context, jiffies, and the modelled functions entered, down to the
 * task that an interrupt came upon.
 */
import { Kernel } from '../kernel/kernel.js';
import type { Context, ContextKind, Task } from '../smp/context.js';

export interface Scene {
  /** comm and pid of the CPU's task; `swapper` and 0 where it was idle. */
  readonly comm: string;
  readonly pid: number;
  readonly cpu: number;
  readonly kind: ContextKind | 'none';
  readonly preemptCount: number;
  readonly irqsOff: boolean;
  readonly jiffies: number;
  /** Context by context, from the one that ran to the task at the bottom; functions innermost first. */
  readonly frames: readonly { readonly kind: ContextKind; readonly functions: readonly string[] }[];
}

/** A task that is not on its CPU is told as it stands. */
export function sceneOf(context: Context): Scene {
  const { cpu } = context;
  const own = context.kind === 'process' ? (context as Task) : cpu.task;
  const frames: { kind: ContextKind; functions: readonly string[] }[] = [];
  for (let at: Context | null = context; at !== null; at = at.below) {
    frames.push({ kind: at.kind, functions: functionsOf(at) });
  }
  return {
    comm: own?.name ?? 'swapper',
    pid: own?.pid ?? 0,
    cpu: cpu.id,
    kind: context.kind,
    preemptCount: context.preemptCountWord,
    irqsOff: cpu.irqsOff,
    jiffies: cpu.machine.hooks?.jiffies() ?? 0,
    frames,
  };
}

/** What a context is in; under the functions of a softirq the kernel's own that called them. */
function functionsOf(context: Context): readonly string[] {
  const own = context.stack.toReversed();
  if (context.kind !== 'softirq') return own.length === 0 ? [context.name] : own;
  const { hooks } = context.cpu.machine;
  const daemon = hooks instanceof Kernel && context.below !== null && context.below === hooks.ksoftirqd[context.cpu.id];
  return [...own, '__do_softirq', ...(daemon ? [] : [context.enteredFrom])];
}

/** Of what happens outside every context: the set-up of a run, its end. */
export function sceneOfNobody(jiffies: number): Scene {
  const none = { comm: 'swapper', pid: 0, cpu: 0, kind: 'none', preemptCount: 0, irqsOff: false } as const;
  return { ...none, jiffies, frames: [] };
}
