/**
 * rt_free, rt_drop, ip_rt_put (net/ipv4/route.c and include/net/route.h, 2.6.12–2.6.29): an entry that left the table is given
 * to dst_free after an RCU-bh grace period.
 *
 * Ordering rule: callbacks in the order of the calls. The entry counts until dst_destroy.
 *
 * Divergence from Linux: no multipath data.
 */
import type { K } from '../../smp/op.js';
import { events } from '../../trace/event-types.js';
import { dst_release } from '../dst/dst-release.js';
import type { RouteCache } from './route-cache.js';
import type { Rtable } from './rtable.js';

/** rt_free: nobody can find the entry any more. What it answers must be run at once, if anything. */
export function rt_free(rc: RouteCache, rt: Rtable): K | undefined {
  rt.rcuFunc = rc.dst_rcu_free;
  rc.stats.freed++;
  rc.machine.emit(events.rt_free, rc.kernel.current, rt, rt.refcnt.value, 0);
  rc.observer?.freed?.(rt);
  return rc.kernel.rcuBh.call(rt);
}

/** rt_drop: gives one's reference back, then as {@link rt_free}. */
export function* rt_drop(rc: RouteCache, rt: Rtable): K {
  yield* ip_rt_put(rc, rt);
  const code = rt_free(rc, rt);
  if (code !== undefined) yield* code;
}

/** ip_rt_put: one reference less. */
export function ip_rt_put(rc: RouteCache, rt: Rtable): K {
  return dst_release(rc.net.dst, rt);
}
