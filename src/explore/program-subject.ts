/** A program function as what is explored: a bare kernel with as many CPUs as its tasks need. */
import { Kernel, type KernelOptions } from '../kernel/kernel.js';
import type { Scheduler } from '../smp/scheduler.js';
import { type Program, ProgramSetup, TooFewCpus } from './program.js';
import { faultsOf, type Stage, type Subject } from './subject.js';

/** What the machine is made from; `cpus` as many as the program's tasks need if absent. */
export type ExploreMachine = Partial<KernelOptions>;

const cpusMax = 64;

export class ProgramSubject implements Subject {
  readonly name = null;
  readonly revision = null;
  readonly era = null;
  usesServices = false;
  private readonly program: Program;
  private options: KernelOptions;
  private sized: boolean;

  constructor(program: Program, machine: ExploreMachine = {}) {
    this.program = program;
    this.sized = machine.cpus !== undefined;
    this.options = { kernel: '2.6.24', hz: 250, cpus: cpusMax, ...machine };
  }

  stage(scheduler: Scheduler): Stage {
    if (!this.sized) this.measure();
    const setup = new ProgramSetup(new Kernel(this.options, scheduler));
    if (this.usesServices) setup.sharesCpus = true;
    return new ProgramStage(this.program, setup);
  }

  /** Finds out how many CPUs the program wants. The first calls of the strategy belong to the run that follows. */
  private measure(): void {
    const asIs = { family: 'stepwise', pick: () => 0, choose: () => 0 } as const;
    const setup = new ProgramSetup(new Kernel(this.options, asIs));
    try {
      this.program(setup);
    } catch (error) {
      // It will throw the same in the run itself, where that is told.
      if (error instanceof TooFewCpus) throw error;
    }
    this.options = { ...this.options, cpus: Math.max(1, setup.cpusUsed) };
    this.sized = true;
  }
}

class ProgramStage implements Stage {
  readonly machine;
  readonly setup: ProgramSetup;
  readonly untilNs = Number.POSITIVE_INFINITY;
  private readonly program: Program;

  constructor(program: Program, setup: ProgramSetup) {
    this.program = program;
    this.setup = setup;
    this.machine = setup.machineKernel.machine;
  }

  enter(): void {
    this.program(this.setup);
  }

  judge(outcome: string): void {
    if (outcome === 'complete') for (const check of this.setup.finalChecks) check();
  }

  faults() {
    return faultsOf(this.machine, this.setup.tolerated);
  }
}
