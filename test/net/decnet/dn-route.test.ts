import { describe, expect, it } from 'vitest';
import {
  type DnRoute,
  DnRoutes,
  dn_blackhole,
  dn_insert_route,
  dnRejectedInput,
} from '../../../src/net/decnet/dn-route.js';
import { newDst } from '../../../src/net/dst/dst-alloc.js';
import { dst_discard } from '../../../src/net/dst/dst-entry.js';
import { TestWorld } from '../world.js';

const hz = 250;

class DnWorld extends TestWorld {
  readonly dn: DnRoutes;

  constructor(revision: string, setup: { gcThresh?: number; buckets?: number } = {}) {
    super(revision);
    this.dn = new DnRoutes(this.net, setup);
  }

  cached(label: string, refs = 0): DnRoute {
    const entry = this.run(newDst(this.dst, this.dn.ops, label, { refs })) as DnRoute;
    this.run(dn_insert_route(this.dn, entry));
    return entry;
  }
}

describe('rejected packets', () => {
  it('are dropped with 1 before R18, with 0 after', () => {
    const before = dnRejectedInput(new DnWorld('R17').net.traits);
    const after = dnRejectedInput(new DnWorld('R18').net.traits);
    expect([before, before()]).toEqual([dn_blackhole, 1]);
    expect([after, after()]).toEqual([dst_discard, 0]);
  });
});

describe('the DECnet cache', () => {
  it('loses what was not used for two minutes, every two seconds', () => {
    const world = new DnWorld('R26');
    world.cached('old');
    world.cached('held', 1);
    world.advance(119 * hz);
    expect(world.destroyed).toEqual([]);
    world.advance(3 * hz);
    expect(world.destroyed).toEqual(['old']);
    expect(world.violations).toEqual([]);
  });

  it('never says no, and takes one of each chain', () => {
    const world = new DnWorld('R26', { gcThresh: 4, buckets: 2 });
    for (let i = 0; i < 5; i++) world.cached(`a${i}`);
    world.cached('young');
    expect(world.dn.ops.entries.value).toBe(6);
    world.advance(11 * hz);
    world.cached('new');
    expect(world.dn.buckets.map(({ chain }) => [...chain].map((rt) => rt.name))).toEqual([
      ['a0', 'a2', 'new'],
      ['a1', 'a3'],
    ]);
  });

  it('drops a reference that it does not have, and never sees the entry again', () => {
    const world = new DnWorld('R26', { gcThresh: 0, buckets: 1 });
    const victim = world.cached('victim');
    world.advance(11 * hz);
    world.cached('new', 1);
    expect(world.violations).toEqual(['warning']);
    expect(victim.refcnt.value).toBe(-1);
    world.advance(200 * hz);
    expect(world.destroyed).toEqual([]);
    expect([...world.dst.garbage, ...world.dst.busy]).toEqual([victim]);
  });
});
