/**
 * The end of a network namespace (put_net, cleanup_net, net_free; net/core/net_namespace.c, 2.6.24–2.6.29).
 *
 * Ordering rule: the last put queues the cleanup: on events/N, as all other work, or (3ef1355, 2.6.25) on a queue of its own.
 * The cleanup takes the namespace off the list, calls the exits from last to first, waits for RCU, frees.
 *
 * Divergence from Linux: the queue's only thread is called netns/0 here. net_mutex, which the cleanup holds all the time, is
 * called net_list_mutex in 2.6.24 [unverified].
 */
import { atomic_dec_and_test, atomic_inc } from '../kernel/atomic.js';
import { kernelFunction } from '../kernel/function.js';
import { mutex_lock, mutex_unlock } from '../kernel/mutex.js';
import { rcu_barrier } from '../kernel/rcu-barrier.js';
import { kmem_cache_free } from '../kernel/slab.js';
import { type CpuWorkqueue, queue_work, schedule_work, Workqueue } from '../kernel/workqueue.js';
import type { Cpu } from '../smp/cpu.js';
import type { K, Op } from '../smp/op.js';
import type { NetNamespace } from './namespace.js';
import type { Net } from './net.js';
import { rtnl_lock, rtnl_unlock } from './net-todo.js';

/** create_singlethread_workqueue("netns"): whoever queues, the first CPU's thread does it. */
export class NetnsWorkqueue extends Workqueue {
  override of(cpu: Cpu): CpuWorkqueue {
    return super.of(cpu.machine.cpus[0]!);
  }
}

/** get_net: one more user. */
export function get_net(namespace: NetNamespace): Op {
  return atomic_inc(namespace.count);
}

/** put_net: one user less; after the last the namespace is cleaned up, some time later, by a worker. */
export const put_net = kernelFunction('put_net', function* (net: Net, namespace: NetNamespace): K {
  const last: boolean = yield atomic_dec_and_test(namespace.count);
  if (!last) return;
  const work = namespace.cleanupWork((dying) => cleanup_net(net, dying));
  if (net.surroundings.netnsQueue) yield* queue_work(net.netns_wq, work);
  else yield* schedule_work(net.kernel, work);
});

/** The work's function; the queue puts its name on the stack. */
function* cleanup_net(net: Net, namespace: NetNamespace): K {
  yield* mutex_lock(net.net_mutex);
  yield* rtnl_lock(net);
  net.delist(namespace);
  yield* rtnl_unlock(net);
  for (const { exit } of net.pernet.all.toReversed()) if (exit !== undefined) yield* exit(namespace);
  yield mutex_unlock(net.net_mutex);
  yield* rcu_barrier(net.kernel);
  yield kmem_cache_free(namespace);
}
