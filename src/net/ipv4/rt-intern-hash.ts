/**
 * rt_intern_hash (net/ipv4/route.c, 2.6.12–2.6.29): a new entry goes into its chain, unless one of the same key is there.
 *
 * Ordering rule: an equal entry moves to the front; else at most one entry of a chain that is too long is lost, the one of
 * lowest score, of equals the last; then the neighbour is bound; then the new entry becomes the head.
 *
 * Divergence from Linux: none known.
 *
 * Cost centre (ns): `rt_scan` per entry looked at.
 */
import { kernelFunction } from '../../kernel/function.js';
import { neighbourTableOverflow } from '../../kernel/messages.js';
import { in_softirq } from '../../kernel/softirq.js';
import { spin_lock_bh, spin_unlock_bh } from '../../kernel/spinlock.js';
import { busy } from '../../smp/basic-ops.js';
import type { K } from '../../smp/op.js';
import { dst_hold } from '../dst/dst-alloc.js';
import type { RouteCache } from './route-cache.js';
import { rt_drop, rt_free } from './rt-free.js';
import { rt_garbage_collect } from './rt-garbage-collect.js';
import { rt_score } from './rt-may-expire.js';
import { nextOf, type Rtable, routeTypes } from './rtable.js';

/** -ENOBUFS. */
export const ENOBUFS = -105;

/**
 * rt_intern_hash: answers the entry that is now cached for the key, with a reference for the caller (an older one may have
 * won), or a negative error; the new entry is dropped then.
 */
export const rt_intern_hash = kernelFunction(
  'rt_intern_hash',
  function* (rc: RouteCache, bucket: number, rt: Rtable): K<Rtable | number> {
    let attempts = in_softirq(rc.kernel) ? 0 : 1;
    const lock = rc.table.lock(bucket);
    for (;;) {
      yield spin_lock_bh(lock);
      const old = yield* makeRoom(rc, bucket, rt);
      if (old !== null) {
        yield dst_hold(old);
        old.lastuse = rc.kernel.now;
        yield spin_unlock_bh(lock);
        yield* rt_drop(rc, rt);
        return old;
      }
      const binds = rt.rt_type === routeTypes.unicast || rt.iif === 0;
      const error = binds && rc.arp_bind_neighbour !== null ? yield* rc.arp_bind_neighbour(rt) : 0;
      if (error === 0) {
        rc.table.insert(bucket, rt);
        yield spin_unlock_bh(lock);
        return rt;
      }
      yield spin_unlock_bh(lock);
      if (error === ENOBUFS && attempts-- > 0) {
        yield* collectHard(rc);
        continue;
      }
      if (error === ENOBUFS && rc.kernel.log.net_ratelimit()) rc.kernel.log.printAll(neighbourTableOverflow());
      yield* rt_drop(rc, rt);
      return error;
    }
  },
);

/** Walks the chain: answers an entry of the same key, moved to the front; else frees a candidate if the chain is too long. */
function* makeRoom(rc: RouteCache, bucket: number, rt: Rtable): K<Rtable | null> {
  const { kernel, table, params } = rc;
  const peek = rc.canPeek;
  let before: Rtable | null = null;
  let candidate: Rtable | null = null;
  let beforeCandidate: Rtable | null = null;
  let lowest = 0xffffffff;
  let length = 0;
  let seen = 0;
  for (let entry = table.chains[bucket]!; entry !== null; ) {
    seen++;
    const next: Rtable | null = nextOf(entry);
    if (rc.rt_is_expired(entry)) {
      table.unlink(bucket, before, entry);
      const code = rt_free(rc, entry);
      if (code !== undefined) yield* code;
      entry = next!;
      continue;
    }
    if (entry.key === rt.key && entry.iif === rt.iif) {
      table.unlink(bucket, before, entry);
      table.insert(bucket, entry);
      return entry;
    }
    const count: number = peek && !entry.freed ? rc.peek(entry) : yield entry.refcnt.read;
    if (count === 0) {
      const score = rt_score(kernel, entry);
      if (score <= lowest) {
        candidate = entry;
        beforeCandidate = before;
        lowest = score;
      }
    }
    length++;
    before = entry;
    entry = next!;
  }
  if (rc.scanNs > 0 && seen > 0) yield busy(rc.scanNs * seen);
  if (candidate !== null && length > params.gcElasticity) {
    table.unlink(bucket, beforeCandidate, candidate);
    const code = rt_free(rc, candidate);
    if (code !== undefined) yield* code;
  }
  return null;
}

/** The neighbour table is full: one collection that is never too soon, for chains of one. */
function* collectHard(rc: RouteCache): K {
  const { params } = rc;
  const { gcElasticity, gcMinInterval } = params;
  params.gcElasticity = 1;
  params.gcMinInterval = 0;
  yield* rt_garbage_collect(rc, 'intern');
  params.gcMinInterval = gcMinInterval;
  params.gcElasticity = gcElasticity;
}
