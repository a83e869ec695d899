/**
 * rt_garbage_collect (net/ipv4/route.c, 2.6.12–2.6.29): dst_alloc asks it for room when there are more entries than
 * gc_thresh.
 *
 * Ordering rule: buckets from the one after the rover, whole chains, each under its lock; the goal is looked at after each
 * bucket. Entries do not fall here but in dst_destroy, after the grace period.
 *
 * Divergence from Linux: statistics are not per CPU.
 *
 * Cost centres (ns): `rt_gc_start` per call that is not ignored, `rt_bucket` per bucket and `rt_scan` per entry looked
 * at.
 */
import { atomic_read } from '../../kernel/atomic.js';
import { replaceable } from '../../kernel/function.js';
import { dstCacheOverflow } from '../../kernel/messages.js';
import { in_softirq } from '../../kernel/softirq.js';
import { spin_lock_bh, spin_unlock_bh } from '../../kernel/spinlock.js';
import { busy } from '../../smp/basic-ops.js';
import type { K } from '../../smp/op.js';
import { events } from '../../trace/event-types.js';
import type { RouteCache } from './route-cache.js';
import type { GcCaller } from './route-observer.js';
import { CountRead, canPeek, isQuiet, leaveLock, passLock, peekCount } from './rt-count.js';
import { rt_free } from './rt-free.js';
import { rt_may_expire, unsigned } from './rt-may-expire.js';
import { QuietWalk } from './rt-quiet-walk.js';

/** rt_garbage_collect: 0, or 1 if there is no room. `caller` is for the record. */
export const rt_garbage_collect = replaceable(
  'rt_garbage_collect',
  function* (rc: RouteCache, caller: GcCaller): K<number> {
    const { kernel, params, stats, gcState, ops } = rc;
    const { stack } = kernel.context;
    stack.push('rt_garbage_collect');
    const record = rc.observer?.gc === undefined ? null : begin(rc);
    const { now } = kernel;
    stats.gc_total++;
    let ret = 0;
    // Most calls end here: the first test and its read stand in no generator of their own.
    const tooSoon = unsigned(kernel, now - gcState.last_gc) < unsigned(kernel, params.gcMinInterval);
    if (tooSoon && ((yield atomic_read(ops.entries)) as number) < params.maxSize) stats.gc_ignored++;
    else ret = yield* collect(rc, now);
    rc.machine.emit(events.rt_gc, kernel.current, ops, ret, ops.entries.value);
    if (record !== null) end(rc, record, caller, ret);
    stack.pop();
    return ret;
  },
);

function* collect(rc: RouteCache, now: number): K<number> {
  const { kernel, params, gcState, ops } = rc;
  const startNs = kernel.cost('rt_gc_start');
  if (startNs > 0) yield busy(startNs);
  const goal = yield* setGoal(rc);
  if (unsigned(kernel, now - gcState.last_gc) >= unsigned(kernel, params.gcMinInterval)) gcState.last_gc = now;
  if (goal <= 0) gcState.equilibrium = (gcState.equilibrium + goal) | 0;
  else {
    const answer = yield* passes(rc, goal, now);
    if (answer !== null) return answer;
  }
  gcState.expire = unsigned(kernel, gcState.expire + params.gcMinInterval);
  const timeout = unsigned(kernel, params.gcTimeout);
  if (gcState.expire > timeout || ((yield atomic_read(ops.entries)) as number) >>> 0 < ops.gc_thresh >>> 0) {
    gcState.expire = timeout;
  }
  return 0;
}

/** How many entries to free, and the equilibrium that goes with it. Counts are ints, compared as unsigned. */
function* setGoal(rc: RouteCache): K<number> {
  const { ops, params, gcState, table } = rc;
  const buckets = table.buckets;
  let entries: number = yield atomic_read(ops.entries);
  let goal = (entries - (params.gcElasticity << table.log)) | 0;
  if (goal > 0) {
    goal = Math.max(goal >> 1, buckets);
    entries = yield atomic_read(ops.entries);
    gcState.equilibrium = (entries - goal) | 0;
    return goal;
  }
  if (gcState.equilibrium >>> 0 < ops.gc_thresh >>> 0) gcState.equilibrium = ops.gc_thresh | 0;
  entries = yield atomic_read(ops.entries);
  goal = (entries - gcState.equilibrium) | 0;
  if (goal > 0) {
    gcState.equilibrium = (gcState.equilibrium + Math.min(goal >> 1, buckets)) | 0;
    entries = yield atomic_read(ops.entries);
    goal = (entries - gcState.equilibrium) | 0;
  }
  return goal;
}

