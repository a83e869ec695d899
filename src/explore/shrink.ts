/**
 * Makes a failing schedule simpler while it fails in the same way, at the same place: fewest preemptions first, then fewest
 * interrupts and moves of time, least data, fewest deviations from the default schedule, fewest steps.
 *
 * First it is reduced (reduce.ts) until whatever else is left out, the failure is lost: then it is done. What is left of the
 * budget is for what cannot be had by leaving out, half of it for each attempt, so that there are runs to reduce what it
 * finds: a way by the shortest run, which may take more preemptions on its way to fewer; a search of all schedules with fewer preemptions, the data
 * held; such a search of everything. In a small program the last ends, and the fewest preemptions are known.
 */
import { DepthFirst } from './depth-first.js';
import { type Failing, isLess, lengthFirst, preemptionsFirst } from './failing.js';
import { HeldSearch } from './held-search.js';
import { Reducer } from './reduce.js';
import type { Runner } from './runner.js';
import { type Known, Trial } from './trial.js';

export { type Failing, failingOf } from './failing.js';

export interface Shrunk {
  readonly failing: Failing;
  /** Runs it took. */
  readonly runs: number;
  /** Whatever else is left out, the failure is lost; false if the budget ended before that was known. */
  readonly done: boolean;
}

export class Shrinker {
  private readonly trial: Trial;
  private readonly reducer: Reducer;
  private readonly runsMax: number;

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
      if (done) this.detour(found);
      while (done && this.searchBelow()) {
        done = reducer.reduce();
        if (done) this.detour(trial.best);
      }
    }
    return { failing: trial.best.failing, runs: trial.runs, done };
  }

  /** Half of the runs that are left may be made. */
  private half(): void {
    const { trial } = this;
    trial.limit = trial.runs + Math.floor((this.runsMax - trial.runs) / 2);
  }

  /** By way of the shortest run, from `start` and from what that leads to. */
  private detour(start: Known): void {
    const { trial, reducer } = this;
    let known = trial.best;
    trial.best = start;
    for (let again = true; again; ) {
      this.half();
      trial.prefer(lengthFirst);
      reducer.reduce();
      trial.prefer(preemptionsFirst);
      again = reducer.reduce() && isLess(costs(trial.best), costs(known));
      if (again) known = trial.best;
    }
    trial.best = known;
    trial.limit = this.runsMax;
  }

  /** Searches schedules with fewer preemptions, fewest first. */
  private searchBelow(): boolean {
    const { trial } = this;
    const { plan } = trial.best;
    const found =
      this.below((bound) => new HeldSearch(bound, plan.data, trial.owner)) ||
      this.below((bound) => new DepthFirst(bound));
    trial.limit = this.runsMax;
    return found;
  }

  private below(search: (bound: number) => DepthFirst): boolean {
    const { trial } = this;
    const { preemptions } = trial.best.failing;
    this.half();
    for (let bound = 0; bound < preemptions; bound++) if (trial.searches(search(bound))) return true;
    return false;
  }
}

const costs = ({ failing, plan }: Known): readonly number[] => preemptionsFirst(failing, plan.picks.length);
