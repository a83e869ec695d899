/**
 * Who holds a device: the books that reference counts must agree with.
 *
 * Divergence from Linux: no kernel keeps these books; they are an observer's, and are right while no hold or put is
 * under way.
 */
import type { DstEntry } from './dst/dst-entry.js';
import { listErrors } from './dst/list-errors.js';
import type { InDev } from './ipv4/devinet.js';
import { Rtable } from './ipv4/rtable.js';
import type { HhCache, Neighbour } from './neighbour.js';
import type { Net } from './net.js';
import type { NetDevice } from './netdevice.js';

export interface Holders {
  /** Entries whose dev it is, newest first. */
  readonly dsts: readonly DstEntry[];
  readonly neighbours: readonly Neighbour[];
  /** Its in_device, and former ones that routes still hold. */
  readonly inDevices: readonly InDev[];
}

/** Everything that should hold one reference to `dev` each. Looks at every live entry: for checks, not for code. */
export function holdersOf(net: Net, dev: NetDevice): Holders {
  const dsts: DstEntry[] = [];
  for (const dst of net.dst.liveEntries()) if (dst.dev === dev) dsts.push(dst);
  return {
    dsts,
    neighbours: [...net.neighbours].filter((neighbour) => neighbour.dev === dev),
    inDevices: [...net.allInDevices].filter((inDevice) => inDevice.dev === dev),
  };
}

/**
 * One line for each device, in_device and cached header that is not freed and whose reference count is not the number of
 * its holders, and for each neighbour that has fewer references than holders (others may hold it).
 */
export function referenceErrors(net: Net): readonly string[] {
  const devices = tally(net.allDevices);
  const inDevices = tally(net.allInDevices);
  const headers = tally(net.headers);
  const neighbours = tally(net.neighbours);
  for (const dst of net.dst.liveEntries()) {
    devices.count(dst.dev);
    headers.count(dst.hh);
    neighbours.count(dst.neighbour);
    if (dst instanceof Rtable) inDevices.count(dst.idev as InDev | null);
  }
  for (const neighbour of net.neighbours) {
    devices.count(neighbour.dev);
    for (let hh: HhCache | null = neighbour.hh; hh !== null; hh = hh.hh_next) headers.count(hh);
  }
  for (const neighbour of net.arp_tbl.members) neighbours.count(neighbour);
  for (const inDevice of net.allInDevices) {
    devices.count(inDevice.dev);
    if (!inDevice.dead) inDevices.count(inDevice);
  }
  const wrong = (name: string, count: number, holders: number): string =>
    `${name}: usage count ${count}, but ${holders} hold it`;
  return [
    ...devices.lines((dev, n) => dev.refcnt.value !== n && wrong(whereabouts(dev), dev.refcnt.value, n)),
    ...inDevices.lines((inDev, n) => inDev.refcnt.value !== n && wrong(inDev.name, inDev.refcnt.value, n)),
    ...headers.lines((hh, n) => hh.hh_refcnt.value !== n && wrong(hh.name, hh.hh_refcnt.value, n)),
    ...neighbours.lines((neigh, n) => neigh.refcnt.value < n && wrong(neigh.name, neigh.refcnt.value, n)),
  ];
}

/** Everything that is to be true of the network when a run is over, and is not: a line each. */
export function invariantErrors(net: Net): readonly string[] {
  return [...referenceErrors(net), ...listErrors(net.dst)];
}

function whereabouts(dev: NetDevice): string {
  return dev.nd_net.initial ? dev.name : `${dev.name} of ${dev.nd_net.name}`;
}

interface Tally<T> {
  readonly count: (held: T | null) => void;
  readonly lines: (wrong: (held: T, holders: number) => string | false) => readonly string[];
}

/** Counts holders of things; those that are not among them (freed ones) are passed over. */
function tally<T>(things: Iterable<T>): Tally<T> {
  const held = new Map<T, number>();
  for (const thing of things) held.set(thing, 0);
  return {
    count: (thing) => {
      const holders = thing === null ? undefined : held.get(thing);
      if (thing !== null && holders !== undefined) held.set(thing, holders + 1);
    },
    lines: (wrong) => [...held].flatMap(([thing, holders]) => wrong(thing, holders) || []),
  };
}
