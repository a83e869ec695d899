/**
 * What IPv4 tells the destination cache: ipv4_dst_ops, ipv4_dst_destroy, ipv4_dst_ifdown (net/ipv4/route.c, 2.6.12–2.6.29).
 *
 * Ordering rule: on ifdown the new in_device is held and stored before the old one is put.
 *
 * Divergence from Linux: no inet peers; `check`, `negative_advice` and `link_failure` are not modelled. An in_device only where
 * {@link RouteCache.inDevices} knows one.
 */
import { write_field } from '../../kernel/slab.js';
import type { K } from '../../smp/op.js';
import type { DstEntry } from '../dst/dst-entry.js';
import { loopbackFor } from '../dst/dst-ifdown.js';
import { DstOps } from '../dst/dst-ops.js';
import type { NetDevice } from '../netdevice.js';
import type { RouteCache } from './route-cache.js';
import { rt_garbage_collect } from './rt-garbage-collect.js';
import { Rtable } from './rtable.js';

/** ipv4_dst_ops of a cache. */
export function ipv4DstOps(rc: RouteCache, gcThresh: number): DstOps {
  return new DstOps(rc.net.dst, {
    name: 'ipv4',
    cacheName: 'ip_dst_cache',
    gc_thresh: gcThresh,
    gc: () => rt_garbage_collect(rc, 'alloc'),
    make: (ops, label) => new Rtable(ops, label),
    destroy: (dst) => {
      const rt = dst as Rtable;
      // Whoever freed it: it has left the table.
      rt.rcuFunc ??= rc.dst_rcu_free;
      return rt.idev === null ? undefined : ipv4_dst_destroy(rc, rt);
    },
    ifdown: (dst, dev) => ipv4_dst_ifdown(rc, dst, dev),
  });
}

/** ipv4_dst_destroy: puts the in_device. */
export function* ipv4_dst_destroy(rc: RouteCache, rt: Rtable): K {
  const { idev } = rt;
  if (idev === null) return;
  rt.idev = null;
  yield* rc.inDevices!.put(idev);
}

/** ipv4_dst_ifdown: the route's in_device becomes loopback's, on DOWN too. */
export function* ipv4_dst_ifdown(rc: RouteCache, dst: DstEntry, dev: NetDevice): K {
  if (!(dst instanceof Rtable)) return;
  const old = dst.idev;
  const loopback = loopbackFor(rc.net.dst, dev);
  if (old === null || dev === loopback || old.dev !== dev) return;
  const idev = rc.inDevices?.of(loopback) ?? null;
  if (idev === null) return;
  yield rc.inDevices!.hold(idev);
  yield write_field(dst, 'idev', idev);
  yield* rc.inDevices!.put(old);
}
