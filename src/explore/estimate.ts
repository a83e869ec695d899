/**
 * How many runs an exhaustive search will take, from the runs it has made: the weighted backtrack estimator of Kilby,
 * Slaney, Thiébaux and Walsh, "Estimating search tree size" (AAAI 2006), which is Knuth's estimator ("Estimating the
 * efficiency of backtrack programs", Mathematics of Computation 29, 1975) over the leaves of a depth-first search in
 * place of random probes. A leaf stands for the part of the tree in which a random descent from the root would end there;
 * the parts of all leaves are one together.
 *
 * Deviations: the parts are not added up leaf by leaf: what lies to the left of the present path is the same sum.
 */

/** A state on the present path: branches that lie to the left of the one taken, and all of them. */
export interface Fork {
  readonly before: number;
  readonly of: number;
}

/** The part of the tree, 0 to 1, up to and with the leaf at the end of a path. */
export function partOf<T>(path: readonly T[], forkOf: (node: T) => Fork): number {
  let part = 0;
  let weight = 1;
  for (const node of path) {
    const { before, of } = forkOf(node);
    weight /= of;
    part += before * weight;
  }
  return Math.min(1, part + weight);
}

/** Runs in all, if `runs` leaves stand for `part` of the tree; null where that is too little to say. */
export function estimateRuns(runs: number, part: number): number | null {
  const all = runs / part;
  return Number.isFinite(all) ? Math.max(runs, Math.round(all)) : null;
}
