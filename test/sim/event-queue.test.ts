import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventQueue, type QueueEntry } from '../../src/sim/event-queue.js';
import { stretchNs } from '../../src/sim/later.js';

interface Entry extends QueueEntry {
  readonly name: number;
}

const entry = (name: number, timeNs: number, order = 0, rank = 0): Entry => {
  return { name, timeNs, order, rank, sequence: 0, queued: false, dead: false };
};

/** The same by sorting. */
class Model {
  private readonly entries: Entry[] = [];

  push(e: Entry): void {
    this.entries.push(e);
    this.entries.sort((a, b) => a.timeNs - b.timeNs || a.order - b.order || a.rank - b.rank || a.sequence - b.sequence);
  }

  cancel(e: Entry): void {
    const index = this.entries.indexOf(e);
    if (index >= 0) this.entries.splice(index, 1);
  }

  poll(): Entry | undefined {
    return this.entries.shift();
  }

  get size(): number {
    return this.entries.length;
  }
}

const command = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constant('push' as const), fc.nat(5), fc.nat(3), fc.nat(3)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('poll' as const), fc.nat(0), fc.nat(0), fc.nat(0)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('cancel' as const), fc.nat(500), fc.nat(0), fc.nat(0)) },
);

describe('the event queue', () => {
  // Whether all are in the heap, or most lie by until their stretch of time comes.
  it.each([
    { near: 1024, unitNs: 1 },
    { near: 2, unitNs: 1 },
    { near: 2, unitNs: stretchNs / 2 },
    { near: 0, unitNs: 3 * stretchNs },
  ])('does what a sorted array does, with $near near ones and times of $unitNs ns', ({ near, unitNs }) => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 400 }), (commands) => {
        const queue = new EventQueue<Entry>(near);
        const model = new Model();
        const all: Entry[] = [];
        for (const [what, a, b, c] of commands) {
          if (what === 'push') {
            const e = entry(all.length, a * unitNs, b, c);
            all.push(e);
            queue.push(e);
            model.push(e);
          } else if (what === 'poll') expect(queue.poll()).toBe(model.poll());
          else if (all.length > 0) {
            const e = all[a % all.length]!;
            queue.cancel(e);
            model.cancel(e);
          }
          expect(queue.size).toBe(model.size);
        }
        for (let e = model.poll(); e !== undefined; e = model.poll()) {
          expect(queue.peek()).toBe(e);
          expect(queue.poll()).toBe(e);
        }
        expect(queue.poll()).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  it('orders by time, then class, then rank, then first come first served', () => {
    const queue = new EventQueue<Entry>();
    const wanted = [entry(0, 1, 9, 9), entry(1, 2, 0, 9), entry(2, 2, 1, 0), entry(3, 2, 1, 1), entry(4, 2, 1, 1)];
    for (const i of [3, 2, 0, 4, 1]) queue.push(wanted[i]!);
    expect(wanted.map(() => queue.poll()!.name)).toEqual([0, 1, 2, 3, 4]);
  });

  it.each([1024, 0])('stays small however many entries are cancelled, with %d near ones', (near) => {
    const queue = new EventQueue<Entry>(near);
    queue.push(entry(0, 0));
    for (let i = 1; i < 100_000; i++) {
      const e = entry(i, i * 1000);
      queue.push(e);
      queue.cancel(e);
    }
    const { heap, later } = queue as unknown as { heap: { size: number }; later: { size: number } };
    expect(heap.size + later.size).toBeLessThan(200);
    expect(queue.size).toBe(1);
  });
});
