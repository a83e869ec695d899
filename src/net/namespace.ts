/**
 * A network namespace: a name, a count, its devices, and a loopback device of its own (struct net,
 * include/net/net_namespace.h, 2.6.24–2.6.29; before, everything is in what is now the initial namespace).
 *
 * Ordering rule: devices are kept in order of their first mention; the loopback device is the first.
 *
 * Divergence from Linux: any era may have namespaces. One that is mentioned without having been created is there since
 * boot. Namespaces are slab objects, so that touching one that is gone is found.
 */
import { Atomic } from '../kernel/atomic.js';
import { SlabObject } from '../kernel/slab.js';
import { Work } from '../kernel/workqueue.js';
import type { K } from '../smp/op.js';
import { bootInDevice } from './ipv4/devinet.js';
import type { Net } from './net.js';
import { IFF_LOOPBACK, initialName, NetDevice } from './netdevice.js';

export class NetNamespace extends SlabObject {
  readonly net: Net;
  readonly devices = new Map<string, NetDevice>();
  /** count: how many use it. The last to leave has it cleaned up. */
  readonly count: Atomic;
  /** Stays what it was when the device is gone: nobody clears it. */
  loopback_dev!: NetDevice;
  private cleanup: Work | null = null;

  /** `name`: 'init_net', or what a scenario calls it. Empty yet: see {@link boot} and setup_net. */
  constructor(net: Net, name: string) {
    super(net.namespaceCache, name);
    this.net = net;
    this.count = new Atomic(net.machine, 'count', 1, this);
  }

  get initial(): boolean {
    return this.name === initialName;
  }

  /** Has been there since boot, with its loopback device up. */
  boot(): this {
    this.loopback_dev = this.device('lo');
    return this;
  }

  /** The work that takes it down. */
  cleanupWork(run: (namespace: NetNamespace) => K): Work {
    this.cleanup ??= new Work(this.net.kernel, 'cleanup_net', () => run(this));
    return this.cleanup;
  }

  /** The device of this name, made up and without other references when first mentioned, as if it were there since boot. */
  device(name: string): NetDevice {
    const known = this.devices.get(name);
    if (known !== undefined) return known;
    const dev = this.alloc_netdev(name);
    dev.state = 'registered';
    this.devices.set(name, dev);
    bootInDevice(this.net, dev);
    return dev;
  }

  /** alloc_netdev: a device that is up but not registered. */
  alloc_netdev(name: string): NetDevice {
    const { net } = this;
    const dev = new NetDevice(net.deviceCache, name, this);
    if (name === 'lo') dev.flags |= IFF_LOOPBACK;
    dev.state = 'uninitialized';
    net.deviceCache.allocate(dev);
    net.allDevices.add(dev);
    return dev;
  }
}
