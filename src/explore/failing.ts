/** A failing schedule, and which of two is simpler. */
import { intrusionsIn, type Plan } from './plan.js';
import type { Recorder, Schedule } from './recorder.js';
import type { Fault } from './runner.js';

/** A failing schedule and what it costs to follow. */
export interface Failing {
  readonly schedule: Schedule;
  readonly fault: Fault;
  readonly steps: number;
  readonly preemptions: number;
  readonly intrusions: number;
  readonly dataSum: number;
}

/** What a recorder has just seen fail. */
export function failingOf(recorder: Recorder, fault: Fault): Failing {
  const { steps, preemptions, intrusions, dataSum } = recorder;
  return { schedule: recorder.schedule(), fault, steps, preemptions, intrusions, dataSum };
}

/** What makes it hard to follow, the worst first. `plan`: as far as where it fails; what interrupts afterwards is no matter. */
export type Costs = (failing: Failing, plan: Plan) => readonly number[];

/** Fewest preemptions, then fewest interrupts and moves of time, then least data, then nearest to the default. */
export const preemptionsFirst: Costs = (failing, plan) => {
  const { schedule, preemptions, dataSum, steps } = failing;
  return [preemptions, intrusionsIn(plan), drawnIn(failing), dataSum, schedule.deviations.length, steps];
};

/** Least data and fewest steps: a short run has fewer places at which to be preempted. */
export const lengthFirst: Costs = (failing, plan) => [
  drawnIn(failing),
  plan.picks.length,
  ...preemptionsFirst(failing, plan),
];

function drawnIn({ schedule }: Failing): number {
  return schedule.deviations.reduce((sum, { actor }) => sum + (actor < 0 ? 1 : 0), 0);
}

/** Is the first that differs less? */
export function isLess(left: readonly number[], right: readonly number[]): boolean {
  const at = left.findIndex((cost, i) => cost !== right[i]);
  return at >= 0 && left[at]! < right[at]!;
}
