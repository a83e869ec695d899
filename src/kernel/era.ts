/**
 * The kernel version around dst.c, as data: what differed between 2.6.12 and 2.6.29 in the services dst.c stood on.
 *
 * A revision of dst.c and an era are independent; any pair may be run. Models branch on the fields here, never on a
 * version number. A table says since which release a value holds; a release not named has its predecessor's value.
 * Divergence from Linux: what the sources read do not date exactly is marked [unverified] at the field and begins
 * with the first release in which it was seen; 2.6.29, where it was not read, is taken as 2.6.28.
 */
import { didYouMean, InputError } from '../sim/errors.js';
import {
  addTimerBugLine,
  addTimerOnBugLine,
  dstReleaseInlineLine,
  type Ordinal,
  preemptLeakBugLine,
  queueDelayedWorkBugLine,
  type SourceLine,
  scheduleDelayedWorkOnBugLine,
} from './era-lines.js';
import { type SoftLockupRules, softLockupRules } from './era-lockup.js';

export { dstReleaseOutOfLine, type SourceLine } from './era-lines.js';
export type { SoftLockupRules } from './era-lockup.js';

/** kernel/timer.c and include/linux/timer.h. */
export interface TimerCoreRules {
  /**
   * From 2.6.13 (55c888d6d09, 2005-06-23): mod_timer of a timer whose handler is running re-queues it on the base
   * where it runs, so a timer never runs on two CPUs at once.
   */
  readonly selfSerialised: boolean;
  /** From 2.6.15 (15d2bace5ec, 2005-10-30): add_timer of a pending timer is a BUG. Before, it re-arms silently. */
  readonly addTimerChecksPending: boolean;
  /** The place that BUG names; null where there is no check. Exact for every release. */
  readonly addTimerBug: SourceLine | null;
  /** The place of add_timer_on's check, which every release has. Exact for every release. */
  readonly addTimerOnBug: SourceLine;
  /** The BUG after a callback that leaves the preempt count changed. Line not known: null. */
  readonly preemptLeakBug: SourceLine;
  /** 2.6.12: del_timer_sync looks at every CPU for the running handler; from 2.6.13 only at the timer's own base. */
  readonly delTimerSyncScansAllCpus: boolean;
  /** What timer_pending tests: a base is set (2.6.12), or the timer is linked in a list (2.6.13 on). */
  readonly pendingMeans: 'has-base' | 'is-listed';
  /** try_to_del_timer_sync exists; it came with the 2.6.13 rework. [unverified] */
  readonly hasTryToDelTimerSync: boolean;
}

/** kernel/workqueue.c. */
export interface WorkqueueRules {
  /** From 2.6.20 (52bad64d95b, 2006-11-22): delayed_work is a type of its own and the function gets the work. */
  readonly splitDelayedWork: boolean;
  /**
   * A delay of 0 queues at once (seen in 2.6.20). 2.6.12 arms a timer for now; the release of the change is
   * [unverified]: 2.6.13 … 2.6.19 are taken as 2.6.12.
   */
  readonly directQueueWhenDelayZero: boolean;
  /** From 2.6.23. */
  readonly hasCancelDelayedWorkSync: boolean;
  /** schedule_delayed_work_on: in every release. */
  readonly hasScheduleDelayedWorkOn: boolean;
  /** Work whose pending bit the function itself releases: 2.6.20 and 2.6.21 only. */
  readonly hasNoAutoRelease: boolean;
  /** BUG on a delayed work whose timer is pending though its pending bit was clear, and the _on variant's. */
  readonly timerPendingBug: SourceLine;
  readonly timerPendingOnBug: SourceLine;
  /** From 2.6.20 (d5abe669172, 2006-12-06): a work that returns with a lock or preempt count is reported. */
  readonly leakedAtomicCheck: boolean;
  /** Nice value of events/N. */
  readonly workerNice: number;
}

/** kernel/softirq.c. */
export interface SoftirqRules {
  /** Rounds of pending softirqs run before the rest is left to ksoftirqd/N. */
  readonly maxSoftirqRestart: number;
  /** Nice value of ksoftirqd/N: 19 through 2.6.22; from 2.6.23 (23bdd703a58) it inherits kthreadd's -5. */
  readonly ksoftirqdNice: number;
}

/** How many RCU callbacks one tasklet pass runs (kernel/rcupdate.c, kernel/rcuclassic.c). */
export interface RcuBatchRules {
  /** Callbacks per pass. 10; 10000 in 2.6.14 and 2.6.15 (2cc78eb52bc, 2005-10-17); 10 again from 2.6.16. */
  readonly callbacksPerPass: number;
  /** From 2.6.16 (21a1ea9eb40): a CPU with more callbacks queued than this runs them without limit … */
  readonly unlimitedAbove: number | null;
  /** … until its queue has fallen to this. */
  readonly limitedAgainAt: number | null;
}

