import { describe, expect, it } from 'vitest';
import { dst_release, releaseWarningPlace } from '../../src/net/dst/dst-release.js';
import { inOrder, TestWorld } from './world.js';

const before = ['R1', 'R23', 'R24', 'R25'];
const readThenDrop = [
  [0, 'read e.__refcnt'],
  [1, 'read e.__refcnt'],
  [0, 'rmw e.__refcnt'],
  [1, 'rmw e.__refcnt'],
] as const;

/** Warnings and final count after releases on CPU 0, 1, … of an entry with `refs` references. */
function releases(revision: string, refs: number, count: number, together: boolean): [number, number] {
  const world = new TestWorld(revision, { cpus: 2 });
  const entry = world.alloc('e', { refs });
  if (together) inOrder(world, world.net.traits.releaseTestsResult ? readThenDrop.slice(2) : readThenDrop);
  for (let i = 0; i < count; i++) {
    if (together) world.spawn(dst_release(world.dst, entry), i);
    else world.release(entry, i);
  }
  world.machine.settle();
  return [world.violations.filter((kind) => kind === 'warning').length, entry.refcnt.value];
}

describe.each(before)('dst_release at %s: looks, then drops', (revision) => {
  it('one reference, one release', () => expect(releases(revision, 1, 1, false)).toEqual([0, 0]));
  it('no reference, one release', () => expect(releases(revision, 0, 1, false)).toEqual([1, -1]));
  it('one reference, two releases one after the other', () => {
    expect(releases(revision, 1, 2, false)).toEqual([1, -1]);
  });
  it('one reference, two at the same time: nobody notices', () => {
    expect(releases(revision, 1, 2, true)).toEqual([0, -1]);
  });
  it('two references, two at the same time', () => expect(releases(revision, 2, 2, true)).toEqual([0, 0]));
});

describe('dst_release at R26: drops, then looks at what is left', () => {
  it('one reference, one release', () => expect(releases('R26', 1, 1, false)).toEqual([0, 0]));
  it('no reference, one release', () => expect(releases('R26', 0, 1, false)).toEqual([1, -1]));
  it.each([false, true])('one reference, two releases, together %s: always one warning', (together) => {
    expect(releases('R26', 1, 2, together)).toEqual([1, -1]);
  });
  it('two references, two releases', () => expect(releases('R26', 2, 2, true)).toEqual([0, 0]));
});

describe('the warning', () => {
  it.each([
    ['R23', '2.6.12', 'include/net/dst.h', 154],
    ['R23', '2.6.24', 'include/net/dst.h', 165],
    ['R24', '2.6.24', 'net/core/dst.c', 265],
    ['R25', '2.6.28', 'net/core/dst.c', 266],
    ['R26', '2.6.29', 'net/core/dst.c', 270],
    ['R26-R24', '2.6.24', 'include/net/dst.h', 165],
  ])('at %s on %s is of %s:%i', (revision, kernel, file, line) => {
    const world = new TestWorld(revision, { kernel });
    expect(releaseWarningPlace(world.dst)).toMatchObject({ file, line });
    world.release(world.alloc('e', { refs: 0 }));
    expect(world.log.join('\n')).toContain(`${file}:${line}`);
    expect(world.log.join('\n')).toContain('dst_release');
  });
});
