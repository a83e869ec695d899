/**
 * Wakeup trees: what still has to be explored from a state, as sequences of steps in the form of an ordered tree. Abdulla,
 * Aronis, Jonsson and Sagonas, "Source sets: a foundation for optimal dynamic partial order reduction" (JACM 2017).
 *
 * Deviations: a step of a sequence carries the data choices made in it; two steps of one context with different data are
 * different branches.
 */
import { dependent, type Footprint } from './dependence.js';

/** A step that is planned. */
export interface Planned {
  readonly footprint: Footprint;
  /** Its data choices, as far as they are laid down; 0 beyond. */
  readonly data: readonly number[];
  /** Others that it lets go on or keeps from it, where that is known. */
  readonly toggled: readonly number[] | null;
}

export interface Branch extends Planned {
  readonly children: Branch[];
}

/** May the step come first in the sequence, or before it without changing it? -2: no; -1: before it; else its place. */
export function weakInitial(footprint: Footprint, sequence: readonly Planned[]): number {
  const { stepper } = footprint;
  let place = 0;
  while (place < sequence.length && sequence[place]!.footprint.stepper !== stepper) place++;
  const found = place < sequence.length;
  const own = found ? sequence[place]!.footprint : footprint;
  for (let i = 0; i < place; i++) {
    const { toggled, footprint: other } = sequence[i]!;
    if (dependent(other, own) || toggled?.includes(stepper) === true) return -2;
  }
  return found ? place : -1;
}

/** Inserts a sequence, unless what is planned covers it. */
export function insert(branches: Branch[], sequence: readonly Planned[]): void {
  let list = branches;
  let rest = sequence;
  for (;;) {
    const next = matching(list, rest);
    if (next === null) break;
    const { branch, place } = next;
    if (branch.children.length === 0) return;
    if (place >= 0) {
      // The sequence ends where it does not matter what the step draws: whatever begins with it covers it.
      if (rest.length === 1) return;
      rest = rest.toSpliced(place, 1);
    }
    list = branch.children;
  }
  for (const { footprint, data, toggled } of rest) {
    const branch: Branch = { footprint, data, toggled, children: [] };
    list.push(branch);
    list = branch.children;
  }
}

function matching(list: readonly Branch[], sequence: readonly Planned[]): { branch: Branch; place: number } | null {
  for (const branch of list) {
    const place = weakInitial(branch.footprint, sequence);
    if (place === -2) continue;
    if (place >= 0 && !sameData(branch, sequence[place]!, place === sequence.length - 1)) continue;
    return { branch, place };
  }
  return null;
}

/** `last`: nothing follows, so that whatever the planned step draws is wanted. */
function sameData(branch: Branch, planned: Planned, last: boolean): boolean {
  if (last) return true;
  const length = branch.children.length === 0 ? branch.data.length : Math.max(branch.data.length, planned.data.length);
  for (let i = 0; i < length; i++) if ((branch.data[i] ?? 0) !== (planned.data[i] ?? 0)) return false;
  return true;
}
