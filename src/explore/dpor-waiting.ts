/** The steps that contexts could not take when a run was over: they race too. */
import type { Context } from '../smp/context.js';
import type { Machine } from '../smp/machine.js';
import { type Footprint, footprintOf } from './dependence.js';

export function waitingSteps(machine: Machine): Footprint[] {
  const steps: Footprint[] = [];
  const add = (context: Context): void => {
    const { op, cpu } = context;
    if (op !== null && !op.enabled(context)) steps.push(footprintOf({ kind: 'step', cpu, context, op }));
  };
  for (const cpu of machine.cpus) {
    for (let context = cpu.top; context !== null; context = context.below) add(context);
    for (const task of cpu.runqueue) add(task);
  }
  return steps;
}
