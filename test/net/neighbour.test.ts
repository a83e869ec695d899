import { describe, expect, it } from 'vitest';
import { dev_close, unregister_netdev } from '../../src/net/dev.js';
import { newDst } from '../../src/net/dst/dst-alloc.js';
import type { DstEntry } from '../../src/net/dst/dst-entry.js';
import { holdersOf, referenceErrors } from '../../src/net/holders.js';
import { arp_bind_neighbour } from '../../src/net/ipv4/arp.js';
import {
  type Neighbour,
  NeighTable,
  neigh_create,
  neigh_hh_init,
  neigh_hold,
  neigh_lookup,
  neigh_release,
} from '../../src/net/neighbour.js';
import type { K } from '../../src/smp/op.js';
import { TestWorld } from './world.js';

/** A neighbour on eth0 that only the table and `others` hold. */
function neighbour(world: TestWorld, key = 'n', others = 0): Neighbour {
  const { net } = world;
  function* make(): K<Neighbour> {
    const made = (yield* neigh_create(net, key, net.device('eth0')))!;
    for (let i = 0; i < others; i++) yield neigh_hold(made);
    yield* neigh_release(net, made);
    return made;
  }
  return world.run(make())!;
}

/** An entry on eth0 that is bound to a neighbour, with its cached header. */
function bound(world: TestWorld, label: string, to: Neighbour): DstEntry {
  function* make(): K<DstEntry> {
    const dst = (yield* newDst(world.dst, world.ops, label, { dev: world.net.device('eth0'), neighbour: to }))!;
    yield* neigh_hh_init(world.net, to, dst);
    return dst;
  }
  return world.run(make())!;
}

describe('a neighbour', () => {
  it('is held by its table and holds its device', () => {
    const world = new TestWorld('newest');
    const n = neighbour(world);
    const eth0 = world.net.device('eth0');
    expect([n.refcnt.value, eth0.refcnt.value, n.dead]).toEqual([1, 1, false]);
    expect(holdersOf(world.net, eth0).neighbours).toEqual([n]);
    expect(world.run(neigh_lookup(world.net, 'n', eth0))).toBe(n);
    expect(world.run(neigh_lookup(world.net, 'm', eth0))).toBe(null);
    expect(world.run(neigh_lookup(world.net, 'n', world.net.device('eth1')))).toBe(null);
    expect(n.refcnt.value).toBe(2);
    expect(referenceErrors(world.net)).toEqual([]);
  });

  it('shares one cached header among the entries bound to it', () => {
    const world = new TestWorld('newest');
    const n = neighbour(world);
    const [a, b] = [bound(world, 'a', n), bound(world, 'b', n)];
    const hh = n.hh!;
    expect([a.hh, b.hh, hh.hh_refcnt.value, n.refcnt.value]).toEqual([hh, hh, 3, 3]);
    expect(referenceErrors(world.net)).toEqual([]);
    for (const entry of [a, b]) {
      world.release(entry);
      world.free(entry);
    }
    expect([hh.hh_refcnt.value, n.refcnt.value, hh.freed]).toEqual([1, 1, false]);
    expect(referenceErrors(world.net)).toEqual([]);
  });

  it('dies with its device; a stray lives until its last holder lets go, and throws packets away', () => {
    const world = new TestWorld('newest');
    const [idle, stray] = [neighbour(world, 'idle'), neighbour(world, 'stray')];
    const entry = bound(world, 'e', stray);
    const hh = stray.hh!;
    const eth0 = world.net.device('eth0');
    world.run(dev_close(world.net, eth0));
    expect([idle.freed, stray.freed, stray.dead, stray.output]).toEqual([true, false, true, 'blackhole']);
    expect([eth0.refcnt.value, world.net.arp_tbl.entries.value]).toEqual([2, 1]);
    expect(referenceErrors(world.net)).toEqual([]);
    world.release(entry);
    world.free(entry);
    expect([stray.freed, hh.freed, hh.hh_output]).toEqual([true, true, 'blackhole']);
    expect([eth0.refcnt.value, world.net.arp_tbl.entries.value]).toEqual([0, 0]);
    expect(world.violations).toEqual([]);
  });

  it('outlives a header that an entry got from it', () => {
    const world = new TestWorld('newest');
    const n = neighbour(world);
    const entry = bound(world, 'e', n);
    const hh = n.hh!;
    function* unbind(): K {
      entry.neighbour = null;
      yield* neigh_release(world.net, n);
    }
    world.run(unbind());
    world.run(dev_close(world.net, world.net.device('eth0')));
    expect([n.freed, hh.freed, hh.hh_refcnt.value, hh.hh_output]).toEqual([true, false, 1, 'blackhole']);
    world.release(entry);
    world.free(entry);
    expect(hh.freed).toBe(true);
  });

  it('is not destroyed while it is in the table; whoever tries is complained of', () => {
    const world = new TestWorld('newest');
    const n = neighbour(world);
    world.run(neigh_release(world.net, n));
    expect(n.freed).toBe(false);
    expect(world.log).toEqual([expect.stringMatching(/^Destroying alive neighbour [0-9a-f]{8}$/)]);
  });

  it('held by somebody else keeps its device from going', () => {
    const world = new TestWorld('newest');
    const n = neighbour(world, 'n', 1);
    const eth0 = world.net.device('eth0');
    world.spawn(unregister_netdev(world.net, eth0));
    world.advance(5 * 250);
    expect([eth0.state, eth0.refcnt.value]).toEqual(['unregistered', 1]);
    world.run(neigh_release(world.net, n));
    world.advance(250);
    expect(eth0.state).toBe('released');
  });
});

