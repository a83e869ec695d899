/**
 * Marks for accesses of the modelled kernel that race, and that its authors live with. A mark stands beside the code it is
 * about, and says where it is said that the race is known.
 *
 * Divergence from Linux: the kernel of the time has no such marks; data_race() came with 5.8.
 */

export interface BenignRace {
  /** The modelled function that makes the access. */
  readonly in: string;
  /** Fields it may touch; a cell's own name for a cell. */
  readonly fields: readonly string[];
  /** What is known about it. */
  readonly why: string;
  /** Who says so: a file and function of the kernel, a commit. */
  readonly source: string;
}

const marks: BenignRace[] = [];

/** All marks of the modules loaded. */
export const benignRaces: readonly BenignRace[] = marks;

/** Marks an access as racing by intent. */
export function benignRace(mark: BenignRace): BenignRace {
  marks.push(mark);
  return mark;
}
