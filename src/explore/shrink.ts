/**
 * Makes a failing schedule simpler while it fails in the same way, at the same place: fewest preemptions first, then fewest
 * interrupts and moves of time, least data, fewest deviations from the default schedule, fewest steps.
 *
 * First it is reduced (reduce.ts) until leaving out one more thing gives no simpler failure: then it is done. What is left of the
 * budget is for what cannot be had by leaving out: a quarter for a detour by way of the shortest run, which may take more
 * preemptions on its way to fewer; half of the rest for a search of all schedules with fewer preemptions, the data held; the
 * rest for such a search of everything, but for the runs it may take to reduce what that finds. In a small program this search
 * ends, and there are no schedules with fewer preemptions.
 */
import { stallName } from '../smp/time-choice.js';
import { type Failing, isLess, lengthFirst, preemptionsFirst } from './failing.js';
import { type Draw, FewestSearch } from './fewest-search.js';
import { Held, type Plan } from './plan.js';
import { Reducer } from './reduce.js';
import type { Runner } from './runner.js';
import { type Known, Trial } from './trial.js';

export { type Failing, failingOf } from './failing.js';

export interface Shrunk {
  readonly failing: Failing;
  /** Runs it took. */
  readonly runs: number;
  /** Leaving out one more thing gives no simpler failure; false if the budget ended before that was known. */
  readonly done: boolean;
}

export class Shrinker {
  private readonly trial: Trial;
  private readonly reducer: Reducer;
  private readonly runsMax: number;
  /** Runs that reducing has taken: so many may be wanted again. */
  private reserve = 0;

  constructor(runner: Runner, failing: Failing, decisionsMax: number, runsMax: number) {
    this.trial = new Trial(runner, failing, decisionsMax, runsMax);
    this.reducer = new Reducer(this.trial);
    this.runsMax = runsMax;
  }

  shrink(): Shrunk {
    const { trial, reducer } = this;
    let done = false;
    if (trial.begin()) {
      const found = trial.best;
      done = reducer.reduce();
      this.reserve = trial.runs;
      if (done) this.detour(found);
      while (done && this.searchBelow()) {
        done = reducer.reduce();
        if (done) this.detour(trial.best);
      }
    }
    return { failing: trial.best.failing, runs: trial.runs, done };
  }

  /** Part of the runs that are left may be made, those aside that are to be kept. */
  private limit(part: number, kept = 0): void {
    const { trial } = this;
    trial.limit = trial.runs + Math.max(0, Math.floor((this.runsMax - trial.runs - kept) * part));
  }

  /** By way of the shortest run, from `start` and from what that leads to. */
  private detour(start: Known): void {
    const { trial, reducer } = this;
    let known = trial.best;
    trial.best = start;
    this.limit(1 / 4);
    for (let again = true; again; ) {
      trial.prefer(lengthFirst);
      reducer.reduce();
      trial.prefer(preemptionsFirst);
      again = reducer.reduce() && isLess(costs(trial.best), costs(known));
      if (again) known = trial.best;
    }
    trial.best = known;
    this.limit(1);
  }

  /** Searches schedules with fewer preemptions, fewest first. */
  private searchBelow(): boolean {
    const { trial } = this;
    const { plan, failing, preempted } = trial.best;
    if (failing.preemptions === 0) return false;
    const options = { preemptionsMax: failing.preemptions - 1, known: preempted, startsMax: this.runsMax };
    const drawn = plan.data.some(({ name }) => name !== stallName);
    let found = false;
    this.limit(1 / 2, this.reserve);
    if (drawn) found = trial.searches(new FewestSearch({ ...options, draws: () => this.held(plan) }));
    this.limit(1, this.reserve);
    found ||= trial.searches(new FewestSearch(options));
    this.limit(1);
    return found;
  }

  private held({ data }: Plan): Draw {
    const held = new Held(data, this.trial.owner);
    return (name, bound) => held.draw(name, bound);
  }
}

const costs = ({ failing, plan }: Known): readonly number[] => preemptionsFirst(failing, plan);
