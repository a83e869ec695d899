/**
 * rt_intern_hash (net/ipv4/route.c, 2.6.12–2.6.29): a new entry goes into its chain, unless one of the same key is there.
 *
 * Ordering rule: an equal entry moves to the front; else at most one entry of a chain that is too long is lost, the one of
 * lowest score, of equals the last; then the neighbour is bound; then the new entry becomes the head.
 *
 * Divergence from Linux: the reference counts of a chain are read only where it is too long and they decide.
 *
 * Cost centre (ns): `rt_scan` per entry looked at.
 */
import { replaceable } from '../../kernel/function.js';
import { neighbourTableOverflow } from '../../kernel/messages.js';
import { in_softirq } from '../../kernel/softirq.js';
import { spin_lock_bh, spin_unlock_bh } from '../../kernel/spinlock.js';
import { busy } from '../../smp/basic-ops.js';
import type { K } from '../../smp/op.js';
import { dst_hold } from '../dst/dst-alloc.js';
import type { RouteCache } from './route-cache.js';
import type { Chain } from './route-table.js';
import { CountRead, canPeek, peekCount } from './rt-count.js';
import { rt_drop, rt_free } from './rt-free.js';
import { rt_garbage_collect } from './rt-garbage-collect.js';
import { rt_score } from './rt-may-expire.js';
import { type Rtable, routeTypes } from './rtable.js';

/** -ENOBUFS. */
export const ENOBUFS = -105;

/**
 * rt_intern_hash: answers the entry that is now cached for the key, with a reference for the caller (an older one may have
 * won), or a negative error; the new entry is dropped then.
 */
export const rt_intern_hash = replaceable('rt_intern_hash', function* (rc: RouteCache, bucket: number, rt: Rtable): K<
  Rtable | number
> {
  const { kernel, table } = rc;
  const { stack } = kernel.context;
  stack.push('rt_intern_hash');
  let attempts = in_softirq(kernel) ? 0 : 1;
  const lock = table.lock(bucket);
  let answer: Rtable | number;
  for (;;) {
    yield spin_lock_bh(lock);
    const seen = table.lengths[bucket]!;
    const old = rc.rules.generations || table.mayHold(bucket, rt.key) ? yield* findEqual(rc, bucket, rt) : null;
    if (rc.scanNs > 0 && seen > 0) yield busy(rc.scanNs * seen);
    if (old !== null) {
      yield dst_hold(old);
      old.lastuse = kernel.now;
      yield spin_unlock_bh(lock);
      yield* rt_drop(rc, rt);
      answer = old;
      break;
    }
    if (table.lengths[bucket]! > rc.params.gcElasticity) yield* evict(rc, bucket);
    const binds = rt.rt_type === routeTypes.unicast || rt.iif === 0;
    const error = binds && rc.arp_bind_neighbour !== null ? yield* rc.arp_bind_neighbour(rt) : 0;
    if (error === 0) table.insert(bucket, rt);
    yield spin_unlock_bh(lock);
    if (error === 0) {
      answer = rt;
      break;
    }
    if (error === ENOBUFS && attempts-- > 0) {
      yield* collectHard(rc);
      continue;
    }
    if (error === ENOBUFS && kernel.log.net_ratelimit()) kernel.log.printAll(neighbourTableOverflow());
    yield* rt_drop(rc, rt);
    answer = error;
    break;
  }
  stack.pop();
  return answer;
});

/** The entry of the same key, moved to the front. From 2.6.25 entries of an older generation that lie on the way go. */
function* findEqual(rc: RouteCache, bucket: number, rt: Rtable): K<Rtable | null> {
  const { table } = rc;
  const chain = table.chain(bucket);
  for (let i = chain.length - 1; i >= 0; i--) {
    const entry = chain[i]!;
    if (rc.rt_is_expired(entry)) {
      table.unlink(bucket, i);
      const code = rt_free(rc, entry);
      if (code !== undefined) yield* code;
    } else if (entry.key === rt.key && entry.iif === rt.iif) {
      table.moveToFront(bucket, i);
      return entry;
    }
  }
  return null;
}

/** The chain is too long: the unreferenced entry of lowest score goes, of equals the last. */
function* evict(rc: RouteCache, bucket: number): K {
  const { table } = rc;
  const chain = table.chain(bucket);
  const candidate = canPeek(rc) ? peekCandidate(rc, chain) : yield* askCandidate(rc, chain);
  if (candidate < 0) return;
  const entry = chain[candidate]!;
  table.unlink(bucket, candidate);
  table.refilter(bucket);
  const code = rt_free(rc, entry);
  if (code !== undefined) yield* code;
}

/** The index of the entry to lose, or -1. From the last on, so that few counts matter. */
function* askCandidate(rc: RouteCache, chain: Chain): K<number> {
  let candidate = -1;
  let lowest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < chain.length; i++) {
    const entry = chain[i]!;
    const score = rt_score(rc.kernel, entry);
    if (score >= lowest) continue;
    const count: number = yield new CountRead(entry);
    if (count !== 0) continue;
    candidate = i;
    lowest = score;
  }
  return candidate;
}

/** {@link askCandidate} without operations: most insertions into a full table come this way. */
function peekCandidate(rc: RouteCache, chain: Chain): number {
  let candidate = -1;
  let lowest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < chain.length; i++) {
    const entry = chain[i]!;
    const score = rt_score(rc.kernel, entry);
    if (score >= lowest || peekCount(rc, entry) !== 0) continue;
    candidate = i;
    lowest = score;
  }
  return candidate;
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
