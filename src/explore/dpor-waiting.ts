/** The steps that contexts could not take when a run was over: they race too. */
import type { Context } from '../smp/context.js';
import type { Machine } from '../smp/machine.js';
import { footprintOf } from './dependence.js';
import { Step } from './dpor-step.js';

export function waitingSteps(machine: Machine): Step[] {
  const steps: Step[] = [];
  const add = (context: Context): void => {
    const { op, cpu } = context;
    if (op !== null && !op.enabled(context)) steps.push(new Step(footprintOf({ kind: 'step', cpu, context, op }), []));
  };
  for (const cpu of machine.cpus) {
    for (let context = cpu.top; context !== null; context = context.below) add(context);
    for (const task of cpu.runqueue) add(task);
  }
  return steps;
}

/** Time moving. */
export function timeStep(): Step {
  return new Step(footprintOf({ kind: 'time', toNs: 0 }), []);
}
