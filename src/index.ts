/**
 * The public library of `jiffies`: a deterministic virtual multiprocessor with the timers, delayed work and destination
 * cache of Linux 2.6.12 to 2.6.29 on it. What is not exported here is private and may change at any time.
 *
 * - Scenarios: `loadScenario` a file, then `runScenario`, `replayScenario`, `bisectScenario`, `diffRevisions`.
 * - History: the commits of net/core/dst.c, and revisions such as `parseRevision('2.6.24-backoff-fix')`.
 * - A fix of one's own: `runScenario(scenario, { with: fixOf({ *__dst_free(dc, dst, original) {…} }, …) })`.
 * - Races: `explore` a program of tasks for a schedule under which it fails, `replay` it from its token. For tests:
 *   `jiffies/fast-check` and `jiffies/vitest`.
 * - The virtual kernel: `new Kernel(…)`, tasks as generator functions that yield the operations exported below.
 * - Errors: all that this library throws on purpose is a `JiffiesError` with a `code` and, for files, a `place`.
 *
 * Times are whole virtual nanoseconds (`…Ns`) or jiffies; nothing reads the clock of the host.
 */

// Race exploration
export {
  type ExploreOptions,
  type ExploreResult,
  explore,
  type Failure,
  type ReplayRunOptions,
  type ReplayRunResult,
  replay,
} from './explore/explore.js';
export { type Program, ProgramSetup, type TaskOptions } from './explore/program.js';
export { type RunScheduleOptions, runSchedule, type ScheduledRun } from './explore/run-schedule.js';
export type { Explorable, ExploreMachine, Fault } from './explore/runner.js';
export { type ScenarioOptions, scenarioProgram } from './explore/scenario-program.js';
export type { Totals } from './explore/search.js';
export { type StrategyName, strategyNames } from './explore/strategies.js';
export type { Interleavings, ProgramTraits, Strategy } from './explore/strategy.js';
export type { Subject } from './explore/subject.js';
export { decodeToken, encodeToken, type Token } from './explore/token.js';
export {
  type WorldOptions,
  type WorldProgram,
  WorldSetup,
  type WorldSubject,
  worldProgram,
} from './explore/world-program.js';
// History
export {
  allCommits,
  allRevisions,
  type Commit,
  type CommitClass,
  commitInVersion,
  commits,
  extraCommits,
  findCommit,
  formatRevision,
  includesCommit,
  justBefore,
  lastReleaseOf,
  parseRevision,
  type Revision,
  type Room,
  releases,
  revisionAt,
  sameTraits,
  shortId,
  withCommits,
  withoutCommit,
} from './history/revision.js';
export {
  Atomic,
  atomic_add,
  atomic_add_return,
  atomic_dec,
  atomic_dec_and_test,
  atomic_dec_return,
  atomic_inc,
  atomic_inc_return,
  atomic_read,
  atomic_set,
  cmpxchg,
  xchg,
} from './kernel/atomic.js';
export { type BenignRace, benignRace, benignRaces } from './kernel/benign-race.js';
export {
  cancel_delayed_work,
  cancel_delayed_work_sync,
  flush_scheduled_work,
  mod_delayed_work,
} from './kernel/cancel-work.js';
// The kernel
export { type Era, eraOf, kernelVersions } from './kernel/era.js';
export { kernelFunction } from './kernel/function.js';
export { Kernel, type KernelOptions } from './kernel/kernel.js';
export {
  Completion,
  complete,
  Mutex,
  mutex_lock,
  mutex_trylock,
  mutex_unlock,
  wait_for_completion,
} from './kernel/mutex.js';
export { printk } from './kernel/printk.js';
export { kmem_cache_alloc, kmem_cache_free, read_field, SlabCache, SlabObject, write_field } from './kernel/slab.js';
export { msleep, schedule_timeout } from './kernel/sleep.js';
export { open_softirq, raise_softirq } from './kernel/softirq.js';
export { softirqs } from './kernel/softirq-vectors.js';
export {
  SpinLock,
  spin_lock,
  spin_lock_bh,
  spin_lock_irqsave,
  spin_trylock,
  spin_unlock,
  spin_unlock_bh,
  spin_unlock_irqrestore,
} from './kernel/spinlock.js';
export {
  add_timer,
  add_timer_on,
  del_timer,
  del_timer_sync,
  mod_timer,
  Timer,
  try_to_del_timer_sync,
} from './kernel/timer.js';
export {
  DelayedWork,
  queue_delayed_work,
  queue_delayed_work_on,
  queue_work,
  schedule_delayed_work,
  schedule_delayed_work_on,
  schedule_work,
  Work,
  Workqueue,
} from './kernel/workqueue.js';
export { dev_close, dev_open, unregister_netdev } from './net/dev.js';
// The destination cache, for code of one's own beside it or in its place
export { type DstSetup, dst_alloc, dst_clone, dst_hold, newDst } from './net/dst/dst-alloc.js';
export type { DstCache } from './net/dst/dst-cache.js';
export { dst_destroy } from './net/dst/dst-destroy.js';
export { dst_dev_event } from './net/dst/dst-dev-event.js';
export { DST_NOHASH, type DstEntry } from './net/dst/dst-entry.js';
export { ___dst_free, __dst_free, dst_free } from './net/dst/dst-free.js';
export { dst_run_gc } from './net/dst/dst-gc-timer.js';
export { dst_gc_task } from './net/dst/dst-gc-work.js';
export { dst_ifdown } from './net/dst/dst-ifdown.js';
export { DstOps, type DstOpsOptions } from './net/dst/dst-ops.js';
export { dst_release } from './net/dst/dst-release.js';
export { backOff, GcRun, resetBackoff } from './net/dst/gc-run.js';
export type { DstTraits } from './net/dst/traits.js';
export type { Net } from './net/net.js';
export { rtnl_lock, rtnl_unlock } from './net/net-todo.js';
export type { NetDevice } from './net/netdevice.js';
export { allBenign, benignLines } from './sanitize/benign.js';
export { type FindingMode, findingModes } from './sanitize/findings.js';
export { LivenessPromise, type PromiseOptions } from './sanitize/promise.js';
// Scenarios
export {
  type BisectOptions,
  type BisectResult,
  type BugAnswer,
  bisectScenario,
  type CallRecord,
  type CommitName,
  type ConformFile,
  checkDeterminism,
  type DiffOptions,
  type DiffResult,
  diffRevisions,
  type ExpectationResult,
  type Fix,
  type FixName,
  fixOf,
  type GcRecord,
  type KernelLogLine,
  loadScenario,
  newScenarioText,
  type OwnFunction,
  type ReplayResult,
  type ReplaySide,
  type ReportedViolation,
  type RunOptions,
  type RunReport,
  type RunResult,
  replayScenario,
  runConformance,
  runScenario,
  type Scenario,
  scenarioJsonSchema,
  type Verdict,
} from './scenario/index.js';
export { InputErrors } from './scenario/read/validate.js';
// Errors
export {
  type ExitCode,
  InputError,
  InternalError,
  JiffiesError,
  LimitError,
  NondeterminismError,
  type Place,
} from './sim/errors.js';
export {
  busy,
  cond_resched,
  local_bh_disable,
  local_bh_enable,
  local_irq_restore,
  local_irq_save,
  preempt_disable,
  preempt_enable,
  schedule,
  wake_up_process,
} from './smp/basic-ops.js';
export { Cell, SpinUntilOp } from './smp/cell.js';
export { Context, type ContextKind, Task } from './smp/context.js';
export type { Cpu } from './smp/cpu.js';
export { DefaultScheduler } from './smp/default-scheduler.js';
// The machine
export { Machine, type MachineOptions, type Preempt, type Violation } from './smp/machine.js';
export { type Access, accesses, type K, type KernelFunction, Op } from './smp/op.js';
export { RandomScheduler } from './smp/random-scheduler.js';
export { type Deviation, RecordingScheduler } from './smp/recording-scheduler.js';
export { type ReplayOptions, ReplayScheduler, ScheduleMismatch } from './smp/replay-scheduler.js';
export { type Choice, choiceKey, describeChoice, type Scheduler } from './smp/scheduler.js';
export { SharedObject } from './smp/shared-object.js';
export { type Outcome, Stepwise } from './smp/stepwise.js';
export { TimedScheduler } from './smp/timed-scheduler.js';

// Events
export { type EventName, type EventType, eventNames, events } from './trace/event-types.js';
export { formatEvent, textLegend } from './trace/text.js';
export { type Listener, Trace, type TraceEvent } from './trace/trace.js';
