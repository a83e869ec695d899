/**
 * Makes a failing run simpler by leaving something out, or by letting turns join, until nothing of the kind helps any more.
 * What leaves out much is tried first: so the later, finer attempts have less to do, and short runs to do it with.
 */
import { intrusionsIn, type Plan } from './plan.js';
import {
  cutTail,
  drawsOf,
  grouped,
  joined,
  swapped,
  transferred,
  turnStarts,
  withoutActor,
  withoutDraws,
  withoutIntrusions,
} from './plan-edits.js';
import type { Deviation } from './recorder.js';
import type { Trial } from './trial.js';

/** More turns are not tried in all orders of two. */
const turnsMax = 50;
/** Values that are all tried; above, they are sought by halving. */
const valuesTried = 8;

export class Reducer {
  private readonly trial: Trial;

  constructor(trial: Trial) {
    this.trial = trial;
  }

  /** False if the runs were used up. */
  reduce(): boolean {
    const { trial } = this;
    const finer = [
      () => this.dropTail(),
      () => this.dropActors(),
      () => this.groupTurns(),
      () => this.dropDraws(),
      () => this.dropDeviations(),
      () => this.dropIntrusions(),
      () => this.joinTurns(),
      () => this.lowerData(),
      () => this.lowerDeviations(),
      () => this.swapTurns(),
    ];
    const costly = [() => this.transferTurns(), () => this.groupWindows()];
    for (let again = true; again && trial.left; ) {
      again = false;
      for (const pass of finer) if (this.helps(pass)) again = true;
      again ||= costly.some((pass) => this.helps(pass));
    }
    return trial.left;
  }

  private helps(pass: () => void): boolean {
    const { best } = this.trial;
    pass();
    return this.trial.best !== best;
  }

  private get plan(): Plan {
    return this.trial.best.plan;
  }

  private get deviations(): readonly Deviation[] {
    return this.trial.best.failing.schedule.deviations;
  }

  private dropTail(): void {
    const { trial } = this;
    for (let size = this.plan.picks.length; size >= 1; size = Math.floor(size / 2)) {
      while (trial.left && this.plan.picks.length >= size && trial.follows(cutTail(this.plan, size)));
    }
  }

  private dropActors(): void {
    for (const actor of new Set(this.plan.picks)) this.trial.follows(withoutActor(this.plan, actor));
  }

  /** In ever smaller windows lets everybody have all his turns at once. */
  private groupTurns(): void {
    const { trial } = this;
    for (let size = turnStarts(this.plan).length - 1; size >= 3; size = Math.floor(size / 2)) {
      for (let from = 0; trial.left; from += Math.max(1, Math.floor(size / 2))) {
        const starts = turnStarts(this.plan);
        if (from + 2 >= starts.length) break;
        this.groups(starts, from, Math.min(from + size, starts.length - 1));
      }
    }
  }

  private groups(starts: readonly number[], from: number, to: number): boolean {
    const { plan } = this;
    return [false, true].some((last) => this.trial.follows(grouped(plan, starts[from]!, starts[to]!, last)));
  }

  /** Leaves out what an actor does between two choices of a name, in ever smaller groups: operations of a workload. */
  private dropDraws(): void {
    const { trial } = this;
    for (let which = 0; which < drawsOf(this.plan).length; which++) {
      for (let size = drawsOf(this.plan)[which]?.at.length ?? 0; size >= 1; size = Math.floor(size / 2)) {
        for (let from = 0; trial.left; ) {
          const draws = drawsOf(this.plan)[which];
          if (draws === undefined || from >= draws.at.length) break;
          if (!trial.follows(withoutDraws(this.plan, draws, from, from + size))) from += size;
        }
      }
    }
  }

  /** Leaves deviations out, in ever smaller groups, from the end. */
  private dropDeviations(): void {
    for (let size = this.deviations.length; size >= 1; size = Math.floor(size / 2)) {
      for (let end = this.deviations.length; end > 0 && this.trial.left; end -= size) {
        if (end > this.deviations.length) continue;
        this.trial.deviates(this.deviations.toSpliced(Math.max(0, end - size), Math.min(size, end)));
      }
    }
  }

  private dropIntrusions(): void {
    const { trial } = this;
    const count = (): number => intrusionsIn(this.plan);
    for (let size = count(); size >= 1; size = Math.floor(size / 2)) {
      for (let end = count(); end > 0 && trial.left; end -= size) {
        const { plan } = this;
        const from = Math.max(0, end - size);
        for (const whole of [true, false]) if (trial.follows(withoutIntrusions(plan, from, end, whole))) break;
      }
    }
  }

  private joinTurns(): void {
    const { trial } = this;
    for (let turn = 0; trial.left; turn++) {
      const starts = turnStarts(this.plan);
      if (turn + 1 >= starts.length) break;
      if (joined(this.plan, starts, turn).some((plan) => trial.follows(plan))) turn--;
    }
  }

  private swapTurns(): void {
    const { trial } = this;
    for (let turn = 0; trial.left; turn++) {
      const starts = turnStarts(this.plan);
      if (turn + 2 >= starts.length) break;
      if (trial.follows(swapped(this.plan, starts, turn))) turn = Math.max(-1, turn - 2);
    }
  }

  private lowerData(): void {
    for (let at = 0; at < this.plan.data.length && this.trial.left; at++) {
      const { name, value } = this.plan.data[at]!;
      lower(value, 0, (less) => {
        const { plan } = this;
        const drawn = plan.data[at];
        return (
          drawn?.name === name && this.trial.follows({ ...plan, data: plan.data.with(at, { ...drawn, value: less }) })
        );
      });
    }
  }

  /** The same, while all decisions keep their places. */
  private lowerDeviations(): void {
    for (let which = 0; which < this.deviations.length && this.trial.left; which++) {
      const { at, actor, value } = this.deviations[which]!;
      if (actor >= 0) continue;
      lower(value, 1, (less) => {
        const deviation = this.deviations[which];
        return deviation?.at === at && this.trial.deviates(this.deviations.with(which, { ...deviation, value: less }));
      });
    }
  }

  private transferTurns(): void {
    const { trial } = this;
    const starts = turnStarts(this.plan);
    if (starts.length > turnsMax) return;
    for (let turn = 0; turn + 1 < starts.length; turn++) {
      for (let to = 0; to < starts.length && trial.left; to++) {
        const moves = to !== turn && to !== turn + 1;
        if (moves && trial.follows(transferred(this.plan, starts, turn, to))) return;
      }
    }
  }

  private groupWindows(): void {
    const starts = turnStarts(this.plan);
    if (starts.length > turnsMax) return;
    for (let from = 0; from < starts.length - 1; from++) {
      for (let to = starts.length - 1; to > from + 2 && this.trial.left; to--)
        if (this.groups(starts, from, to)) return;
    }
  }
}

/** Finds a value below `value`, and from `least` on, that is taken: of small ones the least, of others one of which the next is not. */
function lower(value: number, least: number, takes: (less: number) => boolean): void {
  for (let less = least; less < Math.min(value, valuesTried); less++) if (takes(less)) return;
  let low = valuesTried - 1;
  for (let high = value; high - low > 1; ) {
    const middle = Math.floor((low + high) / 2);
    if (takes(middle)) high = middle;
    else low = middle;
  }
}
