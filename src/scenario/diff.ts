/** Where two revisions part on one scenario: the first event that differs, with what both shared before it. */
import type { Revision } from '../history/revision.js';
import { formatEvent } from '../trace/text.js';
import type { Listener } from '../trace/trace.js';
import { whereTheyPart } from './event-streams.js';
import { type Fix, nameOfFix } from './fix.js';
import type { Scenario } from './load.js';
import { eraOfComparison } from './replay.js';
import type { DiffResult } from './result.js';
import { runScenario } from './run.js';

export interface DiffOptions {
  /** Events shown before the difference and on each side after it; 5 if absent. */
  readonly context?: number | undefined;
  readonly kernel?: string | undefined;
  readonly variant?: string | undefined;
  /** Functions of one's own in the place of the model's, on the right. */
  readonly with?: Fix | undefined;
}

export function diffRevisions(
  scenario: Scenario,
  left: Revision,
  right: Revision,
  options: DiffOptions = {},
): DiffResult {
  const kernel = options.kernel ?? eraOfComparison(scenario);
  const prints: [string, string] = ['', ''];
  const run = (revision: Revision, side: 0 | 1, listener: Listener): void => {
    const { result } = runScenario(scenario, {
      revision,
      kernel,
      variant: options.variant,
      listener,
      with: side === 1 ? options.with : undefined,
    });
    prints[side] = result.fingerprint;
  };
  const parting = whereTheyPart(
    (listener) => run(left, 0, listener),
    (listener) => run(right, 1, listener),
    options.context ?? 5,
  );
  return {
    scenario: scenario.name,
    left: { revision: left.name, fingerprint: prints[0] },
    right: { revision: right.name, fingerprint: prints[1] },
    same: parting === null,
    at: parting?.at ?? null,
    common: (parting?.common ?? []).map(formatEvent),
    leftEvents: (parting?.left ?? []).map(formatEvent),
    rightEvents: (parting?.right ?? []).map(formatEvent),
    ...(options.with === undefined ? {} : { with: nameOfFix(options.with) }),
  };
}
