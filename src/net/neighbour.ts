/**
 * Neighbours as the destination cache sees them: a counted object that holds a device (struct neighbour,
 * include/net/neighbour.h, 2.6.12–2.6.29).
 *
 * Ordering rule: the last release gives the device back, then the memory.
 *
 * Divergence from Linux: no table, no states, no hh cache; the last reference destroys a neighbour, where Linux wants
 * it to be marked dead first.
 */
import { Atomic, atomic_dec_and_test, atomic_inc } from '../kernel/atomic.js';
import { kernelFunction } from '../kernel/function.js';
import { kmem_cache_free, SlabObject } from '../kernel/slab.js';
import type { K, Op } from '../smp/op.js';
import type { Net } from './net.js';
import { dev_hold, dev_put, type NetDevice } from './netdevice.js';

export class Neighbour extends SlabObject {
  dev: NetDevice;
  readonly refcnt: Atomic;

  constructor(net: Net, label: string, dev: NetDevice) {
    super(net.neighbourCache, label);
    this.dev = dev;
    this.refcnt = new Atomic(net.machine, 'refcnt', 1, this);
  }
}

/** neigh_create: a neighbour on a device, which it holds; the one reference is the caller's. */
export const neigh_create = kernelFunction(
  'neigh_create',
  function* (net: Net, label: string, dev: NetDevice): K<Neighbour> {
    const neighbour = new Neighbour(net, label, dev);
    net.neighbourCache.allocate(neighbour);
    net.neighbours.add(neighbour);
    yield dev_hold(dev);
    return neighbour;
  },
);

/** neigh_hold: one more reference. */
export function neigh_hold(neighbour: Neighbour): Op {
  return atomic_inc(neighbour.refcnt);
}

/** neigh_release: one reference less; the last puts the device and frees the neighbour. */
export const neigh_release = kernelFunction('neigh_release', function* (net: Net, neighbour: Neighbour): K {
  const last: boolean = yield atomic_dec_and_test(neighbour.refcnt);
  if (!last) return;
  net.neighbours.delete(neighbour);
  yield dev_put(neighbour.dev);
  yield kmem_cache_free(neighbour);
});
