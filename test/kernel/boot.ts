/** Small kernels for tests. */
import { Kernel, type KernelOptions } from '../../src/kernel/kernel.js';
import { LocalOp } from '../../src/smp/basic-ops.js';
import type { Task } from '../../src/smp/context.js';
import type { K, Op } from '../../src/smp/op.js';
import type { Scheduler } from '../../src/smp/scheduler.js';
import { TimedScheduler } from '../../src/smp/timed-scheduler.js';

/** 2.6.24 on two CPUs at HZ 250, jiffies from 1000, unless said otherwise. */
export function boot(options: Partial<KernelOptions> = {}, scheduler: Scheduler = new TimedScheduler()): Kernel {
  return new Kernel(
    { kernel: '2.6.24', cpus: 2, hz: 250, initialJiffies: 1000, wheel: 'steady', ...options },
    scheduler,
  );
}

/** Lets `ticks` ticks pass. */
export function pass(kernel: Kernel, ticks: number): void {
  const { machine } = kernel;
  machine.runUntil(machine.nowNs + ticks * machine.tickNs);
}

/** Starts a task and lets everything due now happen. */
export function start(kernel: Kernel, cpu: number, code: () => K<unknown>, name = `task${cpu}`, priority = 120): Task {
  const task = kernel.machine.spawn(name, cpu, code() as K, priority);
  kernel.machine.settle();
  return task;
}

/** A kernel thread that just performs operations one after the other. */
export function* performs(...ops: readonly Op[]): K {
  for (const op of ops) yield op;
}

/** Does something of the test's at this point of the run. */
export function note(action: () => void): Op {
  return new LocalOp(action);
}

export function kinds(kernel: Kernel): string[] {
  return kernel.machine.violations.map((violation) => violation.kind);
}

export function logTexts(kernel: Kernel): string[] {
  return kernel.log.entries.map((entry) => entry.text);
}
