/**
 * A run as a plan that may be changed and followed again: who was picked, in order, and what each context drew, in order,
 * whenever that was. So picks may be moved about and left out without the data of others taking harm. For shrinking.
 */
import type { Choice } from '../smp/scheduler.js';
import { actorOf, isIntrusion } from './actor.js';
import type { Strategy } from './strategy.js';

/** A data choice. */
export interface Drawn {
  /** Who drew it; -1 for nobody: the setup, or time. */
  readonly owner: number;
  readonly name: string;
  readonly value: number;
  /** The pick after which it was drawn, from 0; -1 if before all of them. Means nothing once picks were moved. */
  readonly pick: number;
}

export interface Plan {
  /** Actors. */
  readonly picks: readonly number[];
  readonly data: readonly Drawn[];
}

/** Picks that let time move or an interrupt in. */
export function intrusionsIn({ picks }: Plan): number {
  return picks.reduce((sum, actor) => sum + (isIntrusion(actor) ? 1 : 0), 0);
}

/** The data of a plan, to be drawn again: the same to the same, one after the other, 0 where there is no more. */
export class Held {
  private readonly queues = new Map<string, number[]>();
  private readonly owner: () => number;

  constructor(data: readonly Drawn[], owner: () => number) {
    this.owner = owner;
    for (let at = data.length - 1; at >= 0; at--) {
      const { owner: by, name, value } = data[at]!;
      const key = `${by} ${name}`;
      const queue = this.queues.get(key);
      if (queue === undefined) this.queues.set(key, [value]);
      else queue.push(value);
    }
  }

  draw(name: string, bound: number): number {
    const value = this.queues.get(`${this.owner()} ${name}`)?.pop() ?? 0;
    return value < bound ? value : 0;
  }
}

/** Follows a plan as far as its actors are enabled; one that is not yet is passed over until it is. */
export class Follow implements Strategy {
  readonly family = 'stepwise';
  readonly name = 'follow';
  readonly exhaustive = false;
  stallJiffiesMax = Number.POSITIVE_INFINITY;
  private readonly plan: Plan;
  private readonly owner: () => number;
  private left: number[];
  private held: Held;

  /** `owner`: who draws now. */
  constructor(plan: Plan, owner: () => number) {
    this.plan = plan;
    this.owner = owner;
    this.left = plan.picks.slice();
    this.held = new Held(plan.data, owner);
  }

  begin(): boolean {
    this.left = this.plan.picks.slice();
    this.held = new Held(this.plan.data, this.owner);
    return true;
  }

  pick(enabled: readonly Choice[]): number {
    const { left } = this;
    const actors = enabled.map(actorOf);
    for (let at = 0; at < left.length; at++) {
      const index = actors.indexOf(left[at]!);
      if (index < 0) continue;
      left.splice(at, 1);
      return index;
    }
    return 0;
  }

  choose(name: string, bound: number): number {
    return this.held.draw(name, bound);
  }
}
