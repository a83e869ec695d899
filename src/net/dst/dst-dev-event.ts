/**
 * dst_dev_event (net/core/dst.c, R1–R26): the garbage follows what happens to devices.
 *
 * Ordering rule: through R13 the list from its head, under dst_lock. From R14 the busy list from its head, then the new
 * garbage, which is appended to it, under the mutex.
 *
 * Divergence from Linux: none known. What OpenVZ's patch added (its own dst.c is not read: [unverified] where it stood) comes
 * last, if asked for.
 */
import { replaceable } from '../../kernel/function.js';
import { mutex_lock, mutex_unlock } from '../../kernel/mutex.js';
import { spin_lock_bh, spin_unlock_bh } from '../../kernel/spinlock.js';
import type { K } from '../../smp/op.js';
import { dev_net, type NetDevice } from '../netdevice.js';
import type { DstCache } from './dst-cache.js';
import type { DstEntry } from './dst-entry.js';
import { dst_run_gc } from './dst-gc-timer.js';
import { dst_ifdown } from './dst-ifdown.js';

/** The notifier: does something on NETDEV_DOWN and NETDEV_UNREGISTER. The chain puts its name on the stack. */
export const dst_dev_event = replaceable('dst_dev_event', function* (dc: DstCache, event: string, dev: NetDevice): K {
  if (dc.traits.initialNamespaceOnly) {
    const namespace = dc.traits.namespaceAccessor ? dev_net(dev) : dev.nd_net;
    if (namespace !== dc.net.init_net) return;
  }
  const unregister = event === (dc.net.surroundings.unregisterFinal ? 'NETDEV_UNREGISTER_FINAL' : 'NETDEV_UNREGISTER');
  if (event !== 'NETDEV_DOWN' && !unregister) return;
  if (dc.traits.gcInWorkqueue) yield* underMutex(dc, dev, unregister);
  else yield* underLock(dc, dev, unregister);
  if (dc.net.openvz && !dc.traits.gcInWorkqueue) yield* dst_run_gc(dc, 0);
});

function* underLock(dc: DstCache, dev: NetDevice, unregister: boolean): K {
  yield spin_lock_bh(dc.lock);
  dc.touches('list', 'read');
  yield* ifdownFrom(dc, dc.list, dev, unregister);
  yield spin_unlock_bh(dc.lock);
}

function* underMutex(dc: DstCache, dev: NetDevice, unregister: boolean): K {
  yield* mutex_lock(dc.gc_mutex);
  dc.touches('busy_list', 'write');
  const last = yield* ifdownFrom(dc, dc.busy_list, dev, unregister);
  yield spin_lock_bh(dc.lock);
  dc.touches('list', 'write');
  const fresh = dc.list;
  dc.list = null;
  yield spin_unlock_bh(dc.lock);
  if (last === null) dc.busy_list = fresh;
  else last.next = fresh;
  yield* ifdownFrom(dc, fresh, dev, unregister);
  yield mutex_unlock(dc.gc_mutex);
}

/** dst_ifdown for each entry of a list; answers the last one. */
function* ifdownFrom(dc: DstCache, head: DstEntry | null, dev: NetDevice, unregister: boolean): K<DstEntry | null> {
  let last: DstEntry | null = null;
  for (let dst = head; dst !== null; dst = dst.next) {
    last = dst;
    yield* dst_ifdown(dc, dst, dev, unregister);
  }
  return last;
}
