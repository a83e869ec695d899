/**
 * The soft-lockup detector of each release (kernel/softlockup.c, 2.6.14 … 2.6.29), as data for the watchdog.
 *
 * A report is due when the stamp is *more than* the threshold old (strictly), once per stamp.
 * Divergence from Linux: 2.6.29 was not read and is taken as 2.6.28.
 */

/** How the detector of a release behaves. */
export interface SoftLockupRules {
  /** There is a detector (from 2.6.14, 8446f1d391f). */
  readonly exists: boolean;
  /** It can report. False in 2.6.22 and 2.6.23: what their {@link reportedTest} comes to. */
  readonly works: boolean;
  /**
   * How the tick finds that it has reported a stamp, so that it leaves at once: the stamp it reported last is the
   * `same` (jiffies, through 2.6.21); it lies `below-next`, below this stamp plus one, which it does from the start
   * (966812dc98e, 2.6.22 and 2.6.23); or it is `this` one: from this stamp on, and below the next (a115d5caca1).
   */
  readonly reportedTest: 'none' | 'same' | 'below-next' | 'this';
  /** Default age of the stamp beyond which a report is due, in seconds (see `secondNs`); null without detector. */
  readonly thresholdSeconds: number | null;
  /** The threshold is a sysctl (from 2.6.24). */
  readonly tunable: boolean;
  /** A threshold of zero or less switches the detector off (from 2.6.27). */
  readonly zeroDisables: boolean;
  /** Which wording: `soft lockup detected on CPU#n` or `soft lockup - CPU#n stuck for Ns`. */
  readonly text: 'none' | 'detected' | 'stuck';
  /** What the stamp counts: jiffies, or a nanosecond clock shifted right by 30. */
  readonly clock: 'none' | 'jiffies' | 'sched_clock_30' | 'cpu_clock_30';
  /** Length in ns of what the detector calls a second: 2^30 for the shifted clocks, null where it is HZ jiffies. */
  readonly secondNs: number | null;
  /** Where the age is checked: by the CPU that updates jiffies, or in every CPU's tick (run_local_timers). */
  readonly checkedIn: 'none' | 'do_timer' | 'every-tick';
  /** Who makes watchdog/N stamp: its own one-second sleep, or the tick once the stamp is old enough. */
  readonly refreshedBy: 'none' | 'sleep-1s' | 'tick-after-1s' | 'tick-after-half-threshold';
}

const none: SoftLockupRules = {
  exists: false,
  works: false,
  reportedTest: 'none',
  thresholdSeconds: null,
  tunable: false,
  zeroDisables: false,
  text: 'none',
  clock: 'none',
  secondNs: null,
  checkedIn: 'none',
  refreshedBy: 'none',
};

/** 8446f1d391f, 2005-09-06. */
const first: SoftLockupRules = {
  ...none,
  exists: true,
  works: true,
  reportedTest: 'same',
  thresholdSeconds: 10,
  text: 'detected',
  clock: 'jiffies',
  checkedIn: 'do_timer',
  refreshedBy: 'sleep-1s',
};

/** 2.6.17: checked on every CPU, woken from the tick. */
const everyTick: SoftLockupRules = { ...first, checkedIn: 'every-tick', refreshedBy: 'tick-after-1s' };

/** 966812dc98e, 2007-05-08: compares with a print stamp that is always in the way. */
const broken: SoftLockupRules = {
  ...everyTick,
  works: false,
  reportedTest: 'below-next',
  clock: 'sched_clock_30',
  secondNs: 2 ** 30,
};

/** a115d5caca1 and c4f3b63fe15, 2007-10-16. */
const repaired: SoftLockupRules = {
  ...broken,
  works: true,
  reportedTest: 'this',
  tunable: true,
  text: 'stuck',
  clock: 'cpu_clock_30',
};

/** 82a1fcb9028, 2008-01-25. */
const sixtySeconds: SoftLockupRules = { ...repaired, thresholdSeconds: 60 };

/** 2.6.27. */
const halfThreshold: SoftLockupRules = {
  ...sixtySeconds,
  zeroDisables: true,
  refreshedBy: 'tick-after-half-threshold',
};

/** The rules of each release, by the release they begin with. */
export const softLockupRules = [
  [12, none],
  [14, first],
  [17, everyTick],
  [22, broken],
  [24, repaired],
  [25, sixtySeconds],
  [27, halfThreshold],
] as const satisfies readonly (readonly [number, SoftLockupRules])[];