/** Passes over the table, each with half the patience of the one before. Null: the goal was reached. */
function* passes(rc: RouteCache, firstGoal: number, start: number): K<number | null> {
  const { kernel, stats, gcState, table } = rc;
  let goal = firstGoal;
  do {
    let bucket = gcState.rover;
    const quiet = isQuiet(rc);
    const walk = rc.walkNs(1) > 0 ? new QuietWalk(rc, collectQuietly) : null;
    for (let left = table.buckets; left > 0; left--) {
      if (walk?.fits === true) {
        yield walk.from(bucket, left, goal);
        bucket = walk.bucket;
        left -= walk.count;
        goal -= walk.freed;
        rc.machine.progress();
        if (goal <= 0 || left === 0) break;
      }
      bucket = (bucket + 1) & table.mask;
      const freed = quiet ? collectQuietly(rc, bucket) : null;
      goal -= freed ?? (yield* collectBucket(rc, bucket));
      // However large the table, a walk has an end: it is no endless loop.
      rc.machine.progress();
      if (goal <= 0) break;
    }
    gcState.rover = bucket;
    if (goal <= 0) return null;
    stats.gc_goal_miss++;
    if (gcState.expire === 0) break;
    gcState.expire = Math.floor(gcState.expire / 2);
    if (yield* hasRoom(rc)) return 0;
  } while (!in_softirq(kernel) && kernel.distance(start, kernel.now) <= 0);
  if (yield* hasRoom(rc)) return 0;
  if (kernel.log.net_ratelimit()) {
    rc.overflowMessages++;
    kernel.log.printAll(dstCacheOverflow());
  }
  stats.gc_dst_overflow++;
  return 1;
}

function* hasRoom(rc: RouteCache): K<boolean> {
  const entries: number = yield atomic_read(rc.ops.entries);
  return entries < rc.params.maxSize;
}

/** One chain: frees what may expire. The patience halves with every entry that stays. Answers how many were freed. */
function* collectBucket(rc: RouteCache, bucket: number): K<number> {
  const { kernel, table, gcState } = rc;
  const { expire } = gcState;
  const lock = table.lock(bucket);
  yield spin_lock_bh(lock);
  const peek = canPeek(rc);
  const chain = table.chain(bucket);
  const seen = chain.length;
  let tmo = expire;
  let freed = 0;
  for (let i = seen - 1; i >= 0; i--) {
    const rt = chain[i]!;
    if (!rc.rt_is_expired(rt)) {
      let keep = !rt_may_expire(kernel, rt, i === 0, tmo, expire);
      if (!keep) keep = ((peek ? peekCount(rc, rt) : yield new CountRead(rt)) as number) !== 0;
      if (keep) {
        tmo = Math.floor(tmo / 2);
        continue;
      }
    }
    table.unlink(bucket, i);
    const code = rt_free(rc, rt);
    if (code !== undefined) yield* code;
    freed++;
  }
  if (freed > 0) table.refilter(bucket);
  const walk = rc.walked(seen);
  if (walk !== null) yield walk;
  yield spin_unlock_bh(lock);
  return freed;
}

/** {@link collectBucket} without operations, the lock given back that much later; null if it is taken. */
function collectQuietly(rc: RouteCache, bucket: number, costNs = 0): number | null {
  const { kernel, table } = rc;
  const { expire } = rc.gcState;
  const lock = table.lock(bucket);
  if (!passLock(rc, lock)) return null;
  const chain = table.chain(bucket);
  let tmo = expire;
  let freed = 0;
  for (let i = chain.length - 1; i >= 0; i--) {
    const rt = chain[i]!;
    if (!rc.rt_is_expired(rt) && (!rt_may_expire(kernel, rt, i === 0, tmo, expire) || peekCount(rc, rt) !== 0)) {
      tmo = Math.floor(tmo / 2);
      continue;
    }
    table.unlink(bucket, i);
    rt_free(rc, rt);
    freed++;
  }
  if (freed > 0) table.refilter(bucket);
  if (costNs > 0) {
    rc.machine.nowNs += costNs;
    rc.machine.ops++;
  }
  leaveLock(rc, lock);
  return freed;
}

interface Begun {
  readonly jiffies: number;
  readonly entriesBefore: number;
  readonly freedBefore: number;
  readonly messagesBefore: number;
}

function begin(rc: RouteCache): Begun {
  return {
    jiffies: rc.kernel.jiffies(),
    entriesBefore: rc.ops.entries.value,
    freedBefore: rc.stats.freed,
    messagesBefore: rc.overflowMessages,
  };
}

function end(rc: RouteCache, begun: Begun, caller: GcCaller, ret: number): void {
  const { gcState, stats } = rc;
  rc.observer?.gc?.({
    jiffies: begun.jiffies,
    caller,
    entriesBefore: begun.entriesBefore,
    ret,
    freed: stats.freed - begun.freedBefore,
    entriesAfter: rc.ops.entries.value,
    expire: gcState.expire,
    lastGc: gcState.last_gc,
    rover: gcState.rover,
    equilibrium: gcState.equilibrium,
    stats: [stats.gc_total, stats.gc_ignored, stats.gc_goal_miss, stats.gc_dst_overflow],
    overflowPrinted: rc.overflowMessages > begun.messagesBefore,
  });
}
