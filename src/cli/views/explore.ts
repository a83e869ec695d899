/** What `jiffies explore` prints: the failure's story or that there is none, the totals, what to type next. */
import type { ExploreResult } from '../../explore/explore.js';
import type { Progress } from '../../explore/search.js';
import { type FixName, nameOfFix } from '../../scenario/fix.js';
import { escapeControl, escapeControlInLines } from '../../scenario/read/escape.js';
import type { ExitStatus } from '../command.js';
import { type Opened, shellWord } from '../explorable.js';
import { counted, Page } from '../format/page.js';
import type { Io } from '../io.js';
import type { Cut } from '../sharing/session.js';

/** What was explored, as it is told. */
export interface ShownSubject {
  readonly name: string;
  readonly revision: string | null;
  readonly kernel: string | null;
  readonly fix: FixName | null;
  /** It has a bug: predicate that may not judge explored runs. */
  readonly bugNotAsked: boolean;
  readonly file: string;
  readonly variant: string | null;
  /** The fix, as it was typed. */
  readonly with: string | null;
}

interface Asked {
  readonly file: string;
  readonly variant?: string;
  readonly with?: string;
}

export function subjectOf({ name, revision, kernel, fix, scenario, bugIsAsked }: Opened, asked: Asked): ShownSubject {
  return {
    name,
    revision,
    kernel,
    fix: fix === undefined ? null : nameOfFix(fix),
    bugNotAsked: scenario !== null && !bugIsAsked,
    file: asked.file,
    variant: asked.variant ?? null,
    with: asked.with ?? null,
  };
}

const n = (value: number): string => value.toLocaleString('en');

/** `1 run`, `1,234 runs`. */
const amount = (value: number, noun: string): string => `${n(value)} ${noun}${value === 1 ? '' : 's'}`;

/** How far a search is, what matters most first: as much as a terminal's line holds is shown. */
export function progressParts({ totals, depth, estimatedRuns, coverage }: Progress, elapsedMs: number): string[] {
  const perSecond = elapsedMs === 0 ? 0 : Math.round((totals.runs / elapsedMs) * 1000);
  const all = estimatedRuns === null ? '' : ` of about ${n(estimatedRuns)}`;
  const runs = `${all === '' ? amount(totals.runs, 'run') : `${n(totals.runs)}${all} runs`}`;
  const failing = totals.failing === 0 ? [] : [`${n(totals.failing)} failing`];
  const pairs = coverage === null ? [] : [amount(coverage.pairs, 'racing pair')];
  return [runs, ...failing, `${n(perSecond)}/s`, amount(totals.traces, 'trace'), `depth ${n(depth)}`, ...pairs];
}

export function explorePage(
  result: ExploreResult,
  subject: ShownSubject,
  cut: Cut,
  io: Pick<Io, 'color' | 'columns'>,
): string {
  const page = new Page(io);
  page.text(escapeControl(subject.name), { formats: ['bold'] });
  const where = subject.revision === null ? [] : [`${subject.revision} on kernel ${subject.kernel}`];
  const fix = subject.fix === null ? [] : [`with ${escapeControl(subject.fix.file)}`];
  page.text([...where, ...fix, result.strategy, `seed ${result.seed}`].join(', '), { formats: ['dim'] });
  page.line();
  if (result.failure === null) page.text(nothingFound(result, cut), { formats: ['green'] });
  else for (const line of escapeControlInLines(result.failure.report).split('\n')) page.line(line);
  if (result.failure !== null) page.line(runCommand(subject, result.failure.token));
  addTotals(page, result, cut);
  addNotes(page, result, subject);
  return page.toString();
}

/** The command that makes the failing run again. */
export function runCommand(asked: Pick<ShownSubject, 'file' | 'variant' | 'with'>, token: string): string {
  const words = ['jiffies', 'run', asked.file];
  if (asked.variant !== null) words.push('--variant', asked.variant);
  if (asked.with !== null) words.push('--with', asked.with);
  return [...words, '--schedule', token].map(shellWord).join(' ');
}

