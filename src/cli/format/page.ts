/** A page of text for a terminal: headings, paragraphs and tables below each other. */
import type { Io } from '../io.js';
import { type Format, type Paint, painter } from './paint.js';
import { type Cell, type Column, type TableOptions, table } from './table.js';
import { wrap } from './width.js';

const INDENT = 2;

export class Page {
  readonly paint: Paint;
  readonly width: number;
  private readonly lines: string[] = [];

  constructor(io: Pick<Io, 'color' | 'columns'>) {
    this.paint = painter(io.color);
    this.width = io.columns;
  }

  /** One line as it is. */
  line(text = ''): this {
    this.lines.push(text);
    return this;
  }

  /** A blank line, then a heading. */
  heading(text: string, note = ''): this {
    const tail = note === '' ? '' : ` ${this.paint(note, 'dim')}`;
    return this.line().line(this.paint(text, 'bold') + tail);
  }

  /** Text broken into lines, indented by `indent` blanks; `mark` (painted already) stands before the first. */
  text(text: string, options: { indent?: number; mark?: string; formats?: readonly Format[] } = {}): this {
    const { indent = 0, mark, formats = [] } = options;
    const space = indent + (mark === undefined ? 0 : 2);
    for (const [i, line] of wrap(text, this.width - space).entries()) {
      const start = mark !== undefined && i === 0 ? `${' '.repeat(indent)}${mark} ` : ' '.repeat(space);
      this.line((start + this.paint(line, ...formats)).trimEnd());
    }
    return this;
  }

  /** A table, indented by two blanks unless told otherwise. */
  table(
    columns: readonly Column[],
    rows: readonly (readonly (Cell | string)[])[],
    options: Pick<TableOptions, 'indent' | 'apart'> = {},
  ): this {
    const { width, paint } = this;
    this.lines.push(...table(columns, rows, { width, paint, indent: INDENT, ...options }));
    return this;
  }

  /** `name  value` lines, the names of one width. */
  pairs(pairs: readonly (readonly [string, string])[]): this {
    const wide = Math.max(0, ...pairs.map(([name]) => name.length));
    for (const [name, value] of pairs) {
      const lines = wrap(value, this.width - wide - 2);
      for (const [i, line] of lines.entries()) {
        this.line(`${this.paint((i === 0 ? name : '').padEnd(wide), 'dim')}  ${line}`);
      }
    }
    return this;
  }

  /** All lines, each with its end. */
  toString(): string {
    return this.lines.map((line) => `${line}\n`).join('');
  }
}

/** `1 scenario`, `2 scenarios`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
