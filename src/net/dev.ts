/**
 * Devices that go up, go down and go away (net/core/dev.c, 2.6.12–2.6.29).
 *
 * Ordering rule: dev_close tells GOING_DOWN, clears IFF_UP, then tells DOWN. Unregistering closes, unlinks, tells
 * UNREGISTER, and waits for the last reference after the rtnl mutex is released.
 *
 * Divergence from Linux: queues, drivers, link watch and synchronize_net are not modelled. Before 2.6.16 the rtnl is a
 * semaphore; here a mutex in every era.
 */
import { atomic_read } from '../kernel/atomic.js';
import { BUG, WARN } from '../kernel/bug.js';
import { kernelFunction } from '../kernel/function.js';
import { formatPointer, neverRegistered, waitingForDevice } from '../kernel/messages.js';
import { mutex_lock, mutex_unlock } from '../kernel/mutex.js';
import { kmem_cache_free } from '../kernel/slab.js';
import { msleep } from '../kernel/sleep.js';
import type { K } from '../smp/op.js';
import { events } from '../trace/event-types.js';
import type { Net } from './net.js';
import { IFF_UP, type NetDevice } from './netdevice.js';

/** Device events and their numbers in include/linux/notifier.h. */
export const netdevEvents = {
  NETDEV_UP: 1,
  NETDEV_DOWN: 2,
  NETDEV_UNREGISTER: 6,
  NETDEV_GOING_DOWN: 9,
} as const;

export type NetdevEvent = keyof typeof netdevEvents;

/** call_netdevice_notifiers: tells everybody on the chain, in order. */
export const call_netdevice_notifiers = kernelFunction(
  'call_netdevice_notifiers',
  function* (net: Net, event: NetdevEvent, dev: NetDevice): K {
    net.machine.emit(events.netdev, net.kernel.current, dev, netdevEvents[event], dev.flags);
    yield* net.netdev_chain.call(event, dev);
  },
);

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

/** Under the rtnl: closes the device, takes it off the lists, tells NETDEV_UNREGISTER. */
export const unregister_netdevice = kernelFunction('unregister_netdevice', function* (net: Net, dev: NetDevice): K {
  if (dev.state !== 'registered') {
    complainNeverRegistered(net, dev);
    return;
  }
  yield* dev_close(net, dev);
  dev.nd_net.devices.delete(dev.name);
  dev.state = 'unregistering';
  yield* call_netdevice_notifiers(net, 'NETDEV_UNREGISTER', dev);
});

function complainNeverRegistered(net: Net, dev: NetDevice): void {
  const { kernel } = net;
  const where = { file: 'net/core/dev.c', line: null, exact: false };
  const lines = neverRegistered(kernel.era, dev.name, formatPointer(kernel.arch, dev.id));
  kernel.log.printAll(lines);
  if (lines.length > 0) WARN(kernel, 'rollback_registered', where);
  else BUG(kernel, where);
}

/**
 * Waits until nobody holds the device: looks each 250 ms, tells NETDEV_UNREGISTER again when more than a second has
 * passed since the last time, and complains when more than ten have.
 */
export const netdev_wait_allrefs = kernelFunction('netdev_wait_allrefs', function* (net: Net, dev: NetDevice): K {
  const { kernel } = net;
  const passed = (since: number, seconds: number): boolean => kernel.distance(since, kernel.now) > seconds * kernel.hz;
  let rebroadcast = kernel.now;
  let warning = kernel.now;
  for (;;) {
    const count: number = yield atomic_read(dev.refcnt);
    if (count === 0) return;
    if (passed(rebroadcast, 1)) {
      yield* mutex_lock(net.rtnl_mutex);
      yield* call_netdevice_notifiers(net, 'NETDEV_UNREGISTER', dev);
      yield mutex_unlock(net.rtnl_mutex);
      rebroadcast = kernel.now;
    }
    yield* msleep(kernel, 250);
    if (passed(warning, 10)) {
      const usage: number = yield atomic_read(dev.refcnt);
      kernel.log.printAll(waitingForDevice(dev.name, usage));
      warning = kernel.now;
    }
  }
});

/** unregister_netdev: unregisters under the rtnl, then (net_todo) waits for the references and frees the device. */
export const unregister_netdev = kernelFunction('unregister_netdev', function* (net: Net, dev: NetDevice): K {
  yield* mutex_lock(net.rtnl_mutex);
  const wasRegistered = dev.state === 'registered';
  yield* unregister_netdevice(net, dev);
  yield mutex_unlock(net.rtnl_mutex);
  if (!wasRegistered) return;
  dev.state = 'unregistered';
  yield* netdev_wait_allrefs(net, dev);
  dev.state = 'released';
  yield kmem_cache_free(dev);
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
