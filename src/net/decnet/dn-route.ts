/**
 * The DECnet route cache as the destination cache sees it (net/decnet/dn_route.c, 2.6.12–2.6.29).
 *
 * Ordering rule: buckets from the first to the last, chains from the entry that came last. Entries leave through RCU-bh.
 *
 * dn_dst_gc gives up at most one entry of each chain, unused for ten seconds, and always answers 0: dst_alloc never fails.
 * It gives such an entry up with dnrt_drop, which releases a reference first, and there is none: read in 2.6.24, where an
 * entry of an input route is unused at count 0. So every entry that it collects underflows, with dst_release's warning, and
 * stays on the garbage list for ever. dn_dst_check_expire, every two seconds for those unused for two minutes, does without.
 *
 * Divergence from Linux: an output route's second reference, which nobody gives back, is not modelled; the periodic timer
 * runs from the first entry on. Chains are sets: an entry that a scenario frees by its own hand leaves at the next walk.
 */
import { atomic_read } from '../../kernel/atomic.js';
import { kernelFunction } from '../../kernel/function.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { RcuHead } from '../../kernel/rcu.js';
import { SpinLock, spin_lock, spin_lock_bh, spin_unlock, spin_unlock_bh } from '../../kernel/spinlock.js';
import { mod_timer, Timer } from '../../kernel/timer.js';
import type { Machine } from '../../smp/machine.js';
import type { K } from '../../smp/op.js';
import { DstEntry, type DstHandler, dst_discard } from '../dst/dst-entry.js';
import { dst_free } from '../dst/dst-free.js';
import { DstOps } from '../dst/dst-ops.js';
import { dst_release } from '../dst/dst-release.js';
import type { DstTraits } from '../dst/traits.js';
import type { Net } from '../net.js';

/** What netif_receive_skb's handlers answer (include/linux/netdevice.h). */
export const NET_RX_SUCCESS = 0;
export const NET_RX_DROP = 1;
export const NET_RX_BAD = 5;

export class DnRoute extends DstEntry implements RcuHead {
  rcuNext: RcuHead | null = null;
  rcuFunc: ((head: DnRoute) => K) | null = null;
}

export interface DnSetup {
  /** Entries above which dst_alloc collects; 128 if absent. */
  readonly gcThresh?: number | undefined;
  /** Chains; 2048 as on a machine of 256 MiB if absent. */
  readonly buckets?: number | undefined;
}

interface Bucket {
  readonly chain: Set<DnRoute>;
  readonly lock: SpinLock;
}

export class DnRoutes {
  readonly net: Net;
  readonly kernel: Kernel;
  readonly machine: Machine;
  /** dn_dst_ops. */
  readonly ops: DstOps;
  readonly dn_route_timer: Timer;
  readonly buckets: readonly Bucket[];
  private inserted = 0;

  constructor(net: Net, setup: DnSetup = {}) {
    const { kernel } = net;
    this.net = net;
    this.kernel = kernel;
    this.machine = kernel.machine;
    this.buckets = Array.from({ length: setup.buckets ?? 2048 }, (_, i) => {
      return { chain: new Set<DnRoute>(), lock: new SpinLock(kernel, `dn_rt_hash[${i}].lock`) };
    });
    this.dn_route_timer = new Timer(kernel, 'dn_route_timer', () => dn_dst_check_expire(this));
    this.ops = new DstOps(net.dst, {
      name: 'dn',
      cacheName: 'dn_dst_cache',
      gc_thresh: setup.gcThresh ?? 128,
      gc: () => dn_dst_gc(this),
      make: (ops, label) => new DnRoute(ops.cache, ops, label),
    });
  }

  /** The bucket of the next entry: by turns, as a good hash comes to. */
  nextBucket(): Bucket {
    return this.buckets[this.inserted++ % this.buckets.length]!;
  }
}

/** dn_insert_route: into its chain. The reference that it takes for the caller is there already. */
export const dn_insert_route = kernelFunction('dn_insert_route', function* (dn: DnRoutes, rt: DnRoute): K {
  const { chain, lock } = dn.nextBucket();
  yield spin_lock_bh(lock);
  chain.add(rt);
  yield spin_unlock_bh(lock);
  if (!dn.dn_route_timer.pending)
    yield mod_timer(dn.dn_route_timer, dn.kernel.addJiffies(dn.kernel.now, 2 * dn.kernel.hz));
});

/** dn_dst_gc: at most one old unused entry of each chain; 0 always. */
export const dn_dst_gc = kernelFunction('dn_dst_gc', function* (dn: DnRoutes): K<number> {
  for (const { chain, lock } of dn.buckets) {
    yield spin_lock_bh(lock);
    for (const rt of newestFirst(chain)) {
      if (yield* inUse(dn, rt, 10 * dn.kernel.hz)) continue;
      chain.delete(rt);
      yield* dnrt_drop(dn, rt);
      break;
    }
    yield spin_unlock_bh(lock);
  }
  return 0;
});

/** dn_dst_check_expire: the timer's function. All entries unused for two minutes. */
const dn_dst_check_expire = kernelFunction('dn_dst_check_expire', function* (dn: DnRoutes): K {
  const { kernel } = dn;
  const { now } = kernel;
  for (const { chain, lock } of dn.buckets) {
    if (chain.size === 0) continue;
    yield spin_lock(lock);
    for (const rt of newestFirst(chain)) {
      if (yield* inUse(dn, rt, 120 * kernel.hz)) continue;
      chain.delete(rt);
      yield* dnrt_free(dn, rt);
    }
    yield spin_unlock(lock);
    if (kernel.distance(now, kernel.now) > 0) break;
  }
  yield mod_timer(dn.dn_route_timer, kernel.addJiffies(now, 2 * kernel.hz));
});

/** Entries of a chain as it is now, without those that were freed elsewhere. */
function newestFirst(chain: Set<DnRoute>): readonly DnRoute[] {
  for (const rt of chain) if (rt.freed || rt.obsolete > 1) chain.delete(rt);
  return [...chain].reverse();
}

/** Held, or used less than `expire` jiffies ago. */
function* inUse({ kernel }: DnRoutes, rt: DnRoute, expire: number): K<boolean> {
  const count: number = yield atomic_read(rt.refcnt);
  return count !== 0 || kernel.distance(rt.lastuse, kernel.now) < expire;
}

/** dnrt_free: to dst_free after a grace period. */
function* dnrt_free(dn: DnRoutes, rt: DnRoute): K {
  rt.rcuFunc = (head) => dst_free(dn.net.dst, head);
  const code = dn.kernel.rcuBh.call(rt);
  if (code !== undefined) yield* code;
}

/** dnrt_drop: one reference less, then as {@link dnrt_free}. */
function* dnrt_drop(dn: DnRoutes, rt: DnRoute): K {
  yield* dst_release(dn.net.dst, rt);
  yield* dnrt_free(dn, rt);
}

/** Input of unreachable and blackhole routes: before R18 dn_blackhole, then dst_discard. */
export function dnRejectedInput(traits: DstTraits): DstHandler {
  return traits.discardShared ? dst_discard : dn_blackhole;
}

/** dn_blackhole: throws the packet away, and says so. */
export function dn_blackhole(): number {
  return NET_RX_DROP;
}

/** dn_rt_bug: output of a route that only takes packets in. */
export function dn_rt_bug(): number {
  return NET_RX_BAD;
}