/** Choice of HZ in the i386 configuration. */
export interface HzRules {
  /** Fixed 1000 in 2.6.12; 100, 250, 1000 from 2.6.13; 300 is seen in 2.6.24, came earlier [unverified]. */
  readonly choices: readonly number[];
  readonly default: number;
}

/** What still knew only the initial namespace when there were others. */
export interface NetnsRules {
  /** 2.6.24 and 2.6.25: devinet ignores events of devices in other namespaces (until be162d62880, 2008-02-28). */
  readonly devinetInitialOnly: boolean;
}

/** mm/slab.c and mm/slub.c. */
export interface SlabRules {
  /** The default allocator: SLAB through 2.6.22, then SLUB. */
  readonly allocator: 'SLAB' | 'SLUB';
}

/** Which wording of a message a release prints; messages.ts holds the wordings. */
export interface TextRules {
  /** WARN_ON: 91368d73e4b (2.6.17), 52e88f5d4a6 (2.6.20), 8f53b6fcc49 (2.6.22); the frame was read in 2.6.28. */
  readonly warnOn: 'badness' | 'bug-warning' | 'bug-at' | 'warning' | 'warning-framed';
  /**
   * x86_64's BUG is worded like i386's. i386 has lib/bug.c from 2.6.20; that x86_64 has it too is [unverified].
   */
  readonly genericBug: boolean;
  /** `invalid operand` (2.6.15) or `invalid opcode` (2.6.16-rc2). */
  readonly bugTrap: 'invalid operand' | 'invalid opcode';
  /**
   * Scheduler and sleep complaints: bare or `Debug:` (2.6.12), or beginning with `BUG: ` (2.6.18). Taken to begin
   * with 2.6.17, whose 91368d73e4b also put `BUG: ` into the warnings. [unverified]
   */
  readonly bugPrefix: boolean;
  /** From 2.6.24 (838225b48ed): `scheduling while atomic` gives the pid before the preempt count. */
  readonly atomicPidFirst: boolean;
  /** The preempt leak names what it counts (2.6.18); 2.6.12 does not. Between: taken from 2.6.13 [unverified]. */
  readonly preemptLeakNamesCount: boolean;
  /** From 2.6.24 (2c3b20e91fe, 2007-12-20): an oops ends with an end-trace line. */
  readonly endTrace: boolean;
  /** From 2.6.25 (71c339116a2, 2008-01-30): so does a WARN_ON. */
  readonly warnEndTrace: boolean;
  /** From 2.6.25 (82a1fcb9028): tasks blocked for long are reported. */
  readonly hungTask: boolean;
  /** From 2.6.24: pending softirqs on a CPU that goes tickless are reported. */
  readonly nohzPending: boolean;
  /** Read in 2.6.28: unregistering a device that never was registered is reported. Earlier: [unverified]. */
  readonly neverRegistered: boolean;
}

/** A kernel release, as far as the model of dst.c and its surroundings can tell it from another. */
export interface Era {
  /** As `machine.kernel` names it: '2.6.24'. */
  readonly version: string;
  /** The last part of the version, for ordering: 24. */
  readonly ordinal: Ordinal;
  readonly hz: HzRules;
  readonly timerCore: TimerCoreRules;
  /** round_jiffies and its relatives exist (from 2.6.20). */
  readonly hasRoundJiffies: boolean;
  readonly softirq: SoftirqRules;
  readonly softLockup: SoftLockupRules;
  readonly workqueue: WorkqueueRules;
  readonly rcuBatch: RcuBatchRules;
  readonly netns: NetnsRules;
  readonly slab: SlabRules;
  /**
   * Where dst_release's warning stands while it is inline (dst.c before 8d3308687f7). After, the place depends on the
   * revision of dst.c alone: `dstReleaseOutOfLine`.
   */
  readonly dstReleaseInline: SourceLine;
  readonly texts: TextRules;
}

const firstRelease: Ordinal = 12;
const lastRelease: Ordinal = 29;

/** Every kernel version that can be chosen, oldest first. */
export const kernelVersions: readonly string[] = Array.from(
  { length: lastRelease - firstRelease + 1 },
  (_, i) => `2.6.${firstRelease + i}`,
);

/** The value in force at `release`: that of the last step not after it. */
function inForce<T>(release: Ordinal, steps: readonly [readonly [Ordinal, T], ...(readonly [Ordinal, T])[]]): T {
  let value = steps[0][1];
  for (const [since, next] of steps) if (since <= release) value = next;
  return value;
}

