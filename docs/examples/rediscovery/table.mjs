/**
 * What docs/explanation/rediscovery.md reports, made anew: `node docs/examples/rediscovery/table.mjs` in a clone prints its
 * three tables, after some minutes. The functions are for tests, which look at parts of it.
 */
import { explore } from 'jiffies';
import * as programs from './programs.mjs';
import * as small from './small.mjs';

export const seeds = [1, 2, 3, 4, 5];
/** Runs for each seed. */
export const budget = 20_000;

/** A program, the revision just before the fix and that of the fix; how its small configuration is searched. */
export const rows = [
  {
    name: 'freedObjects',
    program: programs.freedObjects,
    small: small.freedObjects,
    before: 'R1',
    fixed: 'R2',
    how: { strategy: 'optimal-dpor' },
  },
  {
    name: 'promptGc',
    program: programs.promptGc,
    small: small.promptGc,
    before: 'R2',
    fixed: 'R3',
    how: { strategy: 'optimal-dpor' },
  },
  {
    name: 'noBug',
    program: programs.noBug,
    small: small.noBug,
    before: 'R4',
    fixed: 'R5',
    how: { strategy: 'optimal-dpor' },
  },
  {
    name: 'hurriedGc',
    program: programs.hurriedGc,
    small: small.hurriedGc,
    before: 'R24',
    fixed: 'R25',
    how: { strategy: 'bounded-dfs', preemptionBound: 1 },
  },
  {
    name: 'warnings',
    program: programs.warnings,
    small: small.warnings,
    before: 'R25',
    fixed: 'R26',
    how: { strategy: 'optimal-dpor' },
  },
];

/** R5's story by timer core. */
export const cores = ['2.6.12', '2.6.14', '2.6.17'];
export const stories = {
  overlap: small.overlap,
  bug: small.overlapBug,
  directOverlap: small.directOverlap,
  directBug: small.directBug,
};

/** Searches as far as the budget goes, with one seed. */
export function search({ program }, revision, seed, { runs = budget, shrink = false } = {}) {
  return explore(program.at(revision), { strategy: 'random', seed, runs, shrink, countTraces: false });
}

/** Searches a small program to its end. */
function searchAll(program, how, keepGoing = true) {
  return explore(program, { ...how, runs: 1e7, keepGoing, shrink: false, countTraces: false });
}

export function searchSmall({ small: program, how }, revision, { keepGoing = true } = {}) {
  return searchAll(program.at(revision), how, keepGoing);
}

/** Can it happen just before R5, by the timer alone (`overlap`, `bug`) or with a direct call, on this timer core? */
export function settle(what, kernel) {
  return searchAll(stories[what].at('R4', kernel), { strategy: 'optimal-dpor' });
}

const number = (n) => n.toLocaleString('en');
const line = (...cells) => `| ${cells.join(' | ')} |`;

/** `386 traces`, `9,420 orders with at most 1 preemption`. */
function amount({ totals, exhaustive, preemptionBound, strategy }) {
  const runs = totals.runs - totals.sleepSetBlocked;
  if (!exhaustive) return `not all in ${number(runs)}`;
  if (preemptionBound === null) return `${number(runs)} ${strategy.includes('dpor') ? 'traces' : 'orders'}`;
  return `${number(runs)} orders with at most ${preemptionBound} preemption${preemptionBound === 1 ? '' : 's'}`;
}

export function randomLine(row) {
  const found = seeds.map((seed) => search(row, row.before, seed, { shrink: seed === seeds[0] }));
  const clean = seeds.map((seed) => search(row, row.fixed, seed));
  const { steps, preemptions, shrunkFrom } = found[0].failure;
  const runs = clean.reduce((sum, { totals }) => sum + totals.runs, 0);
  const failing = clean.filter(({ failure }) => failure !== null).length;
  return line(
    `\`${row.name}\``,
    row.before,
    found.map(({ failure }) => (failure === null ? 'not' : number(failure.runsToFind))).join(', '),
    `${shrunkFrom.steps} steps, ${shrunkFrom.preemptions} preemptions → ${steps}, ${preemptions}`,
    row.fixed,
    failing === 0 ? `nothing in ${number(runs)} runs` : `${failing} seeds find it`,
  );
}

export function smallLine(row) {
  const before = searchSmall(row, row.before);
  const fixed = searchSmall(row, row.fixed);
  const none = fixed.totals.failing === 0 ? 'no violation in all' : `${number(fixed.totals.failing)} of`;
  return line(
    `\`${row.name}\``,
    row.before,
    `${number(before.totals.failing)} of ${amount(before)}`,
    row.fixed,
    `${none} ${amount(fixed)}`,
  );
}

/** `yes (12 of 29)`, `no (all 29)`. */
export function answer(result) {
  const { failing } = result.totals;
  return failing > 0 ? `yes (${number(failing)} of ${amount(result)})` : `no (all ${amount(result)})`;
}

export function coreLines(kernel) {
  const cells = (...whats) => whats.map((what) => answer(settle(what, kernel)));
  return [
    line(kernel, 'its timer', ...cells('overlap', 'bug')),
    line(kernel, 'its timer and a direct call', ...cells('directOverlap', 'directBug')),
  ];
}

function print(head, lines) {
  const rule = line(...head.map(() => '---'));
  console.log([line(...head), rule, ...lines, ''].join('\n'));
}

if (process.argv[1] === import.meta.filename) {
  const found = `found in run (seeds ${seeds.join(', ')})`;
  print(['program', 'just before', found, 'shrunk (seed 1)', 'at the fix', 'found'], rows.map(randomLine));
  print(['program', 'just before', 'failing', 'at the fix', 'failing'], rows.map(smallLine));
  print(['kernel', 'dst_run_gc called by', 'two runs overlap', 'BUG'], cores.flatMap(coreLines));
  console.error(`${Math.round(process.cpuUsage().user / 1e6)} s of CPU time`);
}
