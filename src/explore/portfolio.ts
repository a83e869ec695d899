/**
 * A portfolio: strategies that are good at different bugs take turns, run by run, as Coyote's default mode does. A strategy
 * that has nothing left to do drops out; the search is over when one that is exhaustive has seen everything, stalls of any
 * length included.
 *
 * Deviations: none of Coyote's fair suffixes.
 */
import type { Context } from '../smp/context.js';
import type { Access } from '../smp/op.js';
import type { Choice } from '../smp/scheduler.js';
import type { RunEnd, RunVerdict, Strategy } from './strategy.js';

export class Portfolio implements Strategy {
  readonly family = 'stepwise';
  readonly name: string;
  exhaustive = false;
  private readonly members: { readonly strategy: Strategy; runs: number; bounded: boolean }[];
  private turn = 0;

  constructor(members: readonly Strategy[]) {
    this.members = members.map((strategy) => ({ strategy, runs: 0, bounded: false }));
    this.name = 'portfolio';
  }

  get stallJiffiesMax(): number {
    return this.current.stallJiffiesMax ?? 0;
  }

  set stallJiffiesMax(jiffies: number) {
    for (const { strategy } of this.members) strategy.stallJiffiesMax = jiffies;
  }

  /** Who decides in this run. */
  get current(): Strategy {
    return this.members[this.turn]!.strategy;
  }

  begin(run: number): boolean {
    if (run > 0) this.turn = (this.turn + 1) % this.members.length;
    while (this.members.length > 0) {
      const member = this.members[this.turn]!;
      if (member.strategy.begin(member.runs++)) return true;
      if (member.strategy.exhaustive && !member.bounded && (member.strategy.preemptionBound ?? null) === null) {
        this.exhaustive = true;
        return false;
      }
      this.members.splice(this.turn, 1);
      if (this.turn === this.members.length) this.turn = 0;
    }
    return false;
  }

  pick(enabled: readonly Choice[], current: Context | null): number {
    return this.current.pick(enabled, current);
  }

  choose(name: string, bound: number): number {
    return this.current.choose(name, bound);
  }

  executed(choice: Choice, effect: Access): void {
    this.current.executed?.(choice, effect);
  }

  end(end: RunEnd): RunVerdict {
    if (end.machine.stepper.stallsBounded) this.members[this.turn]!.bounded = true;
    return this.current.end?.(end) ?? 'counts';
  }
}
