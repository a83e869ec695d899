/**
 * Kernel versions from 2.6.12-rc2 to 2.6.29, and where in the 26 commits each stands.
 *
 * Nothing here is a second table: a version contains a commit if the commit's first tag is not later.
 */

import { InputError } from '../sim/errors.js';
import type { Commit } from './commit.js';
import { commits } from './commits.js';

const FIRST_RELEASE = 12;
const LAST_RELEASE = 29;
/** A final release counts as later than any candidate; 2.6 never had more than nine of them. */
const FINAL = 10;

/** The releases this history spans, oldest first: 2.6.12 to 2.6.29. */
export const releases: readonly string[] = Array.from(
  { length: LAST_RELEASE - FIRST_RELEASE + 1 },
  (_, i) => `2.6.${FIRST_RELEASE + i}`,
);

/** A number that orders versions, or undefined if `text` is not of the form 2.6.N or 2.6.N-rcM. */
function versionRank(text: string): number | undefined {
  const match = /^2\.6\.(\d{1,3})(?:-rc(\d{1,3}))?$/.exec(text);
  if (match === null) return undefined;
  const candidate = match[2] === undefined ? FINAL : Number(match[2]);
  if (match[2] !== undefined && (candidate < 1 || candidate >= FINAL)) return Number.NaN;
  return Number(match[1]) * 100 + candidate;
}

/** Whether `text` has the form of a 2.6 kernel version, in range or not. */
export function looksLikeVersion(text: string): boolean {
  return versionRank(text) !== undefined;
}

function firstRank(commit: Commit): number {
  return versionRank(commit.firstTag!)!;
}

/**
 * The last of the 26 commits that kernel `version` contains.
 *
 * @throws InputError if it is not one of 2.6.12-rc2 to 2.6.29 or a candidate between them
 */
export function commitInVersion(version: string): Commit {
  const rank = versionRank(version) ?? Number.NaN;
  const last = commits.findLast((commit) => firstRank(commit) <= rank);
  if (last === undefined || rank > versionRank(releases.at(-1)!)!) {
    throw new InputError(
      `kernel version '${version}' is not in this history; versions go from ${commits[0]!.firstTag} to ${releases.at(-1)}`,
    );
  }
  return last;
}

/** Whether final release `kernel` contains `commit`; never, where it is not known what first did. */
export function isInRelease(commit: Commit, kernel: string): boolean {
  return commit.firstTag !== undefined && firstRank(commit) <= (versionRank(kernel) ?? Number.NaN);
}

/**
 * The last release whose dst.c is as `commit` (one of the 26) left it; if none was, the first release that contains it.
 */
export function lastReleaseWith(commit: Commit): string {
  const exact = releases.findLast((release) => commitInVersion(release) === commit);
  return exact ?? releases.find((release) => versionRank(release)! >= firstRank(commit))!;
}
