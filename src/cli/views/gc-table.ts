/** The runs of the garbage collector as the kernel's debug line showed them from 2.6.24: dst_total … elapsed. */
import type { GcRecord } from '../../scenario/index.js';
import { counted, type Page } from '../format/page.js';
import type { Column } from '../format/table.js';

/** Rows shown of a longer series: as many from its beginning, and the last ones. */
const FIRST_ROWS = 24;
const LAST_ROWS = 6;

interface Field {
  readonly title: string;
  /** Shown only if it says what no other column does. */
  readonly when?: (runs: readonly GcRecord[]) => boolean;
  text(run: GcRecord): string;
}

const orDash = (value: number | null): string => (value === null ? '-' : String(value));

const fields: readonly Field[] = [
  { title: 'jiffies', text: (run) => String(run.jiffies) },
  { title: 'dst_total', text: (run) => String(run.dstTotal) },
  { title: 'delayed', text: (run) => String(run.delayed) },
  {
    title: 'work_perf',
    when: (runs) => runs.some((run) => run.workPerformed !== null),
    text: (run) => orDash(run.workPerformed),
  },
  {
    title: 'destroyed',
    when: (runs) => runs.some((run) => run.workPerformed !== run.destroyed),
    text: (run) => String(run.destroyed),
  },
  { title: 'expires', text: (run) => orDash(run.expires) },
  {
    title: 'printed',
    when: (runs) => runs.some((run) => run.printedExpires !== run.expires),
    text: (run) => (run.printedExpires === null ? 'all ones' : String(run.printedExpires)),
  },
  { title: 'elapsed', text: (run) => `${run.elapsedUs} us` },
];

export function addGcTable(page: Page, runs: readonly GcRecord[]): void {
  if (runs.length === 0) return;
  const shown = fields.filter(({ when }) => when === undefined || when(runs));
  const columns = shown.map(({ title }): Column => ({ title, align: 'right' }));
  const long = runs.length > FIRST_ROWS + LAST_ROWS;
  const first = long ? runs.slice(0, FIRST_ROWS) : runs;
  const rows = first.map((run) => shown.map((field) => field.text(run)));
  if (long) {
    rows.push(shown.map(() => '…'));
    rows.push(...runs.slice(-LAST_ROWS).map((run) => shown.map((field) => field.text(run))));
  }
  page.heading('garbage collector', counted(runs.length, 'run')).table(columns, rows);
}
