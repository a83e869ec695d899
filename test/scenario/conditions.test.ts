import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Condition, describeCondition, evaluate } from '../../src/scenario/conditions.js';
import { matchesPattern } from '../../src/scenario/patterns.js';
import type { GcRecord, RunResult } from '../../src/scenario/result.js';
import { script } from './helpers.js';

const row = (values: Partial<GcRecord>): GcRecord => ({
  jiffies: 100,
  dstTotal: 10,
  delayed: 5,
  workPerformed: 1,
  destroyed: 1,
  expires: 25,
  nextExpiry: 125,
  printedExpires: 25,
  elapsedUs: 1000,
  timerInc: 50,
  timerExpires: 25,
  ...values,
});

const result: RunResult = {
  scenario: 's',
  revision: 'r',
  kernel: '2.6.24',
  seed: 1,
  fingerprint: '',
  virtualNs: 0,
  jiffies: 0,
  violations: [
    { kind: 'warning', message: 'WARNING: at net/core/dst.c:270 dst_release()', jiffies: 1, cpu: 0 },
    { kind: 'warning', message: 'WARNING: at kernel/timer.c:1', jiffies: 2, cpu: 0 },
    { kind: 'bug', message: 'kernel BUG at a.h:83!', jiffies: 3, cpu: 1 },
  ],
  kernelLog: [
    { jiffies: 1, cpu: 0, level: 4, text: 'dst_total: 75469 delayed: 74109 work_perf: 141' },
    { jiffies: 2, cpu: 0, level: 4, text: 'eth0 (100%) is up [1]' },
  ],
  metrics: { 'gc.runs': 12, 'gc.time_us': 1234.5678 },
  series: {
    gc: [
      row({}),
      row({ expires: 150, printedExpires: 400, elapsedUs: 2000 }),
      row({ expires: null, printedExpires: null }),
    ],
  },
  calls: [
    { jiffies: 1, cpu: 0, call: 'mod_timer', args: { timer: 't', expires: 5 }, ret: 0 },
    { jiffies: 1, cpu: 0, call: 'mod_timer', args: { timer: 't', expires: 9 }, ret: 1 },
    { jiffies: 1, cpu: 1, call: 'dst_free', args: { dst: 'd' }, ret: null },
  ],
  timers: [
    { jiffies: 5, cpu: 0, timer: 't' },
    { jiffies: 6, cpu: 1, timer: 'u' },
    { jiffies: 7, cpu: 1, timer: 't' },
  ],
  work: [],
  destroyed: [],
  notes: [],
};

/** As a file would have it, checked and all. */
function condition(text: string): Condition {
  return script('[{mod_timer: {timer: t, expires: 1 jiffy}}]', `timers: {t: {}, u: {}, v: {}}\nbug: ${text}`).bug!;
}

type Sample = readonly [text: string, holds: boolean, shownBy: string, words: string];

