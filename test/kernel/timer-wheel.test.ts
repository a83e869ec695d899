import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addJiffies, diffJiffies } from '../../src/kernel/jiffies.js';
import { TimerBase } from '../../src/kernel/timer-wheel.js';
import { arm, type Fired, NaiveWheel, Timer, timers } from './naive-wheel.js';

function runSlot(base: TimerBase): number[] {
  const ids: number[] = [];
  base.beginSlot();
  for (let t = base.shift(); t !== null; t = base.shift()) ids.push((t as Timer).id);
  return ids;
}

/** Processes every jiffy before `target`. */
function tickTo(base: TimerBase, target: number): Fired[] {
  const fired: Fired[] = [];
  while (base.timerJiffies !== target) {
    const now = base.timerJiffies;
    for (const id of runSlot(base)) fired.push([now, id]);
  }
  return fired;
}

/** The same, skipping what can be skipped. */
function skipTo(base: TimerBase, target: number): Fired[] {
  const fired: Fired[] = [];
  while (!base.advanceTo(target)) {
    const now = base.timerJiffies;
    expect(base.nextExpiry()).toBe(now);
    const ids = runSlot(base);
    expect(ids).not.toEqual([]);
    for (const id of ids) fired.push([now, id]);
  }
  return fired;
}

type Command =
  | { readonly op: 'add'; readonly id: number; readonly delta: number }
  | { readonly op: 'remove'; readonly id: number }
  | { readonly op: 'advance'; readonly ticks: number };

function around(value: number): fc.Arbitrary<number> {
  return fc.integer({ min: value - 3, max: value + 3 });
}

const delta = fc.oneof(
  { arbitrary: fc.integer({ min: -300, max: 600 }), weight: 4 },
  { arbitrary: fc.integer({ min: 0, max: 20_000 }), weight: 3 },
  ...[2 ** 8, 2 ** 14, 2 ** 20, 2 ** 26, 2 ** 30].map((arbitrary) => ({ arbitrary: around(arbitrary), weight: 1 })),
);
const far = fc.oneof(delta, around(2 ** 32), around(3 * 2 ** 32), fc.integer({ min: 2 ** 31, max: 2 ** 36 }));
const id = fc.nat(11);

function commands(deltas: fc.Arbitrary<number>): fc.Arbitrary<Command[]> {
  const command = fc.oneof(
    { arbitrary: fc.record({ op: fc.constant('add' as const), id, delta: deltas }), weight: 4 },
    { arbitrary: fc.record({ op: fc.constant('remove' as const), id }), weight: 1 },
    {
      arbitrary: fc.record({ op: fc.constant('advance' as const), ticks: fc.integer({ min: 0, max: 700 }) }),
      weight: 2,
    },
    { arbitrary: fc.record({ op: fc.constant('advance' as const), ticks: fc.nat(18_000) }), weight: 1 },
  );
  return fc.array(command, { maxLength: 30 });
}

const start = fc.oneof(
  ...[2 ** 32, 2 ** 32 - 75_000, 2 ** 14 * 7, 2 ** 20 * 5, 2 ** 26 * 3].map((at) =>
    fc.integer({ min: at - 600, max: at - 1 }),
  ),
  fc.nat(2 ** 32 - 1),
);

