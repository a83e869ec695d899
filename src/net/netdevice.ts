/**
 * Network devices as the destination cache sees them: a reference count, IFF_UP, a namespace (struct net_device,
 * include/linux/netdevice.h, 2.6.12–2.6.29).
 *
 * Ordering rule: each hold and put is one atomic operation.
 *
 * Divergence from Linux: the reference that registration itself holds is not counted, so a device nobody uses has a
 * count of 0 from the start, as a real one has while its unregistering waits. Devices are slab objects, so that
 * touching one that is gone is found.
 */
import { Atomic, atomic_dec, atomic_inc } from '../kernel/atomic.js';
import { type SlabCache, SlabObject } from '../kernel/slab.js';
import type { Op } from '../smp/op.js';
import type { NetNamespace } from './namespace.js';

/** Bit of {@link NetDevice.flags}: the interface is up. */
export const IFF_UP = 1;

/** dev->reg_state, from first to last. */
export type DeviceState = 'registered' | 'unregistering' | 'unregistered' | 'released';

export class NetDevice extends SlabObject {
  /** References of others: destination cache entries, neighbours, … */
  readonly refcnt: Atomic;
  flags = IFF_UP;
  state: DeviceState = 'registered';
  nd_net: NetNamespace;

  constructor(cache: SlabCache, name: string, namespace: NetNamespace) {
    super(cache, name);
    this.nd_net = namespace;
    this.refcnt = new Atomic(cache.kernel.machine, 'refcnt', 0, this);
  }

  get up(): boolean {
    return (this.flags & IFF_UP) !== 0;
  }
}

/** dev_net(): the accessor that R23 introduced. */
export function dev_net(dev: NetDevice): NetNamespace {
  return dev.nd_net;
}

/** dev_hold: one more reference. */
export function dev_hold(dev: NetDevice): Op {
  return atomic_inc(dev.refcnt);
}

/** dev_put: one reference less. Never frees; who waits for the last one polls the count. */
export function dev_put(dev: NetDevice): Op {
  return atomic_dec(dev.refcnt);
}
