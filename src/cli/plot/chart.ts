/** One chart: a line of dots in a frame of labelled axes. */
import type { Paint } from '../format/paint.js';
import { widthOf } from '../format/width.js';
import { Braille } from './braille.js';
import type { Point } from './points.js';
import { ticks, tickText } from './ticks.js';

export interface ChartOptions {
  /** Characters of a line. */
  readonly width: number;
  /** Lines of dots. */
  readonly rows: number;
  /** Virtual seconds at the right end of the axis. */
  readonly untilS: number;
  /** Characters for the labels on the left, so that charts below each other are in line. */
  readonly labelWidth: number;
  readonly paint: Paint;
}

const STEPS_Y = 3;
const COLUMNS_PER_STEP_X = 18;

/** The numbers at the left of a chart of `points`, lowest first. */
export function valueTicks(points: readonly Point[]): readonly number[] {
  const values = points.flatMap(({ value }) => (value === null ? [] : [value]));
  const min = values.reduce((a, b) => Math.min(a, b), 0);
  const max = values.reduce((a, b) => Math.max(a, b), min);
  return ticks(min, max, STEPS_Y);
}

export function chartLines(points: readonly Point[], options: ChartOptions): readonly string[] {
  const { width, rows, untilS, labelWidth, paint } = options;
  const values = valueTicks(points);
  const columns = Math.max(8, width - labelWidth - 2);
  const times = ticks(0, untilS, Math.max(1, Math.floor(columns / COLUMNS_PER_STEP_X)));
  const canvas = new Braille(columns, rows);
  const [low, high] = [values[0]!, values.at(-1)!];
  const xOf = (s: number): number => Math.round((s / times.at(-1)!) * (canvas.width - 1));
  const yOf = (value: number): number => Math.round(((high - value) / (high - low)) * (canvas.height - 1));
  draw(canvas, points, xOf, yOf);
  const labels = new Map(values.map((value) => [yOf(value) >> 2, tickText(value)]));
  const body = canvas.rows().map((dots, row) => {
    const label = labels.get(row);
    const axis = (label ?? '').padStart(labelWidth) + (label === undefined ? ' │' : ' ┤');
    return paint(axis, 'dim') + paint(dots.trimEnd(), 'cyan');
  });
  const places = times.map((time) => [xOf(time) >> 1, `${tickText(time)} s`] as const);
  return [...body, ...timeAxis(places, columns, labelWidth).map((line) => paint(line, 'dim'))];
}

/** Points joined in order; one that stands alone between gaps is a dot. */
function draw(
  canvas: Braille,
  points: readonly Point[],
  xOf: (s: number) => number,
  yOf: (value: number) => number,
): void {
  let before: readonly [number, number] | null = null;
  for (const { s, value } of points) {
    const here: readonly [number, number] | null = value === null ? null : [xOf(s), yOf(value)];
    if (here !== null) canvas.line(...(before ?? here), ...here);
    before = here;
  }
}

/** The line below with a mark at each label, and the labels. */
function timeAxis(
  places: readonly (readonly [number, string])[],
  columns: number,
  labelWidth: number,
): readonly string[] {
  const rule = Array.from({ length: columns }, (_, x) => (places.some(([at]) => at === x) ? '┬' : '─'));
  let text = '';
  for (const [at, label] of places) {
    const start = Math.min(Math.max(0, at - Math.floor(widthOf(label) / 2)), columns - widthOf(label));
    if (text !== '' && start <= text.length) continue;
    text = text.padEnd(start) + label;
  }
  return [`${' '.repeat(labelWidth)} └${rule.join('')}`, `${' '.repeat(labelWidth + 2)}${text}`];
}
