/**
 * Makes one run after the other: builds the machine, lets the subject set it up, steps it to its end, judges.
 */
import { isFinding } from '../sanitize/findings.js';
import type { Sanitizer } from '../sanitize/sanitizer.js';
import { JiffiesError, LimitError } from '../sim/errors.js';
import type { Machine } from '../smp/machine.js';
import type { Outcome } from '../smp/stepwise.js';
import { thrownIn } from './mistakes.js';
import type { Program, ProgramSetup } from './program.js';
import { type ExploreMachine, ProgramSubject } from './program-subject.js';
import type { Recorder } from './recorder.js';
import type { Fault, Stage, Subject } from './subject.js';

export type { ExploreMachine, Fault };

/** What can be explored: a program, or a scenario or program made into a subject. */
export type Explorable = Program | Subject;

export interface Run {
  readonly outcome: Outcome;
  /** The first thing that went wrong; if nothing did, the first that could have; or null. */
  readonly fault: Fault | null;
  /** All of them. */
  readonly faults: readonly Fault[];
  readonly machine: Machine;
  readonly setup: ProgramSetup;
}

const none: readonly Fault[] = [];

export class Runner {
  readonly subject: Subject;
  /** What watches the runs; null: nobody. */
  sanitizer: Sanitizer | null = null;
  /** What it finds is to be told: faults get their blocks. */
  telling = false;
  /** Virtual ns beyond which time does not move. */
  private readonly horizonNs: number;

  /** `machine`: for a program that is a function; a subject has its own. */
  constructor(program: Explorable, machine?: ExploreMachine, horizonNs = Number.POSITIVE_INFINITY) {
    this.subject = typeof program === 'function' ? new ProgramSubject(program, machine) : program;
    this.horizonNs = horizonNs;
  }

  /** Call {@link Recorder.reset} before. `watch`: told of the machine before it runs. */
  run(recorder: Recorder, watch: ((setup: ProgramSetup) => void) | null = null): Run {
    const stage = this.subject.stage(recorder);
    const { machine, setup } = stage;
    const { sanitizer } = this;
    sanitizer?.begin(machine, this.telling);
    recorder.setup = setup;
    let outcome: Outcome = 'halted';
    let thrown: Fault | null = null;
    try {
      stage.enter();
      recorder.entered(setup);
      watch?.(setup);
      outcome = this.drive(stage);
      recorder.settle([]);
      stage.judge(outcome);
    } catch (error) {
      thrown = faultOf(error, machine);
      recorder.settle([]);
    }
    sanitizer?.end();
    if (machine.violations.length === 0 && thrown === null) {
      return { outcome, fault: null, faults: none, machine, setup };
    }
    let faults = stage.faults();
    if (thrown !== null) faults.push(thrown);
    const fault = faults.find(({ kind }) => !isFinding(kind)) ?? faults[0] ?? null;
    if (this.telling && sanitizer !== null) faults = faults.map((one) => withBlock(one, machine, sanitizer));
    return { outcome, fault, faults, machine, setup };
  }

  /** A run that reaches the end its subject sets it is complete; one that reaches the search's horizon is cut. */
  private drive({ machine, untilNs }: Stage): Outcome {
    const outcome = machine.stepper.run(Math.min(untilNs, this.horizonNs));
    return outcome === 'horizon' && untilNs <= this.horizonNs ? 'complete' : outcome;
  }
}

function withBlock(fault: Fault, machine: Machine, sanitizer: Sanitizer): Fault {
  const violation = machine.violations.find(({ kind, message }) => kind === fault.kind && message === fault.message);
  const block = violation === undefined ? null : sanitizer.blockOf(violation);
  return block === null ? fault : { ...fault, block };
}

function faultOf(error: unknown, machine: Machine): Fault | null {
  if (error instanceof LimitError && machine.violations.length > 0) return null;
  if (error instanceof JiffiesError) throw error;
  return { kind: 'exception', ...thrownIn(machine, error) };
}
