/**
 * The IPv4 side of devices: in_device (net/ipv4/devinet.c, include/linux/inetdevice.h, 2.6.12–2.6.29).
 *
 * Ordering rule: an in_device holds its device from inetdev_init to its last put. NETDEV_UNREGISTER takes it off the
 * device; the routes that hold it keep it, and so the device, alive. Called after dst_dev_event.
 *
 * Divergence from Linux: no addresses; every device gets an in_device when it is registered (before 2.6.22
 * [unverified] all but loopback get it with their first address). The put of inetdev_destroy, which later releases put off
 * by an RCU grace period, comes at once. In a network without in_devices all this does nothing.
 */
import { Atomic, atomic_dec_and_test, atomic_inc } from '../../kernel/atomic.js';
import { kernelFunction } from '../../kernel/function.js';
import { formatPointer, freeingAliveInDevice } from '../../kernel/messages.js';
import { kmem_cache_alloc, kmem_cache_free, read_field, SlabObject, write_field } from '../../kernel/slab.js';
import type { K } from '../../smp/op.js';
import type { Net } from '../net.js';
import { dev_hold, dev_put, initialName, type NetDevice } from '../netdevice.js';
import type { InDevice, InDevices } from './in-device.js';

/** struct in_device. */
export class InDev extends SlabObject implements InDevice {
  readonly dev: NetDevice;
  readonly refcnt: Atomic;
  /** It is off its device. */
  dead = false;

  constructor(net: Net, dev: NetDevice) {
    super(net.caches.inDevice, `in_dev(${dev.name})`);
    this.dev = dev;
    this.refcnt = new Atomic(net.machine, 'refcnt', 1, this);
    net.allInDevices.add(this);
  }
}

/** inetdev_init: an in_device for `dev`, which it holds. */
export const inetdev_init = kernelFunction('inetdev_init', function* (net: Net, dev: NetDevice): K<InDev> {
  const in_dev: InDev = yield kmem_cache_alloc(net.caches.inDevice, () => new InDev(net, dev));
  yield dev_hold(dev);
  yield write_field(dev, 'ip_ptr', in_dev);
  return in_dev;
});

/** Does devinet see to devices of this namespace? */
function concerns(net: Net, dev: NetDevice): boolean {
  if (!net.inDevices) return false;
  return !net.kernel.era.netns.devinetInitialOnly || dev.nd_net.name === initialName;
}

/** The in_device of a device that has been there since boot: no operations. */
export function bootInDevice(net: Net, dev: NetDevice): void {
  if (!concerns(net, dev)) return;
  const in_dev = new InDev(net, dev);
  net.caches.inDevice.allocate(in_dev);
  dev.refcnt.value++;
  dev.ip_ptr = in_dev;
}

/** inetdev_destroy: off the device; its memory goes with the last reference. */
const inetdev_destroy = kernelFunction('inetdev_destroy', function* (net: Net, in_dev: InDev): K {
  in_dev.dead = true;
  yield write_field(in_dev.dev, 'ip_ptr', null);
  yield* in_dev_put(net, in_dev);
});

/** in_dev_get: the in_device with one more reference; null if the device has none. */
export function* in_dev_get(dev: NetDevice): K<InDev | null> {
  const in_dev: InDev | null = yield read_field(dev, 'ip_ptr');
  if (in_dev !== null) yield atomic_inc(in_dev.refcnt);
  return in_dev;
}

/** in_dev_put: one reference less; the last gives the device back. */
export function* in_dev_put(net: Net, in_dev: InDev): K {
  const last: boolean = yield atomic_dec_and_test(in_dev.refcnt);
  if (last) yield* in_dev_finish_destroy(net, in_dev);
}

const in_dev_finish_destroy = kernelFunction('in_dev_finish_destroy', function* (net: Net, in_dev: InDev): K {
  yield dev_put(in_dev.dev);
  if (!in_dev.dead) {
    net.kernel.log.printAll(freeingAliveInDevice(formatPointer(net.kernel.arch, in_dev.id)));
    return;
  }
  net.allInDevices.delete(in_dev);
  yield kmem_cache_free(in_dev);
});

/** The notifier. Ignores other namespaces where the release does. The chain puts its name on the stack. */
export function* inetdev_event(net: Net, event: string, dev: NetDevice): K {
  if (!concerns(net, dev)) return;
  if (dev.ip_ptr === null) {
    if (event === 'NETDEV_REGISTER') yield* inetdev_init(net, dev);
    return;
  }
  if (event === 'NETDEV_UNREGISTER') yield* inetdev_destroy(net, dev.ip_ptr);
}

/** What the route cache needs of in_devices. */
export function inDevicesOf(net: Net): InDevices {
  return {
    of: (dev) => dev.ip_ptr,
    hold: (idev) => atomic_inc((idev as InDev).refcnt),
    put: (idev) => in_dev_put(net, idev as InDev),
  };
}
