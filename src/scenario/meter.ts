/**
 * Measures a run from outside: counts, longest waits, times. Listens to hooks; changes nothing.
 *
 * Times are in the unit the metric's name ends in: `_s` seconds, `_us` microseconds, `_jiffies`.
 */
import type { Kernel } from '../kernel/kernel.js';
import type { Timer } from '../kernel/timer.js';
import type { DstEntry } from '../net/dst/dst-entry.js';
import type { RouteCache } from '../net/ipv4/route-cache.js';
import type { Net } from '../net/net.js';
import { cpuMetricDocs, cpuMetrics } from './cpu-meter.js';
import { deviceWaitDocs } from './device-waits.js';
import { LineMeter, lineMetricDocs } from './line-meter.js';
import type { GcRecord, RouteSample } from './result.js';
import { Interruptions, routeMetricDocs, routeMetrics } from './route-meter.js';

/** What each metric means, for the reference and for errors about unknown names. */
export const metricDocs: Readonly<Record<string, string>> = {
  'violations.count': 'violations found',
  'log.lines': 'lines in the kernel log',
  'timers.fired': 'timers of any kind that fired',
  'timers.overlapped': 'times a handler began while the same handler was running on another CPU',
  'wakeups.distinct': 'distinct jiffies at which a timer fired',
  'work.executed': 'works executed',
  'gc.runs': 'runs of the garbage collector',
  'gc.scanned': 'entries it looked at, over all runs',
  'gc.destroyed': 'entries it destroyed, over all runs',
  'gc.time_us': 'time in it, over all runs',
  'gc.longest_us': 'its longest run',
  'gc.softirq_us': 'time in it in softirq context',
  'gc.process_us': 'time in it in process context',
  'gc.max_gap_s': 'longest time from the start of one run to the start of the next',
  'gc.after_free_s': 'longest time from the free of a referenced entry to the next start of a run (or to the end)',
  'garbage.left': 'entries on the garbage lists at the end',
  'garbage.max': 'most entries on the garbage lists',
  'garbage.longest_wait_s':
    'longest time an unreferenced garbage entry waited to be destroyed (or has waited at the end)',
  'garbage.empty_s': 'when the garbage lists became empty for the last time; absent while they are not',
  'dst.total': 'entries that exist at the end',
  'dst.allocated': 'entries allocated',
  'dst.destroyed': 'entries destroyed',
  'alloc.failed': 'allocations that failed',
  'warnings.count': 'WARN_ON messages',
  'ip6.collected': 'cached IPv6 routes that the gc which dst_alloc calls gave up',
  'ip6.collected_elsewhere': 'those of them that were not of the instance which the entry was for',
  ...deviceWaitDocs,
  ...cpuMetricDocs,
  ...routeMetricDocs,
  ...lineMetricDocs,
};

export class Meter {
  readonly gc: GcRecord[] = [];
  readonly marks = new Map<string, number>();
  allocFailed = 0;
  timersFired = 0;
  private timersOverlapped = 0;
  workExecuted = 0;
  private readonly kernel: Kernel;
  private readonly net: Net;
  private readonly lines: LineMeter | null;
  /** What others have measured. */
  readonly more: (() => Readonly<Record<string, number>>)[] = [];
  private readonly interruptions = new Interruptions();
  private routes: RouteCache | null = null;
  private readonly wakeups = new Set<number>();
  private readonly gcStartsNs: number[] = [];
  private softirqUs = 0;
  private processUs = 0;
  private pendingFreeNs = -1;
  private longestAfterFreeNs = -1;
  private longestWaitNs = -1;
  private readonly unreferencedSince = new Map<DstEntry, number>();
  private garbage = 0;
  private garbageMax = 0;
  private emptiedNs = -1;
  private destroyed = 0;
  allocated = 0;

  constructor(kernel: Kernel, net: Net) {
    this.kernel = kernel;
    this.net = net;
    this.lines = kernel.machine.lines === null ? null : new LineMeter(kernel.machine);
  }

  /** The route cache, watched from its first mention on. */
  routeCache(): RouteCache {
    if (this.routes === null) {
      this.routes = this.net.ipv4;
      this.routes.observer ??= { gc: () => this.interruptions.collected() };
    }
    return this.routes;
  }

  /** The caches as they are now. */
  sample(): RouteSample {
    const { kernel, net } = this;
    return {
      seconds: kernel.machine.nowNs / 1e9,
      jiffies: kernel.jiffies(),
      entries: net.dst.dst_total,
      garbage: this.garbage,
      timerExpires: net.dst.timer_expires,
      failures: this.allocFailed,
    };
  }

  mark(name: string, timeNs: number): void {
    this.marks.set(name, timeNs);
  }

