import { describe, expect, it } from 'vitest';
import type { KernelOptions } from '../../../src/kernel/kernel.js';
import { msleep } from '../../../src/kernel/sleep.js';
import { devDown } from '../../../src/net/dev.js';
import { dst_free } from '../../../src/net/dst/dst-free.js';
import type { RouteCache, RouteSetup } from '../../../src/net/ipv4/route-cache.js';
import { dst_set_expires, ip_rt_init, type RouteSpec, rtLookupOrCreate } from '../../../src/net/ipv4/route-output.js';
import { rt_check_expire } from '../../../src/net/ipv4/rt-check-expire.js';
import { ipRouteFlushCache, rt_cache_flush, rt_secret_rebuild } from '../../../src/net/ipv4/rt-flush.js';
import { ip_rt_put } from '../../../src/net/ipv4/rt-free.js';
import { rt_garbage_collect } from '../../../src/net/ipv4/rt-garbage-collect.js';
import { ENOBUFS } from '../../../src/net/ipv4/rt-intern-hash.js';
import { RTCF_REDIRECTED, type Rtable } from '../../../src/net/ipv4/rtable.js';
import type { K } from '../../../src/smp/op.js';
import { TestWorld } from '../world.js';

/** A machine with a small route cache and jiffies from 100000. */
class RouteWorld extends TestWorld {
  readonly rc: RouteCache;
  readonly freed: string[] = [];

  constructor(
    kernel: string,
    ipv4: RouteSetup = {},
    machine: Partial<KernelOptions> & { costs?: Readonly<Record<string, number>> } = {},
  ) {
    super(kernel, { kernel, initialJiffies: 100_000, ...machine, net: { ipv4: { buckets: 16, ...ipv4 } } });
    this.rc = this.net.ipv4;
    this.rc.observer = { freed: (rt) => this.freed.push(String(rt.key)) };
  }

  route(key: number, more: Partial<RouteSpec> = {}): Rtable | number {
    return this.run(rtLookupOrCreate(this.rc, { key, ...more }))!;
  }

  /** Routes nobody holds. */
  fill(from: number, count: number): void {
    for (let key = from; key < from + count; key++) this.put(this.route(key));
  }

  put(rt: Rtable | number): void {
    if (typeof rt !== 'number') this.run(ip_rt_put(this.rc, rt));
  }

  get cached(): number {
    let count = 0;
    for (let bucket = 0; bucket < this.rc.table.buckets; bucket++) count += this.rc.table.chain(bucket).length;
    return count;
  }
}

describe('a lookup', () => {
  it('finds what was made, and counts it', () => {
    const world = new RouteWorld('2.6.24');
    const made = world.route(7) as Rtable;
    world.advance(3);
    const found = world.route(7) as Rtable;
    expect(found).toBe(made);
    expect(found.refcnt.value).toBe(2);
    expect(found.lastuse).toBe(100_003);
    expect(world.rc.stats).toMatchObject({ hits: 1, misses: 1, allocations: 1, failures: 0 });
    expect((world.route(7, { iif: 3 }) as Rtable).iif).toBe(3);
    expect(world.rc.entries).toBe(2);
  });

  it('holds what it found against the collector', () => {
    const world = new RouteWorld('2.6.24', { params: { gcThresh: 0, maxSize: 1, gcMinInterval: 0 } });
    const rt = world.route(1) as Rtable;
    world.advance(100_000);
    world.run(rt_garbage_collect(world.rc, 'direct'));
    expect(world.cached).toBe(1);
    world.put(rt);
    world.run(rt_garbage_collect(world.rc, 'direct'));
    expect(world.cached).toBe(0);
    world.advance(4);
    expect(world.rc.entries).toBe(0);
    expect(rt.freed).toBe(true);
  });

  it('fails with -ENOBUFS when there is no room', () => {
    const world = new RouteWorld('2.6.24', { params: { gcThresh: 2, maxSize: 4 } });
    const answers = [1, 2, 3, 4, 5].map((key) => world.route(key));
    expect(answers[4]).toBe(ENOBUFS);
    expect(world.rc.stats).toMatchObject({ failures: 1, gc_dst_overflow: 1 });
    expect(world.log).toEqual(['dst cache overflow']);
    expect(world.rc.overflowMessages).toBe(1);
  });

  it('names entries by number unless they have a name', () => {
    const world = new RouteWorld('2.6.24');
    const rt = world.route(1) as Rtable;
    expect(rt.name).toBe(`rt${rt.id}`);
    expect((world.route(2, { label: 'r' }) as Rtable).name).toBe('r');
  });
});

