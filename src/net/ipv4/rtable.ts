/**
 * One entry of the IPv4 route cache (struct rtable, include/net/route.h, 2.6.12–2.6.29), and the flags and types it can have
 * (include/linux/in_route.h, rtnetlink.h).
 *
 * Ordering rule: the key and flags are written before the entry is in the cache.
 *
 * Divergence from Linux: the flow is one number, the key, and the input interface's index. Peers, gateways and multipath
 * data are not modelled.
 */
import type { RcuHead } from '../../kernel/rcu.js';
import type { K } from '../../smp/op.js';
import { DstEntry } from '../dst/dst-entry.js';
import type { DstOps } from '../dst/dst-ops.js';
import type { InDevice } from './in-device.js';

/** Bits of {@link Rtable.rt_flags}, as signed 32-bit numbers. */
export const RTCF_NOTIFY = 0x00010000;
export const RTCF_REDIRECTED = 0x00040000;
export const RTCF_BROADCAST = 0x10000000;
export const RTCF_MULTICAST = 0x20000000;
export const RTCF_LOCAL = 0x80000000 | 0;

/** {@link Rtable.rt_type}. */
export const routeTypes = {
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
} as const;
export type RouteType = keyof typeof routeTypes;

export class Rtable extends DstEntry implements RcuHead {
  // Walks over many entries look at these, and at what DstEntry has last.
  rt_flags = 0;
  /** Index of the input interface; 0 for an output route. */
  iif = 0;
  /** Destination, source and the rest of the flow, as one whole number. */
  key = 0;
  /** The cache's generation when it was made (2.6.25 and later). */
  rt_genid = 0;
  /** The RCU callback, from rt_free on. */
  rcuFunc: ((head: Rtable) => K) | null = null;
  rcuNext: RcuHead | null = null;
  rt_type: number = routeTypes.unicast;
  idev: InDevice | null = null;

  constructor(ops: DstOps, label: string) {
    super(ops.cache, ops, label);
  }

  override get name(): string {
    return super.name === '' ? `rt${this.id}` : super.name;
  }
}
