import { describe, expect, it } from 'vitest';
import { allCommits, commits, extraCommits } from '../../src/history/commits.js';
import {
  allRevisions,
  formatRevision,
  includesCommit,
  justBefore,
  lastReleaseOf,
  type Revision,
  revisionAt,
  sameTraits,
  withCommits,
  withoutCommit,
} from '../../src/history/fold.js';
import { parseRevision } from '../../src/history/parse-revision.js';
import { netTraitsOf } from '../../src/history/surroundings.js';
import { baselineTraits, type DstTraits } from '../../src/net/dst/traits.js';
import { baselineNetTraits } from '../../src/net/surroundings.js';
import { InputError } from '../../src/sim/errors.js';

const R = (number: number): Revision => revisionAt(commits[number - 1]!);
const commit = (number: number): (typeof commits)[number] => commits[number - 1]!;
const extra = (name: string): (typeof commits)[number] => extraCommits.find((one) => one.names.includes(name))!;

/** The revisions, of R1 to R26, at which a trait has a value: [from, to] both included. */
const spans: readonly [keyof DstTraits, boolean | string, number, number][] = [
  ['noHashReadBeforeDecrement', true, 2, 26],
  ['resetBackoffOnDestroy', true, 3, 26],
  ['rearmWithModTimer', true, 5, 26],
  ['roundLongIntervals', true, 7, 26],
  ['allocatorZeroes', true, 9, 26],
  ['singleDiscard', true, 12, 26],
  ['initialNamespaceOnly', true, 13, 21],
  ['gcInWorkqueue', true, 14, 26],
  ['loopback', 'static', 1, 14],
  ['loopback', 'pointer', 15, 15],
  ['loopback', 'initial-namespace', 16, 18],
  ['loopback', 'device-namespace', 19, 26],
  ['discardShared', true, 18, 26],
  ['holdBeforePut', true, 20, 26],
  ['gcTakesOps', true, 21, 26],
  ['namespaceAccessor', true, 23, 26],
  ['releaseInDstC', true, 24, 26],
  ['cancelBeforeSchedule', true, 25, 26],
  ['releaseTestsResult', true, 26, 26],
  ['restoreBackoffWhenPending', true, 27, 27],
  ['condResched', true, 27, 27],
  ['modDelayedWork', true, 27, 27],
];

describe('the fold of traits', () => {
  it.each(spans)('%s is %s from R%i to R%i', (trait, value, from, to) => {
    const there = allRevisions().flatMap((rev, i) => (rev.traits[trait] === value ? [i + 1] : []));
    expect(there).toEqual(Array.from({ length: 26 }, (_, i) => i + 1).filter((n) => n >= from && n <= to));
  });

  it('leaves no trait unmentioned above', () => {
    expect(new Set(spans.map(([trait]) => trait))).toEqual(new Set(Object.keys(baselineTraits)));
  });

  it('is the baseline at R1, and does not write to it', () => {
    expect(R(1).traits).toEqual(baselineTraits);
    expect(Object.isFrozen(baselineTraits)).toBe(true);
  });

  it('is equal for neighbours only where no executed code changed', () => {
    const equal = allRevisions().flatMap((rev, i) => (i > 0 && sameTraits(rev, allRevisions()[i - 1]!) ? [i + 1] : []));
    expect(equal).toEqual([4, 6, 8, 10, 11, 17]);
    expect(sameTraits(R(3), R(4))).toBe(true);
    expect(sameTraits(R(7), R(8))).toBe(true);
    expect(sameTraits(R(1), R(26))).toBe(false);
    expect(sameTraits(R(2), withoutCommit(R(3), commit(3)))).toBe(true);
  });
});

