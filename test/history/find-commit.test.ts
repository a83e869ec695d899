import { describe, expect, it } from 'vitest';
import { allCommits, commits } from '../../src/history/commits.js';
import { findCommit, lookUpCommit, quoted, shortId } from '../../src/history/find-commit.js';
import { InputError } from '../../src/sim/errors.js';

describe('findCommit', () => {
  it('finds each commit by every name and by every prefix from four digits', () => {
    for (const commit of allCommits) {
      for (const name of commit.names) expect(findCommit(name)).toBe(commit);
      for (let digits = 4; digits <= (commit.hash?.length ?? 0); digits++) {
        expect(findCommit(commit.hash!.slice(0, digits))).toBe(commit);
      }
      expect(findCommit(commit.id)).toBe(commit);
      expect(findCommit(shortId(commit))).toBe(commit);
    }
  });

  it('does not mind upper and lower case', () => {
    expect(findCommit('r7')).toBe(commits[6]);
    expect(findCommit('F262B59')).toBe(commits[24]);
    expect(findCommit('Workqueue')).toBe(commits[13]);
  });

  it.each([
    ['backof-fix', "unknown commit 'backof-fix'; did you mean 'backoff-fix'?"],
    ['f262b59becc4', "unknown commit 'f262b59becc4'; did you mean 'f262b59becc3'?"],
    ['c34', "unknown commit 'c34'; a hash needs at least 4 digits: c346dca10840"],
    ['c3', "unknown commit 'c3'; a hash needs at least 4 digits: c376222960ae, c346dca10840"],
    ['R27', "unknown commit 'R27'; did you mean 'R2'?"],
    ['2.6.24', "'2.6.24' is a kernel version, not a commit"],
    ['2.6.24-rc1', "'2.6.24-rc1' is a kernel version, not a commit"],
    ['', 'the name of a commit is missing'],
    ['dead', "unknown commit 'dead'"],
    ['newest', "unknown commit 'newest'"],
    ['__proto__', "unknown commit '__proto__'"],
    ['constructor', "unknown commit 'constructor'"],
    ['R7\u001b[31m', "unknown commit 'R7\\u{1b}[31m'"],
    ['-', "unknown commit '-'"],
  ])('refuses %j', (text, message) => {
    expect(() => findCommit(text)).toThrow(InputError);
    expect(() => findCommit(text)).toThrow(message);
  });

  it('refuses more digits than a hash has', () => {
    expect(() => findCommit(`${commits[0]!.id}0`)).toThrow(InputError);
  });

  it('cuts a long name', () => {
    expect(() => findCommit('x'.repeat(100_000))).toThrow(new InputError(`unknown commit '${'x'.repeat(60)}…'`));
    expect(quoted('😀'.repeat(40))).toHaveLength(63);
  });

  it('refuses an ambiguous prefix', () => {
    const twins = ['abcd0', 'abcd1'].map((start) => ({ ...commits[0]!, hash: start.padEnd(40, '0') }));
    expect(lookUpCommit('abcd1', twins)).toBe(twins[1]);
    expect(() => lookUpCommit('ABCD', twins)).toThrow(
      new InputError("hash prefix 'ABCD' is ambiguous: abcd00000000, abcd10000000"),
    );
  });
});
