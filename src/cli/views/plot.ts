/** What `jiffies run --plot` prints: a chart for each column, one below the other, on one axis of time. */
import type { RunResult } from '../../scenario/index.js';
import { escapeControl } from '../../scenario/read/escape.js';
import { counted, type Page } from '../format/page.js';
import { chartLines, valueTicks } from '../plot/chart.js';
import { chooseColumns, seriesOf } from '../plot/columns.js';
import { pointsOf } from '../plot/points.js';
import { tickText } from '../plot/ticks.js';

const ROWS = 7;

/** `names`: what was asked for; `hz` of the machine that ran. Throws InputError for a name that is none. */
export function addPlot(page: Page, result: RunResult, names: readonly string[], hz: number): void {
  const series = seriesOf(result);
  const charts = chooseColumns(series, names).map((plotted) => {
    return { plotted, points: pointsOf(plotted, series, result, hz) };
  });
  if (charts.length === 0) page.line().line('this run has no series to draw');
  const untilS = charts.reduce((most, { points }) => Math.max(most, points.at(-1)?.s ?? 0), 0);
  const labels = charts.flatMap(({ points }) => valueTicks(points).map((value) => tickText(value).length));
  const labelWidth = Math.max(0, ...labels);
  for (const { plotted, points } of charts) {
    const { name, unit, meaning } = plotted;
    const note = [unit, meaning, counted(points.length, 'point')].filter((part) => part !== '').join(' · ');
    const fits = name.length + 1 + note.length <= page.width;
    page.heading(escapeControl(name), fits ? note : unit);
    for (const line of chartLines(points, { width: page.width, rows: ROWS, untilS, labelWidth, paint: page.paint })) {
      page.line(line);
    }
  }
}
