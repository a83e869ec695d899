/**
 * The text of a failure: a line of verdict, a column for each context with the steps that matter, everything that was
 * violated, and the call that makes the run again.
 */
import { isFinding } from '../sanitize/findings.js';
import type { Failure } from './explore.js';
import type { Fault } from './runner.js';
import type { StoryStep } from './story.js';

/** Steps shown at most, up to the failure. */
const rowsMax = 60;
/** Steps after it that are shown, if there are no more. */
const rowsAfter = 3;
const gap = 2;
/** Width of the story, if nothing else is said. */
const columnsDefault = 100;

/** Steps on what only one context touches do not matter to a race. */
function thatMatter(steps: readonly StoryStep[]): readonly StoryStep[] {
  const users = new Map<string, Set<string>>();
  for (const { object, who } of steps) {
    const of = users.get(object);
    if (of === undefined) users.set(object, new Set([who]));
    else of.add(who);
  }
  const shared = (object: string): boolean => object === '' || users.get(object)!.size > 1;
  const matter = steps.filter(({ object, preempts, violates }) => preempts || violates || shared(object));
  return matter.some(({ object }) => shared(object)) ? matter : steps;
}

/** The columns as lines. `failure`: where it happens, it is said, and the story ends soon. */
export function formatStory(
  steps: readonly StoryStep[],
  failure: { readonly kind: string; readonly message: string } | null = null,
  columns = columnsDefault,
): readonly string[] {
  const rows = thatMatter(steps);
  const fails = rows.findIndex(({ violates }) => failure !== null && violates?.includes(failure.message));
  const end = fails < 0 || fails + 1 + rowsAfter >= rows.length ? rows.length : fails + 1;
  const begin = Math.max(0, end - rowsMax);
  const shown = rows.slice(begin, end);
  const names = [...new Set(shown.map(({ who }) => who))].sort((a, b) => firstOf(steps, a) - firstOf(steps, b));
  const texts = joined(
    shown.map((step, at) => ({
      ...step,
      what: begin + at === fails ? `${step.what}  <-- ${failure?.kind}` : step.what,
    })),
  );
  const widths = widthsOf(names, texts, columns - gap);
  const starts = widths.map((_, i) => widths.slice(0, i).reduce((sum, width) => sum + width, 0));
  const lines = [`  ${names.map((name, i) => name.padEnd(widths[i]!)).join('')}`];
  if (begin > 0) lines.push(`  … ${count(begin, 'step')}`);
  for (const { who, what, preempts } of texts) {
    lines.push(`${preempts ? '*' : ' '} ${' '.repeat(starts[names.indexOf(who)]!)}${what}`);
  }
  if (end < rows.length) lines.push(`  … ${count(rows.length - end, 'step')} more to the end of the run`);
  const left = steps.length - rows.length;
  if (left > 0) lines.push(`  (${count(left, 'step')} on what no other context touches left out)`);
  return lines.map((line) => line.trimEnd());
}

/** The same by the same, one after the other, as one line. */
function joined(rows: readonly StoryStep[]): readonly StoryStep[] {
  const lines: { step: StoryStep; times: number }[] = [];
  for (const step of rows) {
    const last = lines[lines.length - 1];
    if (last !== undefined && last.step.who === step.who && last.step.what === step.what && !step.preempts)
      last.times++;
    else lines.push({ step, times: 1 });
  }
  return lines.map(({ step, times }) => (times === 1 ? step : { ...step, what: `${step.what}  × ${times}` }));
}

/**
 * Widths of the columns: as their texts are, if there is room. If not they are cut, the widest first, as far as the names
 * allow: there is one text in a line, which may go on below the names of others.
 */
function widthsOf(names: readonly string[], texts: readonly StoryStep[], room: number): readonly number[] {
  const longest = names.map((name) =>
    Math.max(...texts.filter(({ who }) => who === name).map(({ what }) => what.length)),
  );
  const widths = names.map((name, i) => Math.max(name.length, longest[i]!) + gap);
  for (;;) {
    let start = 0;
    let over = -1;
    for (const [i, width] of widths.entries()) {
      if (start + Math.max(longest[i]!, names[i]!.length) > room) over = i;
      start += width;
    }
    const cuts = widths.map((width, i) => (i < over ? width - names[i]!.length - gap : 0));
    const most = Math.max(...cuts);
    if (most <= 0) return widths;
    widths[cuts.indexOf(most)]!--;
  }
}

function firstOf(steps: readonly StoryStep[], name: string): number {
  return steps.findIndex(({ who }) => who === name);
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

/** What happened first, then what could have: of that one block, or two if nothing worse is there to be told. */
function toldAll(faults: readonly Fault[]): readonly string[] {
  const findings = faults.filter(({ kind }) => isFinding(kind));
  const blocks = findings.length < faults.length ? 1 : 2;
  const rest = findings.slice(blocks).map(({ kind, message }) => `${kind}: ${message}`);
  const all = [...faults.filter(({ kind }) => !isFinding(kind)), ...findings.slice(0, blocks)];
  return [...all.flatMap(told), ...rest, ...(rest.length > 0 ? [''] : [])];
}

/** What there is to say of a fault: its block, or a line. */
function told({ kind, message, place, block }: Fault): readonly string[] {
  const line = `${kind}: ${message}${place.includes(' > ') ? ` (in ${place})` : ''}`;
  if (block === undefined) return [line, ''];
  return block[0] === message ? [line, ...block.slice(1).map((text) => `  ${text}`), ''] : [line, ...block, ''];
}

export function formatFailure(
  failure: Omit<Failure, 'report'>,
  faults: readonly Fault[],
  steps: readonly StoryStep[],
  columns?: number,
): string {
  const { kind, message, runsToFind, preemptions, shrunkFrom } = failure;
  const from =
    shrunkFrom === null
      ? ''
      : `, shrunk from ${count(shrunkFrom.steps, 'step')} and ${count(shrunkFrom.preemptions, 'preemption')}`;
  const unfinished =
    shrunkFrom === null || failure.shrinkDone
      ? ''
      : `; shrinking used its ${count(failure.shrinkRuns, 'run')} up, more may be left out`;
  const found = runsToFind > 0 ? `found in run ${runsToFind}; ` : '';
  return [
    `${kind}: ${message}`,
    `${found}${count(failure.steps, 'step')}, ${count(preemptions, 'preemption')}${preemptions > 0 ? ' (*)' : ''}${from}${unfinished}`,
    '',
    ...formatStory(steps, failure, columns),
    '',
    ...toldAll(faults),
    `replay(program, '${failure.token}');`,
  ].join('\n');
}
