/** A program function as what is explored: a bare kernel with as many CPUs as its tasks need. */
import { Kernel, type KernelOptions } from '../kernel/kernel.js';
import type { Scheduler } from '../smp/scheduler.js';
import { refuseLater } from './mistakes.js';
import { type Program, ProgramSetup } from './program.js';
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

  /**
   * Finds out how many CPUs the program wants, whatever is chosen while it is set up: all the first values, then all the
   * last. The first calls of the strategy belong to the run that follows.
   */
  private measure(): void {
    const first = this.cpusFor(() => 0);
    const last = this.cpusFor((_name, bound) => bound - 1);
    this.options = { ...this.options, cpus: Math.max(1, first, last) };
    this.sized = true;
  }

  private cpusFor(choose: (name: string, bound: number) => number): number {
    const setup = new ProgramSetup(new Kernel(this.options, { family: 'stepwise', pick: () => 0, choose }));
    try {
      refuseLater('the program', this.program(setup));
    } catch {
      // It will throw the same in the run itself, where that is told.
    }
    return setup.cpusUsed;
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
    refuseLater('the program', this.program(this.setup));
  }

  judge(outcome: string): void {
    if (outcome === 'complete') this.setup.checkAll();
  }

  faults() {
    return faultsOf(this.machine, this.setup.tolerated);
  }
}
