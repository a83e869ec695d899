import { describe, expect, it } from 'vitest';
import { allCommits, commits, extraCommits } from '../../src/history/commits.js';
import { commitNames, findCommit } from '../../src/history/find-commit.js';
import { releases } from '../../src/history/kernel-version.js';
import { baselineTraits } from '../../src/net/dst/traits.js';
import { baselineNetTraits } from '../../src/net/surroundings.js';

const withoutTraits = [4, 6, 8, 10, 11, 17];
const withoutObservableEffect = [9, 12, 15, 16, 23];

describe('the table of commits', () => {
  it('has the 26 in order', () => {
    expect(commits.map((commit) => commit.number)).toEqual(Array.from({ length: 26 }, (_, i) => i + 1));
    expect(commits[0]!.parent).toBeUndefined();
    for (const [i, commit] of commits.slice(1).entries()) expect(commit.parent).toBe(commits[i]!.id);
  });

  it('has full hashes, which identify, and blobs, which differ', () => {
    const hashes = allCommits.flatMap((commit) => commit.hash ?? []);
    for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{40}$/);
    expect(hashes).toHaveLength(31);
    expect(new Set(hashes.map((hash) => hash.slice(0, 4))).size).toBe(31);
    expect(new Set(commits.map((commit) => commit.blob)).size).toBe(26);
    for (const commit of commits) expect(commit.id).toBe(commit.hash);
    expect(new Set(allCommits.map((commit) => commit.id)).size).toBe(33);
  });

  it('is in the order of dates', () => {
    for (const commit of commits) expect(commit.date).toMatch(/^200[5-8]-\d\d-\d\d$/);
    const dates = allCommits.map((commit) => commit.date);
    expect(dates).toEqual([...dates].sort());
    for (const commit of commits) expect((commit.authorDate ?? '') < commit.date).toBe(true);
    expect(commits.filter((commit) => commit.authorDate !== undefined)).toHaveLength(14);
  });

  it('counts the classes', () => {
    const numbersOf = (name: string): (number | undefined)[] =>
      commits.filter((commit) => commit.class === name).map((commit) => commit.number);
    expect(numbersOf('behaviour')).toEqual([1, 2, 3, 5, 7, 13, 14, 19, 22, 25, 26]);
    expect(numbersOf('interface')).toEqual([18, 21]);
    expect(numbersOf('refactor')).toEqual([9, 12, 15, 16, 23]);
    expect(numbersOf('size')).toEqual([20, 24]);
    expect(numbersOf('cosmetic')).toEqual([4, 6, 8, 11, 17]);
    expect(numbersOf('merge')).toEqual([10]);
  });

  it('gives traits to every commit that changed executed code, and to no other', () => {
    const without = commits.filter((commit) => Object.keys(commit.traits).length === 0).map((commit) => commit.number);
    expect(without).toEqual([1, ...withoutTraits]);
    const unobservable = commits.filter((commit) => !commit.observable).map((commit) => commit.number);
    expect(unobservable).toEqual([...withoutTraits, ...withoutObservableEffect].sort((a, b) => a - b));
  });

  it('changes every trait by some commit, and only known ones', () => {
    const changed = new Set(allCommits.flatMap((commit) => Object.keys(commit.traits)));
    expect([...changed].sort()).toEqual(Object.keys(baselineTraits).sort());
  });

  it('changes every trait of the surroundings by one commit outside dst.c, which changes nothing in it', () => {
    const outside = allCommits.filter((commit) => commit.surroundings !== undefined);
    expect(outside.flatMap((commit) => Object.keys(commit.surroundings!)).sort()).toEqual(
      Object.keys(baselineNetTraits).sort(),
    );
    for (const commit of outside) expect([commit.extra, commit.traits]).toEqual([true, {}]);
  });

  it('waits for no rooms', () => {
    const waiting = allCommits.filter((commit) => commit.rooms.length > 0).map((commit) => commit.number);
    expect(waiting).toEqual([]);
  });

  it('has the extras at their place by date', () => {
    expect(extraCommits.map((commit) => commit.names[0])).toEqual([
      'netns-queue',
      'restore-when-pending',
      'loopback-last-out',
      'cond-resched',
      'dst-event-last',
      'mod-delayed-work',
      'unregister-final',
    ]);
    const parents = [17, 24, 25, 26, 26, 26, 26].map((number) => commits[number - 1]!.id);
    expect(extraCommits.map((commit) => commit.parent)).toEqual(parents);
    for (const extra of extraCommits) expect(extra).toMatchObject({ extra: true, observable: true });
    expect(allCommits.filter((commit) => commit.extra !== true)).toEqual(commits);
    expect(allCommits.slice(-8).map((commit) => commit.names[0])).toEqual([
      'cancel-before-schedule',
      'restore-when-pending',
      'loopback-last-out',
      'release-result',
      'cond-resched',
      'dst-event-last',
      'mod-delayed-work',
      'unregister-final',
    ]);
    expect(findCommit('mod-delayed-work').unverified).toContain('date');
  });

  it('has one-line texts', () => {
    for (const { subject, effect, author } of allCommits) {
      for (const text of [subject, effect, author]) expect(text).toMatch(/^\S(.{0,118}\S)?$/u);
    }
  });
});

describe('the names', () => {
  it('are unique and include those of the golden files', () => {
    expect(new Set(commitNames).size).toBe(commitNames.length);
    const golden = ['2.6.12-rc2', 'backoff-fix', 'mod-timer', 'round-jiffies', 'workqueue', 'cancel-before-schedule'];
    const numbers = golden.map((name) => commits.find((commit) => commit.names[0] === name)?.number);
    expect(numbers).toEqual([1, 3, 5, 7, 14, 25]);
  });

  it('never read as a hash prefix, and have no operator but the hyphen', () => {
    for (const name of commitNames) {
      expect(name).not.toMatch(/^[0-9a-fA-F]{4,}$/);
      expect(name).toMatch(/^(R\d+|[0-9a-z.]+(-[0-9a-z]+)*)$/);
    }
  });

  it('never read as another name, a hyphen and a third', () => {
    const bases = new Set([...commitNames, ...releases, 'newest'].map((name) => name.toLowerCase()));
    for (const name of bases) {
      for (let at = name.indexOf('-'); at >= 0; at = name.indexOf('-', at + 1)) {
        const isBase = bases.has(name.slice(0, at)) || /^[0-9a-f]{4,}$/.test(name.slice(0, at));
        const isTerm = bases.has(name.slice(at + 1)) || /^[0-9a-f]{4,}/.test(name.slice(at + 1));
        expect(isBase && isTerm, name).toBe(false);
      }
    }
  });
});
