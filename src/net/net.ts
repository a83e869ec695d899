/**
 * The network of one run: namespaces and their devices, the device notifier chain, and the destination cache at one
 * revision.
 *
 * Ordering rule: the destination cache registers its notifier first (dst_init runs from net_dev_init), so it sees each
 * device event before everybody else of the same priority.
 *
 * Divergence from Linux: devices come into being when first mentioned, up.
 */
import type { Kernel } from '../kernel/kernel.js';
import { Mutex } from '../kernel/mutex.js';
import { NotifierChain } from '../kernel/notifier.js';
import { SlabCache } from '../kernel/slab.js';
import type { Machine } from '../smp/machine.js';
import { DstCache } from './dst/dst-cache.js';
import { dst_dev_event } from './dst/dst-dev-event.js';
import type { DstTraits } from './dst/traits.js';
import { RouteCache, type RouteSetup } from './ipv4/route-cache.js';
import { NetNamespace } from './namespace.js';
import type { Neighbour } from './neighbour.js';
import type { NetDevice } from './netdevice.js';

export interface NetOptions {
  /** What dst.c does: the traits of a revision. */
  readonly traits: DstTraits;
  /** RT_CACHE_DEBUG as the kernel was built with; from 2 on each gc run prints a line. 0 if absent. */
  readonly debug?: number;
  /** The IPv4 route cache; of 256 MiB of memory if absent. */
  readonly ipv4?: RouteSetup;
}

export class Net {
  readonly kernel: Kernel;
  readonly machine: Machine;
  readonly traits: DstTraits;
  readonly debug: number;
  readonly netdev_chain: NotifierChain<NetDevice>;
  readonly rtnl_mutex: Mutex;
  readonly deviceCache: SlabCache;
  readonly neighbourCache: SlabCache;
  /** Neighbours not yet freed. */
  readonly neighbours = new Set<Neighbour>();
  readonly init_net: NetNamespace;
  readonly dst: DstCache;
  private readonly ipv4Setup: RouteSetup;
  private routes: RouteCache | null = null;
  private others: Map<string, NetNamespace> | null = null;

  constructor(kernel: Kernel, options: NetOptions) {
    this.kernel = kernel;
    this.machine = kernel.machine;
    this.traits = options.traits;
    this.debug = options.debug ?? 0;
    this.ipv4Setup = options.ipv4 ?? {};
    this.netdev_chain = new NotifierChain(kernel);
    this.rtnl_mutex = new Mutex(kernel, 'rtnl_mutex');
    this.deviceCache = new SlabCache(kernel, 'net_device', 1024);
    this.neighbourCache = new SlabCache(kernel, 'arp_cache', 192);
    this.init_net = new NetNamespace(this, 'init_net');
    this.dst = new DstCache(this);
    this.netdev_chain.register({
      name: 'dst_dev_event',
      priority: 0,
      call: (event, dev) => dst_dev_event(this.dst, event, dev),
    });
  }

  /** The IPv4 route cache, made when first used. Its timers are armed by ip_rt_init. */
  get ipv4(): RouteCache {
    this.routes ??= new RouteCache(this, this.ipv4Setup);
    return this.routes;
  }

  /** The namespace of this name, made with its own loopback device when first mentioned. */
  namespace(name: string): NetNamespace {
    if (name === this.init_net.name) return this.init_net;
    this.others ??= new Map();
    let namespace = this.others.get(name);
    if (namespace === undefined) {
      namespace = new NetNamespace(this, name);
      this.others.set(name, namespace);
    }
    return namespace;
  }

  /** All namespaces, the initial one first. */
  get namespaces(): readonly NetNamespace[] {
    return [this.init_net, ...(this.others?.values() ?? [])];
  }

  /** The device of this name, made when first mentioned. */
  device(name: string, namespace: NetNamespace = this.init_net): NetDevice {
    return namespace.device(name);
  }
}
