/**
 * rt_check_expire (net/ipv4/route.c, 2.6.12–2.6.29): the periodic scan of a part of the table, by timer or, from 2.6.24, in a
 * worker.
 *
 * Ordering rule: buckets from the one after its own rover. An entry with an expiry goes when that has passed, held or not;
 * others as rt_may_expire says, with patience halving along the chain.
 *
 * Divergence from Linux: the worker's cond_resched is an operation only where it would do something.
 *
 * Cost centres (ns): `rt_bucket` per bucket and `rt_scan` per entry looked at.
 */
import { kernelFunction } from '../../kernel/function.js';
import { spin_lock, spin_lock_bh, spin_unlock, spin_unlock_bh } from '../../kernel/spinlock.js';
import { mod_timer } from '../../kernel/timer.js';
import { schedule_delayed_work } from '../../kernel/workqueue.js';
import { cond_resched } from '../../smp/basic-ops.js';
import type { K } from '../../smp/op.js';
import type { RouteCache } from './route-cache.js';
import { CountRead, canPeek, peekCount } from './rt-count.js';
import { rt_free } from './rt-free.js';
import { rt_may_expire, unsigned } from './rt-may-expire.js';

/** rt_check_expire: the function of the periodic timer or work. It arms the next scan. */
export const rt_check_expire = kernelFunction('rt_check_expire', function* (rc: RouteCache): K {
  const { kernel, params, rules } = rc;
  const start = kernel.now;
  const freedBefore = rc.stats.freed;
  if (rules.expireCountOverflows) yield* countDown(rc, start);
  else yield* share(rc, start);
  if (rules.expireInWorker) yield* schedule_delayed_work(kernel, rc.expires_work, params.gcInterval);
  else yield mod_timer(rc.periodic_timer, kernel.addJiffies(start, params.gcInterval));
  const { observer } = rc;
  observer?.checkExpire?.({
    jiffies: start,
    freed: rc.stats.freed - freedBefore,
    rover: rc.expireRover,
    nextExpiry: rc.nextPeriodic,
  });
});

/** 2.6.12: interval × buckets counts down by the timeout in an int. */
function* countDown(rc: RouteCache, start: number): K {
  const { kernel, params, table } = rc;
  let bucket = rc.expireRover;
  for (let left = params.gcInterval << table.log; left >= 0; left = (left - params.gcTimeout) | 0) {
    bucket = (bucket + 1) & table.mask;
    yield* expireBucket(rc, bucket, start);
    if (kernel.distance(start, kernel.now) > 0) break;
  }
  rc.expireRover = bucket;
}

/** 2.6.13 on: the share of the table that interval is of timeout, at most all of it. */
function* share(rc: RouteCache, start: number): K {
  const { kernel, params, rules, table } = rc;
  const { cpu } = kernel.context;
  let wanted = unsigned(kernel, params.gcInterval) * table.buckets;
  if (params.gcTimeout > 1) wanted = Math.floor(wanted / params.gcTimeout);
  wanted = Math.min(wanted % 2 ** 32, table.buckets);
  let bucket = rc.expireRover;
  for (let left = wanted; left > 0; left--) {
    bucket = (bucket + 1) & table.mask;
    rc.machine.progress();
    if (rules.expireInWorker && cpu.needResched) yield cond_resched();
    if (!rules.expireSkipsEmpty || table.lengths[bucket] !== 0) yield* expireBucket(rc, bucket, start);
    if (!rules.expireInWorker && kernel.distance(start, kernel.now) > 0) break;
  }
  rc.expireRover = bucket;
}

function* expireBucket(rc: RouteCache, bucket: number, start: number): K {
  const { kernel, table, params, rules } = rc;
  const timeout = unsigned(kernel, params.gcTimeout);
  const lock = table.lock(bucket);
  yield rules.expireInWorker ? spin_lock_bh(lock) : spin_lock(lock);
  const peek = canPeek(rc);
  const now = rules.expireInWorker ? kernel.now : start;
  const chain = table.chain(bucket);
  const seen = chain.length;
  let tmo = timeout;
  for (let i = seen - 1; i >= 0; i--) {
    const rt = chain[i]!;
    let keep: boolean;
    if (rc.rt_is_expired(rt)) keep = false;
    else if (rt.expires !== 0) keep = kernel.distance(now, rt.expires) >= 0;
    else {
      keep = !rt_may_expire(kernel, rt, i === 0, tmo, timeout);
      if (!keep) keep = ((peek ? peekCount(rc, rt) : yield new CountRead(rt)) as number) !== 0;
    }
    if (keep) {
      tmo = Math.floor(tmo / 2);
      continue;
    }
    table.unlink(bucket, i);
    const code = rt_free(rc, rt);
    if (code !== undefined) yield* code;
  }
  if (table.lengths[bucket]! < seen) table.refilter(bucket);
  const walk = rc.walked(seen);
  if (walk !== null) yield walk;
  yield rules.expireInWorker ? spin_unlock_bh(lock) : spin_unlock(lock);
}
