import { describe, expect, it } from 'vitest';
import { dev_close, devUnregister, unregister_netdev } from '../../../src/net/dev.js';
import { newDst } from '../../../src/net/dst/dst-alloc.js';
import { DST_DEAD, DST_NOHASH, type DstEntry } from '../../../src/net/dst/dst-entry.js';
import { referenceErrors } from '../../../src/net/holders.js';
import type { Rtable } from '../../../src/net/ipv4/rtable.js';
import type { NetOptions } from '../../../src/net/net.js';
import { Xfrm } from '../../../src/net/xfrm/xfrm.js';
import { elementsOf, type XfrmDst } from '../../../src/net/xfrm/xfrm-dst.js';
import {
  __xfrm_garbage_collect,
  xfrm_flush_bundles,
  xfrm_lookup,
  xfrm_policy_kill,
} from '../../../src/net/xfrm/xfrm-policy.js';
import { xfrm_state_delete } from '../../../src/net/xfrm/xfrm-state.js';
import { TestWorld } from '../world.js';

class BundleWorld extends TestWorld {
  readonly xfrm: Xfrm;
  readonly route: DstEntry;

  constructor(revision = 'R26', gcThresh?: number, net: Partial<NetOptions> = {}) {
    super(revision, { net });
    this.xfrm = new Xfrm(this.net, gcThresh);
    this.route = this.alloc('route', { refs: 0 });
  }

  lookup(label: string, transforms = 2, route = this.route): XfrmDst | null {
    const policy = this.xfrm.policy('policy');
    return this.run(xfrm_lookup(this.xfrm, { label, policy, route, transforms })) ?? null;
  }

  /** A bundle that nobody uses. */
  idle(label: string, transforms = 2): XfrmDst {
    const top = this.lookup(label, transforms)!;
    this.release(top);
    return top;
  }

  get kept(): readonly string[] {
    return this.xfrm.bundlesOf(this.xfrm.policy('policy')).map((top) => top.name);
  }

  /** All counts agree with those who hold, and nothing else was found. */
  check(): void {
    expect(referenceErrors(this.net)).toEqual([]);
    expect(this.violations).toEqual([]);
  }
}

describe('a bundle', () => {
  it('is a chain of elements with the route at its end', () => {
    const world = new BundleWorld();
    const top = world.lookup('b', 3)!;
    const elements = elementsOf(top);
    expect(elements.map((e) => e.name)).toEqual(['b', 'b-2', 'b-3']);
    expect(elements.map((e) => e.child?.name)).toEqual(['b-2', 'b-3', 'route']);
    expect(elements.map((e) => e.flags & DST_NOHASH)).toEqual([0, DST_NOHASH, DST_NOHASH]);
    expect(elements.map((e) => e.refcnt.value)).toEqual([1, 1, 1]);
    expect(elements.map((e) => e.obsolete)).toEqual([-1, -1, -1]);
    expect(elements.map((e) => e.xfrm?.name)).toEqual(['b-sa1', 'b-sa2', 'b-sa3']);
    expect(elements.slice(1).map((e) => e.next?.name)).toEqual(['b', 'b-2']);
    expect(top.path).toBe(world.route);
    expect(world.route.refcnt.value).toBe(4);
    expect(world.xfrm.xfrm4.entries.value).toBe(3);
    world.check();
  });

  it('is taken apart from the top, and the route loses all its references', () => {
    const world = new BundleWorld();
    const top = world.idle('b', 3);
    expect(world.kept).toEqual(['b']);
    world.run(__xfrm_garbage_collect(world.xfrm));
    expect(world.kept).toEqual([]);
    expect(world.destroyed).toEqual(['b', 'b-2', 'b-3']);
    expect(elementsOf(top).every((e) => e.freed)).toBe(true);
    expect(world.route.refcnt.value).toBe(0);
    expect([...world.xfrm.states.values()].map((state) => state.refcnt.value)).toEqual([1, 1, 1]);
    world.check();
  });

  it('becomes garbage while somebody holds its top', () => {
    const world = new BundleWorld();
    const top = world.lookup('b')!;
    world.run(xfrm_policy_kill(world.xfrm, world.xfrm.policy('policy')));
    expect(world.dst.garbage).toEqual([top]);
    expect(top.obsolete).toBe(DST_DEAD);
    world.release(top);
    world.advanceRuns(1);
    expect(world.destroyed).toEqual(['b', 'b-2']);
    expect(world.lookup('c')).toBeNull();
    world.check();
  });

  it.each(['R1', 'R2', 'R13', 'R14', 'R26'])(
    'at %s: an element that somebody holds becomes garbage of its own',
    (at) => {
      const world = new BundleWorld(at);
      const top = world.idle('b', 3);
      const middle = elementsOf(top)[1]!;
      world.hold(middle);
      world.run(__xfrm_garbage_collect(world.xfrm));
      expect(world.destroyed).toEqual(['b']);
      expect(world.dst.garbage).toEqual([middle]);
      world.release(middle);
      world.advanceRuns(1);
      expect(world.destroyed).toEqual(['b', 'b-2', 'b-3']);
      expect(world.route.refcnt.value).toBe(0);
      world.check();
    },
  );

  it('leaves its route to the collector when the route is garbage', () => {
    const world = new BundleWorld();
    world.idle('b');
    world.free(world.route);
    expect(world.dst.garbage).toEqual([world.route]);
    world.run(__xfrm_garbage_collect(world.xfrm));
    expect(world.destroyed).toEqual(['b', 'b-2']);
    world.advanceRuns(1);
    expect(world.destroyed).toEqual(['b', 'b-2', 'route']);
    world.check();
  });
});

