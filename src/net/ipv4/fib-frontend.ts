/**
 * The fib's device notifier (fib_netdev_event, fib_disable_ip; net/ipv4/fib_frontend.c, 2.6.12–2.6.29): when a device goes
 * down or away, the whole route cache is flushed and the device's neighbours go.
 *
 * Ordering rule: after dst_dev_event and devinet's handler. dst_dev_event therefore sees none of the entries that this flush
 * lets go.
 *
 * Divergence from Linux: there is no fib behind it; the flushes of NETDEV_UP and of changes are not modelled.
 */
import { kernelFunction } from '../../kernel/function.js';
import type { K } from '../../smp/op.js';
import type { Net } from '../net.js';
import type { NetDevice } from '../netdevice.js';
import { arp_ifdown } from './arp.js';
import { routeRulesOf } from './route-rules.js';
import { rt_cache_flush } from './rt-flush.js';

/** The notifier. The chain puts its name on the stack. */
export function* fib_netdev_event(net: Net, event: string, dev: NetDevice): K {
  const { initialNamespaceOnly } = net.routeCache?.rules ?? routeRulesOf(net.kernel.era);
  if (initialNamespaceOnly && !dev.nd_net.initial) return;
  if (event === 'NETDEV_DOWN' || event === 'NETDEV_UNREGISTER') yield* fib_disable_ip(net, dev);
}

/** fib_disable_ip: the routes through the device die, and with them everything that was cached. */
const fib_disable_ip = kernelFunction('fib_disable_ip', function* (net: Net, dev: NetDevice): K {
  if (net.routeCache !== null) yield* rt_cache_flush(net.routeCache, 0);
  yield* arp_ifdown(net, dev);
});
