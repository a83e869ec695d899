import { describe, expect, it } from 'vitest';
import { DST_NOHASH, type DstEntry } from '../../src/net/dst/dst-entry.js';
import { dst_free } from '../../src/net/dst/dst-free.js';
import { dst_run_gc } from '../../src/net/dst/dst-gc-timer.js';
import { referenceErrors } from '../../src/net/holders.js';
import { inOrder, TestWorld } from './world.js';

const revisions = ['2.6.12-rc2', '2.6.12-rc3', 'round-jiffies', 'newest'];

describe.each(revisions)('a parent that is destroyed at %s', (revision) => {
  function family(flags: number, others: number): { world: TestWorld; child: DstEntry } {
    const world = new TestWorld(revision);
    const child = world.alloc('child', { flags, refs: others });
    const parent = world.alloc('parent', { child, refs: 0 });
    world.free(parent);
    return { world, child };
  }

  it('takes a child along that is nobody else’s and in no table', () => {
    const { world } = family(DST_NOHASH, 0);
    expect(world.destroyed).toEqual(['parent', 'child']);
    expect(world.ops.entries.value).toBe(0);
    expect(world.dst.dst_total).toBe(0);
  });

  it('makes garbage of a child that is in no table but held', () => {
    const { world, child } = family(DST_NOHASH, 1);
    expect(world.destroyed).toEqual(['parent']);
    expect([child.refcnt.value, child.obsolete]).toEqual([1, 2]);
    expect(world.dst.garbage).toEqual([child]);
  });

  it.each([0, 1])('leaves a child of a table alone, %i holders', (others) => {
    const { world, child } = family(0, others);
    expect(world.destroyed).toEqual(['parent']);
    expect([child.refcnt.value, child.obsolete]).toEqual([others, 0]);
    expect(world.dst.garbage).toEqual([]);
  });

  it('is destroyed once however often it is freed', () => {
    const world = new TestWorld(revision);
    const [entry] = world.garbage(1);
    world.free(entry!);
    expect(world.dst.garbage).toHaveLength(1);
    expect(world.violations).toEqual([]);
    expect(referenceErrors(world.net)).toEqual([]);
  });

  it('tells a second free of an entry that was destroyed', () => {
    const world = new TestWorld(revision);
    const entry = world.alloc('e', { refs: 0 });
    world.free(entry);
    world.free(entry);
    expect(world.violations).toContain('use-after-free');
    expect(world.violations).toContain('double-free');
  });
});

describe('the race that R2 ends: another CPU collects the child between the drop and the look at its flags', () => {
  /** CPU 0 destroys the parent of a child that is garbage already, CPU 1 collects once the count is dropped. */
  function race(revision: string): { world: TestWorld; steps: number } {
    const world = new TestWorld(revision, { cpus: 2, kernel: '2.6.12', hz: 1000 });
    const child = world.alloc('child', { refs: 1 });
    const parent = world.alloc('parent', { child, refs: 0 });
    world.free(child);
    world.release(child);
    const { dst } = world;
    const done = inOrder(world, [
      [0, 'rmw child.__refcnt'],
      [1, 'read child.__refcnt'],
      [1, 'write child.*'],
      [0, 'read child.flags'],
    ]);
    world.spawn(dst_free(dst, parent), 0);
    world.spawn(dst_run_gc(dst, 0), 1);
    world.machine.settle();
    return { world, steps: done() };
  }

  it('R1 reads the flags of freed memory', () => {
    const { world, steps } = race('R1');
    expect(steps).toBe(4);
    expect(world.machine.violations.map((violation) => violation.message)).toEqual([
      'read of child.flags in dst_destroy: child (ip_dst_cache) is already freed',
    ]);
    expect(world.destroyed).toEqual(['parent', 'child']);
  });

  it.each(['R2', 'round-jiffies'])('%s does not', (revision) => {
    const world = new TestWorld(revision, { cpus: 2, kernel: '2.6.12', hz: 1000 });
    const child = world.alloc('child', { refs: 1 });
    const parent = world.alloc('parent', { child, refs: 0 });
    world.free(child);
    world.release(child);
    // The flags come first here; the collection still falls between the drop and the end.
    const done = inOrder(world, [
      [0, 'read child.flags'],
      [0, 'rmw child.__refcnt'],
      [1, 'read child.__refcnt'],
      [1, 'write child.*'],
    ]);
    world.spawn(dst_free(world.dst, parent), 0);
    world.spawn(dst_run_gc(world.dst, 0), 1);
    world.machine.settle();
    expect(done()).toBe(4);
    expect(world.violations).toEqual([]);
    expect(world.destroyed).toEqual(['parent', 'child']);
  });
});
