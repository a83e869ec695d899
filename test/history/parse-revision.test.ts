import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Commit } from '../../src/history/commit.js';
import {
  allCommits,
  allRevisions,
  commits,
  findCommit,
  formatRevision,
  includesCommit,
  justBefore,
  parseRevision,
  type Revision,
  releases,
  revisionAt,
  sameTraits,
  withCommits,
  withoutCommit,
} from '../../src/history/revision.js';
import { InputError } from '../../src/sim/errors.js';

const R = (number: number): Revision => revisionAt(commits[number - 1]!);

/** Every way to write a commit. */
function spellings(commit: Commit): fc.Arbitrary<string> {
  const named = fc.constantFrom(...commit.names);
  if (commit.hash === undefined) return named;
  return fc.oneof(
    named,
    fc.integer({ min: 4, max: 40 }).map((digits) => commit.hash!.slice(0, digits)),
  );
}

/** A base and a choice of commits that are the other way round than in it: any revision at all. */
const anyCombination = fc.record({
  base: fc.constantFrom(...commits),
  flipped: fc.subarray(allCommits.slice(1)),
});

function build(base: Commit, flipped: readonly Commit[]): Revision {
  return flipped.reduce(
    (rev, commit) => (includesCommit(rev, commit) ? withoutCommit(rev, commit) : withCommits(rev, [commit])),
    revisionAt(base),
  );
}

describe('parseRevision', () => {
  it.each([
    ['newest', R(26)],
    ['R7', R(7)],
    ['f5a6', R(7)],
    ['round-jiffies', R(7)],
    ['2.6.12-rc2', R(1)],
    ['2.6.12', R(2)],
    ['2.6.24', R(17)],
    ['2.6.24-rc1', R(16)],
    ['2.6.24-rc3-backoff-fix', withoutCommit(R(17), commits[2]!)],
    ['2.6.12-rc2+backoff-fix', withCommits(R(1), [commits[2]!])],
    ['cancel-before-schedule^', R(24)],
    ['newest^^^', R(23)],
    ['2.6.24^', R(16)],
    ['cancel-before-schedule-cancel-before-schedule', withoutCommit(R(25), commits[24]!)],
    ['cancel-before-schedule^+restore-when-pending', revisionAt(findCommit('restore-when-pending'))],
    ['restore-when-pending', revisionAt(findCommit('restore-when-pending'))],
    ['restore-when-pending^', R(24)],
    ['mod-delayed-work^', R(26)],
    ['mod-delayed-work^^', R(25)],
    ['41f63c53', revisionAt(findCommit('mod-delayed-work'))],
    ['newest-R25+mod-delayed-work', build(commits[25]!, [commits[24]!, findCommit('mod-delayed-work')])],
    ['NEWEST-r3', withoutCommit(R(26), commits[2]!)],
    ['R5+R7-R7', R(5)],
    ['R5-R3+R3', R(5)],
    ['R22+3ef1355', withCommits(R(22), [findCommit('netns-queue')])],
    ['R22-3ef1355', withoutCommit(R(22), findCommit('netns-queue'))],
    ['R22+3ef1355-netns-queue', R(22)],
    ['3ef1355^', R(17)],
    ['505d4f7', withCommits(R(25), [findCommit('loopback-last-out')])],
  ])('reads %s', (text, expected) => {
    expect(parseRevision(text)).toEqual(expected);
  });

  it('reads each release', () => {
    for (const release of releases) expect(allRevisions()).toContain(parseRevision(release));
  });

  it('takes as many ^ as there are revisions', () => {
    for (let back = 0; back < 26; back++) expect(parseRevision(`newest${'^'.repeat(back)}`)).toBe(R(26 - back));
  });

  it('reads what formatRevision writes, for every combination', () => {
    fc.assert(
      fc.property(anyCombination, ({ base, flipped }) => {
        const rev = build(base, flipped);
        expect(parseRevision(formatRevision(rev))).toEqual(rev);
        expect(rev.name).toMatch(/^[0-9a-f]{12}([+-]([0-9a-f]{12}|restore-when-pending|dst-event-last))*$/);
      }),
    );
  });

  it('reads every spelling in every order', () => {
    const written = anyCombination.chain(({ base, flipped }) =>
      fc
        .tuple(
          spellings(base),
          fc.shuffledSubarray([...flipped], { minLength: flipped.length, maxLength: flipped.length }).chain((order) =>
            fc.tuple(
              ...order.map((commit) => {
                const operator = (commit.number ?? 99) <= base.number! ? '-' : '+';
                return spellings(commit).map((name) => operator + name);
              }),
            ),
          ),
        )
        .map(([name, terms]) => ({ base, flipped, text: name + terms.join('') })),
    );
    fc.assert(
      fc.property(written, ({ base, flipped, text }) => {
        fc.pre(text.length <= 1000);
        expect(parseRevision(text)).toEqual(build(base, flipped));
      }),
    );
  });

  it('has room for leaving out everything by its longest name', () => {
    const longest = (commit: Commit): string => commit.names.toSorted((a, b) => b.length - a.length)[0]!;
    const text = `newest${commits
      .slice(1)
      .map((commit) => `-${longest(commit)}`)
      .join('')}`;
    expect(sameTraits(parseRevision(text), R(1))).toBe(true);
  });

  it('differs from just before by exactly the commit', () => {
    for (const commit of allCommits.slice(1)) {
      expect(sameTraits(withoutCommit(revisionAt(commit), commit), justBefore(commit)!)).toBe(true);
    }
  });
});

