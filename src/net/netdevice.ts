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
import type { InDev } from './ipv4/devinet.js';
import type { NetNamespace } from './namespace.js';

/** Bits of {@link NetDevice.flags}: the interface is up; it is a loopback interface. */
export const IFF_UP = 1;
export const IFF_LOOPBACK = 8;

/** Name of the initial namespace. */
export const initialName = 'init_net';

/** dev->reg_state, from first to last. */
export type DeviceState = 'uninitialized' | 'registered' | 'unregistering' | 'unregistered' | 'released';

export class NetDevice extends SlabObject {
  /** References of others: destination cache entries, in_devices, neighbours, … */
  readonly refcnt: Atomic;
  flags = IFF_UP;
  state: DeviceState = 'registered';
  nd_net: NetNamespace;
  /** The IPv4 side of the device (2.6.12–2.6.29: a pointer without type). */
  ip_ptr: InDev | null = null;
  private ifname: string;

  constructor(cache: SlabCache, name: string, namespace: NetNamespace) {
    super(cache, name);
    this.ifname = name;
    this.nd_net = namespace;
    this.refcnt = new Atomic(cache.kernel.machine, 'refcnt', 0, this);
  }

  /** Changes when the device moves to a namespace where its name is taken. */
  override get name(): string {
    return this.ifname;
  }

  rename(name: string): void {
    this.ifname = name;
  }

  get up(): boolean {
    return (this.flags & IFF_UP) !== 0;
  }

  /** A loopback device. It may not leave its namespace (NETIF_F_NETNS_LOCAL). */
  get loopback(): boolean {
    return (this.flags & IFF_LOOPBACK) !== 0;
  }

  /** Its name, with the namespace where that is not the initial one: `lo@ns1`. For people. */
  get fullName(): string {
    return this.nd_net.initial ? this.ifname : `${this.ifname}@${this.nd_net.name}`;
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
