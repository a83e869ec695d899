/**
 * The text of a failure: a line of verdict, a column for each context with the steps that matter, everything that was
 * violated, and the call that makes the run again.
 */
import { isFinding } from '../sanitize/findings.js';
import type { Failure } from './explore.js';
import type { Fault } from './runner.js';
import type { StoryStep } from './story.js';

/** Steps shown at most, from the end. */
const rowsMax = 60;
const gap = 2;

/** Steps on what only one context touches do not matter to a race. */
function thatMatter(steps: readonly StoryStep[]): readonly StoryStep[] {
  const users = new Map<string, Set<string>>();
  for (const { object, who } of steps) {
    const of = users.get(object);
    if (of === undefined) users.set(object, new Set([who]));
    else of.add(who);
  }
  const shared = steps.filter(({ object }) => object === '' || users.get(object)!.size > 1);
  return shared.length === 0 ? steps : shared;
}

/** The columns as lines. */
export function formatStory(steps: readonly StoryStep[]): readonly string[] {
  const rows = thatMatter(steps);
  const shown = rows.slice(-rowsMax);
  const names = [...new Set(shown.map(({ who }) => who))].sort((a, b) => firstOf(steps, a) - firstOf(steps, b));
  const widths = names.map((name) => {
    const texts = shown.filter(({ who }) => who === name).map(({ what }) => what.length);
    return Math.max(name.length, ...texts) + gap;
  });
  const starts = widths.map((_, i) => widths.slice(0, i).reduce((sum, width) => sum + width, 0));
  const header = names.map((name, i) => name.padEnd(widths[i]!)).join('');
  const lines = [header, ...(shown.length < rows.length ? [`… ${rows.length - shown.length} steps`] : [])];
  for (const { who, what } of shown) lines.push(' '.repeat(starts[names.indexOf(who)]!) + what);
  const left = steps.length - rows.length;
  if (left > 0) lines.push(`(${left} ${left === 1 ? 'step' : 'steps'} on what no other context touches left out)`);
  return lines.map((line) => `  ${line.trimEnd()}`);
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
): string {
  const { kind, message, runsToFind, preemptions, shrunkFrom } = failure;
  const from =
    shrunkFrom === null
      ? ''
      : `, shrunk from ${count(shrunkFrom.steps, 'step')} and ${count(shrunkFrom.preemptions, 'preemption')}`;
  const found = runsToFind > 0 ? `found in run ${runsToFind}; ` : '';
  return [
    `${kind}: ${message}`,
    `${found}${count(failure.steps, 'step')}, ${count(preemptions, 'preemption')}${from}`,
    '',
    ...formatStory(steps),
    '',
    ...toldAll(faults),
    `replay(program, '${failure.token}');`,
  ].join('\n');
}
