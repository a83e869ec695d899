import { describe, expect, it } from 'vitest';
import { get_net, put_net } from '../../src/net/cleanup-net.js';
import { dev_change_net_namespace } from '../../src/net/dev-change-net-namespace.js';
import { newDst } from '../../src/net/dst/dst-alloc.js';
import type { DstEntry } from '../../src/net/dst/dst-entry.js';
import { referenceErrors } from '../../src/net/holders.js';
import type { NetNamespace } from '../../src/net/namespace.js';
import { rtnl_lock, rtnl_unlock } from '../../src/net/net-todo.js';
import type { NetDevice } from '../../src/net/netdevice.js';
import { copy_net_ns } from '../../src/net/pernet.js';
import type { K } from '../../src/smp/op.js';
import { TestWorld, type WorldOptions } from './world.js';

interface Scene {
  readonly world: TestWorld;
  readonly ns: NetNamespace;
  readonly told: string[];
}

/** A world with a namespace `blue`, whose device events are written down. */
function scene(revision: string, kernel: string, options: WorldOptions = {}): Scene {
  const world = new TestWorld(revision, { kernel, ...options });
  const told: string[] = [];
  world.net.netdev_chain.register({
    name: 'test',
    priority: -20,
    call: (event, dev) => void told.push(`${event} ${dev.fullName}`),
  });
  return { world, ns: world.run(copy_net_ns(world.net, 'blue'))!, told };
}

function* move(world: TestWorld, dev: NetDevice, to: NetNamespace, pattern: string | null = null): K<number> {
  yield* rtnl_lock(world.net);
  const answer = yield* dev_change_net_namespace(world.net, dev, to, pattern);
  yield* rtnl_unlock(world.net);
  return answer;
}

/** A held garbage entry on a device. */
function garbageOn(world: TestWorld, dev: NetDevice): DstEntry {
  const dst = world.run(newDst(world.dst, world.ops, 'd', { dev }))!;
  world.free(dst);
  return dst;
}

describe('a namespace', () => {
  it('comes with a loopback device of its own, down', () => {
    const { world, ns, told } = scene('R22', '2.6.25');
    expect(told).toEqual(['NETDEV_REGISTER lo@blue']);
    expect(ns.loopback_dev).toMatchObject({ name: 'lo', up: false, loopback: true, state: 'registered', nd_net: ns });
    expect(world.net.namespace('blue')).toBe(ns);
    expect(() => world.run(copy_net_ns(world.net, 'blue'))).toThrow("there is a namespace 'blue' already");
  });

  it('goes with its last user, in a worker', () => {
    const { world, ns } = scene('R22', '2.6.25');
    world.run(
      (function* (): K {
        yield get_net(ns);
        yield* put_net(world.net, ns);
      })(),
    );
    world.advance(100);
    expect(ns.freed).toBe(false);
    world.run(put_net(world.net, ns));
    world.advance(100);
    expect([ns.freed, ns.loopback_dev.freed]).toEqual([true, true]);
    expect(() => world.net.namespace('blue')).toThrow("the namespace 'blue' is gone");
    expect(world.violations).toEqual([]);
  });

  it.each([
    ['2.6.24', 'R17', 'events/0'],
    ['2.6.24', 'R17+3ef1355', 'netns/0'],
    ['2.6.25', 'R21', 'netns/0'],
    ['2.6.25', 'R21-3ef1355', 'events/0'],
  ])('is cleaned up on %s at %s by %s', (kernel, revision, worker) => {
    const { world, ns } = scene(revision, kernel);
    const workers: string[] = [];
    world.kernel.onWork = () => workers.push(world.kernel.current!.name);
    world.run(put_net(world.net, ns), 0);
    world.advance(100);
    expect(workers).toEqual([worker]);
  });

  it.each([
    ['2.6.28', ['NETDEV_UNREGISTER lo@blue', 'NETDEV_UNREGISTER eth0@blue']],
    ['2.6.29', ['NETDEV_UNREGISTER eth0@blue', 'NETDEV_UNREGISTER lo@blue']],
  ])('loses its devices in the order of %s', (kernel, order) => {
    const { world, ns, told } = scene('R25', kernel);
    const eth0 = ns.device('eth0');
    world.run(put_net(world.net, ns));
    world.advance(100);
    expect(told.filter((line) => line.startsWith('NETDEV_UNREGISTER'))).toEqual(order);
    expect([eth0.nd_net, eth0.state, eth0.name]).toEqual([world.net.init_net, 'registered', 'eth0']);
    expect(world.net.device('eth0')).toBe(eth0);
  });

  it('hands its devices over under another name where their own is taken', () => {
    const { world, ns } = scene('R25', '2.6.28');
    const [own, theirs] = [world.net.device('eth0'), ns.device('eth0')];
    world.net.device('dev0');
    world.run(put_net(world.net, ns));
    world.advance(100);
    expect([own.name, theirs.name]).toEqual(['eth0', 'dev1']);
    expect(world.net.device('dev1')).toBe(theirs);
  });
});

