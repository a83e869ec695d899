/**
 * What is done for each network namespace that comes and goes (register_pernet_subsys, register_pernet_device, setup_net;
 * net/core/net_namespace.c, 2.6.24–2.6.29).
 *
 * Ordering rule: inits in the order of the list, subsystems before devices, each in order of registration; exits in reverse.
 *
 * Divergence from Linux: only those operations that devices need are on the list; an init can't fail.
 */
import { kernelFunction } from '../kernel/function.js';
import { mutex_lock, mutex_unlock } from '../kernel/mutex.js';
import { kmem_cache_alloc } from '../kernel/slab.js';
import { InputError } from '../sim/errors.js';
import type { K } from '../smp/op.js';
import { register_netdevice, unregister_netdevice } from './dev.js';
import { dev_change_net_namespace } from './dev-change-net-namespace.js';
import { NetNamespace } from './namespace.js';
import type { Net } from './net.js';
import { rtnl_lock, rtnl_unlock } from './net-todo.js';
import { IFF_UP } from './netdevice.js';

export interface PernetOperations {
  readonly name: string;
  readonly init?: (namespace: NetNamespace) => K;
  readonly exit?: (namespace: NetNamespace) => K;
}

/** The list of one run. */
export class PernetList {
  readonly subsystems: PernetOperations[] = [];
  readonly devices: PernetOperations[] = [];

  register_pernet_subsys(operations: PernetOperations): void {
    this.subsystems.push(operations);
  }

  register_pernet_device(operations: PernetOperations): void {
    this.devices.push(operations);
  }

  /** In the order of inits. */
  get all(): readonly PernetOperations[] {
    return [...this.subsystems, ...this.devices];
  }
}

/** What net_dev_init and the loopback driver register, in the order of the release (or as 505d4f7 has it). */
export function registerPernet(net: Net): PernetList {
  const list = new PernetList();
  const loopback = { name: 'loopback_net_ops', init: loopback_net_init, exit: loopback_net_exit };
  if (net.surroundings.loopbackLastOut) list.register_pernet_device(loopback);
  list.register_pernet_device({ name: 'default_device_ops', exit: default_device_exit });
  if (!net.surroundings.loopbackLastOut) list.register_pernet_device(loopback);
  return list;
}

/** A loopback device, registered and down. */
function* loopback_net_init(namespace: NetNamespace): K {
  const { net } = namespace;
  const lo = namespace.alloc_netdev('lo');
  lo.flags &= ~IFF_UP;
  namespace.loopback_dev = lo;
  yield* rtnl_lock(net);
  yield* register_netdevice(net, lo);
  yield* rtnl_unlock(net);
}

/** Unregisters it and waits for its last reference. Whoever looks for it finds it still. */
function* loopback_net_exit(namespace: NetNamespace): K {
  const { net, loopback_dev } = namespace;
  yield* rtnl_lock(net);
  yield* unregister_netdevice(net, loopback_dev);
  yield* rtnl_unlock(net);
}

/** All devices that may leave go back to the initial namespace. */
function* default_device_exit(namespace: NetNamespace): K {
  const { net } = namespace;
  yield* rtnl_lock(net);
  for (const dev of [...namespace.devices.values()]) {
    if (!dev.loopback) yield* dev_change_net_namespace(net, dev, net.init_net, 'dev%d');
  }
  yield* rtnl_unlock(net);
}

const setup_net = kernelFunction('setup_net', function* (net: Net, namespace: NetNamespace): K {
  for (const { init } of net.pernet.all) if (init !== undefined) yield* init(namespace);
});

/** copy_net_ns: a new namespace, used by its maker. */
export const copy_net_ns = kernelFunction('copy_net_ns', function* (net: Net, name: string): K<NetNamespace> {
  if (net.hasNamespace(name)) throw new InputError(`there is a namespace '${name}' already`);
  const namespace: NetNamespace = yield kmem_cache_alloc(net.namespaceCache, () => new NetNamespace(net, name));
  yield* mutex_lock(net.net_mutex);
  yield* setup_net(net, namespace);
  yield* rtnl_lock(net);
  net.enlist(namespace);
  yield* rtnl_unlock(net);
  yield mutex_unlock(net.net_mutex);
  return namespace;
});