describe('an entry on a device', () => {
  it('holds it until it is destroyed, and goes with the flush when it goes down, after dst has looked', () => {
    const world = new RouteWorld('2.6.24');
    const dev = world.net.device('eth0');
    const rt = world.route(1, { dev }) as Rtable;
    expect(dev.refcnt.value).toBe(1);
    expect(world.net.netdev_chain.blocks.map((block) => block.name)).toEqual([
      'dst_dev_event',
      'inetdev_event',
      'fib_netdev_event',
    ]);
    world.run(devDown(world.net, dev));
    expect(world.cached).toBe(0);
    world.advance(4);
    expect(world.net.dst.garbage).toEqual([rt]);
    expect(rt.discards).toBe(true);
    world.put(rt);
    world.advance(30);
    expect(dev.refcnt.value).toBe(0);
  });
});

describe('a flush', () => {
  it.each(['2.6.12', '2.6.24'])('of %s comes in two seconds when `ip route flush cache` asks', (kernel) => {
    const world = new RouteWorld(kernel);
    world.fill(1, 40);
    world.run(ipRouteFlushCache(world.rc));
    expect(world.rc.nextFlush).toBe(100_500);
    world.advance(499);
    expect(world.cached).toBe(40);
    world.advance(1);
    expect(world.cached).toBe(0);
    expect(world.rc.stats).toMatchObject({ flushes: 1, flushRequests: 1 });
    expect(world.rc.nextFlush).toBeNull();
  });

  it('of 2.6.25 makes all entries old and frees them when met', () => {
    const world = new RouteWorld('2.6.25');
    world.fill(1, 40);
    const before = world.rc.rt_genid;
    world.run(ipRouteFlushCache(world.rc));
    expect(world.rc.rt_genid).toBeGreaterThan(before);
    expect(world.rc.rt_genid - before).toBeLessThanOrEqual(256);
    expect(world.cached).toBe(40);
    expect(world.rc.stats.flushes).toBe(0);
    // Not found any more; made anew, while old ones in its chain go.
    world.fill(1, 40);
    expect(world.rc.stats).toMatchObject({ hits: 0, misses: 80 });
    expect(world.cached).toBe(80 - world.freed.length);
    world.run(rt_cache_flush(world.rc, 0));
    expect(world.cached).toBe(0);
    expect(world.rc.stats.flushes).toBe(1);
  });

  it('of 2.6.25 lets the periodic scan and the collector take old entries, whoever holds them', () => {
    for (const take of [rt_check_expire, (rc: RouteCache) => rt_garbage_collect(rc, 'direct')]) {
      const params = { gcInterval: 1000, gcTimeout: 1000, gcThresh: 0, gcElasticity: 0, gcMinInterval: 0 };
      const world = new RouteWorld('2.6.25', { buckets: 1, params });
      const rt = world.route(1) as Rtable;
      world.run(ipRouteFlushCache(world.rc));
      world.run(take(world.rc) as K<unknown>);
      expect(world.freed).toEqual(['1']);
      world.advance(4);
      expect(world.net.dst.garbage.length + world.net.dst.busy.length).toBe(1);
      expect(rt.obsolete).toBe(2);
    }
  });

  it('takes buckets from the highest down through 2.6.24, from 0 up later', () => {
    for (const [kernel, sign] of [
      ['2.6.24', -1],
      ['2.6.25', 1],
    ] as const) {
      const world = new RouteWorld(kernel);
      world.fill(1, 30);
      const bucketOf = new Map(Array.from({ length: 30 }, (_, i) => [String(i + 1), world.rc.table.hash(i + 1, 0)]));
      world.run(rt_cache_flush(world.rc, 0));
      const buckets = world.freed.map((key) => sign * bucketOf.get(key)!);
      expect(buckets).toEqual([...buckets].sort((a, b) => a - b));
      expect(buckets.length).toBe(30);
    }
  });

  it('sends keys to other buckets afterwards', () => {
    for (const kernel of ['2.6.24', '2.6.25']) {
      const world = new RouteWorld(kernel, { buckets: 1024 });
      const before = Array.from({ length: 50 }, (_, key) => world.rc.table.hash(key, 0));
      world.run(rt_secret_rebuild(world.rc));
      const after = Array.from({ length: 50 }, (_, key) => world.rc.table.hash(key, 0));
      expect(after.filter((bucket, i) => bucket === before[i]).length).toBeLessThan(10);
    }
  });
});

