/** One run of a program under a schedule that somebody else made up: a property-based test, a fuzzer, a person. */
import type { Outcome } from '../smp/stepwise.js';
import { checkOptions, checkProgram } from './check-options.js';
import { ChoiceList } from './choice-list.js';
import { type Failure, replay } from './explore.js';
import { fingerprintOf } from './fingerprint.js';
import { Recorder } from './recorder.js';
import { release } from './release.js';
import { NearReplay } from './replay-strategy.js';
import { type Explorable, type ExploreMachine, Runner } from './runner.js';
import { defaultDecisionsMax } from './search.js';
import type { Strategy } from './strategy.js';
import { decodeToken, encodeToken } from './token.js';

export interface RunScheduleOptions {
  /** What the machine is made from. */
  readonly machine?: ExploreMachine;
  /** Decisions at most, beyond which the run is cut; 10,000 if absent. */
  readonly decisionsMax?: number;
  /** Virtual ns beyond which time does not move. */
  readonly horizonNs?: number;
}

export interface ScheduledRun {
  readonly outcome: Outcome;
  /** What went wrong, with its token and its story; null if nothing did. */
  readonly failure: Failure | null;
  readonly steps: number;
  readonly preemptions: number;
  /** Decisions that had more than one possibility: so many numbers of the schedule mattered, or would have. */
  readonly choices: number;
}

/**
 * Runs a program once. Decision by decision that has more than one possibility, the next number of `schedule`, modulo
 * the possibilities, says which is taken; 0, or no number, is the default one. Throws InputError for numbers that are not
 * whole or negative.
 */
export function runSchedule(
  program: Explorable,
  schedule: readonly number[],
  options: RunScheduleOptions = {},
): ScheduledRun {
  checkProgram('runSchedule', program);
  checkOptions('runSchedule', options);
  const choices = new ChoiceList(schedule);
  const run = runUnder(program, choices, options);
  return { ...run, choices: choices.taken };
}

/** Runs a program as near to a token's schedule as the program allows: what does not fit is left out. */
export function runNear(
  program: Explorable,
  token: string,
  options: RunScheduleOptions = {},
): Omit<ScheduledRun, 'choices'> {
  return runUnder(program, new NearReplay(decodeToken(token).deviations), options);
}

function runUnder(program: Explorable, strategy: Strategy, options: RunScheduleOptions): Omit<ScheduledRun, 'choices'> {
  const decisionsMax = options.decisionsMax ?? defaultDecisionsMax;
  const runner = new Runner(program, options.machine, options.horizonNs);
  const recorder = new Recorder(strategy, decisionsMax, false);
  strategy.begin(0);
  recorder.reset();
  const run = runner.run(recorder);
  const { steps, preemptions } = recorder;
  const base = { outcome: run.outcome, steps, preemptions };
  const failed = run.fault !== null;
  release(run);
  if (!failed) return { ...base, failure: null };
  const token = encodeToken({
    ...recorder.schedule(),
    fingerprint: fingerprintOf(runner.subject),
    cut: recorder.limited,
    revision: runner.subject.revision,
    era: runner.subject.era,
  });
  return { ...base, failure: replay(program, token, { ...options, decisionsMax }).failure };
}
