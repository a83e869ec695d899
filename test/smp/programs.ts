/** Small programs of tasks, and a brute-force search over their schedules, as a reference for what the driver offers. */
import { Kernel, type KernelOptions } from '../../src/kernel/kernel.js';
import { Cell } from '../../src/smp/cell.js';
import type { K } from '../../src/smp/op.js';
import type { Choice, Scheduler } from '../../src/smp/scheduler.js';
import type { Outcome } from '../../src/smp/stepwise.js';
import { TimedScheduler } from '../../src/smp/timed-scheduler.js';

/** A small kernel. */
export class TestKernel extends Kernel {
  constructor(scheduler: Scheduler, options: Partial<KernelOptions> = {}) {
    super({ kernel: '2.6.24', cpus: 2, hz: 250, ...options }, scheduler);
  }
}

export function timedKernel(options: Partial<KernelOptions> = {}): TestKernel {
  return new TestKernel(new TimedScheduler(1), options);
}

export function cells<N extends string>(kernel: Kernel, ...names: N[]): Record<N, Cell> {
  return Object.fromEntries(names.map((name) => [name, new Cell(kernel.machine, name)])) as Record<N, Cell>;
}

/** Spawns each on a CPU of its own. */
export function tasks(kernel: Kernel, ...code: K[]): void {
  for (const [i, body] of code.entries()) kernel.machine.spawn(`t${i}`, i, body);
}

/** Sets up a run; answers what is to be observed when it is over, as text. */
export type Program = (kernel: TestKernel) => () => string;

export interface Enumeration {
  readonly complete: number;
  readonly deadlocked: number;
  /** How often each observation was made. */
  readonly seen: Readonly<Record<string, number>>;
}

/** Follows every choice at every step, depth first. */
class Exhaustive implements Scheduler {
  readonly family = 'stepwise';
  private readonly path: { index: number; count: number }[] = [];
  private depth = 0;

  pick(enabled: readonly Choice[]): number {
    return this.choose('', enabled.length);
  }

  choose(_name: string, count: number): number {
    if (this.depth === this.path.length) this.path.push({ index: 0, count });
    return this.path[this.depth++]!.index;
  }

  /** Goes to the next schedule; false when all have been followed. */
  advance(): boolean {
    this.depth = 0;
    while (this.path.length > 0) {
      const last = this.path[this.path.length - 1]!;
      if (++last.index < last.count) return true;
      this.path.pop();
    }
    return false;
  }
}

export function runOnce(program: Program, scheduler: Scheduler, options: Partial<KernelOptions> = {}): RunResult {
  const kernel = new TestKernel(scheduler, options);
  const observe = program(kernel);
  const outcome = kernel.machine.stepper.run();
  return { outcome, seen: observe(), kernel };
}

export interface RunResult {
  readonly outcome: Outcome;
  readonly seen: string;
  readonly kernel: TestKernel;
}

/** All schedules of a program. */
export function enumerate(program: Program, options: Partial<KernelOptions> = {}): Enumeration {
  const search = new Exhaustive();
  const totals = { complete: 0, deadlocked: 0 };
  const seen: Record<string, number> = {};
  do {
    const run = runOnce(program, search, options);
    if (run.outcome === 'deadlock') totals.deadlocked++;
    else if (run.outcome === 'complete') totals.complete++;
    else throw new Error(`a run ended with ${run.outcome}`);
    seen[run.seen] = (seen[run.seen] ?? 0) + 1;
  } while (search.advance());
  return { ...totals, seen };
}
