/**
 * Neighbours and their cached headers as the destination cache sees them: counted objects, the first of which hold a
 * device (struct neighbour, struct hh_cache, struct neigh_table; net/core/neighbour.c, 2.6.12–2.6.29).
 *
 * Ordering rule: neigh_ifdown takes every neighbour of a device off the table and marks it dead; its last release then
 * empties the list of headers, gives the device back, and the memory.
 *
 * Divergence from Linux: no states beyond dead or not, no timers, no queue of packets; the table's lock is not modelled.
 */
import { Atomic, atomic_dec, atomic_dec_and_test, atomic_inc, atomic_read } from '../kernel/atomic.js';
import { kernelFunction } from '../kernel/function.js';
import { destroyingAliveNeighbour, formatPointer } from '../kernel/messages.js';
import { kmem_cache_alloc, kmem_cache_free, SlabObject, write_field } from '../kernel/slab.js';
import type { K, Op } from '../smp/op.js';
import type { DstEntry } from './dst/dst-entry.js';
import type { Net } from './net.js';
import { dev_hold, dev_put, type NetDevice } from './netdevice.js';

/** What a neighbour or a cached header does with packets: sends them, or (neigh_blackhole) throws them away. */
export type NeighbourOutput = 'connected' | 'blackhole';

/** A cached hardware header: one reference of its neighbour's list, one of each entry that uses it. */
export class HhCache extends SlabObject {
  readonly hh_refcnt: Atomic;
  hh_next: HhCache | null = null;
  hh_output: NeighbourOutput = 'connected';

  constructor(net: Net, label: string) {
    super(net.caches.hh, label);
    this.hh_refcnt = new Atomic(net.machine, 'hh_refcnt', 0, this);
    net.headers.add(this);
  }
}

export class Neighbour extends SlabObject {
  dev: NetDevice;
  /** What it was looked up by: the next hop. */
  readonly key: string;
  /** One reference of the table while it is in it, one of each entry bound to it, those of others. */
  readonly refcnt: Atomic;
  /** It is off the table. */
  dead = false;
  /** NUD_PERMANENT: a forced collection leaves it alone. */
  permanent = false;
  output: NeighbourOutput = 'connected';
  hh: HhCache | null = null;

  constructor(net: Net, key: string, dev: NetDevice) {
    super(net.caches.neighbour, key);
    this.key = key;
    this.dev = dev;
    this.refcnt = new Atomic(net.machine, 'refcnt', 1, this);
  }
}

/** struct neigh_table: the neighbours that can be looked up. */
export class NeighTable {
  readonly gc_thresh2: number;
  readonly gc_thresh3: number;
  readonly entries: Atomic;
  /** In order of their creation. */
  readonly members = new Set<Neighbour>();
  /** jiffies of the last forced collection. */
  last_flush: number;

  constructor(net: Net, label: string, gc_thresh2 = 512, gc_thresh3 = 1024) {
    this.gc_thresh2 = gc_thresh2;
    this.gc_thresh3 = gc_thresh3;
    this.entries = new Atomic(net.machine, `${label} entries`);
    this.last_flush = net.kernel.jiffies();
  }
}

/** neigh_lookup: the neighbour with this next hop on this device, with one more reference; null if there is none. */
export const neigh_lookup = kernelFunction(
  'neigh_lookup',
  function* (net: Net, key: string, dev: NetDevice): K<Neighbour | null> {
    for (const neighbour of net.arp_tbl.members) {
      if (neighbour.key !== key || neighbour.dev !== dev) continue;
      yield neigh_hold(neighbour);
      return neighbour;
    }
    return null;
  },
);

/**
 * neigh_create: a neighbour on a device, which it holds, in the table, with one reference for the caller. Null if the
 * table is full.
 */
export const neigh_create = kernelFunction(
  'neigh_create',
  function* (net: Net, key: string, dev: NetDevice): K<Neighbour | null> {
    if (!(yield* roomFor(net))) return null;
    const neighbour: Neighbour = yield kmem_cache_alloc(net.caches.neighbour, () => new Neighbour(net, key, dev));
    net.neighbours.add(neighbour);
    net.arp_tbl.members.add(neighbour);
    yield dev_hold(dev);
    yield neigh_hold(neighbour);
    return neighbour;
  },
);

