/**
 * Who watches a route cache, and what is told.
 *
 * Divergence from Linux: no kernel keeps such records; the nearest is /proc/net/stat/rt_cache.
 */
import type { Rtable } from './rtable.js';

/** Who called rt_garbage_collect: dst_alloc, rt_intern_hash for want of neighbours, or somebody else. */
export type GcCaller = 'alloc' | 'intern' | 'direct';

export interface RouteGcRecord {
  /** jiffies when it began. */
  readonly jiffies: number;
  readonly caller: GcCaller;
  readonly entriesBefore: number;
  readonly ret: number;
  /** Entries that left the table. */
  readonly freed: number;
  readonly entriesAfter: number;
  /** State after it, jiffies or counts. */
  readonly expire: number;
  readonly lastGc: number;
  readonly rover: number;
  readonly equilibrium: number;
  /** gc_total, gc_ignored, gc_goal_miss, gc_dst_overflow so far. */
  readonly stats: readonly [number, number, number, number];
  readonly overflowPrinted: boolean;
}

export interface CheckExpireRecord {
  readonly jiffies: number;
  readonly freed: number;
  readonly rover: number;
  /** Absolute jiffies of the next scan; null if none is armed. */
  readonly nextExpiry: number | null;
}

export interface FlushRecord {
  readonly jiffies: number;
  readonly freed: number;
}

export interface SecretRecord {
  readonly jiffies: number;
  readonly nextExpiry: number | null;
}

/** Observers only: nothing here may change the run. */
export interface RouteObserver {
  freed?: (rt: Rtable) => void;
  gc?: (record: RouteGcRecord) => void;
  checkExpire?: (record: CheckExpireRecord) => void;
  flush?: (record: FlushRecord) => void;
  secret?: (record: SecretRecord) => void;
}

/** Counts from boot on: struct rt_cache_stat, and what a workload wants to know. */
export class RouteStats {
  gc_total = 0;
  gc_ignored = 0;
  gc_goal_miss = 0;
  gc_dst_overflow = 0;
  /** Lookups that found an entry. */
  hits = 0;
  /** Lookups that did not. */
  misses = 0;
  /** Entries allocated. */
  allocations = 0;
  /** Lookups that got no entry: -ENOBUFS. */
  failures = 0;
  /** Entries that left the table, or were dropped before they were in it. */
  freed = 0;
  /** Walks over the whole table that free everything. */
  flushes = 0;
  /** rt_cache_flush and rt_secret_rebuild: asked for, by whomever. */
  flushRequests = 0;
}