describe('what a condition finds, and how it is put', () => {
  it.each<Sample>([
    ['{violation: {}}', true, 'WARNING: at net/core/dst.c:270 dst_release() (3 times)', 'violation'],
    ['{violation: {of: bug}}', true, 'kernel BUG at a.h:83!', 'violation bug'],
    ['{violation: {of: double-free}}', false, 'no double-free', 'violation double-free'],
    ['{violation: {of: double-free, count: {is: 0}}}', true, 'no double-free', 'number = 0 of violation double-free'],
    [
      '{violation: {of: warning, message: "dst.c:%d"}}',
      true,
      'WARNING: at net/core/dst.c:270 dst_release()',
      'violation warning "dst.c:%d"',
    ],
    [
      '{violation: {of: warning, count: {above: 2}}}',
      false,
      'WARNING: at net/core/dst.c:270 dst_release() (2 times)',
      'number > 2 of violation warning',
    ],
    [
      '{log: {text: "delayed: %d work"}}',
      true,
      'dst_total: 75469 delayed: 74109 work_perf: 141',
      'log line "delayed: %d work"',
    ],
    ['{log: {text: nothing}}', false, 'no "nothing" in the log', 'log line "nothing"'],
    [
      '{log: {text: "%d", count: {is: 2}}}',
      true,
      'dst_total: 75469 delayed: 74109 work_perf: 141 (2 times)',
      'number = 2 of log line "%d"',
    ],
    ['{metric: {name: gc.runs, is: 12}}', true, 'gc.runs = 12', 'gc.runs = 12'],
    ['{metric: {name: gc.runs, above: 12}}', false, 'gc.runs = 12', 'gc.runs > 12'],
    ['{metric: {name: gc.runs, below: 12}}', false, 'gc.runs = 12', 'gc.runs < 12'],
    ['{metric: {name: gc.runs, at_least: 12, at_most: 12}}', true, 'gc.runs = 12', 'gc.runs ≥ 12 and ≤ 12'],
    ['{metric: {name: gc.runs, at_least: 12.5}}', false, 'gc.runs = 12', 'gc.runs ≥ 12.5'],
    ['{metric: {name: gc.runs, at_most: 11}}', false, 'gc.runs = 12', 'gc.runs ≤ 11'],
    ['{metric: {name: gc.time_us, above: 0}}', true, 'gc.time_us = 1234.57', 'gc.time_us > 0'],
    ['{metric: {name: garbage.empty_s, above: 0}}', false, 'garbage.empty_s has no value', 'garbage.empty_s > 0'],
    ['{metric: {name: mark.done_s, above: 0}}', false, 'mark.done_s has no value', 'mark.done_s > 0'],
    ['{call: {name: mod_timer}}', true, 'mod_timer(timer: t, expires: 5) = 0 (2 times)', 'call mod_timer()'],
    ['{call: {name: mod_timer, ret: 1}}', true, 'mod_timer(timer: t, expires: 9) = 1', 'call mod_timer() = 1'],
    [
      '{call: {name: mod_timer, args: {expires: 5}}}',
      true,
      'mod_timer(timer: t, expires: 5) = 0',
      'call mod_timer(expires: 5)',
    ],
    [
      '{call: {name: mod_timer, ret: 1, args: {expires: 5}}}',
      false,
      'no such mod_timer',
      'call mod_timer(expires: 5) = 1',
    ],
    ['{call: {name: dst_free, ret: null}}', true, 'dst_free(dst: d) = null', 'call dst_free() = null'],
    [
      '{call: {name: mod_timer, count: {below: 2}}}',
      false,
      'mod_timer(timer: t, expires: 5) = 0 (2 times)',
      'number < 2 of call mod_timer()',
    ],
    ['{series: {column: delayed, is: [5, 5, 5]}}', true, 'delayed: 5 5 5', 'gc delayed is 5 5 5'],
    ['{series: {column: expires, is: [25, 150, null]}}', true, 'expires: 25 150 -', 'gc expires is 25 150 -'],
    [
      '{series: {column: expires, is: [25, 151, null]}}',
      false,
      'expires, row 2: 150 (151 expected)',
      'gc expires is 25 151 -',
    ],
    [
      '{series: {column: expires, is: [25, 150]}}',
      false,
      'expires, row 3: none (none expected)',
      'gc expires is 25 150',
    ],
    [
      '{series: {column: delayed, is: [5, 5, 5, 5]}}',
      false,
      'delayed, row 4: none (5 expected)',
      'gc delayed is 5 5 5 5',
    ],
    [
      '{series: {column: elapsedUs, near: {values: [1100, 1900, 1000], percent: 10}}}',
      true,
      'elapsedUs: 1000 2000 1000',
      'gc elapsedUs within 10 % of 1100 1900 1000',
    ],
    [
      '{series: {column: elapsedUs, near: {values: [1100, 1700, 1000], percent: 10}}}',
      false,
      'elapsedUs, row 2: 2000 (1700 ± 10 % expected)',
      'gc elapsedUs within 10 % of 1100 1700 1000',
    ],
    ['{series: {column: expires, any: {above: 100}}}', true, 'expires = 150', 'gc expires somewhere > 100'],
    ['{series: {column: expires, any: {above: 150}}}', false, 'expires: 25 150 -', 'gc expires somewhere > 150'],
    ['{series: {column: expires, every: {at_least: 25}}}', true, 'expires: 25 150 -', 'gc expires always ≥ 25'],
    ['{series: {column: expires, every: {below: 150}}}', false, 'expires = 150', 'gc expires always < 150'],
    [
      '{compare: {column: expires, with: printedExpires}}',
      true,
      'expires 150, printedExpires 400',
      'gc expires and printedExpires differ somewhere',
    ],
    [
      '{compare: {column: expires, with: printedExpires, differ: false}}',
      false,
      'expires 150, printedExpires 400',
      'gc expires and printedExpires never differ',
    ],
    [
      '{compare: {column: delayed, with: delayed, differ: false}}',
      true,
      'delayed = delayed in every run',
      'gc delayed and delayed never differ',
    ],
    ['{fired: [t, u, t]}', true, 'fired: t u t', 'timers fired: t u t'],
    ['{fired: [t, u]}', false, 'fired: t u t', 'timers fired: t u'],
    ['{timer: {name: t}}', true, 't fired on CPU 0 (2 times)', 'firing of t'],
    ['{timer: {name: t, cpu: 1}}', true, 't fired on CPU 1', 'firing of t on CPU 1'],
    ['{timer: {name: v}}', false, 'v did not fire', 'firing of v'],
    ['{timer: {name: t, count: {is: 2}}}', true, 't fired on CPU 0 (2 times)', 'number = 2 of firing of t'],
    ['{not: {timer: {name: v}}}', true, 'v did not fire', 'not (firing of v)'],
    ['{not: {metric: {name: gc.runs, is: 12}}}', false, 'gc.runs = 12', 'not (gc.runs = 12)'],
    [
      '{all: [{metric: {name: gc.runs, is: 12}}, {timer: {name: t, cpu: 1}}]}',
      true,
      'gc.runs = 12; t fired on CPU 1',
      'gc.runs = 12 and firing of t on CPU 1',
    ],
    [
      '{all: [{metric: {name: gc.runs, is: 12}}, {timer: {name: v}}]}',
      false,
      'v did not fire',
      'gc.runs = 12 and firing of v',
    ],
    [
      '{any: [{timer: {name: v}}, {metric: {name: gc.runs, is: 12}}]}',
      true,
      'gc.runs = 12',
      'firing of v or gc.runs = 12',
    ],
    [
      '{any: [{timer: {name: v}}, {metric: {name: gc.runs, is: 1}}]}',
      false,
      'v did not fire; gc.runs = 12',
      'firing of v or gc.runs = 1',
    ],
  ])('%s', (text, holds, shownBy, words) => {
    expect(evaluate(condition(text), result)).toEqual({ holds, shownBy });
    expect(describeCondition(condition(text))).toBe(words);
  });
});