/** The first half of neigh_alloc: counts one more, if need be after a forced collection. */
function* roomFor(net: Net): K<boolean> {
  const tbl = net.arp_tbl;
  const { kernel } = net;
  const entries: number = yield atomic_read(tbl.entries);
  if (entries >= tbl.gc_thresh2) {
    const full = entries >= tbl.gc_thresh3;
    const long = kernel.distance(tbl.last_flush, kernel.now) > 5 * kernel.hz;
    if ((full || long) && !(yield* neigh_forced_gc(net)) && full) return false;
  }
  yield atomic_inc(tbl.entries);
  return true;
}

/** neigh_forced_gc: drops what nobody but the table holds; answers whether there was any. */
const neigh_forced_gc = kernelFunction('neigh_forced_gc', function* (net: Net): K<boolean> {
  let shrunk = false;
  for (const neighbour of [...net.arp_tbl.members]) {
    const count: number = yield atomic_read(neighbour.refcnt);
    if (count !== 1 || neighbour.permanent) continue;
    shrunk = true;
    yield* unlink(net, neighbour);
    yield* neigh_release(net, neighbour);
  }
  net.arp_tbl.last_flush = net.kernel.now;
  return shrunk;
});

function* unlink(net: Net, neighbour: Neighbour): K {
  net.arp_tbl.members.delete(neighbour);
  yield write_field(neighbour, 'dead', true);
}

/** neigh_hold: one more reference. */
export function neigh_hold(neighbour: Neighbour): Op {
  return atomic_inc(neighbour.refcnt);
}

/** neigh_release: one reference less; the last destroys the neighbour. */
export const neigh_release = kernelFunction('neigh_release', function* (net: Net, neighbour: Neighbour): K {
  const last: boolean = yield atomic_dec_and_test(neighbour.refcnt);
  if (last) yield* neigh_destroy(net, neighbour);
});

/** neigh_destroy: of a dead neighbour; another is only complained of. */
const neigh_destroy = kernelFunction('neigh_destroy', function* (net: Net, neighbour: Neighbour): K {
  const { kernel } = net;
  if (!neighbour.dead) {
    kernel.log.printAll(destroyingAliveNeighbour(formatPointer(kernel.arch, neighbour.id)));
    return;
  }
  while (neighbour.hh !== null) {
    const { hh } = neighbour;
    neighbour.hh = hh.hh_next;
    hh.hh_next = null;
    yield write_field(hh, 'hh_output', 'blackhole');
    yield* hh_put(net, hh);
  }
  net.neighbours.delete(neighbour);
  yield dev_put(neighbour.dev);
  yield atomic_dec(net.arp_tbl.entries);
  yield kmem_cache_free(neighbour);
});

/**
 * neigh_ifdown: every neighbour of the device leaves the table. One that somebody still holds is a stray: it throws packets
 * away and keeps the device until its last release.
 */
export const neigh_ifdown = kernelFunction('neigh_ifdown', function* (net: Net, dev: NetDevice): K {
  for (const neighbour of [...net.arp_tbl.members]) {
    if (neighbour.dev !== dev) continue;
    yield* unlink(net, neighbour);
    const count: number = yield atomic_read(neighbour.refcnt);
    if (count !== 1) yield write_field(neighbour, 'output', 'blackhole');
    yield* neigh_release(net, neighbour);
  }
});

/** neigh_hh_init: gives an entry the cached header of its neighbour, made now if there is none. */
export const neigh_hh_init = kernelFunction(
  'neigh_hh_init',
  function* (net: Net, neighbour: Neighbour, dst: DstEntry): K {
    let { hh } = neighbour;
    if (hh === null) {
      hh = (yield kmem_cache_alloc(net.caches.hh, () => new HhCache(net, `hh(${neighbour.key})`))) as HhCache;
      yield atomic_inc(hh.hh_refcnt);
      hh.hh_next = neighbour.hh;
      neighbour.hh = hh;
    }
    yield atomic_inc(hh.hh_refcnt);
    dst.hh = hh;
  },
);

/** Drops one reference to a cached header; the last frees it. */
export function* hh_put(net: Net, hh: HhCache): K {
  const last: boolean = yield atomic_dec_and_test(hh.hh_refcnt);
  if (!last) return;
  net.headers.delete(hh);
  yield kmem_cache_free(hh);
}
