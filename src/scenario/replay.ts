/**
 * Before and after: a scenario just before its fixing commit and at it, on one kernel.
 *
 * The fixing commit says where to look; the verdict comes from the `bug:` predicate and the expectations alone. With a fix
 * of one's own in both runs, the bug is looked for in vain on either side if that fix is one.
 */
import { justBefore, lastReleaseOf, type Revision, revisionAt, sameTraits } from '../history/revision.js';
import { effectiveRevision } from './build.js';
import { showNumber } from './conditions.js';
import { type Fix, nameOfFix } from './fix.js';
import type { Scenario } from './load.js';
import type { ReplayResult, ReplaySide, RunReport, Verdict } from './result.js';
import { defaultRevision, runScenario } from './run.js';

/** One kernel for all revisions compared: pinned, else the last release with the fixing commit's dst.c. */
export function eraOfComparison(scenario: Scenario): string {
  if (scenario.machine.kernel !== undefined) return scenario.machine.kernel;
  return lastReleaseOf(scenario.fixedBy === null ? defaultRevision(scenario) : revisionAt(scenario.fixedBy));
}

/** `fix`: functions of one's own in the place of the model's, on both sides. */
export function replayScenario(scenario: Scenario, onRun?: (report: RunReport) => void, fix?: Fix): ReplayResult {
  const kernel = eraOfComparison(scenario);
  const after = scenario.fixedBy === null ? defaultRevision(scenario) : revisionAt(scenario.fixedBy);
  const before = scenario.fixedBy === null ? after : (justBefore(scenario.fixedBy) ?? after);
  const first = runScenario(scenario, { revision: before, kernel, with: fix });
  onRun?.(first);
  const same = sameTraits(effectiveRevision(scenario, before), effectiveRevision(scenario, after));
  const second =
    same && scenario.fixedBy === null ? first : runScenario(scenario, { revision: after, kernel, with: fix });
  if (second !== first) onRun?.(second);
  return {
    scenario: scenario.name,
    title: scenario.title,
    fixedBy: scenario.fixedBy?.id ?? null,
    before: side(first, before, scenario.show),
    after: side(second, after, scenario.show),
    verdict: verdictOf(scenario, first, second),
    failed: { before: failuresOf(first), after: second === first ? [] : failuresOf(second) },
    kernel,
    ...(fix === undefined ? {} : { with: nameOfFix(fix) }),
  };
}

function side(report: RunReport, revision: Revision, show: readonly string[]): ReplaySide {
  const held = report.expectations.filter((e) => e.held);
  const main = report.bug?.shownBy ?? held[0]?.shownBy ?? report.result.violations[0]?.message ?? 'no expectation';
  const figures = show.map((name) => `${name} = ${showMetric(report.result.metrics[name])}`);
  const shownBy = [main, ...figures.filter((figure) => figure !== main)].join(', ');
  return { revision: revision.name, reproduced: report.bug?.reproduced ?? false, shownBy };
}

/** Why a side is not as the scenario has it, in a line each. */
function failuresOf({ expectations, unexpected, result }: RunReport): string[] {
  const failed = expectations.filter((e) => !e.held).map((e) => `${e.text}; found ${e.found} (${e.place})`);
  const surprises = unexpected.map(({ kind, message }) => `nobody expected ${kind}: ${message}`);
  return [...failed, ...surprises, ...(result.limit === undefined ? [] : [result.limit])];
}

function showMetric(value: number | undefined): string {
  return value === undefined ? 'none' : showNumber(value);
}

function verdictOf(scenario: Scenario, before: RunReport, after: RunReport): Verdict {
  const sound = before.ok && after.ok;
  if (scenario.fixedBy === null) return sound ? 'as expected' : 'expectation failed';
  if (before.bug !== null && !before.bug.reproduced) return 'not reproduced';
  if (after.bug?.reproduced) return 'still there';
  return sound ? 'replayed' : 'expectation failed';
}
