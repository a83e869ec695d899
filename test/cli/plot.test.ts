import { describe, expect, it } from 'vitest';
import { Page } from '../../src/cli/format/page.js';
import { painter } from '../../src/cli/format/paint.js';
import { widthOf } from '../../src/cli/format/width.js';
import { Braille } from '../../src/cli/plot/braille.js';
import { chartLines } from '../../src/cli/plot/chart.js';
import { chooseColumns, seriesOf } from '../../src/cli/plot/columns.js';
import { pointsOf } from '../../src/cli/plot/points.js';
import { ticks, tickText } from '../../src/cli/plot/ticks.js';
import { addPlot } from '../../src/cli/views/plot.js';
import type { RunResult } from '../../src/scenario/index.js';
import { fakeReport } from './fake-engine.js';

const { result } = fakeReport();
/** With a series that others may add. */
const more = {
  ...result,
  series: {
    ...result.series,
    routes: [0, 1, 2].map((i) => ({
      seconds: i,
      jiffies: 1,
      entries: i * i,
      garbage: i,
      timerExpires: 4,
      failures: 7,
    })),
  },
} satisfies RunResult;

const names = (of: RunResult, ...asked: readonly string[]): readonly string[] =>
  chooseColumns(seriesOf(of), asked).map(({ name }) => name);

describe('the canvas', () => {
  it('has two by four dots to a character', () => {
    const canvas = new Braille(3, 1);
    for (const [x, y] of [[0, 0], [1, 3], [4, 1], [5, 2]] as const) canvas.dot(x, y); // biome-ignore format: points
    expect(canvas.rows()).toEqual(['⢁ ⠢'.replace('⢁', String.fromCharCode(0x2881))]);
  });

  it('draws lines of every slope, both ends included', () => {
    for (const [x, y] of [
      [7, 0],
      [0, 7],
      [7, 7],
      [7, 3],
      [2, 7],
    ] as const) {
      // biome-ignore format: points
      const there = new Braille(4, 2);
      there.line(0, 0, x, y);
      const back = new Braille(4, 2);
      back.line(x, y, 0, 0);
      const dots = (canvas: Braille): number =>
        canvas.rows().join('').replaceAll(' ', '\u2800').split('')
          .reduce((sum, char) => sum + (char.charCodeAt(0) - 0x2800).toString(2).replaceAll('0', '').length, 0); // biome-ignore format: one sum
      expect(dots(there)).toBe(Math.max(x, y) + 1);
      expect(dots(back)).toBe(dots(there));
    }
  });
});

describe('ticks', () => {
  it.each([
    [0, 97, 3, [0, 50, 100]],
    [0, 3, 3, [0, 1, 2, 3]],
    [0, 0, 3, [0, 0.5]],
    [0, 0.3, 3, [0, 0.1, 0.2, 0.3]],
    [-5, 5, 2, [-5, 0, 5]],
    [0, 250_000, 3, [0, 100_000, 200_000, 300_000]],
  ])('from %d to %d in %d', (min, max, count, expected) => expect(ticks(min, max, count)).toEqual(expected));

  it('are written with thousands apart', () => {
    expect([0, 999, 1000, -1234567, 0.25, 1234.5].map(tickText)).toEqual(['0', '999', '1 000', '-1 234 567', '0.25', '1 234.5']); // biome-ignore format: one list
  });
});

describe('the choice of columns', () => {
  it('is the usual ones, and of other series those that change', () => {
    expect(names(result)).toEqual(['gc.dstTotal', 'gc.delayed', 'gc.expires', 'gc.elapsedUs']);
    expect(names(more, 'routes')).toEqual(['routes.entries', 'routes.garbage']);
  });

  it('takes a series, a column of one, of all, and names of the kernel', () => {
    expect(names(result, 'gc.delayed', 'delayed', 'timer_expires')).toEqual(['gc.delayed', 'gc.timerExpires']);
    expect(names(result, 'entries', 'garbage', 'dst_total')).toEqual(['gc.dstTotal', 'gc.delayed']);
    expect(names(more, 'entries', 'garbage', 'failures')).toEqual([
      'routes.entries',
      'routes.garbage',
      'routes.failures',
    ]);
  });

  it('refuses others', () => {
    expect(() => names(result, 'gc.delaid')).toThrow("no series 'gc.delaid' in this run; did you mean 'gc.delayed'?");
    expect(() => names(result, 'x\x1b')).toThrow("no series 'x\\x1b' in this run");
    expect(() => names(result, 'nothing_like')).toThrow(
      /^no series 'nothing_like' in this run; there are gc, gc\.dstTotal, /,
    );
    expect(() => names(result, '__proto__')).toThrow('no series');
    expect(() => names(result, 'jiffies')).toThrow('no series');
  });
});

describe('points', () => {
  const at = (jiffies: number, end: number): number => {
    const one = { ...result, jiffies: end, virtualNs: 4e9, series: { gc: [{ ...result.series.gc[0]!, jiffies }] } };
    const [plotted] = chooseColumns(seriesOf(one), ['delayed']);
    return pointsOf(plotted!, seriesOf(one), one, 250)[0]!.s;
  };

  it('stand in virtual time, across the wrap of jiffies too', () => {
    expect(at(4294892400, 4294892650)).toBe(3);
    expect(at(2 ** 32 - 125, 125)).toBe(3);
  });
});

describe('a chart', () => {
  const options = { width: 40, rows: 4, untilS: 10, labelWidth: 5, paint: painter(false) };

  it('has labelled axes', () => {
    const points = [0, 4, 10].map((s, i) => ({ s, value: i * 50 }));
    expect(chartLines(points, options).join('\n')).toMatchInlineSnapshot(`
      "  100 ┤                        ⣀⣀⡠⠤⠤⠒⠒⠊⠉
            │              ⢀⣀⣀⠤⠤⠔⠒⠒⠉⠉
         50 ┤      ⢀⣀⡠⠤⠔⠒⠊⠉⠁
          0 ┤⣀⠤⠤⠒⠒⠉⠁
            └┬───────────────────────────────┬
             0 s                          10 s"
    `);
  });

  it('leaves gaps where there is no value', () => {
    const points = [{ s: 0, value: 1 }, { s: 5, value: null }, { s: 10, value: 1 }]; // biome-ignore format: points
    const dots = chartLines(points, options)
      .join('')
      .match(/[\u2801-\u28ff]/gu);
    expect(dots).toHaveLength(2);
  });

  it('keeps to the width', () => {
    for (const columns of [40, 80, 200]) {
      const page = new Page({ color: false, columns });
      addPlot(page, more, [], 250);
      for (const line of page.toString().split('\n')) expect(widthOf(line)).toBeLessThanOrEqual(columns);
    }
  });
});