describe('garbage of a namespace that dies', () => {
  it.each([
    ['2.6.28', true],
    ['2.6.29', false],
  ])('is moved to a loopback device that is freed, on %s: %s', (kernel, freed) => {
    const { world, ns } = scene('R25', kernel);
    const dst = garbageOn(world, ns.device('eth0'));
    world.run(put_net(world.net, ns));
    world.advance(250);
    expect(world.violations.includes('use-after-free')).toBe(freed);
    if (freed) return;
    expect([dst.dev, ns.loopback_dev.freed]).toEqual([ns.loopback_dev, false]);
    expect(referenceErrors(world.net)).toEqual([]);
    world.release(dst);
    world.advance(1000);
    expect([ns.loopback_dev.freed, ns.freed]).toEqual([true, true]);
  });

  it.each([
    ['2.6.24', 'R13', true],
    ['2.6.24', 'R14', false],
    ['2.6.24', 'newest', false],
    ['2.6.24', 'newest+3ef1355', true],
    ['2.6.25', 'newest', true],
  ])('on its loopback device is collected meanwhile, on %s at %s: %s', (kernel, revision, collected) => {
    const { world, ns } = scene(revision, kernel);
    const dst = garbageOn(world, ns.loopback_dev);
    world.run(put_net(world.net, ns));
    world.release(dst);
    world.advance(250 * 30);
    expect(ns.freed).toBe(collected);
    const waits = world.log.filter((text) => text.includes('waiting for lo to become free. Usage count = 1'));
    expect(waits.length > 0).toBe(!collected);
  });
});

describe('a device that moves', () => {
  it('is closed, gone from the one and registered in the other; nobody waits', () => {
    const { world, ns, told } = scene('R22', '2.6.25');
    const eth0 = ns.device('eth0');
    const dst = world.run(newDst(world.dst, world.ops, 'd', { dev: eth0 }))!;
    told.length = 0;
    expect(world.run(move(world, eth0, world.net.init_net))).toBe(0);
    expect(told).toEqual([
      'NETDEV_GOING_DOWN eth0@blue',
      'NETDEV_DOWN eth0@blue',
      'NETDEV_UNREGISTER eth0@blue',
      'NETDEV_REGISTER eth0',
    ]);
    expect([dst.dev, eth0.nd_net, ns.devices.has('eth0')]).toEqual([eth0, world.net.init_net, false]);
    expect(world.machine.nowNs).toBe(0);
    expect(world.run(move(world, eth0, world.net.init_net))).toBe(0);
  });

  it('may not be the loopback device, nor take a name that is taken', () => {
    const { world, ns } = scene('R22', '2.6.25');
    expect(world.run(move(world, ns.loopback_dev, world.net.init_net))).toBe(-22);
    world.net.device('eth0');
    expect(world.run(move(world, ns.device('eth0'), world.net.init_net))).toBe(-17);
  });

  it.each([
    ['R12', false],
    ['R13', true],
    ['R21', true],
    ['R22', false],
  ])('takes its garbage along, at %s: %s', (revision, along) => {
    const { world, ns } = scene(revision, '2.6.25');
    const eth0 = ns.device('eth0');
    const dst = garbageOn(world, eth0);
    world.run(move(world, eth0, world.net.init_net));
    expect([dst.dev === eth0, dst.discards]).toEqual([along, !along]);
    expect(referenceErrors(world.net)).toEqual([]);
  });
});