function nothingFound({ totals, exhaustive, preemptionBound, stallJiffiesMax }: ExploreResult, cut: Cut): string {
  if (!exhaustive) return `nothing found in ${amount(totals.runs, 'run')}${cutText(cut)}`;
  const bound = preemptionBound === null ? '' : ` with at most ${counted(preemptionBound, 'preemption')}`;
  const stalls = stallJiffiesMax === null ? '' : stallText(stallJiffiesMax);
  const all = totals.traces === 1 ? 'the 1 trace there is' : `all ${n(totals.traces)} traces`;
  return `no violation in ${all}${bound}${stalls}`;
}

function stallText(jiffies: number): string {
  if (jiffies === 0) return ', time moving to due dates only';
  return `, stalls of time up to ${counted(jiffies, 'jiffy', 'jiffies')}`;
}

function cutText(cut: Cut): string {
  if (cut === null) return '';
  return cut === 'time' ? '; the time was up' : '; interrupted';
}

function addTotals(page: Page, { totals, coverage, failure }: ExploreResult, cut: Cut): void {
  const ends = [
    ['complete', totals.complete],
    ['deadlocked', totals.deadlocked],
    ['sleep-set blocked', totals.sleepSetBlocked],
    ['cut', totals.boundCut],
  ] as const;
  const shown = ends.filter(([, runs]) => runs > 0).map(([name, runs]) => `${n(runs)} ${name}`);
  page.line();
  const tail = failure === null ? '' : cutText(cut);
  page.text(
    `${amount(totals.runs, 'run')}: ${shown.join(', ') || 'none'}; ${n(totals.failing)} failing; ${amount(totals.traces, 'trace')}; ${amount(totals.steps, 'step')}${tail}`,
    { formats: ['dim'] },
  );
  if (coverage === null) return;
  const both = `${n(coverage.bothWays)} of them in both orders`;
  page.text(`${amount(coverage.pairs, 'pair')} of operations seen to race, ${both}`, { formats: ['dim'] });
}

function addNotes(page: Page, result: ExploreResult, { bugNotAsked }: ShownSubject): void {
  const bug =
    "the scenario's bug: is not asked here: it is about time or what was left undone, which any stalled CPU would show";
  const notes = [...(bugNotAsked ? [bug] : []), ...(result.failure === null ? weaknesses(result) : [])];
  for (const note of notes) page.text(note, { formats: ['dim'] });
}

/** Why it says little that nothing was found. */
function weaknesses({ totals, preemptionBound }: ExploreResult): readonly string[] {
  const { runs, boundCut, steps } = totals;
  if (runs === 0) return [];
  if (steps === 0) return ['no task performs an operation: each access needs a yield before it'];
  if (boundCut * 2 < runs) return [];
  const which = boundCut === runs ? 'no run was seen to its end' : 'most runs were not seen to their end';
  const bound = preemptionBound === null ? '' : ', or of preemptions';
  return [
    `${which}, which the limit of decisions${bound} cuts: allow more with --max-decisions; a loop that waits for a cell is one step as yield new SpinUntilOp(cell, (value) => …)`,
  ];
}

export function exploreForm(result: ExploreResult, subject: ShownSubject, cut: Cut): object {
  const { runs, complete, deadlocked, sleepSetBlocked, boundCut, failing, traces } = result.totals;
  const totals = { runs, complete, deadlocked, sleepSetBlocked, boundCut, failing, traces };
  return {
    scenario: subject.name,
    revision: subject.revision,
    kernel: subject.kernel,
    ...(subject.variant === null ? {} : { variant: subject.variant }),
    ...(subject.fix === null ? {} : { with: subject.fix }),
    strategy: result.strategy,
    seed: result.seed,
    totals: cut === null ? totals : { ...totals, cut },
    exhaustive: result.exhaustive,
    preemptionBound: result.preemptionBound,
    failure: result.failure === null ? null : failureForm(result.failure),
  };
}

function failureForm(failure: NonNullable<ExploreResult['failure']>): object {
  const { kind, message, token, runsToFind, steps, preemptions, shrunkFrom } = failure;
  return { kind, message, token, runsToFind, steps, preemptions, shrunkFrom };
}

export function exploreStatus(result: ExploreResult, cut: Cut): ExitStatus {
  if (cut === 'interrupt') return 130;
  if (result.failure !== null) return 1;
  return result.searchesAll && !result.exhaustive ? 3 : 0;
}
