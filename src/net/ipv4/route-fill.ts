/**
 * Routes that are there when a story begins.
 *
 * Ordering rule: the first is the oldest. Each is the head of its chain when it is put in.
 *
 * Divergence from Linux: no kernel gets routes this way. They are what as many lookups would have left behind, without
 * the collections and evictions on the way.
 */
import { LocalOp } from '../../smp/basic-ops.js';
import type { K } from '../../smp/op.js';
import { forward } from '../dst/dst-entry.js';
import type { NetDevice } from '../netdevice.js';
import type { RouteCache } from './route-cache.js';
import type { Rtable } from './rtable.js';

export interface RouteFill {
  readonly count: number;
  readonly dev: NetDevice | null;
  /** Each has a reference, the caller's. */
  readonly held: boolean;
  /** Key of the first; the others count up. */
  readonly firstKey: number;
}

/** Puts output routes into the cache, one for each key. */
export function* fillRoutes(rc: RouteCache, fill: RouteFill): K<readonly Rtable[]> {
  const routes: Rtable[] = [];
  yield new LocalOp(() => {
    for (let i = 0; i < fill.count; i++) routes.push(put(rc, fill, fill.firstKey + i));
    rc.ops.entries.value += fill.count;
    rc.stats.allocations += fill.count;
    if (fill.dev !== null) fill.dev.refcnt.value += fill.count;
  });
  const idev = fill.dev === null ? null : (rc.inDevices?.of(fill.dev) ?? null);
  if (idev !== null) {
    for (const rt of routes) {
      rt.idev = idev;
      yield rc.inDevices!.hold(idev);
    }
  }
  if (rc.arp_bind_neighbour !== null) for (const rt of routes) yield* rc.arp_bind_neighbour(rt);
  return routes;
}

function put(rc: RouteCache, fill: RouteFill, key: number): Rtable {
  const { ops, table } = rc;
  const rt = ops.make!(ops, '') as Rtable;
  ops.cache.allocate(rt);
  rc.net.dst.live.add(rt);
  rc.net.dst.dst_total++;
  rt.lastuse = rc.kernel.jiffies();
  rt.path = rt;
  rt.input = forward;
  rt.output = forward;
  rt.refcnt.value = fill.held ? 1 : 0;
  rt.key = key;
  rt.rt_genid = rc.rt_genid;
  rt.dev = fill.dev;
  table.insert(table.hash(key, 0), rt);
  return rt;
}
