import { describe, expect, it } from 'vitest';
import { dev_close, devDown, devUnregister } from '../../src/net/dev.js';
import { newDst } from '../../src/net/dst/dst-alloc.js';
import type { DstEntry } from '../../src/net/dst/dst-entry.js';
import { referenceErrors } from '../../src/net/holders.js';
import { type Neighbour, neigh_create, neigh_release } from '../../src/net/neighbour.js';
import type { NetDevice } from '../../src/net/netdevice.js';
import type { K } from '../../src/smp/op.js';
import { TestWorld, trace } from './world.js';

interface Scene {
  readonly world: TestWorld;
  readonly dev: NetDevice;
  readonly dst: DstEntry;
  readonly neighbour: Neighbour;
}

/** A held garbage entry with a neighbour, both on a device of a namespace. */
function scene(revision: string, namespaceName = 'init_net'): Scene {
  const world = new TestWorld(revision);
  const { net } = world;
  const dev = net.device('eth0', net.namespace(namespaceName));
  function* setUp(): K<[DstEntry, Neighbour]> {
    const neighbour = (yield* neigh_create(net, 'n', dev))!;
    const dst = yield* newDst(world.dst, world.ops, 'd', { dev, neighbour });
    yield* neigh_release(net, neighbour);
    return [dst!, neighbour];
  }
  const [dst, neighbour] = world.run(setUp())!;
  world.free(dst);
  expect(dev.refcnt.value).toBe(2);
  return { world, dev, dst, neighbour };
}

const revisions = ['R1', 'R12', 'R13', 'R14', 'R15', 'R16', 'R18', 'R19', 'R20', 'R22', 'R23', 'newest'];

describe.each(revisions)('device events at %s', (revision) => {
  it('down: garbage on the device throws its packets away, other garbage does not', () => {
    const { world, dev, dst } = scene(revision);
    const other = world.alloc('other', { dev: world.net.device('eth1') });
    world.free(other);
    world.run(devDown(world.net, dev));
    expect([dst.discards, other.discards]).toEqual([true, false]);
    expect(dst.dev).toBe(dev);
  });

  it('unregister: garbage and its neighbour move to the loopback device', () => {
    const { world, dev, dst, neighbour } = scene(revision);
    world.run(devUnregister(world.net, dev));
    const { loopback_dev } = world.net.init_net;
    expect(dst.dev).toBe(loopback_dev);
    expect(neighbour.dev).toBe(loopback_dev);
    expect([dev.refcnt.value, loopback_dev.refcnt.value]).toEqual([0, 2]);
    expect(dst.discards).toBe(false);
    expect(referenceErrors(world.net)).toEqual([]);
  });

  it('reach entries that runs have looked at and entries that they have not, in order', () => {
    const world = new TestWorld(revision, {
      ops: {
        ifdown: (dst, dev, unregister) => {
          calls.push(`${dst.name} ${dev.name} ${unregister}`);
        },
      },
    });
    const calls: string[] = [];
    world.garbage(2, 'old');
    world.advanceRuns(1);
    world.garbage(2, 'new');
    const eth1 = world.net.device('eth1');
    world.run(dev_close(world.net, eth1));
    world.run(devUnregister(world.net, eth1));
    const order = world.net.traits.gcInWorkqueue ? ['old1', 'old0', 'new1', 'new0'] : ['new1', 'new0', 'old1', 'old0'];
    expect(calls).toEqual([...order.map((name) => `${name} eth1 false`), ...order.map((name) => `${name} eth1 true`)]);
    expect([...world.dst.busy, ...world.dst.garbage].map((entry) => entry.name)).toEqual(order);
  });

  it('an entry freed after IFF_UP is cleared throws its packets away by itself', () => {
    const world = new TestWorld(revision);
    const entry = world.alloc('e');
    world.run(devDown(world.net, world.net.device('eth0')));
    expect(entry.discards).toBe(false);
    world.free(entry);
    expect(entry.discards).toBe(true);
  });
});

describe('a device of another namespace', () => {
  it.each([
    ['R12', true],
    ['R13', false],
    ['R21', false],
    ['R22', true],
    ['newest', true],
  ])('is followed at %s: %s', (revision, followed) => {
    const { world, dev, dst } = scene(revision, 'blue');
    world.run(devDown(world.net, dev));
    expect(dst.discards).toBe(followed);
    world.run(devUnregister(world.net, dev));
    expect(dst.dev === dev).toBe(!followed);
    expect(dev.refcnt.value).toBe(followed ? 0 : 2);
    expect(referenceErrors(world.net)).toEqual([]);
  });

  it.each([
    ['R12', 'init_net'],
    ['R22-R19', 'init_net'],
    ['R22', 'blue'],
    ['newest', 'blue'],
  ])('hands over to the loopback device, at %s of %s', (revision, owner) => {
    const { world, dev, dst, neighbour } = scene(revision, 'blue');
    world.run(devUnregister(world.net, dev));
    expect(dst.dev).toBe(world.net.namespace(owner).loopback_dev);
    expect(neighbour.dev).toBe(world.net.namespace(owner).loopback_dev);
  });

  it.each([
    ['R22-R20', ['put', 'hold']],
    ['R22', ['hold', 'put']],
  ])('gives the neighbour its new device, at %s: %j', (revision, order) => {
    const { world, dev } = scene(revision, 'blue');
    const seen = trace(world, 'dst_ifdown');
    world.run(devUnregister(world.net, dev));
    expect(seen).toEqual([
      'write d.dev',
      'rmw lo.refcnt',
      'rmw eth0.refcnt',
      'write n.dev',
      ...order.map((what) => (what === 'put' ? 'rmw eth0.refcnt' : 'rmw lo.refcnt')),
    ]);
  });

  it.each([
    ['R22-R20', 1],
    ['R22', 2],
  ])(
    'its own loopback device: the count while a neighbour moves from it to it never is below %2$i, at %1$s',
    (revision, least) => {
      const world = new TestWorld(revision);
      const { net } = world;
      const lo = net.namespace('blue').loopback_dev;
      function* setUp(): K<DstEntry> {
        const neighbour = (yield* neigh_create(net, 'n', lo))!;
        const dst = yield* newDst(world.dst, world.ops, 'd', { dev: lo, neighbour });
        yield* neigh_release(net, neighbour);
        return dst!;
      }
      world.free(world.run(setUp())!);
      let lowest = Number.POSITIVE_INFINITY;
      world.machine.trace.listen((event) => {
        if (event.type === 'rmw' && event.subject === 'lo.refcnt') lowest = Math.min(lowest, event.a);
      });
      world.run(devUnregister(net, lo));
      expect(lowest).toBe(least);
      expect(lo.refcnt.value).toBe(2);
    },
  );
});
