import { describe, expect, it } from 'vitest';
import { msleep } from '../../src/kernel/sleep.js';
import { dev_close, dev_open, devDown, devUp, unregister_netdev } from '../../src/net/dev.js';
import { dst_free } from '../../src/net/dst/dst-free.js';
import { dst_release } from '../../src/net/dst/dst-release.js';
import { holdersOf, referenceErrors } from '../../src/net/holders.js';
import type { K } from '../../src/smp/op.js';
import { TestWorld } from './world.js';

/** A world whose notifier chain is written down after the destination cache has had its turn. */
function watched(revision: string, options = {}): { world: TestWorld; told: string[] } {
  const world = new TestWorld(revision, options);
  const told: string[] = [];
  world.net.netdev_chain.register({
    name: 'test',
    priority: 0,
    call: (event, dev) => {
      told.push(`${event} ${dev.name} ${dev.up ? 'up' : 'down'} at ${world.machine.ticks}`);
    },
  });
  return { world, told };
}

describe('a device', () => {
  it('is made when first mentioned, up, without references; the loopback device first', () => {
    const { net } = new TestWorld('newest');
    expect(net.device('eth0')).toMatchObject({ name: 'eth0', up: true, state: 'registered', nd_net: net.init_net });
    expect(net.device('eth0')).toBe(net.device('eth0'));
    expect([...net.init_net.devices.keys()]).toEqual(['lo', 'eth0']);
    const blue = net.namespace('blue');
    expect(net.device('eth0', blue)).not.toBe(net.device('eth0'));
    expect(blue.loopback_dev).not.toBe(net.init_net.loopback_dev);
    expect(net.namespace('blue')).toBe(blue);
    expect(net.namespaces.map((namespace) => namespace.name)).toEqual(['init_net', 'blue']);
  });

  it('goes down in three steps, up in two, and each only once', () => {
    const { world, told } = watched('newest');
    const eth0 = world.net.device('eth0');
    for (let i = 0; i < 2; i++) world.run(dev_close(world.net, eth0));
    for (let i = 0; i < 2; i++) world.run(dev_open(world.net, eth0));
    expect(told).toEqual(['NETDEV_GOING_DOWN eth0 up at 0', 'NETDEV_DOWN eth0 down at 0', 'NETDEV_UP eth0 up at 0']);
  });

  it('fails and recovers as scripted', () => {
    const { world, told } = watched('newest');
    const eth0 = world.net.device('eth0');
    world.run(devDown(world.net, eth0));
    devUp(eth0);
    expect(told).toEqual(['NETDEV_DOWN eth0 down at 0']);
    expect(eth0.up).toBe(true);
  });

  it('knows who holds it', () => {
    const world = new TestWorld('newest');
    const eth0 = world.net.device('eth0');
    const [a, b] = [world.alloc('a'), world.alloc('b')];
    world.alloc('c', { dev: world.net.device('eth1') });
    expect(holdersOf(world.net, eth0)).toEqual({ dsts: [b, a], neighbours: [], inDevices: [] });
    expect(referenceErrors(world.net)).toEqual([]);
    eth0.refcnt.set(5);
    expect(referenceErrors(world.net)).toEqual(['eth0: usage count 5, but 2 hold it']);
  });
});

describe('unregistering', () => {
  it('a device that nobody holds is over at once', () => {
    const { world, told } = watched('newest');
    const eth0 = world.net.device('eth0');
    world.run(unregister_netdev(world.net, eth0));
    expect(told.map((line) => line.split(' ')[0])).toEqual(['NETDEV_GOING_DOWN', 'NETDEV_DOWN', 'NETDEV_UNREGISTER']);
    expect([eth0.state, eth0.freed]).toEqual(['released', true]);
    expect(world.net.device('eth0')).not.toBe(eth0);
    expect(world.machine.nowNs).toBe(0);
  });

  it.each(['2.6.24', '2.6.28'])('a device that is not registered is complained of, on %s', (kernel) => {
    const world = new TestWorld('newest', { kernel });
    const eth0 = world.net.device('eth0');
    world.run(unregister_netdev(world.net, eth0));
    world.run(unregister_netdev(world.net, eth0));
    expect(world.violations).toEqual([kernel === '2.6.28' ? 'warning' : 'bug']);
    expect(world.log.some((text) => text.includes('never was registered'))).toBe(kernel === '2.6.28');
  });

  it('complains each ten seconds, after the quarter second in which they are over, with the count', () => {
    const { world, told } = watched('newest', { hz: 1000 });
    const eth0 = world.net.device('eth0');
    const entry = world.alloc('leaked');
    world.spawn(unregister_netdev(world.net, eth0));
    world.advance(31_000);
    const lines = world.kernel.log.entries;
    expect(lines.map((line) => line.text)).toEqual(
      Array(3).fill('unregister_netdevice: waiting for eth0 to become free. Usage count = 1'),
    );
    expect(lines.map((line) => line.level)).toEqual([0, 0, 0]);
    // Sleeps of 251 ms: the fortieth is the first to end more than ten seconds after the last message.
    expect(lines.map((line) => line.timeNs / 1e6)).toEqual([10_040, 20_080, 30_120]);
    // Told again when more than a second has passed: each fourth sleep.
    const again = told.filter((line) => line.startsWith('NETDEV_UNREGISTER')).map((line) => line.split(' at ')[1]);
    expect(again.slice(0, 4)).toEqual(['0', '1004', '2008', '3012']);
    world.run(dst_release(world.dst, entry));
    world.free(entry);
    world.advance(1000);
    expect(eth0.state).toBe('released');
  });

  // Five sleeps of 250 ms rounded up to jiffies, and one jiffy more.
  it.each([
    [100, 1.3],
    [250, 1.28],
    [1000, 1.255],
  ])('waits for the second telling if routes are freed after the first: HZ %i, %d s', (hz, seconds) => {
    const world = new TestWorld('newest', { hz });
    const entry = world.alloc('busy');
    world.net.netdev_chain.register({
      name: 'fib_netdev_event',
      priority: 0,
      call: (event) => (event === 'NETDEV_UNREGISTER' ? dst_free(world.dst, entry) : undefined),
    });
    let endedNs = -1;
    function* body(): K {
      yield* unregister_netdev(world.net, world.net.device('eth0'));
      endedNs = world.machine.nowNs;
    }
    world.spawn(body());
    world.advance(3 * hz);
    expect(endedNs / 1e9).toBeCloseTo(seconds, 6);
    expect(entry.dev).toBe(world.net.init_net.loopback_dev);
  });

  it('holds the rtnl only while it tells', () => {
    const world = new TestWorld('newest', { cpus: 2 });
    world.alloc('leaked');
    const sleepers: number[] = [];
    world.spawn(unregister_netdev(world.net, world.net.device('eth0')), 0);
    function* look(): K {
      for (let i = 0; i < 20; i++) {
        yield* msleep(world.kernel, 100);
        sleepers.push(world.net.rtnl_mutex.owner === null ? 0 : 1);
      }
    }
    world.spawn(look(), 1);
    world.advance(600);
    expect(sleepers).toEqual(Array(20).fill(0));
  });
});
