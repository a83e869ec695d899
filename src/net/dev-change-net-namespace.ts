/**
 * dev_change_net_namespace (net/core/dev.c, 2.6.24–2.6.29): a device moves to another namespace.
 *
 * Ordering rule: closed, off the old namespace's list, NETDEV_UNREGISTER told while it is still in the old one; then it is
 * relabelled, and NETDEV_REGISTER told. Nobody waits for its references: who holds it takes it along.
 *
 * Divergence from Linux: queues, addresses and sysfs are not modelled, nor is synchronize_net.
 */
import { kernelFunction } from '../kernel/function.js';
import { write_field } from '../kernel/slab.js';
import type { K } from '../smp/op.js';
import { dev_close } from './dev.js';
import type { NetNamespace } from './namespace.js';
import type { Net } from './net.js';
import { call_netdevice_notifiers } from './netdev-chain.js';
import type { NetDevice } from './netdevice.js';

const EINVAL = -22;
const EEXIST = -17;

/**
 * 0, or a negative error: a loopback device may not move; the name is taken and there is no `pattern` (`dev%d`) for another
 * one. The caller holds the rtnl.
 */
export const dev_change_net_namespace = kernelFunction(
  'dev_change_net_namespace',
  function* (net: Net, dev: NetDevice, target: NetNamespace, pattern: string | null): K<number> {
    if (dev.loopback || dev.state !== 'registered') return EINVAL;
    if (dev.nd_net === target) return 0;
    const name = freeName(dev, target, pattern);
    if (name === null) return EEXIST;
    yield* dev_close(net, dev);
    dev.nd_net.devices.delete(dev.name);
    yield* call_netdevice_notifiers(net, 'NETDEV_UNREGISTER', dev);
    yield write_field(dev, 'nd_net', target);
    dev.rename(name);
    target.devices.set(name, dev);
    yield* call_netdevice_notifiers(net, 'NETDEV_REGISTER', dev);
    return 0;
  },
);

/** Its own name where it is free there, else the first free one of the pattern. */
function freeName(dev: NetDevice, target: NetNamespace, pattern: string | null): string | null {
  if (!target.devices.has(dev.name)) return dev.name;
  if (pattern === null) return null;
  for (let number = 0; ; number++) {
    const name = pattern.replace('%d', String(number));
    if (!target.devices.has(name)) return name;
  }
}
