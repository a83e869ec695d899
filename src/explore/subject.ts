/**
 * What is explored: something that makes a machine for one run after the other. A program is one, a scenario at a
 * revision another.
 */
import { isFinding } from '../sanitize/findings.js';
import type { Machine } from '../smp/machine.js';
import type { Scheduler } from '../smp/scheduler.js';
import type { Outcome } from '../smp/stepwise.js';
import type { ProgramSetup } from './program.js';

/** What went wrong in a run. */
export interface Fault {
  /** A violation's kind, or `exception`. */
  readonly kind: string;
  readonly message: string;
  /** Where: the same for the same fault of other schedules. */
  readonly place: string;
  /** What a sanitizer has to say of it, line by line; absent where the run was not told. */
  readonly block?: readonly string[];
}

/** One run that is about to begin. */
export interface Stage {
  readonly machine: Machine;
  readonly setup: ProgramSetup;
  /** Virtual ns at which the run is over, whatever would still come; Infinity if it ends by itself. */
  readonly untilNs: number;
  /** Sets up what runs. What it throws is a failure of the program. */
  enter(): void;
  /** The run has ended so: looks at what it left. */
  judge(outcome: Outcome): void;
  /** Everything that went wrong, in order. */
  faults(): Fault[];
}

export interface Subject {
  /** The file or scenario, as a person would name it; null for a function. */
  readonly name: string | null;
  /** Canonical revision of the model that it runs at; null where no dst.c is part of it. */
  readonly revision: string | null;
  /** Kernel version around it. */
  readonly era: string | null;
  /** Runs use the kernel's services, though the program does not say so when it is set up. */
  usesServices?: boolean;
  /** Makes the machine of the next run. */
  stage(scheduler: Scheduler): Stage;
}

/** The violations of a machine as faults, but those of kinds that are `allowed`. */
export function faultsOf(machine: Machine, allowed: readonly string[] = []): Fault[] {
  return machine.violations
    .filter(({ kind }) => !allowed.includes(kind))
    .map(({ kind, message, stack }) => ({ kind, message, place: placeOf(kind, message, stack) }));
}

function placeOf(kind: string, message: string, stack: readonly string[]): string {
  // Either side of a race may come second.
  if (isFinding(kind)) return message;
  if (stack.length > 0) return stack.join(' > ');
  return kind === 'deadlock' || kind === 'symptom' ? '' : message;
}