describe('the table of neighbours', () => {
  /** A world whose table has room for three, and is collected from two on. */
  function small(): TestWorld {
    const world = new TestWorld('newest');
    Object.assign(world.net, { table: new NeighTable(world.net, 'small', 2, 3) });
    return world;
  }

  it('is collected when it is full, and then has room', () => {
    const world = small();
    const held = neighbour(world, 'held', 1);
    const idle = [neighbour(world, 'a'), neighbour(world, 'b')];
    expect(world.net.arp_tbl.entries.value).toBe(3);
    neighbour(world, 'c');
    expect(idle.map((n) => n.freed)).toEqual([true, true]);
    expect([held.freed, world.net.arp_tbl.entries.value]).toEqual([false, 2]);
  });

  it('has no room if nobody can be spared', () => {
    const world = small();
    for (const key of ['a', 'b']) neighbour(world, key, 1);
    const c = neighbour(world, 'c');
    c.permanent = true;
    expect(world.run(neigh_create(world.net, 'd', world.net.device('eth0')))).toBe(null);
    const entry = world.alloc('e');
    expect(world.run(arp_bind_neighbour(world.net, entry, 'd'))).toBe(-105);
    expect(world.run(arp_bind_neighbour(world.net, entry, 'c'))).toBe(0);
    expect(entry.neighbour).toBe(c);
    expect(referenceErrors(world.net)).toEqual([]);
  });

  it('is collected from its second mark on only if that was more than five seconds ago', () => {
    const world = small();
    const first = [neighbour(world, 'a'), neighbour(world, 'b')];
    world.advance(5 * 250);
    neighbour(world, 'c');
    expect(first.map((n) => n.freed)).toEqual([false, false]);
    world.run(dev_close(world.net, world.net.device('eth0')));
    const second = [neighbour(world, 'd'), neighbour(world, 'e')];
    world.advance(1);
    neighbour(world, 'f');
    expect(second.map((n) => n.freed)).toEqual([true, true]);
  });
});

describe('arp_bind_neighbour', () => {
  it('gives all entries of the loopback device one next hop', () => {
    const world = new TestWorld('newest');
    const lo = world.net.init_net.loopback_dev;
    const entries = ['a', 'b'].map((label) => world.alloc(label, { dev: lo }));
    for (const [i, entry] of entries.entries()) world.run(arp_bind_neighbour(world.net, entry, String(i)));
    expect(entries[0]!.neighbour).toBe(entries[1]!.neighbour);
    expect(entries[0]!.neighbour!.refcnt.value).toBe(3);
    expect(referenceErrors(world.net)).toEqual([]);
  });

  it('needs a device, and does nothing twice', () => {
    const world = new TestWorld('newest');
    expect(world.run(arp_bind_neighbour(world.net, world.alloc('a', { dev: null }), 'x'))).toBe(-22);
    const entry = world.alloc('b');
    for (let i = 0; i < 2; i++) expect(world.run(arp_bind_neighbour(world.net, entry, 'x'))).toBe(0);
    expect(entry.neighbour!.refcnt.value).toBe(2);
  });

  it('binds what the route cache makes, if the network has neighbours', () => {
    const world = new TestWorld('newest', { net: { neighbours: true } });
    expect(world.net.ipv4.arp_bind_neighbour).not.toBe(null);
    expect(new TestWorld('newest').net.ipv4.arp_bind_neighbour).toBe(null);
  });
});