describe('patterns', () => {
  it.each([
    ['BUG at %s:%d!', 'kernel BUG at include/linux/timer.h:83!', true],
    ['BUG at %s:%d!', 'kernel BUG at include/linux/timer.h:!', false],
    ['%d', 'minus -12', true],
    ['a %d b', 'a -12 b', true],
    ['a %d b', 'a 1.5 b', false],
    ['lock: %x,', 'lock: dEad4ead,', true],
    ['lock: %x,', 'lock: xyz,', false],
    ['100%%', 'at 100% now', true],
    ['100%%', 'at 100 now', false],
    ['50% of', '50% of it', true],
    ['a%sb', 'ab', true],
    ['a%sb', 'a\nb', false],
    ['.*', 'anything', false],
    ['.*', 'a .* b', true],
    ['[0-9]+', '7', false],
    ['(a|b)', 'a', false],
    ['^a$', 'a', false],
    ['\\d', '5', false],
    ['%%d', '%d', true],
    ['%%d', '5', false],
    ['', 'all text has nothing in it', true],
  ])('%j in %j: %s', (pattern, text, found) => {
    expect(matchesPattern(pattern, text)).toBe(found);
  });

  it('without holes are found where they stand', () => {
    const plain = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('%'));
    fc.assert(
      fc.property(plain, plain, plain, (before, pattern, after) => {
        expect(matchesPattern(pattern, before + pattern + after)).toBe(true);
        if (!before.includes(pattern)) expect(matchesPattern(pattern, before)).toBe(false);
      }),
    );
  });

  it('take no regular expressions, whatever they look like', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (pattern, text) => {
        expect(() => matchesPattern(pattern, text)).not.toThrow();
      }),
    );
  });

  it('with many holes do not take for ever', () => {
    expect(matchesPattern('%s%d%x'.repeat(150), '1'.repeat(300))).toBe(true);
    expect(matchesPattern(`${'%s%d%x'.repeat(150)}!`, '1'.repeat(300))).toBe(false);
  });

  it('agree with the regular expressions that they stand for', () => {
    const pieces: readonly (readonly [pattern: string, source: string])[] = [
      ['%d', '-?[0-9]+'],
      ['%x', '[0-9a-fA-F]+'],
      ['%s', '[^\\n]*'],
      ['%%', '%'],
      ['a', 'a'],
      ['-', '-'],
      ['1', '1'],
      ['.', '\\.'],
    ];
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '1', '2', '-', '%', '.', 'd', '\n') });
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 6 }), text, (chosen, sample) => {
        const expression = new RegExp(chosen.map(([, source]) => source).join(''));
        expect(matchesPattern(chosen.map(([pattern]) => pattern).join(''), sample)).toBe(expression.test(sample));
      }),
      { numRuns: 500 },
    );
  });
});
