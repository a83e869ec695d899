/**
 * Source-DPOR with sleep sets: Abdulla, Aronis, Jonsson and Sagonas, "Optimal dynamic partial order reduction" (POPL 2014),
 * algorithm 1. Every trace once; some runs are given up when all that is enabled was explored elsewhere.
 *
 * Deviations: as for optimal-dpor.ts.
 */
import { Dpor, type DporOptions } from './dpor.js';
import type { ActorNumbers, Race, Step } from './dpor-step.js';
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

  protected override reverse(steps: readonly Step[], second: number, race: Race, numbers: ActorNumbers): void {
    const { first } = race;
    const actor = numbers.of(steps[first]!.footprint.actor);
    const sequence: Planned[] = [];
    for (let k = first + 1; k < second; k++) if (!steps[k]!.follows(first, actor)) sequence.push(steps[k]!);
    sequence.push({ footprint: race.footprint, data: [] });
    const node = this.path[first]!;
    const initials = sequence.filter((step, at) => weakInitial(step.footprint, sequence) === at);
    const isInitial = (other: number): boolean => initials.some((step) => step.footprint.actor === other);
    if (node.sleep.some((footprint) => isInitial(footprint.actor))) return;
    if (node.pending.some((branch) => isInitial(branch.footprint.actor))) return;
    node.pending.push({ footprint: initials[0]!.footprint, data: [], children: [] });
  }
}