describe('a wrong revision', () => {
  it.each([
    ['', "the revision is empty; write a name such as 'newest', 'R7' or '2.6.24'"],
    ['newst', "unknown revision 'newst'; did you mean 'newest'?"],
    ['workque', "unknown revision 'workque'; did you mean 'workqueue'?"],
    ['2.6.24.1', "unknown revision '2.6.24.1'; did you mean '2.6.24'?"],
    ['v2.6.24', "unknown revision 'v2.6.24'; did you mean '2.6.24'?"],
    ['f262b59becc4', "unknown revision 'f262b59becc4'; did you mean 'f262b59becc3'?"],
    ['f26', "unknown revision 'f26'; a hash needs at least 4 digits: f262b59becc3"],
    ['2.6.11', "kernel version '2.6.11' is not in this history; versions go from 2.6.12-rc2 to 2.6.29"],
    ['2.6.12-rc1', "kernel version '2.6.12-rc1' is not in this history; versions go from 2.6.12-rc2 to 2.6.29"],
    ['2.6.30', "kernel version '2.6.30' is not in this history; versions go from 2.6.12-rc2 to 2.6.29"],
    ['R1^', "revision 'R1^' goes back before R1, where the history begins"],
    ['R3^^^^', "revision 'R3^^^^' goes back before R1, where the history begins"],
    ['^', "revision '^' does not begin with a name"],
    ['+R3', "revision '+R3' does not begin with a name"],
    ['-R3', "revision '-R3' does not begin with a name"],
    ['R5+R3', "revision 'R5+R3': 'R3' is in it already"],
    ['R5+R7+f5a6', "revision 'R5+R7+f5a6': 'f5a6' is in it already"],
    ['R5-R7', "revision 'R5-R7': 'R7' is not in it, so it cannot be left out"],
    ['R5-R3-R3', "revision 'R5-R3-R3': 'R3' is not in it, so it cannot be left out"],
    ['R5-mod-delayed-work', "'mod-delayed-work' is not in it"],
    ['R5-R1', 'R1 is what every other commit changes; it cannot be left out'],
    ['R5+', "revision 'R5+': the name of a commit is missing"],
    ['R5-', "revision 'R5-': the name of a commit is missing"],
    ['R5++R7', "revision 'R5++R7': the name of a commit is missing"],
    ['R5-R3^', "revision 'R5-R3^': '^' may only follow the first name"],
    ['R5+2.6.24', "revision 'R5+2.6.24': '2.6.24' is a kernel version, not a commit"],
    ['R5+newest', "revision 'R5+newest': unknown commit 'newest'"],
    ['R26-cancel-befor-schedule', "unknown commit 'cancel-befor-schedule'; did you mean 'cancel-before-schedule'?"],
    ['R7 ', "unknown revision 'R7 '; did you mean 'R7'?"],
    ['__proto__', "unknown revision '__proto__'"],
    ['R5+__proto__', "unknown commit '__proto__'"],
    ['toString', "unknown revision 'toString'"],
    ['\u0000\u202e', "unknown revision '\\u{0}\\u{202e}'"],
  ])('%j is refused', (text, message) => {
    expect(() => parseRevision(text)).toThrow(InputError);
    expect(() => parseRevision(text)).toThrow(message);
  });

  it('is refused when very long', () => {
    const message = `revision 'R5${'-R3'.repeat(19)}-…' is longer than 1000 characters`;
    expect(() => parseRevision(`R5${'-R3'.repeat(100_000)}`)).toThrow(new InputError(message));
  });

  it('is refused with an InputError, whatever it is', () => {
    const pieces = fc.constantFrom('R5', '2.6.12', '-', '+', '^', 'rc2', 'mod-timer', 'f262', ' ', '\n', 'x', '9');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
        ),
        (text) => {
          let rev: Revision;
          try {
            rev = parseRevision(text);
          } catch (error) {
            expect(error).toBeInstanceOf(InputError);
            expect((error as Error).message).not.toMatch(/\p{Cc}/u);
            return;
          }
          expect(parseRevision(rev.name)).toEqual(rev);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
