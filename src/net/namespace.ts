/**
 * A network namespace: a name, its devices, and a loopback device of its own (struct net, 2.6.24 and later; before,
 * everything is in what is now the initial namespace).
 *
 * Ordering rule: devices are kept in order of their first mention; the loopback device is the first.
 *
 * Divergence from Linux: no init and exit methods; a namespace is there from its first mention to the end of the run.
 */
import type { Net } from './net.js';
import { NetDevice } from './netdevice.js';

export class NetNamespace {
  readonly net: Net;
  /** 'init_net', or the name it was made with. */
  readonly name: string;
  readonly devices = new Map<string, NetDevice>();
  readonly loopback_dev: NetDevice;

  constructor(net: Net, name: string) {
    this.net = net;
    this.name = name;
    this.loopback_dev = this.device('lo');
  }

  /** The device of this name, made up and without references when first mentioned. */
  device(name: string): NetDevice {
    let dev = this.devices.get(name);
    if (dev === undefined) {
      dev = new NetDevice(this.net.deviceCache, name, this);
      this.net.deviceCache.allocate(dev);
      this.devices.set(name, dev);
    }
    return dev;
  }
}
