import { describe, expect, it } from 'vitest';
import { atomic_dec } from '../../src/kernel/atomic.js';
import { newDst } from '../../src/net/dst/dst-alloc.js';
import type { DstEntry } from '../../src/net/dst/dst-entry.js';
import { dst_free } from '../../src/net/dst/dst-free.js';
import type { K } from '../../src/smp/op.js';
import { TestWorld } from './world.js';

/** The debug lines that the message of R14 shows (HZ 250): total, delayed, work, elapsed µs; and what it prints. */
const rows = [
  [75469, 74109, 141, 8092, 150],
  [78725, 73366, 743, 8542, 400],
  [86126, 71844, 1522, 8849, 775],
  [100173, 68791, 3053, 9748, 1256],
  [121798, 64711, 4080, 10146, 1997],
  [154522, 58316, 6395, 11402, 25],
  [154957, 58252, 64, 6148, 150],
  [157377, 57843, 409, 6350, 400],
  [163745, 56679, 1164, 7051, 775],
  [176577, 53965, 2714, 8120, 1389],
  [198993, 49627, 4338, 8909, 1997],
  [226638, 46865, 2762, 7351, 2748],
] as const;

describe('the twelve rows of R14’s message', () => {
  it('come out of the algorithm and the clock, with the fitted costs', () => {
    const world = new TestWorld('R14', {
      costs: { dst_gc_start: 3_500_000, dst_scan_kept: 107, dst_scan_destroyed: 820 },
    });
    const { dst, ops } = world;
    const garbage: DstEntry[] = [];
    let live = 0;
    function* allocate(count: number): K {
      for (let i = 0; i < count; i++) yield* newDst(dst, ops, `live${live++}`, {});
    }
    function* release(count: number): K {
      for (let i = 0; i < count; i++) yield atomic_dec(garbage.pop()!.refcnt);
    }
    function* flush(): K {
      for (let i = 0; i < rows[0][1] + rows[0][2]; i++) garbage.push((yield* newDst(dst, ops, `old${i}`, {}))!);
      yield* allocate(rows[0][0] - rows[0][1]);
      for (const entry of garbage) yield* dst_free(dst, entry);
      yield* release(rows[0][2]);
    }
    // The first run ends at a jiffy of residue 161, two jiffies after its timer, which is armed 25 before.
    const { kernel } = world;
    const start = 161 - 2 - 25;
    world.advance((((start - (kernel.jiffies() % 250)) % 250) + 250) % 250);
    world.run(flush());
    rows.forEach(([total, , work], index) => {
      if (index === 0) return;
      world.advanceRuns(1);
      world.run(release(work));
      world.run(allocate(total - rows[index - 1]![0] + work));
    });
    world.advanceRuns(1);
    expect(world.gc.map((run) => [run.dstTotal, run.delayed, run.workPerformed, run.printedExpires])).toEqual(
      rows.map(([total, delayed, work, , printed]) => [total, delayed, work, printed]),
    );
    for (const [index, run] of world.gc.entries()) {
      expect(Math.abs(run.elapsedUs / rows[index]![3] - 1)).toBeLessThan(0.1);
      expect(run.expires).toBe(run.printedExpires);
    }
  });
});
