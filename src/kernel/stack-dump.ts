/**
 * dump_stack: the modelled functions on a CPU, innermost first, through what was interrupted (arch/*, 2.6.12–2.6.29).
 *
 * Divergence from Linux: no addresses, offsets or registers, and nothing stale is shown. Handlers that a scenario
 * declares show by the names it gives them.
 */
import type { Context } from '../smp/context.js';
import type { Cpu } from '../smp/cpu.js';
import type { Kernel } from './kernel.js';
import { calledFrom } from './messages.js';

/** The level of a line printed without one. */
const defaultLevel = 4;

/** dump_stack() on a CPU: a line for each function. */
export function dump_stack(kernel: Kernel, cpu: Cpu): void {
  for (const name of callTrace(kernel, cpu)) kernel.log.printAll(calledFrom(name, defaultLevel), cpu.id);
}

/** The functions that a CPU is in, innermost first. */
export function callTrace(kernel: Kernel, cpu: Cpu): readonly string[] {
  const names: string[] = [];
  for (let context = cpu.top; context !== null; context = context.below) {
    addFunctions(kernel, context, names);
    if (context.kind === 'softirq') {
      names.push('__do_softirq', context.below === kernel.ksoftirqd[cpu.id] ? 'ksoftirqd' : context.enteredFrom);
    }
  }
  return names;
}

/** A stack begins with the name of the timer or work whose function it is; in its place stands who calls that. */
function addFunctions(kernel: Kernel, context: Context, names: string[]): void {
  const { stack } = context;
  const caller = callerOf(kernel, context);
  for (let i = stack.length - 1; i >= 1; i--) names.push(stack[i]!);
  if (stack.length === 1 || (stack.length > 1 && caller.length === 0)) names.push(stack[0]!);
  names.push(...caller);
}

function callerOf(kernel: Kernel, context: Context): readonly string[] {
  const { cpu, stack } = context;
  if (stack.length === 0) return [];
  const timers = kernel.timersOf(cpu);
  if (timers.context === context && timers.running?.label === stack[0]) return ['run_timer_softirq'];
  const queue = kernel.events.all.find((one) => one.thread === context);
  return queue?.current?.name === stack[0] ? ['run_workqueue', 'worker_thread'] : [];
}
