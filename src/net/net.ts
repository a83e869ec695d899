/**
 * The network of one run: namespaces and their devices, the device notifier chain, and the destination cache at one
 * revision.
 *
 * Ordering rule: the destination cache registers its notifier first (dst_init runs from net_dev_init), so it sees each
 * device event before everybody else of the same priority: devinet, then fib.
 *
 * Divergence from Linux: devices come into being when first mentioned, up.
 */
import type { Kernel } from '../kernel/kernel.js';
import { Mutex } from '../kernel/mutex.js';
import { NotifierChain } from '../kernel/notifier.js';
import { SlabCache } from '../kernel/slab.js';
import type { Workqueue } from '../kernel/workqueue.js';
import { InputError } from '../sim/errors.js';
import type { Machine } from '../smp/machine.js';
import { NetnsWorkqueue } from './cleanup-net.js';
import { DstCache } from './dst/dst-cache.js';
import { dst_dev_event } from './dst/dst-dev-event.js';
import type { DstTraits } from './dst/traits.js';
import { arp_bind_neighbour } from './ipv4/arp.js';
import { type InDev, inDevicesOf, inetdev_event } from './ipv4/devinet.js';
import { fib_netdev_event } from './ipv4/fib-frontend.js';
import { RouteCache, type RouteSetup } from './ipv4/route-cache.js';
import { NetNamespace } from './namespace.js';
import { type HhCache, type Neighbour, NeighTable } from './neighbour.js';
import type { NetDevice } from './netdevice.js';
import { type PernetList, registerPernet } from './pernet.js';
import { baselineNetTraits, type NetTraits } from './surroundings.js';

export interface NetOptions {
  /** What dst.c does: the traits of a revision. */
  readonly traits: DstTraits;
  /** What the code around dst.c does; none of the commits outside it if absent. */
  readonly surroundings?: NetTraits;
  /** RT_CACHE_DEBUG as the kernel was built with; from 2 on each gc run prints a line. 0 if absent. */
  readonly debug?: number;
  /** The IPv4 route cache; of 256 MiB of memory if absent. */
  readonly ipv4?: RouteSetup;
  /** Devices have in_devices, which hold them, and routes hold those. Not if absent. */
  readonly inDevices?: boolean;
  /** Entries of the route cache are bound to neighbours. Not if absent. */
  readonly neighbours?: boolean;
  /** OpenVZ's patch: dst_dev_event calls dst_run_gc (R1–R13). Not if absent. */
  readonly openvz?: boolean;
}

export class Net {
  readonly kernel: Kernel;
  readonly machine: Machine;
  readonly traits: DstTraits;
  readonly surroundings: NetTraits;
  readonly debug: number;
  readonly inDevices: boolean;
  readonly openvz: boolean;
  readonly netdev_chain: NotifierChain<NetDevice>;
  readonly rtnl_mutex: Mutex;
  readonly deviceCache: SlabCache;
  readonly namespaceCache: SlabCache;
  /** Devices, in_devices, neighbours and cached headers not yet freed, in order of creation. */
  readonly allDevices = new Set<NetDevice>();
  readonly allInDevices = new Set<InDev>();
  readonly neighbours = new Set<Neighbour>();
  readonly headers = new Set<HhCache>();
  /** net_todo_list: devices unregistered by who holds the rtnl. */
  readonly todo: NetDevice[] = [];
  /** Told when the wait for a device's references begins and ends; observers only. */
  onWait: ((dev: NetDevice, what: 'begins' | 'ends') => void) | null = null;
  readonly init_net: NetNamespace;
  readonly dst: DstCache;
  /** The route cache, if it has been used. */
  routeCache: RouteCache | null = null;
  private readonly ipv4Setup: RouteSetup;
  private readonly bindsNeighbours: boolean;
  private others: Map<string, NetNamespace> | null = null;
  /** Namespaces that nobody but a scenario can find any more. */
  private readonly dying = new Map<string, NetNamespace>();
  private table: NeighTable | null = null;
  private list: PernetList | null = null;
  private slabs: Readonly<Record<'neighbour' | 'hh' | 'inDevice', SlabCache>> | null = null;
  private netMutex: Mutex | null = null;
  private netnsQueue: Workqueue | null = null;

