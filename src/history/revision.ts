/** The public face of the history room: commits, revisions, and the expressions that name them. */

export type { Commit, CommitClass, Room } from './commit.js';
export { allCommits, commits, extraCommits } from './commits.js';
export { findCommit, shortId } from './find-commit.js';
export {
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
} from './fold.js';
export { commitInVersion, releases } from './kernel-version.js';
export { parseRevision } from './parse-revision.js';
export { netTraitsOf } from './surroundings.js';
