/**
 * Which commit made the bug go: the `bug:` predicate at every revision, on one kernel. Reads no `fixedBy` to reach its
 * answer. Revisions whose code does the same are run once.
 */
import { allRevisions, type Commit, type Revision } from '../history/revision.js';
import { InputError } from '../sim/errors.js';
import { effectiveRevision } from './build.js';
import type { Scenario } from './load.js';
import { eraOfComparison } from './replay.js';
import type { BisectResult, CommitName } from './result.js';
import { runScenario } from './run.js';

export interface BisectOptions {
  readonly kernel?: string | undefined;
  /** Told of each revision as it is known. */
  readonly onTested?: (revision: Revision, reproduced: boolean) => void;
}

export function bisectScenario(scenario: Scenario, options: BisectOptions = {}): BisectResult {
  if (scenario.bug === null) throw new InputError(`${scenario.name} has no 'bug:' to bisect by`);
  const kernel = options.kernel ?? eraOfComparison(scenario);
  const answers = new Map<string, boolean>();
  const tested: { revision: Revision; reproduced: boolean }[] = [];
  for (const revision of allRevisions()) {
    const key = JSON.stringify(effectiveRevision(scenario, revision).traits);
    let reproduced = answers.get(key);
    if (reproduced === undefined) {
      reproduced = runScenario(scenario, { revision, kernel }).bug?.reproduced ?? false;
      answers.set(key, reproduced);
    }
    tested.push({ revision, reproduced });
    options.onTested?.(revision, reproduced);
  }
  const last = tested.findLastIndex((t) => t.reproduced);
  const fixed = last >= 0 && last + 1 < tested.length ? tested[last + 1]!.revision.base : null;
  let first = last;
  while (first > 0 && tested[first - 1]!.reproduced) first--;
  const brought = first > 0 ? tested[first]!.revision.base : null;
  return {
    scenario: scenario.name,
    commit: fixed === null ? null : nameOf(fixed),
    introducedBy: brought === null ? null : nameOf(brought),
    tested: tested.map(({ revision, reproduced }) => ({ revision: revision.name, reproduced })),
    kernel,
  };
}

function nameOf(commit: Commit): CommitName {
  return { id: commit.id, subject: commit.subject, date: commit.date };
}
