/**
 * Which commit made the bug go: the `bug:` predicate at every revision, on one kernel; if the newest still shows it, at
 * the newest with each of the other commits added. Reads no `fixedBy` to reach its answer. Revisions whose code does the
 * same are run once.
 */
import {
  allRevisions,
  type Commit,
  extraCommits,
  netTraitsOf,
  type Revision,
  withCommits,
} from '../history/revision.js';
import { InputError } from '../sim/errors.js';
import { effectiveRevision } from './build.js';
import { type Fix, nameOfFix } from './fix.js';
import type { Scenario } from './load.js';
import { eraOfComparison } from './replay.js';
import type { BisectResult, CommitName } from './result.js';
import { runScenario } from './run.js';

export interface BisectOptions {
  readonly kernel?: string | undefined;
  /** Told of each revision as it is known. */
  readonly onTested?: (revision: Revision, reproduced: boolean) => void;
  /** Functions of one's own in the place of the model's, at every revision. */
  readonly with?: Fix | undefined;
}

interface Tested {
  readonly revision: Revision;
  readonly reproduced: boolean;
}

export function bisectScenario(scenario: Scenario, options: BisectOptions = {}): BisectResult {
  if (scenario.bug === null) throw new InputError(`${scenario.name} has no 'bug:' to bisect by`);
  const kernel = options.kernel ?? eraOfComparison(scenario);
  const answers = new Map<string, boolean>();
  const test = (revision: Revision): Tested => {
    const effective = effectiveRevision(scenario, revision);
    const key = JSON.stringify([effective.traits, netTraitsOf(effective, kernel)]);
    let reproduced = answers.get(key);
    if (reproduced === undefined) {
      reproduced = runScenario(scenario, { revision, kernel, with: options.with }).bug?.reproduced ?? false;
      answers.set(key, reproduced);
    }
    options.onTested?.(revision, reproduced);
    return { revision, reproduced };
  };
  const line = allRevisions().map(test);
  const last = line.findLastIndex((t) => t.reproduced);
  const newest = line.at(-1)!;
  const beside = newest.reproduced ? extraCommits.map((extra) => test(withCommits(newest.revision, [extra]))) : [];
  const fixed = newest.reproduced
    ? beside.find((t) => !t.reproduced)?.revision.added[0]
    : line[last < 0 ? Number.NaN : last + 1]?.revision.base;
  let first = last;
  while (first > 0 && line[first - 1]!.reproduced) first--;
  const brought = first > 0 ? line[first]!.revision.base : undefined;
  return {
    scenario: scenario.name,
    commit: nameOf(fixed),
    introducedBy: nameOf(brought),
    tested: [...line, ...beside].map(({ revision, reproduced }) => ({ revision: revision.name, reproduced })),
    kernel,
    ...(options.with === undefined ? {} : { with: nameOfFix(options.with) }),
  };
}

function nameOf(commit: Commit | undefined): CommitName | null {
  return commit === undefined ? null : { id: commit.id, subject: commit.subject, date: commit.date };
}
