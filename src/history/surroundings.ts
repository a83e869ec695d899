/**
 * Which commits outside dst.c a run has: those that its kernel shipped, but for what the revision adds or leaves out.
 */
import { baselineNetTraits, type NetTraits } from '../net/surroundings.js';
import { extraCommits } from './commits.js';
import type { Revision } from './fold.js';
import { isInRelease } from './kernel-version.js';

/** What the code around dst.c does at a revision on a kernel ('2.6.24'). */
export function netTraitsOf(revision: Revision, kernel: string): NetTraits {
  const shipped = extraCommits.filter((commit) => commit.surroundings !== undefined && isInRelease(commit, kernel));
  return Object.assign({}, baselineNetTraits, ...shipped.map((commit) => commit.surroundings), revision.surroundings);
}
