import { describe, expect, it } from 'vitest';
import { DST_DEAD } from '../../src/net/dst/dst-entry.js';
import { listErrors } from '../../src/net/dst/list-errors.js';
import { invariantErrors } from '../../src/net/holders.js';
import { busy } from '../../src/smp/basic-ops.js';
import { TestWorld } from './world.js';

const errorsOf = (world: TestWorld): readonly string[] => listErrors(world.dst);

/** Garbage on both lists, if the revision has two. */
function littered(revision: string): TestWorld {
  const world = new TestWorld(revision);
  world.garbage(2, 'old');
  world.advanceRuns(1);
  world.garbage(2, 'new');
  expect(errorsOf(world)).toEqual([]);
  return world;
}

describe.each(['R1', 'R13', 'R14', 'R26'])('at %s', (revision) => {
  it('nothing is wrong from the first free to the last destroy', () => {
    const world = littered(revision);
    for (let i = 0; i < 400; i++) {
      world.advance(7);
      expect(errorsOf(world)).toEqual([]);
    }
    for (const dst of [...world.dst.garbage, ...world.dst.busy]) world.release(dst);
    world.advanceRuns(1);
    expect(world.dst.dst_total).toBe(0);
    expect(errorsOf(world)).toEqual([]);
  });

  it('an entry is missed, or too many', () => {
    const world = littered(revision);
    const head = world.dst.list!;
    world.dst.list = head.next;
    expect(errorsOf(world)).toEqual([`${head.name} is dead and on no list`]);
    world.dst.list = head;
    head.obsolete = 0;
    expect(errorsOf(world)).toEqual([`${head.name} is on the garbage list, and not dead`]);
    head.obsolete = DST_DEAD;
    const last = [...world.dst.garbage].at(-1)!;
    last.next = head;
    expect(errorsOf(world)).toEqual([`${head.name} is on the garbage list for a second time`]);
    last.next = null;
    head.freed = true;
    expect(errorsOf(world)).toEqual([`${head.name} is on the garbage list, and freed`]);
  });

  it('a family has miscounted, even one without entries', () => {
    const world = littered(revision);
    world.ops.entries.value++;
    expect(errorsOf(world)).toEqual(['ipv4 has 4 entries, but counts 5']);
    expect(invariantErrors(world.net)).toEqual(errorsOf(world));
    const other = new TestWorld(revision);
    other.ops.entries.value--;
    expect(errorsOf(other)).toEqual(['ipv4 has 0 entries, but counts -1']);
  });

  it('the back-off is no multiple of its step, or nobody comes', () => {
    const world = littered(revision);
    world.dst.timer_inc++;
    expect(errorsOf(world)).toEqual([`timer_inc is ${world.dst.timer_inc}`]);
    world.dst.timer_inc--;
    const timer = world.dst.traits.gcInWorkqueue ? world.dst.gc_work.timer : world.dst.gc_timer;
    timer.base!.remove(timer);
    if (!world.dst.traits.gcInWorkqueue) expect(errorsOf(world)).toEqual(['there is garbage, and no run to come']);
  });

  it('is not asked while somebody is at it', () => {
    const world = littered(revision);
    world.ops.entries.value++;
    world.spawn(
      (function* () {
        yield busy(1e6);
      })(),
    );
    world.machine.runUntil(world.machine.nowNs + 1000);
    expect(errorsOf(world)).toEqual([]);
    world.advance(1);
    expect(errorsOf(world)).toHaveLength(1);
  });
});

it.each([
  ['R13', true],
  ['R24', false],
  ['R25', true],
])('at %s a free after which the run keeps its far date is an error: %s', (revision, wrong) => {
  const world = new TestWorld(revision);
  world.garbage(2);
  world.advanceRuns(5);
  world.garbage(1, 'late');
  expect(errorsOf(world)).toEqual([]);
  const { traits, gc_work, gc_timer, gcMin } = world.dst;
  const timer = traits.gcInWorkqueue ? gc_work.timer : gc_timer;
  timer.expires = world.kernel.now + 1000;
  expect(gcMin).toBe(25);
  expect(errorsOf(world)).toEqual(wrong ? ['the back-off is reset, and the next run 1000 jiffies away'] : []);
});
