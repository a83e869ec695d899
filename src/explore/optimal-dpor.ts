/**
 * Optimal dynamic partial order reduction: Abdulla, Aronis, Jonsson and Sagonas, "Source sets: a foundation for optimal
 * dynamic partial order reduction" (JACM 2017), the variant with wakeup trees: one run for each trace; where tasks have a CPU
 * each and touch locations only, none is blocked by its sleep set.
 *
 * Deviations: stateless, by running again from the start; races are looked for once per step, when it is first seen; what a
 * compare-and-exchange would have been in the reversed order is worked out from the value it would have found; contexts
 * that wait at the end of a run race like others; steps of contexts that share a CPU are
 * coarsely dependent (dependence.ts); where the kernel's services take part more is tried (dpor.ts). The preemption bound cuts nothing short, so it is sound: runs beyond it are counted
 * apart.
 */
import { dependent } from './dependence.js';
import { Dpor, type DporOptions, type Node } from './dpor.js';
import type { Race, Step } from './dpor-step.js';
import { insert, type Planned, weakInitial } from './wakeup-tree.js';

export class OptimalDpor extends Dpor {
  readonly name: string;

  constructor(options: DporOptions = {}) {
    super(options);
    this.name = this.preemptionBound === null ? 'optimal-dpor' : `optimal-dpor(${this.preemptionBound})`;
  }

  /** Not if a step that was explored from here could come before it: then it was tried there with all data. */
  protected override worthOtherData({ sleep, step }: Node): boolean {
    return !sleep.some((footprint) => !dependent(footprint, step.footprint));
  }

  protected override reverse(steps: readonly Step[], _second: number, race: Race): void {
    const { first } = race;
    const { number } = steps[first]!;
    const sequence: Planned[] = [];
    for (let k = first + 1; k < steps.length; k++) if (!steps[k]!.follows(first, number)) sequence.push(steps[k]!);
    sequence.push(this.planned(race));
    const node = this.path[first]!;
    for (const asleep of node.sleep) if (weakInitial(asleep, sequence) !== -2) return;
    insert(node.pending, sequence);
  }
}
