/**
 * fib_netdev_event (net/ipv4/fib_frontend.c, 2.6.12–2.6.29): when a device goes down or away, the whole route cache is flushed.
 *
 * Ordering rule: after dst_dev_event, which therefore sees none of the entries that this flush lets go.
 *
 * Divergence from Linux: there is no fib behind it; the flushes of NETDEV_UP and of changes are not modelled.
 */
import { kernelFunction } from '../../kernel/function.js';
import type { K } from '../../smp/op.js';
import type { NetDevice } from '../netdevice.js';
import type { RouteCache } from './route-cache.js';
import { rt_cache_flush } from './rt-flush.js';

/** The notifier. The chain puts its name on the stack. */
export function* fib_netdev_event(rc: RouteCache, event: string, dev: NetDevice): K {
  if (rc.rules.initialNamespaceOnly && dev.nd_net !== rc.net.init_net) return;
  if (event === 'NETDEV_DOWN' || event === 'NETDEV_UNREGISTER') yield* fib_disable_ip(rc);
}

/** fib_disable_ip: the routes through the device die, and with them everything that was cached. */
export const fib_disable_ip = kernelFunction('fib_disable_ip', function* (rc: RouteCache): K {
  yield* rt_cache_flush(rc, 0);
});
