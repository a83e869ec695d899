/** The golden recordings' way of running a machine: one op at a time, each a task on its CPU, everything settled after it. */
import { Kernel, type KernelOptions } from '../../src/kernel/kernel.js';
import type { Timer } from '../../src/kernel/timer.js';
import { LocalOp, smp_call_function } from '../../src/smp/basic-ops.js';
import type { K } from '../../src/smp/op.js';
import { TimedScheduler } from '../../src/smp/timed-scheduler.js';

export interface GoldenCase {
  readonly name: string;
  readonly hz: number;
  readonly initialJiffies: number;
  readonly cpus: number;
  readonly timers?: number;
  readonly works?: number;
  readonly behaviours: readonly any[];
  readonly ops: readonly any[];
  readonly final: any;
}

/** A kernel as the recording harness has it: 2.6.24, a wheel at boot, passes over the CPUs, a BUG that does nothing. */
export function lockstepKernel(recorded: GoldenCase, options: Partial<KernelOptions> = {}): Kernel {
  return new Kernel(
    {
      kernel: '2.6.24',
      cpus: recorded.cpus,
      hz: recorded.hz,
      initialJiffies: recorded.initialJiffies,
      wheel: 'boot',
      onBug: 'continue',
      threadOrder: 'passes',
      ...options,
    },
    new TimedScheduler(),
  );
}

/** Runs `code` on a CPU as a task of its own, to its end and that of all it sets off. */
export function onCpu<R>(kernel: Kernel, cpu: number, code: () => K<R>): R {
  let result: { value: R } | null = null;
  function* body(): K {
    result = { value: yield* code() };
  }
  kernel.machine.spawn('op', cpu, body());
  kernel.machine.settle();
  if (result === null) throw new Error('the op did not come to its end');
  return (result as { value: R }).value;
}

/** An op that is one operation of the machine's. */
export function* once<R>(action: () => R): K<R> {
  return (yield new LocalOp(action)) as R;
}

/** What a handler does on another CPU while it runs. */
export function* onOtherCpu<R>(kernel: Kernel, cpu: number | undefined, code: () => K<R>): K<R> {
  if (cpu === undefined) return yield* code();
  return (yield* smp_call_function(kernel.machine, cpu, 'action', code)) as R;
}

export function advance(kernel: Kernel, ticks: number): void {
  const { machine } = kernel;
  machine.runUntil(machine.nowNs + ticks * machine.tickNs);
}

/** The CPU whose base holds the timer; null if it is not pending. */
export function baseOf(timer: Timer): number | null {
  return timer.pending ? timer.on.cpu.id : null;
}
