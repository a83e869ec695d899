/**
 * The rtnl and what is left to do when it is given back (rtnl_lock, rtnl_unlock; netdev_run_todo, net/core/dev.c,
 * 2.6.12–2.6.29; with NETDEV_UNREGISTER_FINAL as of 2012).
 *
 * Ordering rule: devices unregistered under the rtnl are waited for, in order, once it is given back, by who gives it back.
 *
 * Divergence from Linux: before 2.6.16 the rtnl is a semaphore; here a mutex in every era. Through 2.6.27 [unverified] those
 * who run the list do so one after the other, under a mutex of its own; here each waits for what it put there.
 */
import { atomic_read } from '../kernel/atomic.js';
import { kernelFunction } from '../kernel/function.js';
import { waitingForDevice } from '../kernel/messages.js';
import { mutex_lock, mutex_unlock } from '../kernel/mutex.js';
import { rcu_barrier } from '../kernel/rcu-barrier.js';
import { kmem_cache_free } from '../kernel/slab.js';
import { msleep } from '../kernel/sleep.js';
import type { K } from '../smp/op.js';
import type { Net } from './net.js';
import { call_netdevice_notifiers } from './netdev-chain.js';
import type { NetDevice } from './netdevice.js';

/** rtnl_lock. */
export function rtnl_lock(net: Net): K {
  return mutex_lock(net.rtnl_mutex);
}

/** net_set_todo: once the rtnl is given back, the device is waited for. The caller holds the rtnl. */
export function net_set_todo(net: Net, dev: NetDevice): void {
  net.todo.push(dev);
}

/** rtnl_unlock: gives it back, then sees to the devices that were unregistered under it. */
export function* rtnl_unlock(net: Net): K {
  const todo = net.todo.splice(0);
  yield mutex_unlock(net.rtnl_mutex);
  if (todo.length > 0) yield* netdev_run_todo(net, todo);
}

const netdev_run_todo = kernelFunction('netdev_run_todo', function* (net: Net, todo: readonly NetDevice[]): K {
  if (net.surroundings.unregisterFinal) yield* rcu_barrier(net.kernel);
  for (const dev of todo) {
    if (net.surroundings.unregisterFinal) yield* tell(net, 'NETDEV_UNREGISTER_FINAL', dev);
    dev.state = 'unregistered';
    net.onWait?.(dev, 'begins');
    yield* netdev_wait_allrefs(net, dev);
    net.onWait?.(dev, 'ends');
    dev.state = 'released';
    net.allDevices.delete(dev);
    yield kmem_cache_free(dev);
  }
});

/** Tells everybody, under the rtnl for as long as that takes. */
function* tell(net: Net, event: 'NETDEV_UNREGISTER' | 'NETDEV_UNREGISTER_FINAL', dev: NetDevice): K {
  yield* rtnl_lock(net);
  yield* call_netdevice_notifiers(net, event, dev);
  yield mutex_unlock(net.rtnl_mutex);
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
      yield* tell(net, 'NETDEV_UNREGISTER', dev);
      if (net.surroundings.unregisterFinal) {
        yield* rcu_barrier(kernel);
        yield* tell(net, 'NETDEV_UNREGISTER_FINAL', dev);
      }
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
