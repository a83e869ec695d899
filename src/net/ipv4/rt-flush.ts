/**
 * Flushing the route cache (net/ipv4/route.c, 2.6.12–2.6.29): rt_cache_flush with its delays, rt_run_flush, the rebuild
 * with a new hash secret; from 2.6.25 generations.
 *
 * Ordering rule: rt_run_flush takes buckets from the highest down, rt_do_flush from 0 up; each chain head first.
 *
 * Divergence from Linux: none known.
 *
 * Cost centre (ns): `rt_flush` per entry.
 */
import { kernelFunction } from '../../kernel/function.js';
import { in_softirq } from '../../kernel/softirq.js';
import { spin_lock_bh, spin_unlock_bh } from '../../kernel/spinlock.js';
import { del_timer, mod_timer } from '../../kernel/timer.js';
import { busy, cond_resched } from '../../smp/basic-ops.js';
import type { K } from '../../smp/op.js';
import { events } from '../../trace/event-types.js';
import type { RouteCache } from './route-cache.js';
import { rt_free } from './rt-free.js';

/** The hash secret is drawn from so many: enough to send every key elsewhere. */
const secrets = 0x10000;

/**
 * rt_cache_flush: `delay` jiffies; 0 now, negative the usual delay. From 2.6.25 negative only makes all entries old, any
 * other delay frees them now as well.
 */
export const rt_cache_flush = kernelFunction('rt_cache_flush', function* (rc: RouteCache, delay: number): K {
  rc.stats.flushRequests++;
  if (!rc.rules.generations) {
    yield* flushLater(rc, delay);
    return;
  }
  rt_cache_invalidate(rc);
  if (delay >= 0) yield* rt_do_flush(rc, !in_softirq(rc.kernel));
});

/** Through 2.6.24. A request while one is pending puts it off, up to the deadline set with the first. */
function* flushLater(rc: RouteCache, asked: number): K {
  const { kernel, params } = rc;
  const { now } = kernel;
  const userMode = !in_softirq(kernel);
  let delay = asked < 0 ? params.minDelay : asked;
  yield spin_lock_bh(rc.rt_flush_lock);
  const wasPending = (yield del_timer(rc.flush_timer)) as 0 | 1;
  if (wasPending === 1 && delay > 0 && rc.rt_deadline !== 0) {
    let left = kernel.distance(now, rc.rt_deadline);
    if (userMode && left < params.maxDelay - params.minDelay) left = 0;
    if (delay > left) delay = left;
  }
  if (delay <= 0) {
    yield spin_unlock_bh(rc.rt_flush_lock);
    yield* rt_run_flush(rc);
    return;
  }
  if (rc.rt_deadline === 0) rc.rt_deadline = kernel.addJiffies(now, params.maxDelay);
  yield mod_timer(rc.flush_timer, kernel.addJiffies(now, delay));
  yield spin_unlock_bh(rc.rt_flush_lock);
}

/** rt_run_flush, through 2.6.24: a new secret, and everything goes. Also the function of the flush timer. */
export const rt_run_flush = kernelFunction('rt_run_flush', function* (rc: RouteCache): K {
  const { table, kernel } = rc;
  const started = kernel.jiffies();
  const freedBefore = rc.stats.freed;
  rc.rt_deadline = 0;
  table.seed = rc.machine.choose('rt_hash_rnd', secrets);
  for (let bucket = table.mask; bucket >= 0; bucket--) yield* flushBucket(rc, bucket);
  report(rc, started, freedBefore);
});

/** rt_do_flush, from 2.6.25. Gives way between buckets if it may sleep. */
export const rt_do_flush = kernelFunction('rt_do_flush', function* (rc: RouteCache, processContext: boolean): K {
  const { table, kernel } = rc;
  const { cpu } = kernel.context;
  const started = kernel.jiffies();
  const freedBefore = rc.stats.freed;
  for (let bucket = 0; bucket <= table.mask; bucket++) {
    if (processContext && cpu.needResched) yield cond_resched();
    if (table.lengths[bucket] !== 0) yield* flushBucket(rc, bucket);
  }
  report(rc, started, freedBefore);
});

/** Takes the chain under the lock, frees its entries outside. */
function* flushBucket(rc: RouteCache, bucket: number): K {
  const { table } = rc;
  const lock = table.lock(bucket);
  rc.machine.progress();
  yield spin_lock_bh(lock);
  const chain = table.detach(bucket);
  yield spin_unlock_bh(lock);
  for (let i = chain.length - 1; i >= 0; i--) {
    const code = rt_free(rc, chain[i]!);
    if (code !== undefined) yield* code;
  }
  if (rc.flushNs > 0 && chain.length > 0) yield busy(rc.flushNs * chain.length);
}

function report(rc: RouteCache, started: number, freedBefore: number): void {
  rc.stats.flushes++;
  const freed = rc.stats.freed - freedBefore;
  rc.machine.emit(events.rt_flush, rc.kernel.current, rc.ops, freed, rc.ops.entries.value);
  rc.observer?.flush?.({ jiffies: started, freed });
}

/** rt_cache_invalidate, from 2.6.25: a new generation; every entry of the table is old. */
export function rt_cache_invalidate(rc: RouteCache): void {
  rc.rt_genid += rc.machine.choose('rt_genid', 256) + 1;
  rc.table.seed = rc.rt_genid;
}

/** rt_secret_rebuild: the function of the secret timer, which it arms again. */
export const rt_secret_rebuild = kernelFunction('rt_secret_rebuild', function* (rc: RouteCache): K {
  const { kernel, params } = rc;
  const { now } = kernel;
  if (rc.rules.generations) rt_cache_invalidate(rc);
  else yield* rt_cache_flush(rc, 0);
  yield mod_timer(rc.secret_timer, kernel.addJiffies(now, params.secretInterval));
  const { secret_timer } = rc;
  rc.observer?.secret?.({ jiffies: now, nextExpiry: secret_timer.pending ? secret_timer.expires : null });
});

/** `ip route flush cache`: iproute2 writes -1, the usual delay, to net.ipv4.route.flush. */
export function ipRouteFlushCache(rc: RouteCache): K {
  return rt_cache_flush(rc, -1);
}
