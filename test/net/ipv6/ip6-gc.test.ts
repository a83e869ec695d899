import { describe, expect, it } from 'vitest';
import { newDst } from '../../../src/net/dst/dst-alloc.js';
import type { DstEntry } from '../../../src/net/dst/dst-entry.js';
import { ip6_ins_rt } from '../../../src/net/ipv6/ip6-fib.js';
import { type Ip6Params, Ip6Routes, type Ip6Table } from '../../../src/net/ipv6/ip6-routes.js';
import { TestWorld } from '../world.js';

const hz = 250;

class Ip6World extends TestWorld {
  readonly ip6: Ip6Routes;

  constructor(revision = 'R26', options: object = { arch: 'x86_64' }) {
    super(revision, options);
    this.ip6 = new Ip6Routes(this.net);
  }

  /** A cached entry that nobody uses; null if it could not be allocated. */
  cached(table: Ip6Table, label: string, refs = 0): DstEntry | null {
    const entry = this.run(newDst(this.dst, table.ops, label, { refs })) ?? null;
    if (entry !== null) this.run(ip6_ins_rt(table, entry));
    return entry;
  }

  many(table: Ip6Table, count: number, prefix: string): void {
    for (let i = 0; i < count; i++) this.cached(table, `${prefix}${i}`);
  }
}

const table = (world: Ip6World, params: Partial<Ip6Params> = {}): Ip6Table => world.ip6.register('t', params);

describe('the IPv6 timer', () => {
  it('collects what was not used for half a minute, and runs while there is something', () => {
    const world = new Ip6World();
    const t = table(world);
    world.cached(t, 'old');
    const held = world.cached(t, 'held', 1)!;
    world.advance(10 * hz);
    world.cached(t, 'young');
    world.advance(20 * hz - 1);
    expect(world.destroyed).toEqual([]);
    world.advance(1);
    expect(world.destroyed).toEqual(['old']);
    world.advance(30 * hz);
    expect(world.destroyed).toEqual(['old', 'young']);
    world.release(held);
    world.advance(30 * hz);
    expect(world.destroyed).toEqual(['old', 'young', 'held']);
    expect(t.ip6_fib_timer.pending).toBe(false);
    expect(world.kernel.machine.nextEventNs()).toBeUndefined();
  });

  it('passes over what was freed by hand', () => {
    const world = new Ip6World();
    const t = table(world);
    const held = world.cached(t, 'held', 1)!;
    world.free(world.cached(t, 'gone')!);
    world.free(held);
    world.advance(31 * hz);
    expect(t.cached.size).toBe(0);
    expect(world.dst.busy).toEqual([held]);
    expect(world.violations).toEqual([]);
  });
});

describe('ip6_dst_gc', () => {
  const quiet = { gcInterval: 1_000_000 * hz };

  it('collects above the threshold what is older than half a minute', () => {
    const world = new Ip6World();
    const t = table(world, { gcThresh: 10, ...quiet });
    world.many(t, 11, 'a');
    world.advance(31 * hz);
    world.cached(t, 'new');
    expect(world.destroyed).toHaveLength(11);
    expect(t.ops.entries.value).toBe(1);
    expect(t.expire).toBe(30 * hz - Math.floor((30 * hz) / 512));
  });

  it('does so once in half a second at most, unless there are too many', () => {
    const world = new Ip6World();
    const t = table(world, { gcThresh: 5, maxSize: 8, ...quiet });
    world.many(t, 6, 'a');
    world.advance(31 * hz);
    const last = (): number => t.last_gc;
    world.cached(t, 'b');
    const first = last();
    world.many(t, 7, 'c');
    expect(last()).toBe(first);
    expect(t.ops.entries.value).toBe(8);
    world.cached(t, 'd');
    world.advance(1);
    expect(t.ops.entries.value).toBe(9);
    expect(last()).toBe(first);
    // Nine are too many: it looks, finds them all young, and says no.
    expect(world.cached(t, 'no')).toBeNull();
    expect(last()).toBe(first + 1);
  });

  it('does nothing in the first five minutes of 32-bit jiffies, as last_gc starts at 0', () => {
    const world = new Ip6World('R26', { arch: 'i386' });
    const t = table(world, { gcThresh: 5, ...quiet });
    world.many(t, 6, 'a');
    world.advance(200 * hz);
    world.cached(t, 'b');
    expect(world.destroyed).toEqual([]);
    world.advance(101 * hz);
    world.cached(t, 'c');
    expect(world.destroyed).toHaveLength(7);
  });

  it('becomes less patient with each call that finds nothing', () => {
    const world = new Ip6World();
    const t = table(world, { gcThresh: 5, ...quiet });
    for (let i = 0; i < 6; i++) world.cached(t, `held${i}`, 1);
    const seen: number[] = [];
    for (let i = 0; i < 3; i++) {
      world.advance(hz);
      world.cached(t, `x${i}`, 1);
      seen.push(t.expire);
    }
    const next = (expire: number): number => expire + 1 - ((expire + 1) >> 9);
    expect(seen).toEqual([next(7500), next(next(7500)), next(next(next(7500)))]);
  });

  it.each([
    ['R20', ['first0', 'first1', 'first2'], 3],
    ['R21', ['second0', 'second1', 'second2'], 0],
  ] as const)('at %s collects %j when the second instance is full', (revision, gone, elsewhere) => {
    const world = new Ip6World(revision);
    const first = world.ip6.register('first', quiet);
    const second = world.ip6.register('second', { gcThresh: 2, ...quiet });
    world.many(first, 3, 'first');
    world.many(second, 3, 'second');
    world.advance(31 * hz);
    world.cached(second, 'new');
    expect(world.destroyed).toEqual(gone);
    expect(world.ip6.collected).toBe(3);
    expect(world.ip6.collectedElsewhere).toBe(elsewhere);
  });
});