describe('pruning', () => {
  it('keeps what is used, newest first', () => {
    const world = new BundleWorld();
    world.idle('a');
    world.lookup('b');
    world.idle('c');
    world.lookup('d');
    expect(world.kept).toEqual(['d', 'c', 'b', 'a']);
    world.run(__xfrm_garbage_collect(world.xfrm));
    expect(world.kept).toEqual(['d', 'b']);
    // Collected newest first, freed last collected first.
    expect(world.destroyed).toEqual(['a', 'a-2', 'c', 'c-2']);
  });

  it('gives up what is stale: the state, the route, the device', () => {
    const world = new BundleWorld();
    const other = world.alloc('other', { dev: world.net.device('eth1'), refs: 0 });
    world.lookup('state');
    world.lookup('route', 1, other);
    world.lookup('fine');
    world.run(xfrm_flush_bundles(world.xfrm));
    expect(world.kept).toEqual(['fine', 'route', 'state']);
    world.run(xfrm_state_delete(world.xfrm.states.get('state-sa2')!));
    world.free(other);
    world.run(xfrm_flush_bundles(world.xfrm));
    expect(world.kept).toEqual(['fine']);
    world.run(dev_close(world.net, world.net.device('eth0')));
    expect(world.kept).toEqual([]);
    expect(world.dst.garbage.map((dst) => dst.name)).toContain('fine');
    world.check();
  });

  it('ignores devices of other namespaces', () => {
    const world = new BundleWorld();
    world.lookup('b');
    const { net } = world;
    net.device('eth0').flags = 0;
    world.run(dev_close(net, net.device('eth5', net.namespace('blue'))));
    expect(world.kept).toEqual(['b']);
  });

  it('happens above the threshold, and fails above twice as many', () => {
    const world = new BundleWorld('R26', 4);
    for (let i = 0; i < 3; i++) world.idle(`idle${i}`);
    // There were five when the sixth was allocated: the first two bundles went.
    expect(world.xfrm.xfrm4.entries.value).toBe(2);
    world.lookup('used', 8);
    expect(world.kept).toEqual(['used']);
    expect(world.xfrm.xfrm4.entries.value).toBe(8);
    expect(world.lookup('last', 1)?.name).toBe('last');
    expect(world.lookup('no', 1)).toBeNull();
    expect(world.xfrm.xfrm4.entries.value).toBe(9);
    expect(world.route.refcnt.value).toBe(9 + 2);
    expect(world.xfrm.states.get('no-sa1')!.refcnt.value).toBe(1);
    world.check();
  });

  it('gives back what there is of a bundle whose next element can not be had', () => {
    const world = new BundleWorld('R26', 1);
    expect(world.lookup('b', 4)).toBeNull();
    expect(world.xfrm.xfrm4.entries.value).toBe(0);
    expect(world.route.refcnt.value).toBe(0);
    world.check();
  });
});

describe('a device that goes away', () => {
  it.each(['R13', 'R14', 'R26'])('at %s: takes the chain of a garbage bundle to loopback', (at) => {
    const world = new BundleWorld(at);
    const top = world.lookup('b', 3)!;
    world.free(world.route);
    const { net } = world;
    world.run(dev_close(net, net.device('eth0')));
    expect(world.dst.garbage).toContain(top);
    world.run(devUnregister(net, net.device('eth0')));
    const lo = net.init_net.loopback_dev;
    expect(elementsOf(top).map((e) => e.dev)).toEqual([lo, lo, lo]);
    expect(net.device('eth0').refcnt.value).toBe(0);
    world.check();
  });

  it('stops at the first element that is elsewhere', () => {
    const world = new BundleWorld();
    const top = world.lookup('b', 4)!;
    const [, , third] = elementsOf(top);
    const { net } = world;
    const eth1 = net.device('eth1');
    net.device('eth0').refcnt.value--;
    eth1.refcnt.value++;
    third!.dev = eth1;
    world.run(xfrm_policy_kill(world.xfrm, world.xfrm.policy('policy')));
    world.run(devUnregister(net, net.device('eth0')));
    expect(elementsOf(top).map((e) => e.dev?.name)).toEqual(['lo', 'lo', 'eth1', 'eth0']);
    world.check();
  });

  it.each(['R13', 'R26'])('at %s: takes the in_devices of the whole chain along, so that nothing keeps it', (at) => {
    const world = new BundleWorld(at, undefined, { inDevices: true });
    const { net } = world;
    const eth0 = net.device('eth0');
    const route = world.run(newDst(world.dst, net.ipv4.ops, 'rt', { dev: eth0, refs: 0 })) as Rtable;
    route.idev = eth0.ip_ptr;
    eth0.ip_ptr!.refcnt.value++;
    const top = world.lookup('b', 3, route)!;
    const elements = elementsOf(top);
    expect(elements.map((e) => e.idev)).toEqual([eth0.ip_ptr, eth0.ip_ptr, eth0.ip_ptr]);
    world.free(route);
    world.free(world.route);
    world.check();
    world.run(xfrm_policy_kill(world.xfrm, world.xfrm.policy('policy')));
    world.run(unregister_netdev(net, eth0));
    world.advance(1000);
    const lo = net.init_net.loopback_dev;
    expect(elements.map((e) => [e.dev, e.idev])).toEqual(elements.map(() => [lo, lo.ip_ptr]));
    expect(eth0.freed).toBe(true);
    world.check();
    world.release(top);
    world.advance(130 * 250);
    expect(world.destroyed).toEqual(['route', 'b', 'b-2', 'b-3', 'rt']);
    world.check();
  });
});
