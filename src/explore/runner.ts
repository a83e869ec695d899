/**
 * Makes one run after the other: builds the machine, lets the program set it up, steps it to its end, judges.
 */
import { Kernel, type KernelOptions } from '../kernel/kernel.js';
import { JiffiesError, LimitError } from '../sim/errors.js';
import type { Machine } from '../smp/machine.js';
import type { Outcome } from '../smp/stepwise.js';
import { type Program, ProgramSetup, TooFewCpus } from './program.js';
import type { Recorder } from './recorder.js';

/** What the machine is made from; `cpus` as many as the program's tasks need if absent. */
export type ExploreMachine = Partial<KernelOptions>;

/** What went wrong in a run. */
export interface Fault {
  /** A violation's kind, or `exception`. */
  readonly kind: string;
  readonly message: string;
  /** Where: the same for the same fault of other schedules. */
  readonly place: string;
}

export interface Run {
  readonly outcome: Outcome;
  /** The first thing that went wrong, or null. */
  readonly fault: Fault | null;
  /** All of them. */
  readonly faults: readonly Fault[];
  readonly machine: Machine;
  readonly setup: ProgramSetup;
}

const cpusMax = 64;

export class Runner {
  readonly program: Program;
  private options: KernelOptions;
  private sized: boolean;
  /** Virtual ns beyond which time does not move. */
  private readonly horizonNs: number;

  constructor(program: Program, machine: ExploreMachine = {}, horizonNs = Number.POSITIVE_INFINITY) {
    this.program = program;
    this.sized = machine.cpus !== undefined;
    this.options = { kernel: '2.6.24', hz: 250, cpus: cpusMax, ...machine };
    this.horizonNs = horizonNs;
  }

  /** Call {@link Recorder.reset} before. `watch`: told of the machine before it runs. */
  run(recorder: Recorder, watch: ((setup: ProgramSetup) => void) | null = null): Run {
    if (!this.sized) this.measure();
    const kernel = new Kernel(this.options, recorder);
    const setup = new ProgramSetup(kernel);
    const { machine } = kernel;
    recorder.setup = setup;
    let outcome: Outcome = 'halted';
    let thrown: Fault | null = null;
    try {
      this.program(setup);
      if (setup.sharesCpus) recorder.hash?.beCareful();
      watch?.(setup);
      outcome = machine.stepper.run(this.horizonNs);
      if (outcome === 'complete') for (const check of setup.finalChecks) check();
    } catch (error) {
      thrown = faultOf(error, machine);
    }
    if (machine.violations.length === 0 && thrown === null) return { outcome, fault: null, faults: [], machine, setup };
    const faults: Fault[] = machine.violations.map(({ kind, message, stack }) => ({
      kind,
      message,
      place: stack.length === 0 ? (kind === 'deadlock' ? '' : message) : stack.join(' > '),
    }));
    if (thrown !== null) faults.push(thrown);
    return { outcome, fault: faults[0]!, faults, machine, setup };
  }

  /** Finds out how many CPUs the program wants. The first calls of the strategy belong to the run that follows. */
  private measure(): void {
    const asIs = { family: 'stepwise', pick: () => 0, choose: () => 0 } as const;
    const setup = new ProgramSetup(new Kernel(this.options, asIs));
    this.program(setup);
    this.options = { ...this.options, cpus: Math.max(1, setup.cpusUsed) };
    this.sized = true;
  }
}

function faultOf(error: unknown, machine: Machine): Fault | null {
  if (error instanceof LimitError && machine.violations.length > 0) return null;
  if (error instanceof JiffiesError || error instanceof TooFewCpus) throw error;
  const message = error instanceof Error ? error.message : String(error);
  const context = machine.current;
  return { kind: 'exception', message, place: context === null ? '' : [context.name, ...context.stack].join(' > ') };
}
