/**
 * A schedule as a plain list of small whole numbers, for property-based testing and for fuzzers: each decision that has
 * more than one possibility takes the next number, modulo the possibilities. 0 is the default decision, and so is every
 * decision after the end: the empty list is the default schedule.
 */
import { InputError } from '../sim/errors.js';
import type { Choice } from '../smp/scheduler.js';
import type { Strategy } from './strategy.js';

export class ChoiceList implements Strategy {
  readonly family = 'stepwise';
  readonly name = 'choices';
  readonly exhaustive = false;
  private readonly choices: readonly number[];
  private next = 0;

  /** Throws InputError for what is not a whole number from 0. */
  constructor(choices: readonly number[]) {
    if (!Array.isArray(choices)) throw new InputError(`a schedule is a list of whole numbers, not ${typeof choices}`);
    const wrong = choices.findIndex((choice) => !Number.isSafeInteger(choice) || choice < 0);
    if (wrong >= 0) {
      throw new InputError(`choice ${wrong} of a schedule is ${choices[wrong]}, where whole numbers from 0 are known`);
    }
    this.choices = choices;
  }

  /** Numbers taken so far; may be more than there are. */
  get taken(): number {
    return this.next;
  }

  begin(run: number): boolean {
    this.next = 0;
    return run === 0;
  }

  pick(enabled: readonly Choice[]): number {
    return this.take(enabled.length);
  }

  choose(_name: string, bound: number): number {
    return this.take(bound);
  }

  private take(possible: number): number {
    if (possible < 2) return 0;
    return (this.choices[this.next++] ?? 0) % possible;
  }
}
