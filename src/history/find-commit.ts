/** Finding a commit by what a person calls it: a hash prefix of at least four digits, a short name, or `R7`. */

import { didYouMean, InputError } from '../sim/errors.js';
import type { Commit } from './commit.js';
import { allCommits } from './commits.js';
import { looksLikeVersion } from './kernel-version.js';

const MIN_PREFIX_DIGITS = 4;
const SHOWN_CHARACTERS = 60;

const byName: ReadonlyMap<string, Commit> = new Map(
  allCommits.flatMap((commit) => commit.names.map((name) => [name.toLowerCase(), commit] as const)),
);

/** Every short name, `R1` to `R26` included. */
export const commitNames: readonly string[] = allCommits.flatMap((commit) => commit.names);

/** `text` in quotes, cut if long and with control characters escaped, for an error message. */
export function quoted(text: string): string {
  const cut = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
  return `'${cut.replace(/\p{C}/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)}'`;
}

/** The commits whose hash begins with `prefix` (lower case). */
function withPrefix(prefix: string, table: readonly Commit[]): readonly Commit[] {
  return table.filter((commit) => commit.hash?.startsWith(prefix));
}

/**
 * The commit called `text`, or undefined. Upper and lower case are the same.
 *
 * @throws InputError if it is a hash prefix that several commits of `table` share
 */
export function lookUpCommit(text: string, table: readonly Commit[] = allCommits): Commit | undefined {
  const wanted = text.toLowerCase();
  const named = byName.get(wanted);
  if (named !== undefined) return named;
  if (wanted.length < MIN_PREFIX_DIGITS || !/^[0-9a-f]+$/.test(wanted)) return undefined;
  const matches = withPrefix(wanted, table);
  if (matches.length > 1) {
    throw new InputError(`hash prefix ${quoted(text)} is ambiguous: ${matches.map(shortId).join(', ')}`);
  }
  return matches[0];
}

/**
 * The commit called `text`.
 *
 * @throws InputError with the nearest name if there is none
 */
export function findCommit(text: string): Commit {
  const found = lookUpCommit(text);
  if (found === undefined) throw unknownCommit(text);
  return found;
}

/** Why `text` is not a commit. */
export function unknownCommit(text: string): InputError {
  if (text === '') return new InputError('the name of a commit is missing');
  if (looksLikeVersion(text)) return new InputError(`${quoted(text)} is a kernel version, not a commit`);
  return new InputError(`unknown commit ${quoted(text)}${hint(text, commitNames)}`);
}

/** What may have been meant: a longer prefix if `text` is too short a one, else the nearest of `names` and hashes. */
export function hint(text: string, names: readonly string[]): string {
  const wanted = text.toLowerCase();
  if (!/^[0-9a-f]+$/.test(wanted)) return didYouMean(text, names);
  const short = wanted.length < MIN_PREFIX_DIGITS ? withPrefix(wanted, allCommits) : [];
  if (short.length > 0) {
    return `; a hash needs at least ${MIN_PREFIX_DIGITS} digits: ${short.map(shortId).join(', ')}`;
  }
  const hashes = allCommits.flatMap((commit) =>
    commit.hash === undefined ? [] : [commit.hash.slice(0, wanted.length)],
  );
  return didYouMean(text, wanted.length < 7 ? names : [...names, ...hashes]);
}

/** The canonical name of a commit: the first 12 digits of its hash, or its name if it has none. */
export function shortId(commit: Commit): string {
  return commit.hash?.slice(0, 12) ?? commit.id;
}
