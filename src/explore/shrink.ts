/**
 * Makes a failing schedule simpler while it fails in the same way, at the same place: fewest preemptions first, then fewest
 * interrupts and moves of time, smallest data, fewest deviations from the default schedule, fewest steps.
 *
 * Several things take turns until none of them gets on: deviations are left out, many at first, then one by one; moves of time
 * and interrupts are left out of the order of steps; data choices, stalls among them, are lowered; neighbouring turns of
 * contexts change places, which joins turns; all schedules with fewer preemptions are searched, for as long as the budget
 * allows.
 */
import { isIntrusion } from './actor.js';
import { DepthFirst } from './depth-first.js';
import { Recorder, type Schedule } from './recorder.js';
import { release } from './release.js';
import { NearOrder, NearReplay } from './replay-strategy.js';
import type { Fault, Runner } from './runner.js';
import type { Strategy } from './strategy.js';

/** A failing schedule and what it costs to follow. */
export interface Failing {
  readonly schedule: Schedule;
  readonly fault: Fault;
  readonly steps: number;
  readonly preemptions: number;
  readonly intrusions: number;
  readonly dataSum: number;
  /** Who was picked, decision by decision; data choices as -1 - value. */
  readonly decided: readonly number[];
}

export interface Shrunk {
  readonly failing: Failing;
  /** Runs it took. */
  readonly runs: number;
  /** Nothing simpler was left to try; false if the budget ended first. */
  readonly done: boolean;
}

function simpler(a: Failing, b: Failing): boolean {
  if (a.preemptions !== b.preemptions) return a.preemptions < b.preemptions;
  if (a.intrusions !== b.intrusions) return a.intrusions < b.intrusions;
  if (a.dataSum !== b.dataSum) return a.dataSum < b.dataSum;
  const [left, right] = [a.schedule.deviations.length, b.schedule.deviations.length];
  return left !== right ? left < right : a.steps < b.steps;
}

export class Shrinker {
  private readonly runner: Runner;
  private readonly recorder: Recorder;
  private best: Failing;
  private runs = 0;
  private readonly runsMax: number;

  constructor(runner: Runner, failing: Failing, decisionsMax: number, runsMax: number) {
    this.runner = runner;
    this.best = failing;
    this.recorder = new Recorder(new NearReplay([]), decisionsMax, false);
    this.runsMax = runsMax;
  }

  shrink(): Shrunk {
    let searched = false;
    for (let again = true; again && this.left(); ) {
      again = this.leaveOut() || this.dropIntrusions() || this.lowerData() || this.joinTurns();
      if (again || searched) continue;
      searched = true;
      again = this.searchBelow();
    }
    return { failing: this.best, runs: this.runs, done: this.left() };
  }

  private left(): boolean {
    return this.runs < this.runsMax;
  }

  /** Leaves deviations out, in ever smaller groups, from the end. */
  private leaveOut(): boolean {
    let better = false;
    for (let size = this.best.schedule.deviations.length; size >= 1; size = Math.floor(size / 2)) {
      for (let end = this.best.schedule.deviations.length; end > 0 && this.left(); end -= size) {
        const { deviations } = this.best.schedule;
        if (end > deviations.length) continue;
        if (this.accepts(new NearReplay(deviations.toSpliced(Math.max(0, end - size), size)))) better = true;
      }
    }
    return better;
  }

  private lowerData(): boolean {
    let better = false;
    for (let at = 0; at < this.best.schedule.deviations.length && this.left(); at++) {
      const { deviations } = this.best.schedule;
      const deviation = deviations[at]!;
      if (deviation.actor >= 0) continue;
      for (const value of [Math.floor(deviation.value / 2), deviation.value - 1]) {
        if (value < 1) continue;
        if (this.accepts(new NearReplay(deviations.with(at, { ...deviation, value })))) {
          better = true;
          at--;
          break;
        }
      }
    }
    return better;
  }

  /** Leaves out moves of time and interrupts, what comes after them in the same order. */
  private dropIntrusions(): boolean {
    let better = false;
    for (let at = this.best.decided.length - 1; at >= 0 && this.left(); at--) {
      const { decided } = this.best;
      const actor = decided[at];
      if (actor === undefined || actor < 0 || !isIntrusion(actor)) continue;
      let end = at + 1;
      while (end < decided.length && decided[end]! < 0) end++;
      if (this.accepts(new NearOrder(decided.toSpliced(at, end - at)))) better = true;
    }
    return better;
  }

  /** Lets two neighbouring turns change places. */
  private joinTurns(): boolean {
    for (let at = 0; this.left(); at++) {
      const turns = turnsOf(this.best.decided);
      if (at + 1 >= turns.length) return false;
      if (turns[at]![0]! < 0) continue;
      const swapped = turns.toSpliced(at, 2, turns[at + 1]!, turns[at]!);
      if (this.accepts(new NearOrder(swapped.flat()))) return true;
    }
    return false;
  }

  /** Searches all schedules with fewer preemptions, fewest first. */
  private searchBelow(): boolean {
    for (let bound = 0; bound < this.best.preemptions; bound++) {
      const strategy = new DepthFirst(bound);
      for (let run = 0; this.left() && strategy.begin(run); run++) {
        if (this.accepts(strategy, false)) return true;
      }
    }
    return false;
  }

  /** Runs once; keeps what came of it if that is simpler. */
  private accepts(strategy: Strategy, begin = true): boolean {
    this.runs++;
    if (begin) strategy.begin(0);
    const { recorder } = this;
    recorder.strategy = strategy;
    recorder.reset();
    const run = this.runner.run(recorder);
    release(run);
    const { kind, place } = this.best.fault;
    const fault = run.faults.find((other) => other.kind === kind && other.place === place);
    if (fault === undefined) return false;
    const failing = failingOf(recorder, fault);
    if (!simpler(failing, this.best)) return false;
    this.best = failing;
    return true;
  }
}

/** What a recorder has just seen fail. */
export function failingOf(recorder: Recorder, fault: Fault): Failing {
  const { steps, preemptions, intrusions, dataSum } = recorder;
  return {
    schedule: recorder.schedule(),
    fault,
    steps,
    preemptions,
    intrusions,
    dataSum,
    decided: recorder.decided(),
  };
}

/** Runs of one actor, with the data choices in them; those of the setup come first, by themselves. */
function turnsOf(decided: readonly number[]): readonly (readonly number[])[] {
  const turns: number[][] = [];
  for (const actor of decided) {
    const last = turns[turns.length - 1];
    if (last !== undefined && (actor < 0 || last[0] === actor)) last.push(actor);
    else turns.push([actor]);
  }
  return turns;
}