describe.each([
  { arch: 'i386', wraps: true, deltas: delta },
  { arch: 'x86_64', wraps: false, deltas: far },
])('TimerBase on $arch', ({ wraps, deltas }) => {
  it('fires what the naive wheel fires, ticking or skipping, and knows the next event and expiry', () => {
    fc.assert(
      fc.property(start, commands(deltas), (now, commands) => {
        const naive = new NaiveWheel(now, wraps);
        const [ticking, skipping] = [new TimerBase(0, now, wraps), new TimerBase(0, now, wraps)];
        const [ticked, skipped] = [timers(12), timers(12)];
        for (const c of commands) {
          if (c.op === 'add') {
            const expires = Math.max(0, addJiffies(naive.now, c.delta, wraps));
            naive.add(c.id, expires);
            arm(ticking, ticked[c.id]!, expires);
            arm(skipping, skipped[c.id]!, expires);
          } else if (c.op === 'remove') {
            expect(ticked[c.id]!.base !== null).toBe(naive.remove(c.id));
            if (ticked[c.id]!.base !== null) ticking.remove(ticked[c.id]!);
            if (skipped[c.id]!.base !== null) skipping.remove(skipped[c.id]!);
          } else {
            const target = addJiffies(naive.now, c.ticks, wraps);
            const fired = naive.tickTo(target);
            expect(tickTo(ticking, target)).toEqual(fired);
            expect(skipTo(skipping, target)).toEqual(fired);
          }
          for (const base of [ticking, skipping]) {
            expect(base.timerJiffies).toBe(naive.now);
            expect(base.pendingCount).toBe(naive.expires.size);
            expect(base.nextExpiry()).toBe(naive.nextExpiry());
            const pending = [...base.pending()].map((t) => [(t as Timer).id, t.expires]);
            expect(new Map(pending as Fired[])).toEqual(naive.expires);
            const event = naive.nextEvent(1500);
            if (event !== undefined) expect(base.nextEvent()).toBe(event);
            else
              expect(diffJiffies(base.nextEvent() ?? naive.now + 1500, naive.now, wraps) >>> 0).toBeGreaterThan(1499);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it('fires the same in the same order when it skips over millions of jiffies', () => {
    const now = 2 ** 32 - 1_500_000;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3_000_000 }), { minLength: 1, maxLength: 300 }), (deltas) => {
        const target = addJiffies(now, 3_000_001, wraps);
        const [a, b] = [tickTo, skipTo].map((run) => {
          const base = new TimerBase(0, now, wraps);
          for (const t of timers(deltas.length)) arm(base, t, addJiffies(now, deltas[t.id]! & ~0x3ff, wraps));
          return run(base, target);
        });
        expect(a).toEqual(b);
      }),
      { numRuns: 5 },
    );
  });

  it('keeps FIFO order through many moves', () => {
    const base = new TimerBase(0, 1000, wraps);
    const ts = timers(1000);
    for (let round = 0; round < 20; round++) for (const t of ts) arm(base, t, 5000 + ((t.id * 7 + round) % 3));
    for (const t of ts) if (t.id % 10 !== 0) base.remove(t);
    const expected = [0, 1, 2].flatMap((last) =>
      ts.filter((t) => t.id % 10 === 0 && (t.id * 7 + 19) % 3 === last).map((t) => [5000 + last, t.id]),
    );
    expect(skipTo(base, 6000)).toEqual(expected);
  });
});

describe('the running slot', () => {
  it('loses slot mates that are taken out, moved on or moved to another CPU before their turn', () => {
    const [base, other] = [new TimerBase(0, 100, true), new TimerBase(1, 90, true)];
    const ts = timers(5);
    for (const t of ts) arm(base, t, 105);
    expect(base.advanceTo(105)).toBe(true);
    base.beginSlot();
    expect(base.shift()).toBe(ts[0]);
    expect(ts[0]!.base).toBeNull();
    expect(ts[1]!.base).toBe(base);
    base.remove(ts[1]!);
    arm(base, ts[2]!, 105);
    arm(other, ts[3]!, 105);
    expect([base.pendingCount, other.pendingCount]).toEqual([2, 1]);
    expect(base.slotRunning).toBe(true);
    expect([...base.pending()]).toEqual([ts[4], ts[2]]);
    expect([base.shift(), base.shift()]).toEqual([ts[4], null]);
    expect(base.slotRunning).toBe(false);
    expect(base.nextExpiry()).toBe(106);
    expect(runSlot(base)).toEqual([2]);
    expect(skipTo(other, 110)).toEqual([[105, 3]]);
  });

  it('must be empty before the next begins', () => {
    const base = new TimerBase(0, 0, false);
    arm(base, new Timer(0), 0);
    base.beginSlot();
    expect(() => base.beginSlot()).toThrow(/not empty/);
  });
});

it('remove refuses a timer that is not pending on that base', () => {
  const [base, other] = [new TimerBase(0, 0, true), new TimerBase(1, 0, true)];
  const t = new Timer(0);
  expect(() => base.remove(t)).toThrow(/not pending on CPU 0/);
  arm(other, t, 7);
  expect(() => base.remove(t)).toThrow(/not pending on CPU 0/);
});

it('advanceTo leaves the cascade of a jiffy with timers to that jiffy, so that later arming still comes first', () => {
  const base = new TimerBase(0, 1, true);
  const [cascaded, near] = timers(2);
  arm(base, cascaded!, 512);
  expect(base.nextEvent()).toBe(512);
  expect(base.advanceTo(600)).toBe(false);
  expect(base.timerJiffies).toBe(512);
  arm(base, near!, 512);
  expect(runSlot(base)).toEqual([1, 0]);
});

it.each([8, 14, 20, 26])(
  '2^%i jiffies ahead is the next level: behind what is armed for then a jiffy later',
  (bits) => {
    const base = new TimerBase(0, 1, true);
    const [first, second] = timers(2);
    arm(base, first!, 1 + 2 ** bits);
    expect(base.advanceTo(2)).toBe(true);
    arm(base, second!, 1 + 2 ** bits);
    expect(skipTo(base, 2 ** 27).map(([, id]) => id)).toEqual([1, 0]);
  },
);

it('a timer 2^32 jiffies and more away goes round tv5 until it is near', () => {
  const base = new TimerBase(0, 12_345, false);
  const [far, near] = timers(2);
  arm(base, far!, 12_345 + 5 * 2 ** 32 + 77);
  arm(base, near!, 12_345 + 2 ** 32 + 1);
  expect(base.nextExpiry()).toBe(12_346 + 2 ** 32);
  expect(skipTo(base, 2 ** 36)).toEqual([
    [12_346 + 2 ** 32, 1],
    [12_422 + 5 * 2 ** 32, 0],
  ]);
});
