/** Measures the IPv4 route cache of a run. Listens; changes nothing. */
import type { RouteCache } from '../net/ipv4/route-cache.js';

export const routeMetricDocs: Readonly<Record<string, string>> = {
  'routes.entries':
    'entries of the route cache not destroyed at the end, garbage included (with the cache, as all of these)',
  'routes.cached': 'of these, in the hash table',
  'routes.hits': 'lookups that found an entry',
  'routes.misses': 'lookups that did not',
  'routes.failures': 'lookups that got no entry: -ENOBUFS',
  'routes.flushes': 'flushes of the whole table',
  'routes.gc_total': 'calls of rt_garbage_collect',
  'routes.gc_ignored': 'of these, too soon after the one before',
  'routes.gc_goal_miss': 'walks over the table that missed the goal',
  'routes.gc_overflow': 'calls that gave up: dst cache overflow',
  'routes.gc_interrupted': 'most scans of the garbage by softirqs inside one rt_garbage_collect',
};

export function routeMetrics(rc: RouteCache, interrupted: number): Record<string, number> {
  const { stats } = rc;
  return {
    'routes.entries': rc.entries,
    'routes.cached': stats.allocations - stats.freed,
    'routes.hits': stats.hits,
    'routes.misses': stats.misses,
    'routes.failures': stats.failures,
    'routes.flushes': stats.flushes,
    'routes.gc_total': stats.gc_total,
    'routes.gc_ignored': stats.gc_ignored,
    'routes.gc_goal_miss': stats.gc_goal_miss,
    'routes.gc_overflow': stats.gc_dst_overflow,
    'routes.gc_interrupted': interrupted,
  };
}

/** Counts the scans of the garbage that come in between within one call of rt_garbage_collect. */
export class Interruptions {
  most = 0;
  private call: object | null = null;
  private count = 0;

  /** A scan ended that had interrupted code of the route collector: which call of it, by its context's step. */
  scanned(call: object): void {
    if (call !== this.call) {
      this.call = call;
      this.count = 0;
    }
    this.most = Math.max(this.most, ++this.count);
  }

  /** A call of rt_garbage_collect is over. */
  collected(): void {
    this.call = null;
  }
}
