/**
 * Devices that come up, go down and go away (net/core/dev.c, 2.6.12–2.6.29). What is left to do once the rtnl is given back
 * is in net-todo.ts.
 *
 * Ordering rule: dev_close tells GOING_DOWN, clears IFF_UP, then tells DOWN. Unregistering closes, unlinks, tells
 * UNREGISTER, and waits for the last reference after the rtnl mutex is released.
 *
 * Divergence from Linux: queues, drivers and link watch are not modelled, nor is synchronize_net: in a kernel the RCU-bh
 * callbacks of a small flush (on DOWN) may run before UNREGISTER is told, those of a large one can't [derived].
 */
import { BUG, WARN } from '../kernel/bug.js';
import { kernelFunction } from '../kernel/function.js';
import { formatPointer, neverRegistered } from '../kernel/messages.js';
import type { K } from '../smp/op.js';
import type { Net } from './net.js';
import { net_set_todo, rtnl_lock, rtnl_unlock } from './net-todo.js';
import { call_netdevice_notifiers } from './netdev-chain.js';
import { IFF_UP, type NetDevice } from './netdevice.js';

/** dev_open: up, then NETDEV_UP. Nothing if it is up. */
export const dev_open = kernelFunction('dev_open', function* (net: Net, dev: NetDevice): K {
  if (dev.up) return;
  dev.flags |= IFF_UP;
  yield* call_netdevice_notifiers(net, 'NETDEV_UP', dev);
});

/** dev_close: NETDEV_GOING_DOWN, down, NETDEV_DOWN. Nothing if it is down. */
export const dev_close = kernelFunction('dev_close', function* (net: Net, dev: NetDevice): K {
  if (!dev.up) return;
  yield* call_netdevice_notifiers(net, 'NETDEV_GOING_DOWN', dev);
  dev.flags &= ~IFF_UP;
  yield* call_netdevice_notifiers(net, 'NETDEV_DOWN', dev);
});

/** Under the rtnl: onto its namespace's list, then NETDEV_REGISTER. */
export const register_netdevice = kernelFunction('register_netdevice', function* (net: Net, dev: NetDevice): K {
  dev.state = 'registered';
  dev.nd_net.devices.set(dev.name, dev);
  yield* call_netdevice_notifiers(net, 'NETDEV_REGISTER', dev);
});

/** Under the rtnl: closes the device, takes it off the lists, tells NETDEV_UNREGISTER; the rest when the rtnl is free. */
export const unregister_netdevice = kernelFunction('unregister_netdevice', function* (net: Net, dev: NetDevice): K {
  if (dev.state !== 'registered') {
    complainNeverRegistered(net, dev);
    return;
  }
  yield* dev_close(net, dev);
  dev.nd_net.devices.delete(dev.name);
  dev.state = 'unregistering';
  yield* call_netdevice_notifiers(net, 'NETDEV_UNREGISTER', dev);
  net_set_todo(net, dev);
});

function complainNeverRegistered(net: Net, dev: NetDevice): void {
  const { kernel } = net;
  const where = { file: 'net/core/dev.c', line: null, exact: false };
  const lines = neverRegistered(kernel.era, dev.name, formatPointer(kernel.arch, dev.id));
  kernel.log.printAll(lines);
  if (lines.length > 0) WARN(kernel, 'rollback_registered', where);
  else BUG(kernel, where);
}

/** unregister_netdev: unregisters under the rtnl, then waits for the references and frees the device. */
export const unregister_netdev = kernelFunction('unregister_netdev', function* (net: Net, dev: NetDevice): K {
  yield* rtnl_lock(net);
  yield* unregister_netdevice(net, dev);
  yield* rtnl_unlock(net);
});

/** A scripted link failure: IFF_UP cleared and NETDEV_DOWN told, nothing else. */
export function* devDown(net: Net, dev: NetDevice): K {
  dev.flags &= ~IFF_UP;
  yield* call_netdevice_notifiers(net, 'NETDEV_DOWN', dev);
}

/** IFF_UP set; nobody is told. */
export function devUp(dev: NetDevice): void {
  dev.flags |= IFF_UP;
}

/** NETDEV_UNREGISTER told; nothing else happens to the device. */
export function devUnregister(net: Net, dev: NetDevice): K {
  return call_netdevice_notifiers(net, 'NETDEV_UNREGISTER', dev);
}
