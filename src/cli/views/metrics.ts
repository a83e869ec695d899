/** What `jiffies run --metrics` prints: every figure of the run, and what it means. */
import { metricDocs, type RunResult } from '../../scenario/index.js';
import { escapeControl } from '../../scenario/read/escape.js';
import type { Page } from '../format/page.js';

const columns = [{ title: 'metric' }, { title: 'value', align: 'right' as const }, { title: 'meaning', shrinkTo: 24 }];

export function addMetricsTable(page: Page, { metrics }: RunResult): void {
  const rows = Object.entries(metrics).map(([name, value]) => [
    { text: escapeControl(name), formats: ['bold' as const] },
    { text: String(value), formats: value === 0 ? ['dim' as const] : [] },
    escapeControl(meaningOf(name)),
  ]);
  page.line().table(columns, rows, { indent: 0, apart: false });
}

function meaningOf(name: string): string {
  if (Object.hasOwn(metricDocs, name)) return metricDocs[name]!.replaceAll('`', '');
  const [, mark] = /^mark\.(.*)_s$/.exec(name) ?? [];
  return mark === undefined ? '' : `when the scenario's mark '${mark}' was passed, seconds`;
}
