/**
 * Where in the source a release's checks stand: the file and line that BUG and WARN reports name.
 *
 * Models: the release commits 2.6.12 … 2.6.29. Numbers read with git at each release; `exact: false` marks the line
 * of the nearest earlier release that was read, standing in for one that was not.
 * Divergence from Linux: where no release was read `line` is null, and a report then names the file alone; we print
 * no invented number.
 */

/** A place that a report names. `line` is null where nobody has read it. */
export interface SourceLine {
  readonly file: string;
  readonly line: number | null;
  /** False: the number is the nearest earlier release's, not this one's. [unverified] */
  readonly exact: boolean;
}

/** A release, written as its last part: 12 is 2.6.12. */
export type Ordinal = number;

/** Lines read, oldest first, keyed by the release they were read in. */
type LinesRead = readonly (readonly [release: Ordinal, line: number])[];

const timerHeader = 'include/linux/timer.h';
const timerSource = 'kernel/timer.c';
const workqueueSource = 'kernel/workqueue.c';
const dstHeader = 'include/net/dst.h';
const dstSource = 'net/core/dst.c';

/** The check came (back) with 15d2bace5ec, 2005-10-30. Every release read. */
const addTimer: LinesRead = [
  [15, 83],
  [16, 83],
  [17, 83],
  [18, 82],
  [19, 82],
  [20, 82],
  [21, 146],
  [22, 153],
  [23, 145],
  [24, 145],
  [25, 143],
  [26, 165],
  [27, 165],
  [28, 165],
  [29, 165],
];

/** Every release read. */
const addTimerOn: LinesRead = [
  [12, 236],
  [13, 285],
  [14, 285],
  [15, 263],
  [16, 264],
  [17, 250],
  [18, 250],
  [19, 245],
  [20, 377],
  [21, 398],
  [22, 437],
  [23, 451],
  [24, 452],
  [25, 450],
  [26, 583],
  [27, 583],
  [28, 652],
  [29, 652],
];

/** queue_delayed_work up to 2.6.21; from 2.6.22 the one check is in queue_delayed_work_on, which both paths use. */
const queueDelayedWork: LinesRead = [
  [12, 131],
  [15, 133],
  [18, 138],
  [20, 252],
  [22, 220],
  [23, 220],
  [24, 224],
  [25, 223],
  [27, 240],
  [28, 241],
];

/** schedule_delayed_work_on (2.6.12, 2.6.15), queue_delayed_work_on (2.6.18 on). */
const scheduleDelayedWorkOn: LinesRead = [
  [12, 408],
  [15, 409],
  [18, 160],
  [20, 284],
  [22, 220],
  [23, 220],
  [24, 224],
  [25, 223],
  [27, 240],
  [28, 241],
];

/** The inline dst_release; it left the header for net/core/dst.c in 2.6.26-rc1 (8d3308687f7). */
const dstReleaseInline: LinesRead = [
  [12, 154],
  [15, 153],
  [18, 153],
  [20, 154],
  [22, 159],
  [23, 158],
  [24, 165],
  [25, 170],
];

/** The line of `release`, or of the nearest earlier release read; null before the first. */
function lineAt(file: string, read: LinesRead, release: Ordinal): SourceLine | null {
  let found: SourceLine | null = null;
  for (const [when, line] of read) {
    if (when > release) break;
    found = { file, line, exact: when === release };
  }
  return found;
}

function lineSinceBaseline(file: string, read: LinesRead, release: Ordinal): SourceLine {
  return lineAt(file, read, release) ?? { file, line: null, exact: false };
}

/** BUG_ON(timer_pending) in add_timer; null before 2.6.15, where add_timer silently re-arms. */
export function addTimerBugLine(release: Ordinal): SourceLine | null {
  return lineAt(timerHeader, addTimer, release);
}

/** BUG_ON(timer_pending) in add_timer_on, kernel/timer.c, in every release. */
export function addTimerOnBugLine(release: Ordinal): SourceLine {
  return lineSinceBaseline(timerSource, addTimerOn, release);
}

/** The BUG after a timer callback changed the preempt count (__run_timers). The line was never read. */
export const preemptLeakBugLine: SourceLine = { file: timerSource, line: null, exact: false };

/** BUG_ON(timer_pending) met by queue_delayed_work and schedule_delayed_work. */
export function queueDelayedWorkBugLine(release: Ordinal): SourceLine {
  return lineSinceBaseline(workqueueSource, queueDelayedWork, release);
}

/** BUG_ON(timer_pending) met by schedule_delayed_work_on. */
export function scheduleDelayedWorkOnBugLine(release: Ordinal): SourceLine {
  return lineSinceBaseline(workqueueSource, scheduleDelayedWorkOn, release);
}

/** WARN_ON of the inline dst_release. From 2.6.26 on the header has none: 2.6.25's line stands in, not exact. */
export function dstReleaseInlineLine(release: Ordinal): SourceLine {
  return lineSinceBaseline(dstHeader, dstReleaseInline, release);
}

/**
 * WARN_ON of dst_release once it is in net/core/dst.c. The line belongs to the revision of dst.c, not to the kernel
 * around it. Read in copies of the file whose git blob ids are those of the commits (fe03266130b, 09c1530f468,
 * 57bc4d5b8d0).
 */
export const dstReleaseOutOfLine = {
  /** 8d3308687f7 (2008-03-27) uninline dst_release; shipped in 2.6.26 and 2.6.27. */
  r24: { file: dstSource, line: 265, exact: true },
  /** f262b59becc (2008-09-12) added a line above it; shipped in 2.6.28. */
  r25: { file: dstSource, line: 266, exact: true },
  /** ef711cf1d15 (2008-11-14) speedup dst_release(); shipped in 2.6.29. */
  r26: { file: dstSource, line: 270, exact: true },
} as const satisfies Record<string, SourceLine>;
