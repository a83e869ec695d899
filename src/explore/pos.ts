/**
 * Partial order sampling: Yuan, Yang and Gu, "Partial order aware concurrency sampling" (CAV 2018). Every enabled operation
 * has a random priority and the highest goes; then those that race with it, and its successor, draw theirs anew. Much
 * nearer to uniform over partial orders than a random walk.
 *
 * Deviations: what may depend on anything (interrupts, time, wake-ups) races with all.
 */
import type { Access } from '../smp/op.js';
import type { Choice } from '../smp/scheduler.js';
import { actorOf } from './actor.js';
import { dependent, type Footprint, setEffect, untaken } from './dependence.js';
import { Draw } from './draw.js';
import type { Strategy } from './strategy.js';

export class PartialOrderSampling implements Strategy {
  readonly family = 'stepwise';
  readonly name = 'pos';
  readonly exhaustive = false;
  stallJiffiesMax = Number.POSITIVE_INFINITY;
  private readonly draw = new Draw();
  private readonly seed: number;
  private readonly priorities = new Map<number, number>();
  private readonly others: Footprint[] = [];
  private readonly actors: number[] = [];
  private chosen: Footprint | null = null;

  constructor(seed: number) {
    this.seed = seed;
  }

  begin(run: number): boolean {
    this.draw.seed(this.seed, run);
    this.priorities.clear();
    return true;
  }

  pick(enabled: readonly Choice[]): number {
    let best = 0;
    let bestPriority = -1;
    this.actors.length = 0;
    for (let i = 0; i < enabled.length; i++) {
      const actor = actorOf(enabled[i]!);
      this.actors.push(actor);
      const priority = this.priorityOf(actor);
      if (priority > bestPriority) {
        best = i;
        bestPriority = priority;
      }
    }
    this.others.length = 0;
    for (const choice of enabled) this.others.push(untaken(choice));
    this.chosen = this.others[best]!;
    return best;
  }

  choose(name: string, bound: number): number {
    return this.draw.data(name, bound);
  }

  executed(choice: Choice, effect: Access): void {
    const { chosen } = this;
    if (chosen === null) return;
    setEffect(chosen, choice, effect);
    for (const [i, other] of this.others.entries()) {
      if (dependent(chosen, other)) this.priorities.delete(this.actors[i]!);
    }
  }

  private priorityOf(actor: number): number {
    let priority = this.priorities.get(actor);
    if (priority === undefined) {
      priority = this.draw.next() >>> 0;
      this.priorities.set(actor, priority);
    }
    return priority;
  }
}
