/**
 * might_sleep and schedule's own check (kernel/sched.c): sleeping where it is forbidden.
 *
 * The log gets one complaint of might_sleep per second at most, as in the kernel; a violation is recorded for each.
 *
 * Divergence from Linux: __LINE__ of the caller is not modelled.
 */
import { type Context, Task } from '../smp/context.js';
import type { Kernel } from './kernel.js';
import { schedulingWhileAtomic, sleepingFunctionCalled } from './messages.js';

/** Complains if the current context must not sleep. `file`: where the sleeping function is. */
export function might_sleep(kernel: Kernel, file: string): void {
  const context = kernel.context;
  if (!context.atomic) return;
  const lines = sleepingFunctionCalled(kernel.era, file, null, context.preemptCountWord !== 0, context.cpu.irqsOff);
  const { ticks } = kernel.machine;
  if (kernel.sleepComplaintTick === null || ticks - kernel.sleepComplaintTick >= kernel.hz) {
    kernel.sleepComplaintTick = ticks;
    kernel.log.printAll(lines);
  }
  kernel.machine.violate('sleep-in-atomic', `${lines[0]!.text} (${context.name} in ${context.function})`);
}

/** schedule() found that the context is atomic. */
export function scheduleInAtomic(kernel: Kernel, context: Context): void {
  const task = context.cpu.task;
  const pid = task instanceof Task ? task.pid : 0;
  const lines = schedulingWhileAtomic(kernel.era, task?.name ?? 'swapper', context.preemptCountWord, pid);
  kernel.log.printAll(lines);
  kernel.machine.violate('sleep-in-atomic', lines[0]!.text);
}