  constructor(kernel: Kernel, options: NetOptions) {
    this.kernel = kernel;
    this.machine = kernel.machine;
    this.traits = options.traits;
    this.surroundings = options.surroundings ?? baselineNetTraits;
    this.debug = options.debug ?? 0;
    this.inDevices = options.inDevices ?? false;
    this.bindsNeighbours = options.neighbours ?? false;
    this.openvz = options.openvz ?? false;
    this.ipv4Setup = options.ipv4 ?? {};
    this.netdev_chain = new NotifierChain(kernel);
    this.rtnl_mutex = new Mutex(kernel, 'rtnl_mutex');
    this.deviceCache = new SlabCache(kernel, 'net_device', 1024);
    this.namespaceCache = new SlabCache(kernel, 'net_namespace', 512);
    this.init_net = new NetNamespace(this, 'init_net');
    this.init_net.boot();
    this.dst = new DstCache(this);
    this.netdev_chain.register({
      name: 'dst_dev_event',
      priority: this.surroundings.dstNotifierLast ? -10 : 0,
      call: (event, dev) => dst_dev_event(this.dst, event, dev),
    });
    this.netdev_chain.register({
      name: 'inetdev_event',
      priority: 0,
      call: (event, dev) => inetdev_event(this, event, dev),
    });
    this.netdev_chain.register({
      name: 'fib_netdev_event',
      priority: 0,
      call: (event, dev) => fib_netdev_event(this, event, dev),
    });
  }

  /** The IPv4 route cache, made when first used. Its timers are armed by ip_rt_init. */
  get ipv4(): RouteCache {
    if (this.routeCache === null) {
      const routes = new RouteCache(this, this.ipv4Setup);
      if (this.inDevices) routes.inDevices = inDevicesOf(this);
      if (this.bindsNeighbours) routes.arp_bind_neighbour = (rt) => arp_bind_neighbour(this, rt, String(rt.key));
      this.routeCache = routes;
    }
    return this.routeCache;
  }

  /** Where neighbours, their headers and in_devices come from. */
  get caches(): Readonly<Record<'neighbour' | 'hh' | 'inDevice', SlabCache>> {
    this.slabs ??= {
      neighbour: new SlabCache(this.kernel, 'arp_cache', 192),
      hh: new SlabCache(this.kernel, 'hh_cache', 96),
      inDevice: new SlabCache(this.kernel, 'in_device', 256),
    };
    return this.slabs;
  }

  /** arp_tbl: the neighbours. */
  get arp_tbl(): NeighTable {
    this.table ??= new NeighTable(this, 'arp_tbl');
    return this.table;
  }

  /** pernet_list: what is done for each namespace that comes and goes. */
  get pernet(): PernetList {
    this.list ??= registerPernet(this);
    return this.list;
  }

  /** Guards the making and the cleaning up of namespaces. */
  get net_mutex(): Mutex {
    this.netMutex ??= new Mutex(this.kernel, 'net_mutex');
    return this.netMutex;
  }

  /** The queue that cleans namespaces up, where it is not events/N. */
  get netns_wq(): Workqueue {
    this.netnsQueue ??= new NetnsWorkqueue(this.kernel, 'netns');
    return this.netnsQueue;
  }

  /** The namespace of this name. One that was not created is taken to be there since boot, with its loopback device. */
  namespace(name: string): NetNamespace {
    if (name === this.init_net.name) return this.init_net;
    this.others ??= new Map();
    let namespace = this.others.get(name) ?? this.dying.get(name);
    if (namespace?.freed) throw new InputError(`the namespace '${name}' is gone`);
    if (namespace === undefined) {
      namespace = new NetNamespace(this, name);
      this.namespaceCache.allocate(namespace);
      namespace.boot();
      this.others.set(name, namespace);
    }
    return namespace;
  }

  hasNamespace(name: string): boolean {
    return name === this.init_net.name || this.others?.has(name) === true;
  }

  /** Puts a new namespace on the list. */
  enlist(namespace: NetNamespace): void {
    this.others ??= new Map();
    this.others.set(namespace.name, namespace);
  }

  /** Takes a namespace off the list: nobody can find it any more. */
  delist(namespace: NetNamespace): void {
    this.others?.delete(namespace.name);
    this.dying.set(namespace.name, namespace);
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
