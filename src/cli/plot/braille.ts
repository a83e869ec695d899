/** A canvas of dots, two by four to a character: the braille patterns of Unicode. */

/** Bits of the dots of a character, by row and column. */
const BITS = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;
const BLANK = 0x2800;

export class Braille {
  /** In dots. */
  readonly width: number;
  readonly height: number;
  private readonly columns: number;
  private readonly cells: Uint8Array;

  /** In characters. */
  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.width = columns * 2;
    this.height = rows * 4;
    this.cells = new Uint8Array(columns * rows);
  }

  /** Sets a dot; x from the left, y from the top. */
  dot(x: number, y: number): void {
    this.cells[(y >> 2) * this.columns + (x >> 1)]! |= BITS[y & 3]![x & 1]!;
  }

  /** A straight line, both ends included (Bresenham). */
  line(x0: number, y0: number, x1: number, y1: number): void {
    const [dx, dy] = [Math.abs(x1 - x0), -Math.abs(y1 - y0)];
    const [stepX, stepY] = [Math.sign(x1 - x0), Math.sign(y1 - y0)];
    let [x, y, error] = [x0, y0, dx + dy];
    for (;;) {
      this.dot(x, y);
      if (x === x1 && y === y1) return;
      const twice = 2 * error;
      if (twice >= dy) {
        error += dy;
        x += stepX;
      }
      if (twice <= dx) {
        error += dx;
        y += stepY;
      }
    }
  }

  /** The rows of characters, from the top; blank ones are blanks. */
  rows(): readonly string[] {
    const rows: string[] = [];
    for (let at = 0; at < this.cells.length; at += this.columns) {
      const cells = [...this.cells.subarray(at, at + this.columns)];
      rows.push(cells.map((bits) => (bits === 0 ? ' ' : String.fromCharCode(BLANK + bits))).join(''));
    }
    return rows;
  }
}
