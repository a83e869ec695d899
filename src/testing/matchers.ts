/** What a program is expected to do, in a search or under one schedule: vitest's matchers without vitest. */
import { checkOptions } from '../explore/check-options.js';
import { type ExploreOptions, type ExploreResult, explore, replay } from '../explore/explore.js';
import type { SanitizeOptions } from '../explore/findings.js';
import { type RunScheduleOptions, runNear } from '../explore/run-schedule.js';
import type { Explorable } from '../explore/runner.js';
import { defaultDecisionsMax, defaultRuns } from '../explore/search.js';
import { makeStrategy, strategyNames } from '../explore/strategies.js';
import { InputError } from '../sim/errors.js';
import { ScheduleMismatch } from '../smp/replay-scheduler.js';

export interface HoldUnderOptions extends RunScheduleOptions, SanitizeOptions {
  /** Refuse a schedule that does not fit the program any more; if absent, it is then followed as near as it can be. */
  readonly exact?: boolean;
}

export interface FailUnderOptions extends RunScheduleOptions, SanitizeOptions {
  /** A text that the failure's line, `kind: message`, is to contain, or a pattern that it is to match. */
  readonly with?: string | RegExp;
}

export interface RaceMatchers<R = unknown> {
  /** No failure is found by a search: `portfolio`, 20,000 runs, unless the options of `explore` say otherwise. */
  toHold(options?: ExploreOptions): R;
  /**
   * All schedules were searched, within the preemption bound if one is given, and none fails: by `optimal-dpor`, in 20,000
   * runs at most unless the options say otherwise. A search that its budget ends is a failure, also of the negation.
   */
  toHoldExhaustively(options?: ExploreOptions): R;
  /** It does not fail under the schedule of a token: for the token of a failure that was mended. */
  toHoldUnder(token: string, options?: HoldUnderOptions): R;
  /** It fails under the schedule of a token, which must fit: for the token of a failure that is known. */
  toFailUnder(token: string, options?: FailUnderOptions): R;
}

interface Answer {
  readonly pass: boolean;
  readonly message: () => string;
}

/** What vitest says to a matcher. */
interface Asked {
  readonly isNot: boolean;
}

export const raceMatchers = {
  toHold(received: unknown, options: ExploreOptions = {}): Answer {
    const program = programOf(received, 'toHold');
    checkOptions('toHold', options);
    return searched(explore(program, options));
  },

  toHoldExhaustively(this: Asked, received: unknown, options: ExploreOptions = {}): Answer {
    const program = programOf(received, 'toHoldExhaustively');
    checkOptions('toHoldExhaustively', options);
    const found = explore(program, { ...options, strategy: options.strategy ?? 'optimal-dpor' });
    if (found.failure !== null || found.exhaustive) return searched(found);
    const message = `the search is not exhaustive: ${whatEnded(found, options)}\n\nno failure in ${effort(found)}`;
    // Neither held nor failed: wrong either way.
    return { pass: this.isNot, message: () => message };
  },

  toHoldUnder(received: unknown, token: string, options: HoldUnderOptions = {}): Answer {
    const program = programOf(received, 'toHoldUnder');
    checkOptions('toHoldUnder', options);
    const { exact, ...rest } = options;
    const { failure } = exact === true ? replay(program, token, rest) : followed(program, token, rest);
    if (failure === null) return { pass: true, message: () => 'expected the program to fail under the schedule' };
    return { pass: false, message: () => `expected the program to hold under the schedule\n\n${failure.report}` };
  },

  toFailUnder(received: unknown, token: string, options: FailUnderOptions = {}): Answer {
    const program = programOf(received, 'toFailUnder');
    checkOptions('toFailUnder', options);
    const { with: asked, ...rest } = options;
    const { failure, sameProgram } = replay(program, token, rest);
    if (failure === null) {
      const changed = sameProgram ? '' : '; it is no longer the program that the token was made for';
      return { pass: false, message: () => `expected the program to fail under the schedule, but it holds${changed}` };
    }
    const line = `${failure.kind}: ${failure.message}`;
    const wanted = asked ?? '';
    if (typeof wanted === 'string' ? line.includes(wanted) : wanted.test(line)) {
      return { pass: true, message: () => `expected the program not to fail like this\n\n${failure.report}` };
    }
    return { pass: false, message: () => `expected a failure with ${quoted(wanted)}\n\n${failure.report}` };
  },
};

function quoted(wanted: string | RegExp): string {
  return typeof wanted === 'string' ? `'${wanted}'` : String(wanted);
}

function programOf(received: unknown, matcher: string): Explorable {
  const { stage } = (received ?? {}) as { readonly stage?: unknown };
  if (typeof received === 'function' || typeof stage === 'function') return received as Explorable;
  const what = received === null ? 'null' : typeof received;
  throw new InputError(
    `expect(…).${matcher}() is for a program, a function of its setup, or what scenarioProgram makes, not for ${what}`,
  );
}

function followed(program: Explorable, token: string, options: RunScheduleOptions) {
  try {
    return replay(program, token, options);
  } catch (error) {
    if (!(error instanceof ScheduleMismatch)) throw error;
    return runNear(program, token, options);
  }
}

function searched(found: ExploreResult): Answer {
  const { failure } = found;
  if (failure === null) {
    return { pass: true, message: () => `expected the program to fail, but it holds in ${effort(found)}` };
  }
  const keep = `keep it as a regression test: expect(program).toHoldUnder('${failure.token}');`;
  const message = `expected the program to hold; ${found.strategy}, seed ${found.seed}:\n\n${failure.report}\n\n${keep}`;
  return { pass: false, message: () => message };
}

function effort({ totals, strategy, seed, exhaustive, preemptionBound }: ExploreResult): string {
  const { runs, traces, deadlocked } = totals;
  const bound = preemptionBound === null ? '' : ` with at most ${counted(preemptionBound, 'preemption')}`;
  const all = exhaustive ? `all of them${bound}` : `seed ${seed}`;
  const dead = deadlocked === 0 ? '' : `, ${deadlocked} deadlocked`;
  return `${counted(runs, 'run')} of ${strategy}: ${counted(traces, 'trace')}${dead}, ${all}`;
}

function whatEnded({ totals, strategy, searchesAll }: ExploreResult, options: ExploreOptions): string {
  const { runs = defaultRuns, steps = Number.POSITIVE_INFINITY } = options;
  // A portfolio has exhaustive members.
  if (!searchesAll && strategy !== 'portfolio') {
    return `${strategy} is not an exhaustive strategy, and proves nothing in any number of runs; ${provingNames()} are`;
  }
  if (totals.runs >= runs) return `the budget of ${counted(runs, 'run')} ended it; give it more with { runs }`;
  if (totals.steps >= steps) return `the budget of ${counted(steps, 'step')} ended it; give it more with { steps }`;
  if (totals.boundCut > 0) {
    const limit = options.decisionsMax ?? defaultDecisionsMax;
    const were = totals.boundCut === 1 ? '1 run was' : `${totals.boundCut} runs were`;
    return `${were} cut, at the limit of ${limit} decisions or at the horizon of time`;
  }
  return `${strategy} may not have seen all schedules of such a program; 'dfs' does`;
}

/** The strategies that are exhaustive, of which some are so within a bound. */
function provingNames(): string {
  const names = strategyNames.filter((name) => makeStrategy(name, { seed: 1 }).exhaustive).map((name) => `'${name}'`);
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
