/**
 * What bundles over IPv4 tell the destination cache, and how they are made (net/ipv4/xfrm4_policy.c, 2.6.12–2.6.29).
 *
 * Ordering rule: elements from the top down; each further one is its parent's child, NOHASH, with the one reference
 * of its parent; the last one's child is the route, which is in a cache of its own and is not NOHASH. Every element holds the
 * route a second time, as `route`.
 *
 * Divergence from Linux: transport mode only, so that all elements have the same route; no peers. An element without an
 * in_device, where the network has none, is passed over by the part of ifdown that is about those.
 */
import { atomic_read } from '../../kernel/atomic.js';
import { kernelFunction } from '../../kernel/function.js';
import { write_field } from '../../kernel/slab.js';
import type { K } from '../../smp/op.js';
import { dst_alloc, dst_clone, dst_hold } from '../dst/dst-alloc.js';
import { DST_NOHASH, type DstEntry } from '../dst/dst-entry.js';
import { dst_free } from '../dst/dst-free.js';
import { loopbackFor } from '../dst/dst-ifdown.js';
import { DstOps } from '../dst/dst-ops.js';
import { dst_release } from '../dst/dst-release.js';
import { Rtable } from '../ipv4/rtable.js';
import { neigh_hold } from '../neighbour.js';
import { dev_hold, type NetDevice } from '../netdevice.js';
import type { Xfrm } from './xfrm.js';
import { elementsOf, XfrmDst } from './xfrm-dst.js';
import { __xfrm_garbage_collect, xfrm_dst_destroy, xfrm_dst_ifdown } from './xfrm-policy.js';
import type { XfrmState } from './xfrm-state.js';

/** xfrm4_dst_ops. */
export function xfrm4DstOps(xfrm: Xfrm, gcThresh = 1024): DstOps {
  const ops: DstOps = new DstOps(xfrm.net.dst, {
    name: 'xfrm4',
    cacheName: 'xfrm_dst_cache',
    entryBytes: 320,
    gc_thresh: gcThresh,
    gc: () => xfrm4_garbage_collect(xfrm),
    make: (family, label) => new XfrmDst(family, label),
    destroy: (dst) => xfrm4_dst_destroy(xfrm, dst as XfrmDst),
    ifdown: (dst, dev, unregister) => xfrm4_dst_ifdown(xfrm, dst as XfrmDst, dev, unregister),
  });
  return ops;
}

/** xfrm4_garbage_collect: gives up unused bundles; 1 if more than twice the threshold remain. */
export const xfrm4_garbage_collect = kernelFunction('xfrm4_garbage_collect', function* (xfrm: Xfrm): K<number> {
  yield* __xfrm_garbage_collect(xfrm);
  const entries: number = yield atomic_read(xfrm.xfrm4.entries);
  return entries > 2 * xfrm.xfrm4.gc_thresh ? 1 : 0;
});

/**
 * __xfrm4_bundle_create: a bundle of these transformations over a route; null if an element could not be allocated. Takes
 * over one reference of each state; the top has none yet.
 */
export const __xfrm4_bundle_create = kernelFunction(
  '__xfrm4_bundle_create',
  function* (xfrm: Xfrm, label: string, states: readonly XfrmState[], route: DstEntry): K<XfrmDst | null> {
    const { dst: dc } = xfrm.net;
    let top: XfrmDst | null = null;
    let previous: XfrmDst | null = null;
    yield dst_hold(route);
    for (let i = 0; i < states.length; i++) {
      const name = i === 0 ? label : `${label}-${i + 1}`;
      const element = (yield* dst_alloc(dc, xfrm.xfrm4, name)) as XfrmDst | null;
      if (element === null) {
        yield* dst_release(dc, route);
        if (top !== null) yield* dst_free(dc, top);
        return null;
      }
      if (previous === null) top = element;
      else {
        element.flags |= DST_NOHASH;
        previous.child = yield* dst_clone(element);
      }
      element.route = route;
      element.next = previous;
      previous = element;
      yield dst_hold(route);
    }
    previous!.child = route;
    top!.path = route;
    for (const [i, element] of elementsOf(top!).entries()) yield* fill(xfrm, element, states[i]!, route);
    return top;
  },
);

/** What an element has of its own state and of the route. */
function* fill(xfrm: Xfrm, element: XfrmDst, state: XfrmState, route: DstEntry): K {
  element.xfrm = state;
  element.dev = route.dev;
  if (route.dev !== null) yield dev_hold(route.dev);
  element.obsolete = -1;
  if (route.neighbour !== null) {
    element.neighbour = route.neighbour;
    yield neigh_hold(route.neighbour);
  }
  element.input = route.input;
  element.output = route.output;
  if (route instanceof Rtable && route.idev !== null) {
    element.idev = route.idev;
    yield xfrm.net.ipv4.inDevices!.hold(route.idev);
  }
}

/** xfrm4_dst_destroy: in_device, route, state. */
function* xfrm4_dst_destroy(xfrm: Xfrm, dst: XfrmDst): K {
  const { idev } = dst;
  if (idev !== null) {
    dst.idev = null;
    yield* xfrm.net.ipv4.inDevices!.put(idev);
  }
  yield* xfrm_dst_destroy(xfrm, dst);
}

/** xfrm4_dst_ifdown: when a device goes away, the in_devices of the whole chain and the devices of all but the top move. */
function* xfrm4_dst_ifdown(xfrm: Xfrm, dst: XfrmDst, dev: NetDevice, unregister: boolean): K {
  if (!unregister) return;
  if (dst.idev !== null && dst.idev.dev === dev) yield* moveInDevices(xfrm, dst, dev);
  yield* xfrm_dst_ifdown(xfrm, dst, dev);
}

/** Every element down to the route, whatever in_device it has now. */
function* moveInDevices(xfrm: Xfrm, dst: XfrmDst, dev: NetDevice): K {
  const inDevices = xfrm.net.ipv4.inDevices!;
  const loopback = inDevices.of(loopbackFor(xfrm.net.dst, dev));
  if (loopback === null) return;
  for (const element of elementsOf(dst)) {
    const old = element.idev!;
    yield* inDevices.put(old);
    yield write_field(element, 'idev', loopback);
    yield inDevices.hold(loopback);
  }
}
