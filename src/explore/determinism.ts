/**
 * The check that a program is deterministic: each run is made a second time from its recorded schedule, and the two are
 * compared decision by decision. What is caught: a draw of the program's own, state that outlives a run, an order that
 * depends on anything but the choices.
 */
import { NondeterminismError } from '../sim/errors.js';
import type { Context } from '../smp/context.js';
import type { Access } from '../smp/op.js';
import { ScheduleMismatch } from '../smp/replay-scheduler.js';
import { type Choice, describeChoice } from '../smp/scheduler.js';
import { actorName, actorOf } from './actor.js';
import { Recorder } from './recorder.js';
import { Replay } from './replay-strategy.js';
import type { Run, Runner } from './runner.js';
import type { ProgramTraits, RunEnd, RunVerdict, Strategy } from './strategy.js';

/** Listens to a strategy: writes down what was possible at each decision, and what came of it. */
class Witness implements Strategy {
  readonly family = 'stepwise';
  readonly name = 'witness';
  readonly exhaustive = false;
  /** A line for each decision. */
  readonly lines: string[] = [];
  inner: Strategy;
  private readonly stalls: Strategy;

  /** `stalls`: whose stalls it may make: the first run's, as the number of possibilities is that of the run. */
  constructor(inner: Strategy, stalls = inner) {
    this.inner = inner;
    this.stalls = stalls;
  }

  get stallJiffiesMax(): number {
    return this.stalls.stallJiffiesMax ?? 0;
  }

  meet(program: ProgramTraits): void {
    this.inner.meet?.(program);
  }

  begin(run: number): boolean {
    return this.inner.begin(run);
  }

  pick(enabled: readonly Choice[], current: Context | null): number {
    const index = this.inner.pick(enabled, current);
    const others = enabled.map(nameOf).join(', ');
    const taken = enabled[index];
    this.lines.push(taken === undefined ? 'the run is ended' : `${describeChoice(taken)} (of ${others})`);
    return index;
  }

  choose(name: string, bound: number): number {
    const value = this.inner.choose(name, bound);
    this.lines.push(`${name} = ${value} of 0 to ${bound - 1}`);
    return value;
  }

  executed(choice: Choice, effect: Access): void {
    this.inner.executed?.(choice, effect);
    if (choice.kind !== 'step') return;
    const { object } = choice.op;
    const value = object !== null && 'value' in object ? `, ${object.name} is ${String(object.value)}` : '';
    this.lines[this.lines.length - 1] += value;
  }

  settled(touches: readonly number[] | null, enabled: readonly Choice[]): void {
    this.inner.settled?.(touches, enabled);
  }

  end(end: RunEnd): RunVerdict {
    return this.inner.end?.(end) ?? 'counts';
  }
}

export class DeterminismCheck {
  private readonly runner: Runner;
  private readonly decisionsMax: number;

  constructor(runner: Runner, decisionsMax: number) {
    this.runner = runner;
    this.decisionsMax = decisionsMax;
  }

  /** Makes a run, and makes it again. Throws NondeterminismError where they part. */
  run(recorder: Recorder): Run {
    const { strategy } = recorder;
    const first = new Witness(strategy);
    recorder.strategy = first;
    const run = this.runner.run(recorder);
    recorder.strategy = strategy;
    const second = new Witness(new Replay(recorder.schedule()), strategy);
    const again = this.again(second, recorder, first.lines);
    const at = parting(first.lines, second.lines);
    if (at >= 0) throw differ(at, first.lines[at], second.lines[at]);
    const [left, right] = [ending(run), ending(again)];
    if (left !== right) throw differ(first.lines.length, left, right);
    return run;
  }

  private again(second: Witness, recorder: Recorder, lines: readonly string[]): Run {
    try {
      second.begin(0);
      const repeated = new Recorder(second, this.decisionsMax, false);
      repeated.reset();
      return this.runner.run(repeated);
    } catch (error) {
      if (!(error instanceof ScheduleMismatch)) throw error;
      const at = Math.max(0, parting(lines, second.lines));
      const found = second.lines[at] ?? `possible are ${error.enabled.join(', ')}`;
      throw differ(at, lines[at] ?? `the end after ${recorder.decisions} decisions`, found);
    }
  }
}

function nameOf(choice: Choice): string {
  const own = choice.kind === 'step' && choice.context.kind === 'process';
  return own ? choice.context.name : actorName(actorOf(choice));
}

/** The first decision at which two runs differ; -1 if they do not. */
function parting(first: readonly string[], second: readonly string[]): number {
  const length = Math.max(first.length, second.length);
  for (let at = 0; at < length; at++) if (first[at] !== second[at]) return at;
  return -1;
}

function ending({ outcome, faults }: Run): string {
  return [`the run ends ${outcome}`, ...faults.map(({ kind, message }) => `${kind}: ${message}`)].join('; ');
}

function differ(at: number, first = 'the end of the run', second = 'the end of the run'): NondeterminismError {
  return new NondeterminismError(
    `one schedule made two runs, which part at decision ${at}: first ${first}; then ${second}. Does the program draw, or keep something from run to run?`,
  );
}
