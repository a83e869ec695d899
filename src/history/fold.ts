/**
 * Revisions: a base among the 26 commits with those before it, some added and some left out, and the traits they
 * fold to. Traits fold in the order of `allCommits`, the added ones at their place by date.
 *
 * A commit outside dst.c (one with `surroundings`) is in a run if its kernel has it; a revision may add it, or leave it
 * out, whatever the kernel.
 */

import { baselineTraits, type DstTraits } from '../net/dst/traits.js';
import { baselineNetTraits, type NetTraits } from '../net/surroundings.js';
import { InputError } from '../sim/errors.js';
import type { Commit } from './commit.js';
import { allCommits, commits } from './commits.js';
import { shortId } from './find-commit.js';
import { lastReleaseWith } from './kernel-version.js';

export interface Revision {
  /** The newest of the 26 commits it is counted from. */
  readonly base: Commit;
  /** Commits that are not of the base's history, in the order of `allCommits`. */
  readonly added: readonly Commit[];
  /**
   * Commits of the base's history that are left out (the base itself may be), and commits outside dst.c that are even if
   * the kernel has them, in the order of `allCommits`.
   */
  readonly removed: readonly Commit[];
  /** What dst.c does at this revision. */
  readonly traits: DstTraits;
  /** What it says of the code around dst.c; the kernel says the rest. */
  readonly surroundings: Partial<NetTraits>;
  /** Its canonical expression: parsing it gives the same revision. */
  readonly name: string;
}

function inHistoryOf(base: Commit, commit: Commit): boolean {
  return commit.number !== undefined && commit.number <= base.number!;
}

/** Whether `rev` contains `commit`. */
export function includesCommit(rev: Revision, commit: Commit): boolean {
  return inHistoryOf(rev.base, commit) ? !rev.removed.includes(commit) : rev.added.includes(commit);
}

function makeRevision(base: Commit, addedSet: readonly Commit[], removedSet: readonly Commit[]): Revision {
  const added = allCommits.filter((commit) => addedSet.includes(commit));
  const removed = allCommits.filter((commit) => removedSet.includes(commit));
  const contained = allCommits.filter((commit) =>
    inHistoryOf(base, commit) ? !removed.includes(commit) : added.includes(commit),
  );
  return {
    base,
    added,
    removed,
    traits: Object.assign({}, baselineTraits, ...contained.map((commit) => commit.traits)) as DstTraits,
    surroundings: Object.assign({}, ...removed.map(surroundingsWithout), ...added.map((commit) => commit.surroundings)),
    name: [shortId(base), ...added.map((c) => `+${shortId(c)}`), ...removed.map((c) => `-${shortId(c)}`)].join(''),
  };
}

/** The surroundings as they were before `commit`. */
function surroundingsWithout(commit: Commit): Partial<NetTraits> {
  const keys = Object.keys(commit.surroundings ?? {}) as (keyof NetTraits)[];
  return Object.fromEntries(keys.map((key) => [key, baselineNetTraits[key]]));
}

const history: readonly Revision[] = commits.map((commit) => makeRevision(commit, [], []));

/** The 26 revisions R1 to R26, oldest first. */
export function allRevisions(): readonly Revision[] {
  return history;
}

function parentRevision(commit: Commit): Revision | undefined {
  return history.find((rev) => rev.base.id === commit.parent);
}

/** dst.c as `commit` left it. For an extra: the revision it stands on, with it added. */
export function revisionAt(commit: Commit): Revision {
  if (commit.number !== undefined) return history[commit.number - 1]!;
  return withCommits(parentRevision(commit)!, [commit]);
}

/** dst.c just before `commit`; undefined for R1. */
export function justBefore(commit: Commit): Revision | undefined {
  return parentRevision(commit);
}

/** `rev` with `wanted` too; those it contains already change nothing. */
export function withCommits(rev: Revision, wanted: readonly Commit[]): Revision {
  const missing = wanted.filter((commit) => !includesCommit(rev, commit));
  if (missing.length === 0) return rev;
  return makeRevision(
    rev.base,
    [...rev.added, ...missing.filter((commit) => !inHistoryOf(rev.base, commit))],
    rev.removed.filter((commit) => !missing.includes(commit)),
  );
}

/** Whether `commit` can be left out of `rev`: it is in it, or may be, by its kernel. */
export function canLeaveOut(rev: Revision, commit: Commit): boolean {
  return includesCommit(rev, commit) || (commit.surroundings !== undefined && !rev.removed.includes(commit));
}

/**
 * `rev` without `commit`; one it can't contain changes nothing. Leaving out one that was added undoes the adding.
 *
 * @throws InputError for R1, which the rest is a change to
 */
export function withoutCommit(rev: Revision, commit: Commit): Revision {
  if (commit.number === 1) throw new InputError('R1 is what every other commit changes; it cannot be left out');
  if (!canLeaveOut(rev, commit)) return rev;
  if (rev.added.includes(commit)) {
    return makeRevision(
      rev.base,
      rev.added.filter((other) => other !== commit),
      rev.removed,
    );
  }
  return makeRevision(rev.base, rev.added, [...rev.removed, commit]);
}

/** Whether the two fold to the same traits, so that one run answers for both. */
export function sameTraits(a: Revision, b: Revision): boolean {
  const same = <T extends object>(x: T, y: T, keys: object): boolean =>
    (Object.keys(keys) as (keyof T)[]).every((key) => x[key] === y[key]);
  return same(a.traits, b.traits, baselineTraits) && same(a.surroundings, b.surroundings, baselineNetTraits);
}

/** The canonical expression of `rev`. */
export function formatRevision(rev: Revision): string {
  return rev.name;
}

/**
 * The kernel a revision is at home in: the last release that shipped its base as the state of dst.c, or, if none did,
 * the first release that contains the base. R4 gives 2.6.17, R7 gives 2.6.21.
 */
export function lastReleaseOf(rev: Revision): string {
  return lastReleaseWith(rev.base);
}
