/** Listens to a strategy: writes the run down as a plan, and ends it where it becomes more costly than is wanted. */
import type { Context } from '../smp/context.js';
import type { Access } from '../smp/op.js';
import type { Choice } from '../smp/scheduler.js';
import { actorOf, isPreemption } from './actor.js';
import { preemptionOf } from './fewest-search.js';
import type { Drawn, Plan } from './plan.js';
import type { Strategy } from './strategy.js';

export class Scribe implements Strategy {
  readonly family = 'stepwise';
  readonly name = 'scribe';
  readonly exhaustive = false;
  inner: Strategy | null = null;
  preemptionsMax = Number.POSITIVE_INFINITY;
  picksMax = Number.POSITIVE_INFINITY;
  private readonly owner: () => number;
  private readonly violations: () => number;
  private readonly picks: number[] = [];
  private readonly data: Drawn[] = [];
  /** Picks that had been made when each violation was first seen. */
  private readonly violatedAt: number[] = [];
  private preemptions = 0;
  /** What was preempted, as preemptionOf has it. */
  readonly preempted: string[] = [];

  /** `owner`: who draws now; `violations`: how many there have been. */
  constructor(owner: () => number, violations: () => number) {
    this.owner = owner;
    this.violations = violations;
  }

  get stallJiffiesMax(): number {
    return this.inner?.stallJiffiesMax ?? 0;
  }

  /** Does not begin the one listened to. */
  begin(): boolean {
    this.picks.length = 0;
    this.data.length = 0;
    this.violatedAt.length = 0;
    this.preemptions = 0;
    this.preempted.length = 0;
    return true;
  }

  pick(enabled: readonly Choice[], current: Context | null): number {
    const { picks } = this;
    for (let seen = this.violations(); this.violatedAt.length < seen; ) this.violatedAt.push(picks.length);
    if (picks.length >= this.picksMax) return -1;
    const index = this.inner!.pick(enabled, current);
    const choice = enabled[index];
    if (choice === undefined) return index;
    if (isPreemption(enabled, current, index)) {
      if (this.preemptions >= this.preemptionsMax) return -1;
      this.preemptions++;
      this.preempted.push(...preemptionOf(enabled[0]!, choice));
    }
    picks.push(actorOf(choice));
    return index;
  }

  choose(name: string, bound: number): number {
    const value = this.inner!.choose(name, bound);
    this.data.push({ owner: this.owner(), name, value, pick: this.picks.length - 1 });
    return value;
  }

  executed(choice: Choice, effect: Access): void {
    this.inner!.executed?.(choice, effect);
  }

  /** The plan of the run as far as a violation, by its number; all of it if there is no such violation. */
  plan(violation: number): Plan {
    const end = this.violatedAt[violation] ?? this.picks.length;
    return { picks: this.picks.slice(0, end), data: this.data.filter(({ pick }) => pick < end) };
  }
}
