/**
 * Telling of device events (call_netdevice_notifiers; net/core/dev.c, 2.6.12–2.6.29).
 *
 * Ordering rule: see kernel/notifier.ts; dst_dev_event first (or, with 332dd96f7ac1, last), then devinet, then fib.
 *
 * Divergence from Linux: only the events that some model here tells or acts upon.
 */
import { kernelFunction } from '../kernel/function.js';
import type { K } from '../smp/op.js';
import { events } from '../trace/event-types.js';
import type { Net } from './net.js';
import type { NetDevice } from './netdevice.js';

/** Device events and their numbers in include/linux/notifier.h (UNREGISTER_FINAL: of 2012, include/linux/netdevice.h). */
export const netdevEvents = {
  NETDEV_UP: 1,
  NETDEV_DOWN: 2,
  NETDEV_REGISTER: 5,
  NETDEV_UNREGISTER: 6,
  NETDEV_GOING_DOWN: 9,
  NETDEV_UNREGISTER_FINAL: 17,
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
