/**
 * `jiffies/fast-check`: arbitrary workloads and schedules that shrink together, for fast-check.
 *
 * - `scheduled(workload({ calls: timerCall() }))` makes pairs of what each task calls and a schedule.
 * - `workloadProgram(tasks, { check })` is the program, `assertHolds(program, schedule)` the assertion.
 */

export {
  type KernelCall,
  type TimerCall,
  type TimerCallOptions,
  timerCall,
  type WaitCall,
  type WorkCall,
  type WorkCallOptions,
  type Workload,
  waitCall,
  workCall,
} from './calls.js';
export { assertHolds, ScheduleFailure } from './hold.js';
export { type ScheduleOptions, schedule } from './schedule.js';
export { scheduled } from './scheduled.js';
export { type WorkloadOptions, workload } from './workload.js';
export { type HistoryEvent, type WorkloadProgramOptions, workloadProgram } from './workload-program.js';
