/** The before/after table. */
import type { ReplayResult, Verdict } from '../../scenario/index.js';
import { escapeControl } from '../../scenario/read/escape.js';
import { brief, commitById } from '../commits.js';
import { counted, Page } from '../format/page.js';
import type { Format } from '../format/paint.js';
import type { Cell, Column } from '../format/table.js';
import type { Io } from '../io.js';
import { fixText } from './fix.js';

/** Narrower than this, the table gives way to a list. */
const TABLE_COLUMNS_MIN = 76;

const columns: readonly Column[] = [
  { title: 'scenario', shrinkTo: 16 },
  { title: 'fixed by', shrinkTo: 14 },
  { title: 'before', shrinkTo: 14 },
  { title: 'after', shrinkTo: 14 },
  { title: 'verdict' },
];

const verdicts: readonly Verdict[] = ['replayed', 'as expected', 'not reproduced', 'still there', 'expectation failed'];

function isGood(verdict: Verdict): boolean {
  return verdict === 'replayed' || verdict === 'as expected';
}

export function replayPage(results: readonly ReplayResult[], io: Pick<Io, 'color' | 'columns'>): string {
  const page = new Page(io);
  if (io.columns < TABLE_COLUMNS_MIN) for (const result of results) addBlock(page, result);
  else page.line().table(columns, results.map(row), { indent: 0 });
  addFailures(page, results);
  addFix(page, results);
  const formats: readonly Format[] = results.every(({ verdict }) => isGood(verdict)) ? ['green'] : ['red'];
  return page.line().text(summary(results), { formats }).toString();
}

function row(result: ReplayResult): readonly Cell[] {
  const good = isGood(result.verdict);
  const fix = result.with === undefined ? '' : `\nwith ${escapeControl(result.with.file)}`;
  return [
    { text: escapeControl(result.scenario), formats: ['bold'] },
    { text: fixedBy(result), formats: result.fixedBy === null ? ['dim'] : [] },
    { text: escapeControl(result.before.shownBy), formats: result.before.reproduced ? ['yellow'] : [] },
    { text: escapeControl(result.after.shownBy), formats: result.after.reproduced ? ['yellow'] : [] },
    { text: `${good ? '✓' : '✗'} ${result.verdict}${fix}`, formats: [good ? 'green' : 'red'] },
  ];
}

function fixedBy({ fixedBy: id }: ReplayResult): string {
  if (id === null) return 'no fixing commit';
  const commit = commitById(id);
  return commit === undefined ? escapeControl(id) : `${brief(commit)} ${commit.subject}`;
}

/** One result for a narrow terminal. */
function addBlock(page: Page, result: ReplayResult): void {
  const [name, fix, before, after, verdict] = row(result);
  page.heading(name!.text).pairs([
    ['fixed by', fix!.text],
    ['before', before!.text],
    ['after', after!.text],
    ['verdict', page.paint(verdict!.text, ...verdict!.formats!)],
  ]);
}

function addFailures(page: Page, results: readonly ReplayResult[]): void {
  const failures = results.flatMap(({ scenario, failed: { before, after } }) =>
    [...before, ...after].map((text) => `${scenario}: ${text}`),
  );
  if (failures.length === 0) return;
  page.heading('not as expected');
  for (const text of failures) page.text(escapeControl(text), { indent: 2, mark: page.paint('✗', 'red') });
}

/** Which fix of one's own it was, and what the verdicts come to for it. */
function addFix(page: Page, results: readonly ReplayResult[]): void {
  const fix = results[0]?.with;
  if (fix === undefined) return;
  page.heading('with').text(fixText(fix), { indent: 2 });
  page.text('run twice: the same events; no expectation of the files is held against it', {
    indent: 2,
    formats: ['dim'],
  });
  const asked = results.filter(({ fixedBy }) => fixedBy !== null);
  const shows = asked.filter(({ before, after }) => before.reproduced || after.reproduced).length;
  if (asked.length === 0) return;
  const answer =
    shows === 0 ? 'the bug shows on neither side' : `the bug shows in ${shows} of ${counted(asked.length, 'scenario')}`;
  page.text(answer, { indent: 2, formats: [shows === 0 ? 'green' : 'yellow'] });
}

/** `3 scenarios: 2 replayed, 1 as expected`. */
export function summary(results: readonly Pick<ReplayResult, 'verdict'>[]): string {
  const parts = verdicts.flatMap((verdict) => {
    const count = results.filter((result) => result.verdict === verdict).length;
    return count === 0 ? [] : [`${count} ${verdict}`];
  });
  return `${counted(results.length, 'scenario')}: ${parts.join(', ')}`;
}
