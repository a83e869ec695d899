import { describe, expect, it } from 'vitest';
import { unregister_netdev } from '../../src/net/dev.js';
import type { DstEntry } from '../../src/net/dst/dst-entry.js';
import { holdersOf, referenceErrors } from '../../src/net/holders.js';
import { fillRoutes } from '../../src/net/ipv4/route-fill.js';
import type { Rtable } from '../../src/net/ipv4/rtable.js';
import type { NetDevice } from '../../src/net/netdevice.js';
import { copy_net_ns } from '../../src/net/pernet.js';
import type { K } from '../../src/smp/op.js';
import { TestWorld, type WorldOptions } from './world.js';

const revisions = ['R1', 'R12', 'R13', 'R14', 'R16', 'R19', 'R22', 'newest'];

/** Routes over eth0 that somebody holds, in the cache of a network with in_devices. */
function busy(revision: string, options: WorldOptions = {}): { world: TestWorld; eth0: NetDevice; routes: Rtable[] } {
  const world = new TestWorld(revision, { kernel: '2.6.28', hz: 1000, net: { inDevices: true }, ...options });
  const eth0 = world.net.device('eth0');
  const routes = world.run(fillRoutes(world.net.ipv4, { count: 20, dev: eth0, held: true, firstKey: 1 }))!;
  return { world, eth0, routes: [...routes] };
}

/** How long its unregistering takes, in seconds; negative if it is not over after `limit`. */
function unregister(world: TestWorld, dev: NetDevice, limit = 5): number {
  let tookNs = -1e9;
  function* body(): K {
    const startNs = world.machine.nowNs;
    yield* unregister_netdev(world.net, dev);
    tookNs = world.machine.nowNs - startNs;
  }
  world.spawn(body());
  world.advance(limit * world.kernel.hz);
  return tookNs / 1e9;
}

describe('an in_device', () => {
  it('holds its device, and routes hold it', () => {
    const { world, eth0, routes } = busy('newest');
    const inDevice = eth0.ip_ptr!;
    expect([eth0.refcnt.value, inDevice.refcnt.value]).toEqual([21, 21]);
    expect(routes.every((rt) => rt.idev === inDevice)).toBe(true);
    expect(holdersOf(world.net, eth0).inDevices).toEqual([inDevice]);
    expect(referenceErrors(world.net)).toEqual([]);
  });

  it.each(revisions)('is exchanged for the loopback device’s when its own goes, at %s', (revision) => {
    const { world, eth0, routes } = busy(revision);
    const { loopback_dev } = world.net.init_net;
    const inDevice = eth0.ip_ptr!;
    expect(unregister(world, eth0)).toBeCloseTo(1.255, 6);
    expect([inDevice.freed, eth0.freed]).toEqual([true, true]);
    for (const rt of routes) expect([rt.dev, rt.idev]).toEqual([loopback_dev, loopback_dev.ip_ptr]);
    expect(loopback_dev.ip_ptr!.refcnt.value).toBe(21);
    expect(referenceErrors(world.net)).toEqual([]);
    for (const rt of routes) world.release(rt);
    world.advance(121_000);
    expect([loopback_dev.ip_ptr!.refcnt.value, loopback_dev.refcnt.value]).toEqual([1, 1]);
    expect(world.violations).toEqual([]);
  });

  it.each([
    ['2.6.25', null, null],
    ['2.6.26', 'in_dev(lo)', 'in_dev(eth0)'],
  ])('is there for devices of other namespaces on %s: %s', (kernel, lo, eth0) => {
    const world = new TestWorld('newest', { kernel, net: { inDevices: true } });
    const blue = world.run(copy_net_ns(world.net, 'blue'))!;
    expect(blue.loopback_dev.ip_ptr?.name ?? null).toBe(lo);
    expect(blue.device('eth0').ip_ptr?.name ?? null).toBe(eth0);
    expect(world.net.init_net.loopback_dev.ip_ptr?.name).toBe('in_dev(lo)');
    expect(referenceErrors(world.net)).toEqual([]);
  });
});

describe('who is told of a device that goes', () => {
  it.each([
    ['newest', ['dst_dev_event', 'inetdev_event', 'fib_netdev_event']],
    ['newest+dst-event-last', ['inetdev_event', 'fib_netdev_event', 'dst_dev_event']],
  ])('at %s: %j', (revision, order) => {
    const { net } = new TestWorld(revision);
    expect(net.netdev_chain.blocks.map((block) => block.name)).toEqual(order);
  });

  it.each([
    ['newest', 1.255],
    ['newest+dst-event-last', 1.255],
    ['newest+unregister-final', 0.004],
    ['newest+unregister-final+dst-event-last', 0.004],
  ])('decides how long a busy device takes, at %s: %d s', (revision, seconds) => {
    const { world, eth0, routes } = busy(revision);
    const took = unregister(world, eth0);
    expect(Math.abs(took - seconds)).toBeLessThan(0.004);
    expect(routes.every((rt: DstEntry) => rt.dev === world.net.init_net.loopback_dev)).toBe(true);
    expect(referenceErrors(world.net)).toEqual([]);
  });

  it('takes no time where nobody holds a route', () => {
    const { world, eth0, routes } = busy('newest');
    for (const rt of routes) world.release(rt);
    const took = unregister(world, eth0);
    expect(took).toBeGreaterThan(0);
    expect(took).toBeLessThan(0.3);
  });
});

describe('OpenVZ', () => {
  it.each([
    ['R4', true, 2],
    ['R13', true, 2],
    ['R13', false, 0],
    ['R14', true, 0],
  ])('at %s with its patch (%s): runs of the collector by device events: %i', (revision, openvz, runs) => {
    const world = new TestWorld(revision, { net: { openvz } });
    const [entry] = world.garbage(1, 'g');
    entry!.dev = null;
    world.net.device('eth0').refcnt.set(0);
    unregister(world, world.net.device('eth0'), 0);
    expect(world.gc).toHaveLength(runs);
  });
});
