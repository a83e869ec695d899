/** How long devices that are unregistered wait for their references. Listens; changes nothing. */
import type { Net } from '../net/net.js';
import type { NetDevice } from '../net/netdevice.js';

export const deviceWaitDocs: Readonly<Record<string, string>> = {
  'unregister.longest_wait_s':
    'longest time that a device which is unregistered waited for its references, or has waited at the end',
  'unregister.waiting': 'devices that still wait at the end',
};

export class DeviceWaits {
  private readonly net: Net;
  private readonly since = new Map<NetDevice, number>();
  private longestNs = -1;

  constructor(net: Net) {
    this.net = net;
    net.onWait = (dev, what) => {
      if (what === 'begins') this.since.set(dev, net.machine.nowNs);
      else this.ended(dev);
    };
  }

  private ended(dev: NetDevice): void {
    this.longestNs = Math.max(this.longestNs, this.net.machine.nowNs - this.since.get(dev)!);
    this.since.delete(dev);
  }

  /** Nothing for a run in which no device was unregistered. */
  metrics(): Readonly<Record<string, number>> {
    let longestNs = this.longestNs;
    for (const startNs of this.since.values()) longestNs = Math.max(longestNs, this.net.machine.nowNs - startNs);
    if (longestNs < 0) return {};
    return { 'unregister.longest_wait_s': longestNs / 1e9, 'unregister.waiting': this.since.size };
  }
}