describe('the timers', () => {
  it.each(['2.6.12', '2.6.23', '2.6.24', '2.6.25'])('of %s come first between one and two intervals', (kernel) => {
    const world = new RouteWorld(kernel, { params: { gcInterval: 1000, secretInterval: 4000 } });
    world.run(ip_rt_init(world.rc));
    const { nextPeriodic, nextSecret } = world.rc;
    expect(nextPeriodic).toBeGreaterThanOrEqual(101_000);
    expect(nextPeriodic).toBeLessThan(102_000);
    expect(nextSecret).toBeGreaterThanOrEqual(104_000);
    expect(nextSecret).toBeLessThan(108_000);
    world.advance(10_000);
    expect(world.rc.nextPeriodic).toBeGreaterThan(110_000);
    expect(world.rc.nextSecret).toBeGreaterThan(110_000);
    expect(world.rc.stats.flushes > 0).toBe(kernel !== '2.6.25');
  });

  it.each([
    ['2.6.12', 1000, 0],
    ['2.6.12', 100, 1],
    ['2.6.13', 1000, 1],
  ])('of %s at HZ %i scan a table of 65536 buckets or not', (kernel, hz, scanned) => {
    const world = new RouteWorld(kernel, { buckets: 65536 }, { hz });
    let rover = 0;
    world.rc.observer = {
      checkExpire: (record) => {
        rover = record.rover;
      },
    };
    world.run(rt_check_expire(world.rc));
    expect(Math.sign(rover)).toBe(scanned);
    // A fifth of the table, and in 2.6.12 one more.
    if (scanned === 1) expect(Math.abs(rover - 65536 / 5)).toBeLessThan(2);
  });

  it('scan in the softirq through 2.6.23, in a worker later', () => {
    for (const [kernel, kind] of [
      ['2.6.23', 'softirq'],
      ['2.6.24', 'process'],
    ] as const) {
      const world = new RouteWorld(kernel);
      const kinds: (string | undefined)[] = [];
      world.rc.observer = { checkExpire: () => kinds.push(world.kernel.current?.kind) };
      world.run(ip_rt_init(world.rc, { periodic: 10, secret: null }));
      world.advance(10);
      expect(kinds).toEqual([kind]);
    }
  });
});

describe('what is worth keeping', () => {
  it('keeps valuable entries longer, and none beyond its expiry', () => {
    const world = new RouteWorld('2.6.24', { buckets: 1, params: { gcThresh: 1, gcMinInterval: 0, gcTimeout: 1000 } });
    world.put(world.route(1, { flags: RTCF_REDIRECTED }));
    world.put(world.route(2));
    world.put(world.route(3));
    const dated = world.route(4) as Rtable;
    dst_set_expires(world.rc, dated, 50);
    dst_set_expires(world.rc, dated, 60);
    expect(dated.expires).toBe(100_050);
    world.put(dated);
    world.rc.gcState.expire = 200;
    world.advance(100);
    world.run(rt_garbage_collect(world.rc, 'direct'));
    // Newest first: the dated one is over; the next is young enough for the full time, the one behind it for half;
    // the redirected one has the full time wherever it stands.
    expect(world.freed).toEqual(['4']);
    world.advance(50);
    world.rc.gcState.expire = 200;
    world.rc.gcState.equilibrium = 0;
    world.run(rt_garbage_collect(world.rc, 'direct'));
    expect(world.freed).toEqual(['4', '2']);
  });
});

