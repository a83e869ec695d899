/** Tables for reading: columns as wide as they need to be, and where that is too wide, cells of several lines. */
import { type Format, type Paint, painter } from './paint.js';
import { pad, widthOf, wrap } from './width.js';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Never narrower than this where there is that much text. Columns without it are not narrowed. */
  readonly shrinkTo?: number;
  /** Never wider than this. */
  readonly max?: number;
}

export interface Cell {
  readonly text: string;
  readonly formats?: readonly Format[];
}

export interface TableOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly paint?: Paint;
  /** Blanks before each line. */
  readonly indent?: number;
  /** Blank lines between rows: by default where any of them has several lines. */
  readonly apart?: boolean;
}

const GAP = 2;

/** The lines of a table: titles, a rule, rows. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly (Cell | string)[])[],
  options: TableOptions,
): readonly string[] {
  const { paint = painter(false), indent = 0 } = options;
  const cells = rows.map((row) => row.map((cell): Cell => (typeof cell === 'string' ? { text: cell } : cell)));
  const widths = widthsWithin(columns, naturalWidths(columns, cells), options.width - indent);
  const blank = ' '.repeat(indent);
  const line = (parts: readonly string[]): string => (blank + parts.join(' '.repeat(GAP))).trimEnd();
  const title = columns.map((column, i) => paint(pad(column.title, widths[i]!, column.align), 'bold'));
  const rule = widths.map((width) => paint('─'.repeat(width), 'dim'));
  const blocks = cells.map((row) => rowLines(row, columns, widths, paint).map(line));
  const { apart = blocks.some((block) => block.length > 1) } = options;
  return [line(title), line(rule), ...blocks.flatMap((block, i) => (apart && i > 0 ? ['', ...block] : block))];
}

function naturalWidths(columns: readonly Column[], rows: readonly (readonly Cell[])[]): number[] {
  return columns.map(({ title, max = Number.POSITIVE_INFINITY }, i) => {
    const lines = rows.flatMap((row) => row[i]?.text.split('\n') ?? []);
    const widest = lines.reduce((most, text) => Math.max(most, widthOf(text)), widthOf(title));
    return Math.min(widest, max);
  });
}

/** Narrows the widest of the columns that may be narrowed until all fit, or none can be narrowed further. */
function widthsWithin(columns: readonly Column[], natural: readonly number[], width: number): readonly number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, w) => sum + w + GAP, -GAP) - width;
  while (excess > 0) {
    const widest = columns.reduce<number>((best, { shrinkTo }, i) => {
      if (shrinkTo === undefined || widths[i]! <= shrinkTo) return best;
      return best < 0 || widths[i]! > widths[best]! ? i : best;
    }, -1);
    if (widest < 0) break;
    widths[widest]! -= 1;
    excess -= 1;
  }
  return widths;
}

function rowLines(
  row: readonly Cell[],
  columns: readonly Column[],
  widths: readonly number[],
  paint: Paint,
): readonly (readonly string[])[] {
  const wrapped = row.map(({ text }, i) => wrap(text, widths[i]!));
  const height = Math.max(1, ...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, y) =>
    wrapped.map((lines, i) => {
      const text = lines[y] ?? '';
      const padding = pad('', widths[i]! - widthOf(text));
      const painted = paint(text, ...(row[i]!.formats ?? []));
      return columns[i]?.align === 'right' ? padding + painted : painted + padding;
    }),
  );
}
