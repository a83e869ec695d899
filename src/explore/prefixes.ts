/**
 * The prefixes of an executed trace: what may have been done of it, as the number of steps taken of each context. A step may
 * come when all that happen before it have been taken.
 */
import type { Step } from './dpor-step.js';

export class Prefixes {
  /** The steps of each context, in order. */
  readonly lists: readonly (readonly Step[])[];
  private readonly places = new Map<Step, number>();
  private readonly total: number;
  /** By context and step: how many steps of each context come before it. */
  private readonly needs: readonly (readonly (readonly number[])[])[];

  constructor(steps: readonly Step[]) {
    const lists = new Map<number, Step[]>();
    for (const [at, step] of steps.entries()) {
      this.places.set(step, at);
      const list = lists.get(step.number);
      if (list === undefined) lists.set(step.number, [step]);
      else list.push(step);
    }
    this.total = steps.length;
    this.lists = [...lists.values()];
    this.needs = this.lists.map((list) => list.map((step) => this.needsOf(step)));
  }

  /** Nothing taken. */
  get empty(): readonly number[] {
    return this.lists.map(() => 0);
  }

  placeOf(step: Step): number {
    return this.places.get(step)!;
  }

  isWhole(taken: readonly number[]): boolean {
    let sum = 0;
    for (const count of taken) sum += count;
    return sum === this.total;
  }

  /** Whose next step may come after the prefix. */
  *next(taken: readonly number[]): Iterable<number> {
    for (let a = 0; a < taken.length; a++) {
      const needs = this.needs[a]![taken[a]!];
      if (needs?.every((count, b) => b === a || taken[b]! >= count) === true) yield a;
    }
  }

  private needsOf(step: Step): readonly number[] {
    return this.lists.map((list) => {
      const { number } = list[0]!;
      let count = 0;
      while (count < list.length && step.follows(this.placeOf(list[count]!), number)) count++;
      return count;
    });
  }
}
