/** What `jiffies conform` prints: a row for each file, and the first mismatch of each. */
import type { ConformFile } from '../../scenario/index.js';
import { clip, escapeControl } from '../../scenario/read/escape.js';
import { counted, Page } from '../format/page.js';
import type { Cell, Column } from '../format/table.js';
import type { Io } from '../io.js';

const VALUE_LENGTH_MAX = 400;

const columns: readonly Column[] = [
  { title: 'file', shrinkTo: 20 },
  { title: 'cases', align: 'right' },
  { title: 'passed', align: 'right' },
  { title: 'failed', align: 'right' },
  { title: 'unsupported', align: 'right' },
];

export function conformPage(files: readonly ConformFile[], io: Pick<Io, 'color' | 'columns'>): string {
  const page = new Page(io).table(columns, files.map(row), { indent: 0 });
  for (const { file, firstMismatch } of files) {
    if (firstMismatch === null) continue;
    const { case: name, op, field, expected, actual } = firstMismatch;
    page.heading('first mismatch', escapeControl(file)).pairs([
      ['case', escapeControl(String(name))],
      ['op', String(op)],
      ['field', escapeControl(field)],
      ['expected', valueText(expected)],
      ['actual', valueText(actual)],
    ]);
  }
  const sum = (count: (file: ConformFile) => number): number => files.reduce((total, file) => total + count(file), 0);
  const failed = sum((file) => file.failed);
  const passed = counted(
    sum((file) => file.passed),
    'case',
  );
  const text = `${passed} passed, ${failed} failed, ${sum((file) => file.unsupported)} unsupported`;
  return page
    .line()
    .line(page.paint(text, failed === 0 ? 'green' : 'red'))
    .toString();
}

function row({ file, cases, passed, failed, unsupported }: ConformFile): readonly (Cell | string)[] {
  const formats = failed > 0 ? (['red'] as const) : [];
  return [escapeControl(file), String(cases), String(passed), { text: String(failed), formats }, String(unsupported)];
}

function valueText(value: unknown): string {
  return clip(JSON.stringify(value) ?? 'nothing', VALUE_LENGTH_MAX);
}
