/**
 * What a search does with what sanitizers find in runs that may end well: remembers the first run of each, and goes on.
 */
import type { BenignRace } from '../kernel/benign-race.js';
import { type FindingMode, isFinding } from '../sanitize/findings.js';
import { Sanitizer } from '../sanitize/sanitizer.js';
import type { Recorder } from './recorder.js';
import type { Run } from './runner.js';
import { type Failing, failingOf } from './shrink.js';

export interface SanitizeOptions {
  /**
   * What becomes of data races and unsafe lock orders, which are found in runs that may end well: `fail`: one of them is
   * the failure, if the search finds no other; `report`: they are only told; `off`: nobody looks. `fail` if absent.
   */
  readonly sanitize?: FindingMode;
  /** Races that are known and no violations; the marks of the model if absent. */
  readonly benign?: readonly BenignRace[];
}

/** A race or an unsafe lock order, and the first run in which it was seen. */
export interface Found {
  readonly failing: Failing;
  readonly run: number;
}

const findingsMax = 20;

/** Who watches the runs of a search: each race is reported in one run, unless each run is made twice. Null: nobody. */
export function searchSanitizer(options: SanitizeOptions & { readonly checkDeterminism?: boolean }): Sanitizer | null {
  return options.sanitize === 'off' ? null : sanitizerOf(options, options.checkDeterminism !== true);
}

/** `once`: each race is reported in one of the runs. */
export function sanitizerOf({ sanitize, benign }: SanitizeOptions, once = false): Sanitizer {
  return new Sanitizer({ once, findings: sanitize !== 'off', ...(benign === undefined ? {} : { benign }) });
}

/** What could have gone wrong in a run, and how to make that again. */
export function findingsIn(run: Run, recorder: Recorder): readonly Failing[] {
  return run.faults.filter(({ kind }) => isFinding(kind)).map((fault) => failingOf(recorder, fault));
}

/** Remembers what is new in this run, the `run`-th; twenty at most. */
export function noteFindings(findings: Found[], seen: readonly Failing[], run: number): void {
  for (const failing of seen) {
    const known = findings.some((other) => other.failing.fault.message === failing.fault.message);
    if (!known && findings.length < findingsMax) findings.push({ failing, run });
  }
}
