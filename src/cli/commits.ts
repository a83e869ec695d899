/** How commits and revisions are written for people, and which scenarios belong to a commit. */
import { allCommits, type Commit, type Revision } from '../history/revision.js';
import type { Scenario } from '../scenario/index.js';

const SHORT_DIGITS = 7;

/** Seven digits of the hash, or the name of what has none: enough for `--at`. */
export function brief(commit: Commit): string {
  return commit.hash?.slice(0, SHORT_DIGITS) ?? commit.id;
}

export function commitById(id: string): Commit | undefined {
  return allCommits.find((commit) => commit.id === id);
}

/** `86bba26 convert IP route cache …`. */
export function briefWithSubject(commit: Commit): string {
  return `${brief(commit)} ${commit.subject}`;
}

/** What a person would type for `revision`. */
export function briefRevision(revision: Revision): string {
  const plain = revision.added.length === 0 && revision.removed.length === 0;
  return plain ? brief(revision.base) : revision.name;
}

/** What a commit is to a scenario: it makes its bug go, it brought it, or it belongs to the story otherwise. */
export type Role = 'fixes' | 'brings' | 'belongs';

export function roleIn(commit: Commit, { fixedBy, introducedBy, related }: Scenario): Role | null {
  if (fixedBy?.id === commit.id) return 'fixes';
  if (introducedBy?.id === commit.id) return 'brings';
  return related.some(({ id }) => id === commit.id) ? 'belongs' : null;
}

/** Names of the scenarios in which `commit` has a role. */
export function scenariosOf(commit: Commit, scenarios: readonly Scenario[]): readonly string[] {
  return scenarios.filter((scenario) => roleIn(commit, scenario) !== null).map((scenario) => scenario.name);
}
