/**
 * What every search strategy is: a stepwise scheduler that serves many runs, one after the other.
 *
 * A strategy decides, and nothing else: recording, counting, judging and shrinking are around it. An exhaustive one makes
 * its runs in order, each from those before it. Of all others a run is a function of seed and number alone, whatever ran
 * before: runs may be shared out by their numbers.
 */
import type { Context } from '../smp/context.js';
import type { Machine } from '../smp/machine.js';
import type { Access } from '../smp/op.js';
import type { Choice, Scheduler } from '../smp/scheduler.js';
import type { Outcome } from '../smp/stepwise.js';
import type { Profile } from './profile.js';

/** How a run ended, as strategies see it. */
export interface RunEnd {
  readonly outcome: Outcome;
  readonly machine: Machine;
}

/** Schedules without any reduction: of complete runs, and of runs that deadlocked. */
export interface Interleavings {
  complete: bigint;
  deadlocked: bigint;
}

/** What became of a run, in the strategy's own eyes. */
export type RunVerdict = 'counts' | 'sleep-set-blocked' | 'beyond-bound';

/** What a program is like, as far as it matters to which orders make a difference. */
export interface ProgramTraits {
  /** The kernel's services may take part: timers, works, sleeping, interrupts, tasks that share a CPU. */
  readonly services: boolean;
  /** Every state is looked at (invariants), not only what comes of it. */
  readonly everyState: boolean;
  /** The states in which time moves are looked at. */
  readonly overTime: boolean;
  /** Steps may touch what nobody is told of. */
  readonly opaque: boolean;
}

export interface Strategy extends Scheduler {
  readonly family: 'stepwise';
  readonly name: string;
  /** When it finds nothing left to do, everything was seen (within its bound, if it has one). */
  readonly exhaustive: boolean;
  /** False once it has met a program of a kind whose schedules it may not all have seen: its end then proves nothing. */
  readonly covers?: boolean;
  /** The longest stall it makes, jiffies, of those time-choice.ts knows; 0 if absent. */
  stallJiffiesMax?: number;
  /** Every complete run is another trace: nobody has to tell them apart. */
  readonly tracesAreRuns?: boolean;
  /** The preemption bound, if it has one. */
  readonly preemptionBound?: number | null;
  /** Traces by the fewest preemptions that one of their linearisations needs, if it counts them. */
  readonly tracesByPreemptions?: readonly number[];
  /** How many schedules the runs so far stand for, without any reduction, if it counts them. */
  readonly interleavings?: Interleavings | null;
  /** Told before the first run how long runs are. A strategy that has this draws nothing from the runs it has made. */
  prepare?(profile: Profile): void;
  /** After a run: the part of all there is to explore that lies behind, 0 to 1, as far as is known. */
  part?(): number;
  /** May the `run`-th run be made by itself, without those before it? If absent: yes, unless it is exhaustive. */
  free?(run: number): boolean;
  /** A run is about to begin, the `run`-th from 0. False: there is nothing left to explore. */
  begin(run: number): boolean;
  /** See {@link Scheduler}: negative ends the run. */
  pick(enabled: readonly Choice[], current: Context | null): number;
  choose(name: string, bound: number): number;
  /** A run was set up: what its program is like. */
  meet?(program: ProgramTraits): void;
  executed?(choice: Choice, effect: Access): void;
  /** The last step is over: what it touched besides its object (smp/touches.ts), and who can go on now. */
  settled?(touches: readonly number[] | null, enabled: readonly Choice[]): void;
  end?(end: RunEnd): RunVerdict;
}

export function isFree(strategy: Strategy, run: number): boolean {
  return strategy.free?.(run) ?? !strategy.exhaustive;
}
