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

/** Names of the scenarios that `commit` fixes, brought about, or that belong to it otherwise. */
export function scenariosOf(commit: Commit, scenarios: readonly Scenario[]): readonly string[] {
  const same = (other: Commit | null | undefined): boolean => other?.id === commit.id;
  return scenarios
    .filter((scenario) => same(scenario.fixedBy) || same(scenario.introducedBy) || scenario.related.some(same))
    .map((scenario) => scenario.name);
}
