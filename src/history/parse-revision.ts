/**
 * The expression that names a revision.
 *
 *     expression = NAME "^"* term*
 *     term       = "+" COMMIT | "-" COMMIT
 *     NAME       = COMMIT | kernel version (2.6.12-rc2 … 2.6.29, candidates too) | "newest"
 *     COMMIT     = hash prefix of at least 4 digits | short name | "R1" … "R26"
 *
 * "^" is the revision just before. Terms apply from left to right: "+" adds a commit, "-" leaves one out. Names may
 * contain "-" (never "+" or "^"), so the longest name that is known is taken: in `2.6.24-rc3-backoff-fix` these are
 * `2.6.24-rc3` and `backoff-fix`. No known name can be read as another, a "-" and a third; a test keeps it so.
 */

import { InputError } from '../sim/errors.js';
import type { Commit } from './commit.js';
import { commits } from './commits.js';
import { commitNames, hint, lookUpCommit, quoted, unknownCommit } from './find-commit.js';
import {
  canLeaveOut,
  includesCommit,
  justBefore,
  type Revision,
  revisionAt,
  withCommits,
  withoutCommit,
} from './fold.js';
import { commitInVersion, looksLikeVersion, releases } from './kernel-version.js';

/** Longer than leaving every commit out by its longest name. */
const MAX_CHARACTERS = 1000;

interface Found {
  readonly commit: Commit;
  readonly end: number;
}

/** The longest name that begins at `start`, ends before an operator or the end, and that `lookUp` knows. */
function longestName(text: string, start: number, lookUp: (name: string) => Commit | undefined): Found | undefined {
  let end = nameEnd(text, start);
  while (end > start) {
    const commit = lookUp(text.slice(start, end));
    if (commit !== undefined) return { commit, end };
    end = text.lastIndexOf('-', end - 1);
  }
  return undefined;
}

/** Where a name that begins at `start` must end at the latest. */
function nameEnd(text: string, start: number): number {
  const length = text.slice(start).search(/[+^]/);
  return length < 0 ? text.length : start + length;
}

function lookUpBase(name: string): Commit | undefined {
  if (name.toLowerCase() === 'newest') return commits.at(-1);
  return lookUpCommit(name) ?? (looksLikeVersion(name) ? commitInVersion(name) : undefined);
}

/**
 * The revision that `text` names.
 *
 * @throws InputError saying which part is wrong, with the nearest valid name
 */
export function parseRevision(text: string): Revision {
  if (text === '') throw new InputError("the revision is empty; write a name such as 'newest', 'R7' or '2.6.24'");
  if (text.length > MAX_CHARACTERS) {
    throw new InputError(`revision ${quoted(text)} is longer than ${MAX_CHARACTERS} characters`);
  }
  const base = longestName(text, 0, lookUpBase);
  if (base === undefined) throw unknownRevision(text);
  let at = base.end;
  let rev = revisionAt(base.commit);
  for (; text[at] === '^'; at++) rev = stepBack(rev, text);
  while (at < text.length) {
    const term = parseTerm(text, at);
    rev = applyTerm(rev, text[at]!, term.commit, text.slice(at + 1, term.end), text);
    at = term.end;
  }
  return rev;
}

/** Just before `rev`, which has at most an extra on its base. */
function stepBack(rev: Revision, text: string): Revision {
  const before = justBefore(rev.added[0] ?? rev.base);
  if (before === undefined)
    throw new InputError(`revision ${quoted(text)} goes back before R1, where the history begins`);
  return before;
}

function parseTerm(text: string, at: number): Found {
  if (text[at] === '^') {
    throw new InputError(`revision ${quoted(text)}: '^' may only follow the first name`);
  }
  const term = longestName(text, at + 1, lookUpCommit);
  if (term === undefined) {
    const reason = unknownCommit(text.slice(at + 1, nameEnd(text, at + 1)));
    throw new InputError(`revision ${quoted(text)}: ${reason.message}`);
  }
  return term;
}

function applyTerm(rev: Revision, operator: string, commit: Commit, written: string, text: string): Revision {
  const included = includesCommit(rev, commit);
  if (operator === '+') {
    if (included) throw new InputError(`revision ${quoted(text)}: ${quoted(written)} is in it already`);
    return withCommits(rev, [commit]);
  }
  if (!canLeaveOut(rev, commit))
    throw new InputError(`revision ${quoted(text)}: ${quoted(written)} is not in it, so it cannot be left out`);
  return withoutCommit(rev, commit);
}

function unknownRevision(text: string): InputError {
  if (/^[-+^]/.test(text)) return new InputError(`revision ${quoted(text)} does not begin with a name`);
  const name = text.slice(0, nameEnd(text, 0));
  const stableOf = releases.find((release) => name.startsWith(`${release}.`));
  const names = stableOf === undefined ? [...commitNames, ...releases, 'newest'] : [stableOf];
  return new InputError(`unknown revision ${quoted(name)}${hint(name, names)}`);
}
