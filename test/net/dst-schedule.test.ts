import { describe, expect, it } from 'vitest';
import type { DstEntry } from '../../src/net/dst/dst-entry.js';
import { TestWorld } from './world.js';

/** What __dst_free does about the work: nothing (R14–R24), cancels first (R25, A), restores (B), modifies (2012). */
const fixes = {
  none: { cancelBeforeSchedule: false },
  A: { cancelBeforeSchedule: true },
  B: { cancelBeforeSchedule: false, restoreBackoffWhenPending: true },
  mod: { cancelBeforeSchedule: true, modDelayedWork: true },
} as const;
type Fix = keyof typeof fixes;
const all = Object.keys(fixes) as Fix[];

/** HZ 250: MIN 25, INC 125. */
function worldWith(fix: Fix, costs: Readonly<Record<string, number>> = {}): TestWorld {
  return new TestWorld('R24', { hz: 250, cpus: 2, traits: fixes[fix], costs });
}

function state(world: TestWorld): [inc: number, expires: number] {
  return [world.dst.timer_inc, world.dst.timer_expires];
}

/** A world whose next run is 1275 or so jiffies away, and one more held entry. */
function backedOff(fix: Fix): { world: TestWorld; entry: DstEntry; old: number } {
  const world = worldWith(fix);
  const entry = world.alloc('late');
  world.garbage(1);
  world.advanceRuns(4);
  expect(state(world)).toEqual([625, 1275]);
  return { world, entry, old: world.dst.gcExpires! };
}

describe('a free of a held entry', () => {
  it.each(all)('while the work is idle arms it at DST_GC_MIN (%s)', (fix) => {
    const world = worldWith(fix);
    world.advance(3);
    world.garbage(1);
    expect(world.dst.gcExpires).toBe(world.kernel.jiffies() + 25);
    expect(state(world)).toEqual([125, 25]);
  });

  it.each([
    ['none', false, [125, 25]],
    ['A', true, [125, 25]],
    ['B', false, [625, 1275]],
    ['mod', true, [125, 25]],
  ] as const)('while the next run is far away (%s): hurries it: %s, state %j', (fix, hurried, left) => {
    const { world, entry, old } = backedOff(fix);
    world.advance(10);
    world.free(entry);
    expect(world.dst.gcExpires).toBe(hurried ? world.kernel.jiffies() + 25 : old);
    expect(state(world)).toEqual(left);
  });

  it.each([
    ['none', 1],
    ['B', 2],
  ] as const)('a second one does not even try (none), or tries again (B): %s', (fix, tries) => {
    const { world, entry } = backedOff(fix);
    const second = world.alloc('later');
    let attempts = 0;
    world.machine.onAccess = (_, op) => {
      if (op.object === world.dst.gc_work && op.access === 'rmw') attempts++;
    };
    world.free(entry);
    world.free(second);
    expect(attempts).toBe(tries);
  });

  it.each([
    ['none', 150],
    ['A', 150],
    ['B', 1900],
  ] as const)('what the run after it computes from (%s): %i', (fix, expires) => {
    const { world, entry } = backedOff(fix);
    world.free(entry);
    world.advanceRuns(1);
    expect(world.gc.at(-1)!.timerExpires).toBe(expires);
  });

  it.each(all)('while the work is queued and not started (%s)', (fix) => {
    const { world, entry, old } = backedOff(fix);
    const worker = world.kernel.events.of(world.machine.cpus[0]!);
    worker.setHeld(true);
    world.advance(old - world.kernel.jiffies());
    expect([world.dst.gcPending, world.dst.gcExpires]).toEqual([true, null]);
    world.free(entry);
    const postponed = fix === 'mod';
    expect(worker.worklist).toHaveLength(postponed ? 0 : 1);
    expect(world.dst.gcExpires).toBe(postponed ? world.kernel.jiffies() + 25 : null);
    expect(state(world)).toEqual(fix === 'B' ? [625, 1275] : [125, 25]);
  });

  it.each(all)('while a run is under way arms a second one, which the run’s own delay does not move (%s)', (fix) => {
    // 1 ms an entry: the scan of 60 takes 15 jiffies.
    const world = worldWith(fix, { dst_scan_kept: 1_000_000 });
    const late = world.alloc('late');
    world.garbage(60);
    world.advanceRuns(1);
    const due = world.dst.gcExpires!;
    world.advance(due + 5 - world.kernel.jiffies());
    expect(world.dst.gcPending).toBe(false);
    world.free(late, 1);
    const armed = world.kernel.jiffies() + 25;
    expect(world.dst.gcExpires).toBe(armed);
    world.advanceRuns(1);
    const record = world.gc.at(-1)!;
    // The scan finds the new entry and backs off from the state that the free has reset.
    expect(record).toMatchObject({ delayed: 61, timerExpires: 150, printedExpires: 150, nextExpiry: armed });
    expect(record.expires).toBeLessThanOrEqual(25);
  });
});

describe('the other consequence of a run that is not hurried', () => {
  it('a released entry waits for the old date', () => {
    const { world, entry, old } = backedOff('none');
    world.free(entry);
    world.release(entry);
    world.advanceRuns(1);
    expect(world.gc.at(-1)).toMatchObject({ jiffies: old, destroyed: 1 });
  });

  it('and not with the fix', () => {
    const { world, entry } = backedOff('A');
    world.free(entry);
    world.release(entry);
    const due = world.kernel.jiffies() + 25;
    world.advanceRuns(1);
    expect(world.gc.at(-1)).toMatchObject({ jiffies: due, destroyed: 1 });
  });
});
