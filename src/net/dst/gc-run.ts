/**
 * What one run of the garbage collector did, for observers, and the back-off arithmetic that both kinds of run share
 * (net/core/dst.c, R1–R26).
 *
 * Divergence from Linux: a kernel keeps no such record; the nearest is the debug line of RT_CACHE_DEBUG 2.
 */
import { events } from '../../trace/event-types.js';
import type { DstCache } from './dst-cache.js';
import type { DestroyTally } from './dst-destroy.js';

export interface GcRecord {
  /** jiffies when the run began. */
  readonly jiffies: number;
  /** Entries not destroyed, garbage or not, at its end. */
  readonly dstTotal: number;
  /** Entries it found still referenced. */
  readonly delayed: number;
  /** The kernel's own variable: null at R1–R2, 0 or 1 at R3–R13, a count from R14. */
  readonly workPerformed: number | null;
  /** Entries it destroyed, children included. */
  readonly destroyed: number;
  /** Jiffies from the end of the run to the next one really armed; null if none is. */
  readonly expires: number | null;
  /** Absolute jiffies of the next run really armed; null if none is. */
  readonly nextExpiry: number | null;
  /**
   * The interval of the debug line: as stored through R13, rounded from R14. null where nothing was asked for: R1–R13
   * print no line then, later revisions a word of all ones.
   */
  readonly printedExpires: number | null;
  /** Whole µs of virtual time from the beginning to the end. */
  readonly elapsedUs: number;
  /** State after the run, jiffies. */
  readonly timerInc: number;
  readonly timerExpires: number;
}

export class GcRun implements DestroyTally {
  readonly jiffies: number;
  delayed = 0;
  /** Entries unlinked and given to dst_destroy. */
  worked = 0;
  destroyed = 0;
  printedExpires: number | null = null;
  private readonly dc: DstCache;
  private readonly startNs: number;
  private nextExpiry: number | null = null;
  private expires: number | null = null;

  constructor(dc: DstCache) {
    this.dc = dc;
    this.jiffies = dc.kernel.jiffies();
    this.startNs = dc.machine.nowNs;
  }

  /** Virtual µs since it began. */
  get elapsedUs(): number {
    return Math.floor((this.dc.machine.nowNs - this.startNs) / 1000);
  }

  /** Notes what is really armed now. */
  noteArmed(): void {
    const { dc } = this;
    const now = dc.kernel.jiffies();
    this.nextExpiry = dc.gcExpires ?? (dc.gcPending ? now : null);
    this.expires = this.nextExpiry === null ? null : dc.kernel.distance(now, this.nextExpiry);
  }

  /** Tells the observers. */
  report(): void {
    const { dc } = this;
    dc.machine.emit(events.dst_gc, dc.kernel.current, dc.lock, this.delayed, this.destroyed);
    dc.onGc?.({
      jiffies: this.jiffies,
      dstTotal: dc.dst_total,
      delayed: this.delayed,
      workPerformed: this.workPerformed,
      destroyed: this.destroyed,
      expires: this.expires,
      nextExpiry: this.nextExpiry,
      printedExpires: this.printedExpires,
      elapsedUs: this.elapsedUs,
      timerInc: dc.timer_inc,
      timerExpires: dc.timer_expires,
    });
  }

  private get workPerformed(): number | null {
    const { gcInWorkqueue, resetBackoffOnDestroy } = this.dc.traits;
    if (gcInWorkqueue) return this.worked;
    return resetBackoffOnDestroy ? Math.min(this.worked, 1) : null;
  }
}

/** The run found little to do: the interval grows by the step, up to DST_GC_MAX, and the step grows. */
export function backOff(dc: DstCache): void {
  dc.timer_expires = Math.min(dc.timer_expires + dc.timer_inc, dc.gcMax);
  dc.timer_inc += dc.gcInc;
}

/** The run was worth while (R3): back to the first interval. */
export function resetBackoff(dc: DstCache): void {
  dc.timer_inc = dc.gcInc;
  dc.timer_expires = dc.gcMin;
}
