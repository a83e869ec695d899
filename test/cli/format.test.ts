import { describe, expect, it } from 'vitest';
import { jsonText } from '../../src/cli/format/json.js';
import { Page } from '../../src/cli/format/page.js';
import { painter } from '../../src/cli/format/paint.js';
import { progressLine } from '../../src/cli/format/progress.js';
import { table } from '../../src/cli/format/table.js';
import { pad, widthOf, wrap } from '../../src/cli/format/width.js';
import { columnsOf, wantsColor } from '../../src/cli/io.js';
import { progressParts } from '../../src/cli/views/explore.js';
import { noTotals } from '../../src/explore/tally.js';

describe('width', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['Järvinen', 8],
    ['…✓', 2],
    ['e\u0301', 1],
    ['漢字', 4],
    ['한', 2],
    ['🚀', 2],
  ])('of %j is %i', (text, width) => expect(widthOf(text)).toBe(width));

  it('pads on either side', () => {
    expect([pad('ab', 4), pad('ab', 4, 'right'), pad('漢', 3), pad('abc', 2)]).toEqual(['ab  ', '  ab', '漢 ', 'abc']);
  });
});

describe('wrap', () => {
  it.each([
    ['one two three', 7, ['one two', 'three']],
    ['one two', 7, ['one two']],
    ['', 5, ['']],
    ['a\nb', 5, ['a', 'b']],
    ['abcdefghij', 4, ['abcd', 'efgh', 'ij']],
    ['2006-08-double-add-timer-as-told', 16, ['2006-08-double-', 'add-timer-as-', 'told']],
    ['x abcdefgh', 4, ['x', 'abcd', 'efgh']],
    ['漢字漢字', 5, ['漢字', '漢字']],
    ['abc', 0, ['a', 'b', 'c']],
  ])('%j at %i', (text, width, lines) => expect(wrap(text, width)).toEqual(lines));

  it('loses nothing but blanks, and keeps to the width', () => {
    const text = 'A release at each run keeps the old garbage-collector scanning every-tenth-of-a-second, 図 too.';
    for (let width = 2; width < 100; width++) {
      const lines = wrap(text, width);
      expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
    }
  });
});

describe('a table', () => {
  const columns = [
    { title: 'name', shrinkTo: 6 },
    { title: 'n', align: 'right' as const },
  ];

  it('is as wide as its text', () => {
    expect(
      table(
        columns,
        [
          ['alpha', '1'],
          ['b', '23'],
        ],
        { width: 80 },
      ),
    ).toEqual(['name    n', '─────  ──', 'alpha   1', 'b      23']);
  });

  it('breaks cells where it would be too wide, and sets such rows apart', () => {
    expect(
      table(
        columns,
        [
          ['alpha beta', '1'],
          ['b', '23'],
        ],
        { width: 10, indent: 1 },
      ),
    ).toEqual([' name     n', ' ──────  ──', ' alpha    1', ' beta', '', ' b       23']);
  });

  it('paints words, not the blanks that fill', () => {
    const lines = table([{ title: 'a' }, { title: 'b' }], [[{ text: 'x', formats: ['red'] }, 'y']], {
      width: 80,
      paint: painter(true),
    });
    expect(lines[2]).toBe('\x1b[31mx\x1b[39m  y');
  });
});

describe('a page', () => {
  it('lines up pairs and breaks long values', () => {
    const page = new Page({ color: false, columns: 20 }).pairs([
      ['a', 'one two three four five'],
      ['long', 'x'],
    ]);
    expect(page.toString()).toBe('a     one two three\n      four five\nlong  x\n');
  });

  it('sets marks before the first line of a text', () => {
    const page = new Page({ color: false, columns: 10 }).text('one two three', { indent: 2, mark: '✓' });
    expect(page.toString()).toBe('  ✓ one\n    two\n    three\n');
  });
});

describe('colour', () => {
  const tty = { isTTY: true, columns: 80 };
  it.each([
    [tty, {}, true],
    [{}, {}, false],
    [tty, { NO_COLOR: '1' }, false],
    [tty, { NO_COLOR: '' }, true],
    [tty, { TERM: 'dumb' }, false],
    [{}, { FORCE_COLOR: '1' }, true],
    [tty, { FORCE_COLOR: '0' }, false],
    [{}, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
  ])('of %j with %j: %s', (stream, env, wanted) => expect(wantsColor(stream, env)).toBe(wanted));
});

describe('columns', () => {
  it.each([
    [{ isTTY: true, columns: 132 }, 132],
    [{ isTTY: true, columns: 10 }, 40],
    [{ isTTY: true, columns: 0 }, 100],
    [{ isTTY: true }, 100],
    [{ columns: 50 }, 100],
  ])('of %j: %i', (stream, columns) => expect(columnsOf(stream)).toBe(columns));
});

describe('JSON text', () => {
  it('writes out what a terminal might obey, and is the same value', () => {
    const value = { a: 'x\x1b[2J\u009b\u202e\u2028\uFEFFé漢' };
    const text = jsonText(value);
    expect(text).toBe('{"a":"x\\u001b[2J\\u009b\\u202e\\u2028\\ufeffé漢"}');
    expect(JSON.parse(text)).toEqual(value);
  });
});

describe('the line of progress', () => {
  const progress = {
    totals: { ...noTotals(), runs: 12_345, traces: 1, failing: 2 },
    depth: 60,
    estimatedRuns: 90_000,
    coverage: { pairs: 34, bothWays: 3 },
  };

  it('tells what matters most first', () => {
    expect(progressParts(progress, 2000).join(', ')).toBe(
      '12,345 of about 90,000 runs, 2 failing, 6,173/s, 1 trace, depth 60, 34 racing pairs',
    );
    const begun = { ...progress, totals: { ...noTotals(), runs: 1 }, estimatedRuns: null, coverage: null };
    expect(progressParts(begun, 0)).toEqual(['1 run', '0/s', '0 traces', 'depth 60']);
  });

  it('fits the width: a part is shown whole or not at all', () => {
    const parts = progressParts(progress, 2000);
    expect(progressLine('race.mjs', parts, 79)).toBe(
      'race.mjs: 12,345 of about 90,000 runs, 2 failing, 6,173/s, 1 trace, depth 60',
    );
    expect(progressLine('race.mjs', parts, 50)).toBe('race.mjs: 12,345 of about 90,000 runs, 2 failing');
    const long = progressLine('docs/examples/rediscovery/programs.mjs#freedObjects', parts, 60);
    expect(long).toBe('docs/examples/redis…: 12,345 of about 90,000 runs, 2 failing');
    expect(progressLine('checking scenarios', [], 10)).toBe('checking …');
  });
});