describe('revisions', () => {
  it('are 26, each named by its commit', () => {
    expect(allRevisions()).toHaveLength(26);
    expect(allRevisions().map(formatRevision)).toEqual(commits.map((one) => one.id.slice(0, 12)));
    expect(R(26)).toMatchObject({ base: commit(26), added: [], removed: [], name: 'ef711cf1d156' });
  });

  it('step back in line', () => {
    expect(justBefore(commit(1))).toBeUndefined();
    for (let number = 2; number <= 26; number++) expect(justBefore(commit(number))).toBe(R(number - 1));
  });

  it('of an extra are the revision it stands on, with and without it', () => {
    expect(revisionAt(extra('restore-when-pending')).name).toBe('8d3308687f7f+restore-when-pending');
    expect(justBefore(extra('restore-when-pending'))).toBe(R(24));
    expect(revisionAt(extra('cond-resched')).traits).toEqual({ ...R(26).traits, condResched: true });
    expect(revisionAt(extra('mod-delayed-work')).name).toBe('ef711cf1d156+41f63c5359d1');
    expect(justBefore(extra('mod-delayed-work'))).toBe(R(26));
  });

  it('take commits added, in table order, and ignore those they have', () => {
    const rev = withCommits(R(19), [extra('cond-resched'), commit(22), commit(3)]);
    expect(rev.added).toEqual([commit(22), extra('cond-resched')]);
    expect(rev.traits).toEqual({ ...R(19).traits, initialNamespaceOnly: false, condResched: true });
    expect(rev.name).toBe('5a3e55d68ec5+9de8f76d2003+2fc1b5dd99f6');
    expect(withCommits(R(19), [commit(19)])).toBe(R(19));
    expect(withCommits(rev, [commit(22)])).toBe(rev);
    expect(withCommits(R(5), [commit(7), commit(7)])).toEqual(withCommits(R(5), [commit(7)]));
  });

  it('keep the traits of commits added in the order of the table, however they are given', () => {
    const rev = withCommits(R(12), [commit(22), commit(13), commit(19), commit(15)]);
    expect(rev.traits).toMatchObject({ initialNamespaceOnly: false, loopback: 'device-namespace' });
  });

  it('leave a commit out, and take it back', () => {
    const rev = withoutCommit(R(26), commit(25));
    expect(rev.traits).toEqual({ ...R(26).traits, cancelBeforeSchedule: false });
    expect(rev.name).toBe('ef711cf1d156-f262b59becc3');
    expect(withCommits(rev, [commit(25)])).toEqual(R(26));
    expect(withoutCommit(R(26), commit(22)).traits.initialNamespaceOnly).toBe(true);
    expect(withoutCommit(R(26), commit(19)).traits.loopback).toBe('initial-namespace');
    expect(withoutCommit(R(24), commit(25))).toBe(R(24));
    expect(withoutCommit(withCommits(R(24), [commit(25)]), commit(25))).toEqual(R(24));
    expect(withoutCommit(withoutCommit(R(26), commit(25)), commit(3)).removed).toEqual([commit(3), commit(25)]);
  });

  it('leaving out a base keeps it as the base', () => {
    const rev = withoutCommit(R(14), commit(14));
    expect(rev.base).toBe(commit(14));
    expect(sameTraits(rev, R(13))).toBe(true);
  });

  it('add a commit outside dst.c, or leave it out, whatever their kernel has', () => {
    const queue = extra('netns-queue');
    const added = withCommits(R(17), [queue]);
    const left = withoutCommit(R(22), queue);
    expect([added.name, left.name]).toEqual(['40208d71e0c6+3ef1355dcb85', '9de8f76d2003-3ef1355dcb85']);
    expect([added.surroundings, left.surroundings]).toEqual([{ netnsQueue: true }, { netnsQueue: false }]);
    expect([includesCommit(added, queue), includesCommit(left, queue)]).toEqual([true, false]);
    expect(sameTraits(added, R(17))).toBe(false);
    expect(sameTraits(withCommits(left, [queue]), withCommits(R(22), [queue]))).toBe(true);
    expect(withoutCommit(added, queue)).toEqual(R(17));
    expect(withoutCommit(left, queue)).toBe(left);
  });

  it.each([
    ['R22', '2.6.24', false],
    ['R22', '2.6.25', true],
    ['R22-3ef1355', '2.6.25', false],
    ['R17+3ef1355', '2.6.24', true],
  ])('%s on %s: namespaces have a queue of their own: %s', (text, kernel, netnsQueue) => {
    expect(netTraitsOf(parseRevision(text), kernel)).toEqual({ ...baselineNetTraits, netnsQueue });
  });

  it('have what their kernel shipped', () => {
    expect(netTraitsOf(R(26), '2.6.29')).toEqual({ ...baselineNetTraits, netnsQueue: true, loopbackLastOut: true });
    expect(netTraitsOf(parseRevision('newest+unregister-final+dst-event-last'), '2.6.28')).toEqual({
      netnsQueue: true,
      loopbackLastOut: false,
      dstNotifierLast: true,
      unregisterFinal: true,
    });
  });

  it('never lose the baseline', () => {
    expect(() => withoutCommit(R(26), commit(1))).toThrow(InputError);
  });

  it('say what they contain', () => {
    const rev = withoutCommit(withCommits(R(14), [extra('cond-resched')]), commit(3));
    const contained = allCommits.filter((one) => includesCommit(rev, one)).map((one) => one.number ?? one.names[0]);
    expect(contained).toEqual([1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 'cond-resched']);
  });

  it('have a kernel they are at home in', () => {
    const expected = { 1: '2.6.12', 3: '2.6.13', 4: '2.6.17', 7: '2.6.21', 12: '2.6.23', 26: '2.6.29' };
    for (const [number, release] of Object.entries(expected)) expect(lastReleaseOf(R(Number(number)))).toBe(release);
    expect(lastReleaseOf(withoutCommit(R(26), commit(25)))).toBe('2.6.29');
  });
});