/** Fills, holds, collects, flushes with two tasks; the run's fingerprint. */
interface Print {
  readonly observed?: boolean;
  readonly skipIdle?: boolean;
  readonly costs?: Readonly<Record<string, number>>;
}

function print(kernel: string, cpus: number, settings: Print): string {
  const world = new RouteWorld(
    kernel,
    { params: { gcThresh: 16, maxSize: 64, gcMinInterval: 2, gcElasticity: 3 } },
    { cpus, skipIdle: settings.skipIdle ?? true, costs: settings.costs ?? {} },
  );
  if (settings.observed) world.machine.onAccess = () => undefined;
  const body = (cpu: number) =>
    function* (): K {
      const held: Rtable[] = [];
      for (let i = 0; i < 300; i++) {
        const rt = yield* rtLookupOrCreate(world.rc, { key: (i * 7 + cpu * 3) % 120 });
        if (typeof rt === 'number') continue;
        if (i % 9 === 0) held.push(rt);
        else yield* ip_rt_put(world.rc, rt);
        if (i % 40 === 39) yield* msleep(world.kernel, 3);
        if (held.length > 4) yield* ip_rt_put(world.rc, held.shift()!);
      }
    };
  world.run(ip_rt_init(world.rc, { periodic: 7, secret: 30 }));
  world.spawn(body(0)(), 0);
  world.spawn(body(1)(), cpus - 1);
  world.advance(2000);
  expect(world.violations).toEqual([]);
  expect(world.rc.stats.freed).toBeGreaterThan(20);
  return world.machine.trace.fingerprint();
}

describe.each(['2.6.12', '2.6.18', '2.6.24', '2.6.25', '2.6.29'])('a run on %s', (kernel) => {
  it.each([1, 2])('is the same with every access observed, and with idle time ticked through (%i CPUs)', (cpus) => {
    const plain = print(kernel, cpus, {});
    expect(print(kernel, cpus, { observed: true })).toBe(plain);
    expect(print(kernel, cpus, { skipIdle: false })).toBe(plain);
  });

  it('is so where looking takes time, and walks are done in stretches', () => {
    // A walk over the 16 buckets is longer than a tick: stretches end in it, and the other CPU comes in between.
    const costs = { rt_bucket: 300_000, rt_scan: 70_000, rt_flush: 1000 };
    for (const cpus of [1, 2]) {
      const plain = print(kernel, cpus, { costs });
      expect(plain).not.toBe(print(kernel, cpus, {}));
      expect(print(kernel, cpus, { costs, observed: true })).toBe(plain);
      expect(print(kernel, cpus, { costs, skipIdle: false })).toBe(plain);
    }
  });
});

describe('an entry that was freed and is still in the table', () => {
  it('is found out by the next flush', () => {
    const world = new RouteWorld('2.6.24');
    const rt = world.route(1) as Rtable;
    world.put(rt);
    world.run(dst_free(world.net.dst, rt));
    expect(world.violations).toEqual([]);
    world.run(rt_cache_flush(world.rc, 0));
    world.advance(4);
    expect(world.violations).toContain('use-after-free');
  });

  it('is found out by a scan', () => {
    const world = new RouteWorld('2.6.24', { buckets: 1, params: { gcInterval: 1000, gcTimeout: 1000 } });
    const rt = world.route(1) as Rtable;
    world.put(rt);
    world.run(dst_free(world.net.dst, rt));
    world.advance(2000);
    world.run(rt_check_expire(world.rc));
    expect(world.violations).toContain('use-after-free');
  });
});
