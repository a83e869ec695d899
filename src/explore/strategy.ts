/**
 * What every search strategy is: a stepwise scheduler that serves many runs, one after the other.
 *
 * A strategy decides, and nothing else: recording, counting, judging and shrinking are around it. The same seed and run
 * number make the same decisions, whatever ran before, unless the strategy says that it learns.
 */
import type { Context } from '../smp/context.js';
import type { Machine } from '../smp/machine.js';
import type { Access } from '../smp/op.js';
import type { Choice, Scheduler } from '../smp/scheduler.js';
import type { Outcome } from '../smp/stepwise.js';

/** How a run ended, as strategies see it. */
export interface RunEnd {
  readonly outcome: Outcome;
  readonly machine: Machine;
}

/** What became of a run, in the strategy's own eyes. */
export type RunVerdict = 'counts' | 'sleep-set-blocked' | 'beyond-bound';

export interface Strategy extends Scheduler {
  readonly family: 'stepwise';
  readonly name: string;
  /** When it finds nothing left to do, everything was seen (within its bound, if it has one). */
  readonly exhaustive: boolean;
  /** The longest stall it makes, jiffies, of those time-choice.ts knows; 0 if absent. */
  stallJiffiesMax?: number;
  /** Every complete run is another trace: nobody has to tell them apart. */
  readonly tracesAreRuns?: boolean;
  /** The preemption bound, if it has one. */
  readonly preemptionBound?: number | null;
  /** Traces by the fewest preemptions that one of their linearisations needs, if it counts them. */
  readonly tracesByPreemptions?: readonly number[];
  /** A run is about to begin, the `run`-th from 0. False: there is nothing left to explore. */
  begin(run: number): boolean;
  /** See {@link Scheduler}: negative ends the run. */
  pick(enabled: readonly Choice[], current: Context | null): number;
  choose(name: string, bound: number): number;
  executed?(choice: Choice, effect: Access): void;
  end?(end: RunEnd): RunVerdict;
}