function timerCoreOf(release: Ordinal): TimerCoreRules {
  const addTimerBug = addTimerBugLine(release);
  return {
    selfSerialised: release >= 13,
    addTimerChecksPending: addTimerBug !== null,
    addTimerBug,
    addTimerOnBug: addTimerOnBugLine(release),
    preemptLeakBug: preemptLeakBugLine,
    delTimerSyncScansAllCpus: release < 13,
    pendingMeans: release < 13 ? 'has-base' : 'is-listed',
    hasTryToDelTimerSync: release >= 13,
  };
}

function workqueueOf(release: Ordinal): WorkqueueRules {
  return {
    splitDelayedWork: release >= 20,
    directQueueWhenDelayZero: release >= 20,
    hasCancelDelayedWorkSync: release >= 23,
    hasScheduleDelayedWorkOn: true,
    hasNoAutoRelease: release === 20 || release === 21,
    timerPendingBug: queueDelayedWorkBugLine(release),
    timerPendingOnBug: scheduleDelayedWorkOnBugLine(release),
    leakedAtomicCheck: release >= 20,
    workerNice: -5,
  };
}

function rcuBatchOf(release: Ordinal): RcuBatchRules {
  const steady = { unlimitedAbove: null, limitedAgainAt: null };
  return inForce<RcuBatchRules>(release, [
    [12, { callbacksPerPass: 10, ...steady }],
    [14, { callbacksPerPass: 10000, ...steady }],
    [16, { callbacksPerPass: 10, unlimitedAbove: 10000, limitedAgainAt: 100 }],
  ]);
}

function textsOf(release: Ordinal): TextRules {
  return {
    warnOn: inForce<TextRules['warnOn']>(release, [
      [12, 'badness'],
      [17, 'bug-warning'],
      [20, 'bug-at'],
      [22, 'warning'],
      [28, 'warning-framed'],
    ]),
    genericBug: release >= 20,
    bugTrap: release < 16 ? 'invalid operand' : 'invalid opcode',
    bugPrefix: release >= 17,
    atomicPidFirst: release >= 24,
    preemptLeakNamesCount: release >= 13,
    endTrace: release >= 24,
    warnEndTrace: release >= 25,
    hungTask: release >= 25,
    nohzPending: release >= 24,
    neverRegistered: release >= 28,
  };
}

function makeEra(version: string, ordinal: Ordinal): Era {
  return {
    version,
    ordinal,
    hz: inForce<HzRules>(ordinal, [
      [12, { choices: [1000], default: 1000 }],
      [13, { choices: [100, 250, 1000], default: 250 }],
      [24, { choices: [100, 250, 300, 1000], default: 250 }],
    ]),
    timerCore: timerCoreOf(ordinal),
    hasRoundJiffies: ordinal >= 20,
    softirq: { maxSoftirqRestart: 10, ksoftirqdNice: ordinal < 23 ? 19 : -5 },
    softLockup: inForce<SoftLockupRules>(ordinal, softLockupRules),
    workqueue: workqueueOf(ordinal),
    rcuBatch: rcuBatchOf(ordinal),
    netns: { devinetInitialOnly: ordinal === 24 || ordinal === 25 },
    slab: { allocator: ordinal < 23 ? 'SLAB' : 'SLUB' },
    dstReleaseInline: dstReleaseInlineLine(ordinal),
    texts: textsOf(ordinal),
  };
}

const eras: ReadonlyMap<string, Era> = new Map(
  kernelVersions.map((version, i) => [version, makeEra(version, firstRelease + i)]),
);

/**
 * The era of a kernel version; the same object each time.
 *
 * @throws InputError for a version outside `kernelVersions`, naming the nearest one.
 */
export function eraOf(version: string): Era {
  const era = eras.get(version);
  if (era !== undefined) return era;
  const range = `expected ${kernelVersions[0]} … ${kernelVersions.at(-1)}`;
  const shown = version.length > 40 ? `${version.slice(0, 40)}…` : version;
  throw new InputError(`unknown kernel version '${shown}': ${range}${nearestVersion(version)}`);
}

/** Nearest by number where the text is a 2.6 version (2.6.30, 2.6.24-rc3, 2.6.12.1), else by spelling. */
function nearestVersion(version: string): string {
  const release = /^v?2\.6\.(\d{1,6})(?:[.-]|$)/.exec(version)?.[1];
  if (release === undefined) return didYouMean(version, kernelVersions);
  const nearest = Math.min(lastRelease, Math.max(firstRelease, Number(release)));
  return `; did you mean '2.6.${nearest}'?`;
}
