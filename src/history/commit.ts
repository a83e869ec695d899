/** What the table says of a commit. */

import type { DstTraits } from '../net/dst/traits.js';
import type { NetTraits } from '../net/surroundings.js';

/**
 * What kind of change it is: the first word that the research notes give it. An API change is `interface`. Where they
 * give two (R12 refactor and size, R24 size and API, R26 behaviour and speed) the first, which was its purpose, counts.
 */
export type CommitClass = 'behaviour' | 'interface' | 'refactor' | 'size' | 'cosmetic' | 'merge';

/** A part of the model that an effect needs in order to be seen and that is not built yet. All are, today. */
export type Room = string;

export interface Commit {
  /** The full hash; for what never was a commit, its first short name. */
  readonly id: string;
  /** 40 hex digits, if it is a commit of the kernel. */
  readonly hash?: string;
  /** 1 to 26, oldest first: `R7` is number 7. Only the 26 commits of dst.c have one. */
  readonly number?: number;
  /** It is not one of the 26: a later or proposed change, with a place by date. */
  readonly extra?: true;
  /** `id` of the commit it stands on. None for R1. An extra stands on one of the 26. */
  readonly parent?: string;
  /** Committer's date, YYYY-MM-DD (YYYY-MM where the day is not known). */
  readonly date: string;
  /** Author's date, where it is another day. */
  readonly authorDate?: string;
  readonly author: string;
  readonly subject: string;
  readonly class: CommitClass;
  /** Abbreviated git blob id of net/core/dst.c after it. */
  readonly blob?: string;
  /** The first kernel version that contains it. */
  readonly firstTag?: string;
  /** What it changes, in one line. */
  readonly effect: string;
  /** Whether a run can show a difference with and without it. The baseline counts as observable. */
  readonly observable: boolean;
  /** Rooms still to be built before the difference shows. */
  readonly rooms: readonly Room[];
  /** What it may be called in a revision, the preferred name first; `R7` for number 7 is among them. */
  readonly names: readonly string[];
  /** What it changes in the model. */
  readonly traits: Partial<DstTraits>;
  /** What it changes in the model of what surrounds dst.c. A kernel that shipped it has it without being asked. */
  readonly surroundings?: Partial<NetTraits>;
  /** Fields above for which no source could be checked. `hash`: it is known by its first digits only. */
  readonly unverified?: readonly ('date' | 'author' | 'subject' | 'hash')[];
}
