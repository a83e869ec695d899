/** What a run, a replay, a bisection, a comparison gives back: plain data, the same bytes for the same run. */
import type { Violation } from '../smp/machine.js';
import type { FixName } from './fix.js';

export interface CallRecord {
  readonly jiffies: number;
  readonly cpu: number;
  /** Name of the call, as scenarios write it. */
  readonly call: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** What it returned; null for a call that returns nothing. */
  readonly ret: number | string | boolean | null;
}

/** One run of the garbage collector. */
export interface GcRecord {
  /** jiffies at its start. */
  readonly jiffies: number;
  readonly dstTotal: number;
  /** Entries seen that were still referenced. */
  readonly delayed: number;
  /** The kernel's own variable: null at R1–R2, 0 or 1 at R3–R13, a count from R14. */
  readonly workPerformed: number | null;
  /** Entries destroyed by the run. */
  readonly destroyed: number;
  /** Relative delay really armed, after rounding, jiffies; null when nothing is armed. */
  readonly expires: number | null;
  /** Absolute jiffies of the next run; null when nothing is armed. */
  readonly nextExpiry: number | null;
  /** What the debug line shows; differs from `expires` when the work was armed while running. null: all ones. */
  readonly printedExpires: number | null;
  readonly elapsedUs: number;
  readonly timerInc: number;
  readonly timerExpires: number;
}

/** The series `routes`: the caches at one moment. */
export interface RouteSample {
  /** Virtual time, seconds since boot. */
  readonly seconds: number;
  readonly jiffies: number;
  /** Entries not destroyed, garbage included. */
  readonly entries: number;
  /** Entries on the garbage lists. */
  readonly garbage: number;
  /** The collector's present interval, jiffies, not rounded. */
  readonly timerExpires: number;
  /** Allocations that failed so far. */
  readonly failures: number;
}

export interface ReportedViolation {
  readonly kind: string;
  readonly message: string;
  readonly jiffies: number;
  readonly cpu: number;
}

export interface KernelLogLine {
  readonly jiffies: number;
  readonly cpu: number;
  readonly level: number;
  readonly text: string;
}

/** `jiffies run --json` without its `schema`. */
export interface RunResult {
  readonly scenario: string;
  /** Canonical revision, accepted by `--at`. */
  readonly revision: string;
  readonly kernel: string;
  readonly seed: number;
  /** Variant of the scenario, where one was chosen. */
  readonly variant?: string;
  /** The fix of one's own that it ran with, where there was one. */
  readonly with?: FixName;
  readonly fingerprint: string;
  readonly virtualNs: number;
  readonly jiffies: number;
  readonly violations: readonly ReportedViolation[];
  readonly kernelLog: readonly KernelLogLine[];
  readonly metrics: Readonly<Record<string, number>>;
  /** `routes` only where the scenario or who runs it asks for samples. */
  readonly series: { readonly gc: readonly GcRecord[]; readonly routes?: readonly RouteSample[] };
  readonly calls: readonly CallRecord[];
  readonly timers: readonly { readonly jiffies: number; readonly cpu: number; readonly timer: string }[];
  readonly work: readonly { readonly jiffies: number; readonly cpu: number; readonly work: string }[];
  readonly destroyed: readonly { readonly jiffies: number; readonly dst: string }[];
  /** Things a reader must know: `schedule:` points that do not exist at this revision, a machine that stopped. */
  readonly notes: readonly string[];
  /** Why the run ended before its time: a limit. Exit 3. */
  readonly limit?: string;
}

/** Answer of a scenario's `bug:` predicate on one run. */
export interface BugAnswer {
  readonly reproduced: boolean;
  /** The figure or message that shows it, in a few words. */
  readonly shownBy: string;
}

/** One expectation that applied to a run. */
export interface ExpectationResult {
  /** What was expected, in words. */
  readonly text: string;
  readonly held: boolean;
  /** What was found instead; '' if it held. */
  readonly found: string;
  /** The figure or message that shows it, held or not. */
  readonly shownBy: string;
  /** `file:line:column` of the expectation. */
  readonly place: string;
}

export interface RunReport {
  readonly result: RunResult;
  /** null: the scenario has no `bug:`. */
  readonly bug: BugAnswer | null;
  readonly expectations: readonly ExpectationResult[];
  /** Violations that no expectation and no bug predicate allows for. */
  readonly unexpected: readonly ReportedViolation[];
  /** Full violations with stacks, for people. */
  readonly violations: readonly Violation[];
  /** Every applicable expectation holds and nothing unexpected happened. */
  readonly ok: boolean;
}

export type Verdict = 'replayed' | 'as expected' | 'not reproduced' | 'still there' | 'expectation failed';

export interface ReplaySide {
  readonly revision: string;
  readonly reproduced: boolean;
  readonly shownBy: string;
}

export interface ReplayResult {
  readonly scenario: string;
  readonly title: string;
  /** Commit id, or null for a scenario without a fixing commit. */
  readonly fixedBy: string | null;
  readonly before: ReplaySide;
  readonly after: ReplaySide;
  readonly verdict: Verdict;
  /** What is not as the scenario has it, in a line each; of one run that is both sides, before. */
  readonly failed: { readonly before: readonly string[]; readonly after: readonly string[] };
  readonly kernel: string;
  /** The fix of one's own that both sides ran with, where there was one. */
  readonly with?: FixName;
}

export interface CommitName {
  readonly id: string;
  readonly subject: string;
  readonly date: string;
}

export interface BisectResult {
  readonly scenario: string;
  /** The commit that made the bug go; null if none did. */
  readonly commit: CommitName | null;
  /** The commit that brought it; null if the baseline had it. */
  readonly introducedBy: CommitName | null;
  readonly tested: readonly { readonly revision: string; readonly reproduced: boolean }[];
  readonly kernel: string;
  /** The fix of one's own that all ran with, where there was one. */
  readonly with?: FixName;
}

/** Where two runs part. */
export interface DiffResult {
  readonly scenario: string;
  readonly left: { readonly revision: string; readonly fingerprint: string };
  readonly right: { readonly revision: string; readonly fingerprint: string };
  readonly same: boolean;
  /** Sequence number of the first event that differs; null when the runs are the same. */
  readonly at: number | null;
  /** Formatted events: those before that both share, then each side's own. */
  readonly common: readonly string[];
  readonly leftEvents: readonly string[];
  readonly rightEvents: readonly string[];
  /** The fix of one's own that the right side ran with, where there was one. */
  readonly with?: FixName;
}
