/**
 * The IPv4 side of a device as routes see it (struct in_device, include/linux/inetdevice.h, 2.6.12–2.6.29): something that
 * is counted and holds the device.
 *
 * Divergence from Linux: only what routes need is said here; who makes and destroys in_devices is another's business.
 */
import type { K, Op } from '../../smp/op.js';
import type { NetDevice } from '../netdevice.js';

export interface InDevice {
  readonly dev: NetDevice;
}

/** Where a route finds the in_device of a device, and how it counts. */
export interface InDevices {
  /** in_dev of a device; null if it has none. */
  of(dev: NetDevice): InDevice | null;
  hold(idev: InDevice): Op;
  put(idev: InDevice): K;
}
