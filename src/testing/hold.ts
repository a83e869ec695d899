/** The assertion of a property: a program holds under one schedule. */
import type { Failure } from '../explore/explore.js';
import { type RunScheduleOptions, runSchedule, type ScheduledRun } from '../explore/run-schedule.js';
import type { Explorable } from '../explore/runner.js';
import { JiffiesError } from '../sim/errors.js';

/** Something went wrong under a schedule. The message is the whole report, with the token and the call to paste. */
export class ScheduleFailure extends JiffiesError {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super('violation', 1, failure.report);
    this.name = 'ScheduleFailure';
    this.failure = failure;
  }
}

/** Runs a program under a schedule, as `runSchedule` does, and throws {@link ScheduleFailure} if something goes wrong. */
export function assertHolds(
  program: Explorable,
  schedule: readonly number[],
  options: RunScheduleOptions = {},
): ScheduledRun {
  const run = runSchedule(program, schedule, options);
  if (run.failure !== null) throw new ScheduleFailure(run.failure);
  return run;
}
