/**
 * Who holds a device: the books that a device's reference count must agree with.
 *
 * Divergence from Linux: no kernel keeps these books; they are an observer's, and are right while no hold or put is
 * under way.
 */
import type { DstEntry } from './dst/dst-entry.js';
import type { Neighbour } from './neighbour.js';
import type { Net } from './net.js';
import type { NetDevice } from './netdevice.js';

export interface Holders {
  /** Entries whose dev it is, oldest first. */
  readonly dsts: readonly DstEntry[];
  readonly neighbours: readonly Neighbour[];
}

/** Everything that should hold one reference to `dev` each. Looks at every live entry: for checks, not for code. */
export function holdersOf(net: Net, dev: NetDevice): Holders {
  const dsts: DstEntry[] = [];
  for (const dst of net.dst.liveEntries()) if (dst.dev === dev) dsts.push(dst);
  return { dsts, neighbours: [...net.neighbours].filter((neighbour) => neighbour.dev === dev) };
}

/** One line for each device whose reference count is not the number of its holders. */
export function referenceErrors(net: Net): readonly string[] {
  const held = new Map<NetDevice, number>();
  const count = (dev: NetDevice): void => void held.set(dev, (held.get(dev) ?? 0) + 1);
  for (const namespace of net.namespaces) for (const dev of namespace.devices.values()) held.set(dev, 0);
  for (const dst of net.dst.liveEntries()) if (dst.dev !== null) count(dst.dev);
  for (const neighbour of net.neighbours) count(neighbour.dev);
  return [...held]
    .filter(([dev, holders]) => dev.refcnt.value !== holders)
    .map(([dev, holders]) => {
      const where = dev.nd_net === net.init_net ? '' : ` of ${dev.nd_net.name}`;
      return `${dev.name}${where}: usage count ${dev.refcnt.value}, but ${holders} hold it`;
    });
}
