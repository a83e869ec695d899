/**
 * ARP as far as it binds entries to neighbours and lets go of a device (net/ipv4/arp.c, 2.6.12–2.6.29).
 *
 * Divergence from Linux: no packets, so a neighbour is connected from the start. The next hop of a route is its key.
 */
import { kernelFunction } from '../../kernel/function.js';
import type { K } from '../../smp/op.js';
import type { DstEntry } from '../dst/dst-entry.js';
import { neigh_create, neigh_ifdown, neigh_lookup } from '../neighbour.js';
import type { Net } from '../net.js';
import type { NetDevice } from '../netdevice.js';
import { ENOBUFS } from './rt-intern-hash.js';

const EINVAL = -22;

/**
 * arp_bind_neighbour: gives an entry its neighbour, found or made; 0 or a negative error. All entries on a loopback
 * device share the next hop 0.
 */
export const arp_bind_neighbour = kernelFunction(
  'arp_bind_neighbour',
  function* (net: Net, dst: DstEntry, nextHop: string): K<number> {
    const { dev } = dst;
    if (dev === null) return EINVAL;
    if (dst.neighbour !== null) return 0;
    const key = dev.loopback ? '0' : nextHop;
    const neighbour = (yield* neigh_lookup(net, key, dev)) ?? (yield* neigh_create(net, key, dev));
    if (neighbour === null) return ENOBUFS;
    dst.neighbour = neighbour;
    return 0;
  },
);

/** arp_ifdown: the neighbours of a device that goes down or away. */
export function arp_ifdown(net: Net, dev: NetDevice): K {
  return neigh_ifdown(net, dev);
}
