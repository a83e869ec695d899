import { describe, expect, it } from 'vitest';
import { dst_alloc, newDst } from '../../src/net/dst/dst-alloc.js';
import { dst_discard, dst_discard_in, dst_discard_out } from '../../src/net/dst/dst-entry.js';
import { limitGc } from '../../src/net/dst/limit-gc.js';
import { TestWorld } from './world.js';

describe('dst_alloc', () => {
  it.each(['R1', 'R9', 'newest'])('gives a clear entry that throws packets away, at %s', (revision) => {
    const world = new TestWorld(revision);
    world.advance(7);
    const entry = world.run(dst_alloc(world.dst, world.ops, 'e'))!;
    expect(entry).toMatchObject({ flags: 0, obsolete: 0, dev: null, child: null, path: entry, discards: true });
    expect(entry.refcnt.value).toBe(0);
    expect(entry.lastuse).toBe(world.kernel.jiffies());
    expect([world.ops.entries.value, world.dst.dst_total, world.ops.cache.live]).toEqual([1, 1, 1]);
  });

  it.each([
    ['R11', dst_discard_in, dst_discard_out],
    ['R12', dst_discard, dst_discard],
  ])('has %s’s functions', (revision, input, output) => {
    const world = new TestWorld(revision);
    const entry = world.run(dst_alloc(world.dst, world.ops, 'e'))!;
    expect([entry.input, entry.output]).toEqual([input, output]);
    expect([input(), output()]).toEqual([0, 0]);
  });

  it.each([
    ['R20', false],
    ['R21', true],
  ])('calls gc above the threshold only, at %s with the ops: %s', (revision, withOps) => {
    const calls: unknown[][] = [];
    const world = new TestWorld(revision, {
      ops: {
        gc_thresh: 2,
        *gc(...args) {
          calls.push(args);
          return 0;
        },
      },
    });
    for (let i = 0; i < 3; i++) world.alloc(`e${i}`);
    expect(calls).toEqual([]);
    expect(world.ops.gcArgument).toBe(null);
    world.alloc('e3');
    expect(calls).toEqual([[withOps ? world.ops : undefined]]);
    expect(world.ops.gcCalls).toBe(1);
    expect(world.ops.gcArgument).toBe(withOps ? world.ops : undefined);
  });
});

describe('limitGc', () => {
  it('makes allocation fail at the limit, and says so no more often than the rate limit allows', () => {
    const world = new TestWorld('newest', { ratelimit: 'real' });
    limitGc(world.dst, world.ops, 4);
    const entries = Array.from({ length: 4 }, (_, i) => world.alloc(`e${i}`));
    for (let i = 0; i < 15; i++) expect(world.run(newDst(world.dst, world.ops, 'x'))).toBe(null);
    expect(world.ops.entries.value).toBe(4);
    const overflows = world.log.filter((text) => text === 'dst cache overflow');
    expect(overflows).toHaveLength(10);
    world.release(entries[0]!);
    world.free(entries[0]!);
    expect(world.run(newDst(world.dst, world.ops, 'x'))).not.toBe(null);
  });
});
