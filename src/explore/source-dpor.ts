/**
 * Source-DPOR with sleep sets: Abdulla, Aronis, Jonsson and Sagonas, "Optimal dynamic partial order reduction" (POPL 2014),
 * algorithm 1. Every trace once; some runs are given up when all that is enabled was explored elsewhere.
 *
 * Deviations: as for optimal-dpor.ts.
 */
import { Dpor, type DporOptions } from './dpor.js';
import type { Race, Step } from './dpor-step.js';
import { type Planned, weakInitial } from './wakeup-tree.js';

export class SourceDpor extends Dpor {
  readonly name: string;

  constructor(options: DporOptions = {}) {
    super(options);
    this.name = this.preemptionBound === null ? 'source-dpor' : `source-dpor(${this.preemptionBound})`;
  }

  protected override worthOtherData(): boolean {
    return true;
  }

  protected override reverse(steps: readonly Step[], second: number, race: Race): void {
    const { first } = race;
    const { number } = steps[first]!;
    const sequence: Planned[] = [];
    for (let k = first + 1; k < second; k++) if (!steps[k]!.follows(first, number)) sequence.push(steps[k]!);
    sequence.push(this.planned(race));
    const node = this.path[first]!;
    const initials = sequence.filter((step, at) => weakInitial(step.footprint, sequence) === at);
    const isInitial = (other: number): boolean => initials.some((step) => step.footprint.stepper === other);
    if (node.sleep.some((footprint) => isInitial(footprint.stepper))) return;
    if (node.pending.some((branch) => isInitial(branch.footprint.stepper))) return;
    node.pending.push({ footprint: initials[0]!.footprint, data: [], toggled: null, children: [] });
  }
}
