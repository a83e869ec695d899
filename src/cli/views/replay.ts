/** The before/after table. */
import type { ReplayResult, Verdict } from '../../scenario/index.js';
import { escapeControl } from '../../scenario/read/escape.js';
import { brief, commitById } from '../commits.js';
import { counted, Page } from '../format/page.js';
import type { Format } from '../format/paint.js';
import type { Cell, Column } from '../format/table.js';
import type { Io } from '../io.js';

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
  const formats: readonly Format[] = results.every(({ verdict }) => isGood(verdict)) ? ['green'] : ['red'];
  return page.line().text(summary(results), { formats }).toString();
}

function row(result: ReplayResult): readonly Cell[] {
  const good = isGood(result.verdict);
  return [
    { text: escapeControl(result.scenario), formats: ['bold'] },
    { text: fixedBy(result), formats: result.fixedBy === null ? ['dim'] : [] },
    { text: escapeControl(result.before.shownBy), formats: result.before.reproduced ? ['yellow'] : [] },
    { text: escapeControl(result.after.shownBy), formats: result.after.reproduced ? ['yellow'] : [] },
    { text: `${good ? '✓' : '✗'} ${result.verdict}`, formats: [good ? 'green' : 'red'] },
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
  const failures = results.flatMap((result) => result.failed.map((failed) => ({ result, failed })));
  if (failures.length === 0) return;
  page.heading('expectations that failed');
  for (const { result, failed } of failures) {
    const text = escapeControl(`${result.scenario}: ${failed.text}; found ${failed.found} (${failed.place})`);
    page.text(text, { indent: 2, mark: page.paint('✗', 'red') });
  }
}

/** `3 scenarios: 2 replayed, 1 as expected`. */
export function summary(results: readonly Pick<ReplayResult, 'verdict'>[]): string {
  const parts = verdicts.flatMap((verdict) => {
    const count = results.filter((result) => result.verdict === verdict).length;
    return count === 0 ? [] : [`${count} ${verdict}`];
  });
  return `${counted(results.length, 'scenario')}: ${parts.join(', ')}`;
}
