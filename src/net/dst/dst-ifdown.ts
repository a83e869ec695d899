/**
 * dst_ifdown and the choice of the device that takes over (net/core/dst.c, R1–R26): what happens to one garbage entry
 * when a device goes down or away.
 *
 * Ordering rule: the family's ifdown first, for every entry; then the entry itself if it is on that device. Its users
 * are not locked out: each field is written by an operation of its own.
 *
 * Divergence from Linux: none known.
 */
import { benignRace } from '../../kernel/benign-race.js';
import { callNamed, kernelFunction } from '../../kernel/function.js';
import { write_field } from '../../kernel/slab.js';
import type { K } from '../../smp/op.js';
import type { Neighbour } from '../neighbour.js';
import { dev_hold, dev_net, dev_put, type NetDevice } from '../netdevice.js';
import type { DstCache } from './dst-cache.js';
import { type DstEntry, discardInput, discardOutput } from './dst-entry.js';

/** The loopback device that takes over what was on `dev`: by revision, the only one, or that of dev's namespace. */
export function loopbackFor(dc: DstCache, dev: NetDevice): NetDevice {
  switch (dc.traits.loopback) {
    case 'static':
    case 'pointer':
    case 'initial-namespace':
      return dc.net.init_net.loopback_dev;
    case 'device-namespace':
      return (dc.traits.namespaceAccessor ? dev_net(dev) : dev.nd_net).loopback_dev;
  }
}

benignRace({
  in: 'dst_ifdown',
  fields: ['input', 'output', 'dev'],
  why: 'the users of a dead entry are not locked out: a packet that is on its way goes by the old device or the new one',
  source: 'net/core/dst.c, the comment above dst_ifdown, 2.6.12 to 2.6.29: a race by intent',
});

/** dst_ifdown: `unregister` false: its packets are thrown away; true: it moves to a loopback device. */
export const dst_ifdown = kernelFunction(
  'dst_ifdown',
  function* (dc: DstCache, dst: DstEntry, dev: NetDevice, unregister: boolean): K {
    const { family, ifdown } = dst.ops;
    if (ifdown !== undefined) {
      yield* callNamed(dc.kernel.context, `${family}_dst_ifdown`, () => ifdown(dst, dev, unregister));
    }
    if (dst.dev !== dev) return;
    if (!unregister) {
      yield write_field(dst, 'input', discardInput(dc.traits));
      yield write_field(dst, 'output', discardOutput(dc.traits));
      return;
    }
    const loopback = loopbackFor(dc, dev);
    yield write_field(dst, 'dev', loopback);
    yield dev_hold(loopback);
    yield dev_put(dev);
    if (dst.neighbour !== null && dst.neighbour.dev === dev) yield* moveNeighbour(dc, dst.neighbour, dev, loopback);
  },
);

/** The neighbour follows; R20 takes the new reference before it gives the old one back. */
function* moveNeighbour(dc: DstCache, neighbour: Neighbour, from: NetDevice, to: NetDevice): K {
  yield write_field(neighbour, 'dev', to);
  if (dc.traits.holdBeforePut) {
    yield dev_hold(to);
    yield dev_put(from);
  } else {
    yield dev_put(from);
    yield dev_hold(to);
  }
}