  timerFired(timer: Timer): void {
    this.timersFired++;
    const { kernel } = this;
    const runningOn = kernel.machine.cpus.filter((cpu) => kernel.timersOf(cpu).running === timer);
    if (runningOn.length > 1) this.timersOverlapped++;
    this.wakeups.add(this.kernel.machine.ticks);
  }

  gcEnded(record: GcRecord, inSoftirq: boolean): void {
    this.gc.push(record);
    const startNs = this.kernel.machine.nowNs - record.elapsedUs * 1000;
    this.gcStartsNs.push(startNs);
    if (this.pendingFreeNs >= 0 && this.pendingFreeNs <= startNs) {
      this.longestAfterFreeNs = Math.max(this.longestAfterFreeNs, startNs - this.pendingFreeNs);
      this.pendingFreeNs = -1;
    }
    if (inSoftirq) this.softirqUs += record.elapsedUs;
    else this.processUs += record.elapsedUs;
    const below = this.kernel.current?.below ?? null;
    if (inSoftirq && below?.stack.includes('rt_garbage_collect')) this.interruptions.scanned(below);
  }

  /** A referenced entry went to the garbage list. */
  becameGarbage(entry: DstEntry): void {
    if (this.pendingFreeNs < 0) this.pendingFreeNs = this.kernel.machine.nowNs;
    this.garbage++;
    this.garbageMax = Math.max(this.garbageMax, this.garbage);
    if (entry.refcnt.value === 0) this.unreferencedSince.set(entry, this.kernel.machine.nowNs);
  }

  released(entry: DstEntry): void {
    if (entry.obsolete > 1 && entry.refcnt.value === 0) this.unreferencedSince.set(entry, this.kernel.machine.nowNs);
  }

  entryDestroyed(entry: DstEntry): void {
    this.destroyed++;
    if (entry.obsolete <= 1) return;
    const since = this.unreferencedSince.get(entry);
    if (since !== undefined) {
      this.longestWaitNs = Math.max(this.longestWaitNs, this.kernel.machine.nowNs - since);
      this.unreferencedSince.delete(entry);
    }
    if (--this.garbage === 0) this.emptiedNs = this.kernel.machine.nowNs;
  }

  metrics(): Record<string, number> {
    const { kernel, net } = this;
    const nowNs = kernel.machine.nowNs;
    let waitNs = this.longestWaitNs;
    for (const since of this.unreferencedSince.values()) waitNs = Math.max(waitNs, nowNs - since);
    const afterFreeNs =
      this.pendingFreeNs < 0 ? this.longestAfterFreeNs : Math.max(this.longestAfterFreeNs, nowNs - this.pendingFreeNs);
    let gapNs = 0;
    for (let i = 1; i < this.gcStartsNs.length; i++)
      gapNs = Math.max(gapNs, this.gcStartsNs[i]! - this.gcStartsNs[i - 1]!);
    const sum = (of: (record: GcRecord) => number): number => this.gc.reduce((total, record) => total + of(record), 0);
    const metrics: Record<string, number> = {
      'violations.count': kernel.machine.violations.length,
      'warnings.count': kernel.machine.violations.filter((v) => v.kind === 'warning').length,
      'log.lines': kernel.log.entries.length,
      'timers.fired': this.timersFired,
      'timers.overlapped': this.timersOverlapped,
      'wakeups.distinct': this.wakeups.size,
      'work.executed': this.workExecuted,
      'gc.runs': this.gc.length,
      'gc.scanned': sum((r) => r.delayed + r.destroyed),
      'gc.destroyed': sum((r) => r.destroyed),
      'gc.time_us': sum((r) => r.elapsedUs),
      'gc.longest_us': this.gc.reduce((most, r) => Math.max(most, r.elapsedUs), 0),
      'gc.softirq_us': this.softirqUs,
      'gc.process_us': this.processUs,
      'gc.max_gap_s': gapNs / 1e9,
      'garbage.left': this.garbage,
      'garbage.max': this.garbageMax,
      'dst.total': net.dst.dst_total,
      'dst.allocated': this.allocated,
      'dst.destroyed': this.destroyed,
      'alloc.failed': this.allocFailed,
    };
    if (afterFreeNs >= 0) metrics['gc.after_free_s'] = afterFreeNs / 1e9;
    if (waitNs >= 0) metrics['garbage.longest_wait_s'] = waitNs / 1e9;
    if (this.garbage === 0 && this.emptiedNs >= 0) metrics['garbage.empty_s'] = this.emptiedNs / 1e9;
    Object.assign(metrics, cpuMetrics(kernel.machine), this.lines?.metrics(), ...this.more.map((of) => of()));
    if (this.routes !== null) Object.assign(metrics, routeMetrics(this.routes, this.interruptions.most));
    for (const [name, timeNs] of this.marks) metrics[`mark.${name}_s`] = timeNs / 1e9;
    return metrics;
  }
}
