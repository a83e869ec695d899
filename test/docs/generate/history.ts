/** The commits and kernel versions, out of the history and era tables. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { allCommits, type Commit, commitInVersion, releases, shortId } from '../../../src/history/revision.js';
import { eraOf } from '../../../src/kernel/era.js';
import { loadScenario, type Scenario } from '../../../src/scenario/index.js';
import { anchorsOf } from '../../house/links.js';
import { readFiles, root } from '../../house/source.js';
import type { Generator } from '../examples.js';
import { code, type Row, table } from './table.js';

function nameOf({ number, extra }: Commit): string {
  return extra === true ? '+' : `R${number}`;
}

function marked(commit: Commit, field: 'date' | 'subject'): string {
  return `${commit[field]}${commit.unverified?.includes(field) === true ? ' [unverified]' : ''}`;
}

function commitRows(): readonly Row[] {
  return allCommits.map((commit) => [
    nameOf(commit),
    code(shortId(commit)),
    marked(commit, 'date'),
    commit.author,
    marked(commit, 'subject'),
    commit.class,
    commit.firstTag ?? '',
  ]);
}

function effectRows(scenarios: readonly Scenario[]): readonly Row[] {
  return allCommits.map((commit) => {
    const short = commit.names.filter((name) => !/^R\d+$/.test(name));
    const traits = Object.keys(commit.traits).map(code);
    return [nameOf(commit), short.map(code).join(', '), commit.effect, traits.join(', '), shownBy(commit, scenarios)];
  });
}

function shownBy(commit: Commit, scenarios: readonly Scenario[]): string {
  if (commit.number === 1) return 'what all others change';
  if (!commit.observable) return 'no observable change';
  const fixed = scenarios.filter(({ fixedBy }) => fixedBy?.id === commit.id).map(({ name }) => code(name));
  if (fixed.length > 0) return fixed.join(', ');
  return commit.rooms.length > 0 ? `needs ${commit.rooms.join(', ')}: not modelled yet` : '';
}

/** The scenarios of this package. */
export function shippedScenarios(): readonly Scenario[] {
  const files = readFiles((path) => /^scenarios\/[^/]+\.yaml$/.test(path));
  return files.map(({ path, text }) => loadScenario(new TextEncoder().encode(text), path));
}

function kernelRows(): readonly Row[] {
  return releases.map((release) => {
    const { timerCore, hasRoundJiffies, workqueue, hz } = eraOf(release);
    const { addTimerBug } = timerCore;
    return [
      release,
      `R${commitInVersion(release).number}`,
      hz.choices.map((choice) => (choice === hz.default ? `**${choice}**` : String(choice))).join(', '),
      timerCore.selfSerialised ? 'on one CPU at a time' : 'may overlap itself',
      addTimerBug === null ? 'silent' : `BUG at ${addTimerBug.file}:${addTimerBug.line}`,
      hasRoundJiffies ? 'yes' : 'no',
      workqueue.hasCancelDelayedWorkSync ? 'yes' : 'no',
    ];
  });
}

/** Every scenario; a link where the page of the bugs has a section of its name. */
function scenarioRows(): readonly Row[] {
  const told = anchorsOf(readFileSync(join(root, 'docs/explanation/bugs.md'), 'utf8'));
  return shippedScenarios().map(({ name, title, fixedBy }) => [
    told.has(name) ? `[${name}](#${name})` : name,
    title,
    fixedBy === null ? '' : `${nameOf(fixedBy)} ${code(shortId(fixedBy))}`,
  ]);
}

const kernelTitles = [
  'kernel',
  'dst.c at',
  'HZ (default bold)',
  'a timer',
  'add_timer of a pending one',
  'round_jiffies',
  'cancel_delayed_work_sync',
];

export const history: Readonly<Record<string, Generator>> = {
  commits: () => table(['', 'commit', 'date', 'author', 'subject', 'class', 'first in'], commitRows()),
  effects: () => table(['', 'short name', 'effect', 'traits', 'shown by'], effectRows(shippedScenarios())),
  scenarios: () => table(['scenario', 'what it shows', 'fixed by'], scenarioRows()),
  kernels: () => table(kernelTitles, kernelRows()),
};
