import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationSchema, formatDuration, parseDuration, toJiffies, toNs } from '../../../src/scenario/read/duration.js';
import { toJsonSchema } from '../../../src/scenario/read/json-schema.js';
import { InternalError } from '../../../src/sim/errors.js';
import { complaints, refusal } from './helpers.js';

describe('parseDuration', () => {
  it.each([
    ['25 jiffies', 'jiffies', 25],
    ['1 jiffy', 'jiffies', 1],
    ['25jiffies', 'jiffies', 25],
    ['-3 jiffies', 'jiffies', -3],
    ['-0 jiffies', 'jiffies', 0],
    ['100ms', 'ns', 100_000_000],
    ['2s', 'ns', 2_000_000_000],
    ['3.5s', 'ns', 3_500_000_000],
    ['3.50 s', 'ns', 3_500_000_000],
    ['0.1ms', 'ns', 100_000],
    ['10us', 'ns', 10_000],
    ['250ns', 'ns', 250],
    ['250.0ns', 'ns', 250],
    ['5min', 'ns', 300_000_000_000],
    ['2h', 'ns', 7_200_000_000_000],
  ])('%s', (text, unit, value) => {
    expect(parseDuration(text)).toEqual({ unit, value });
  });

  it.each([
    ['25', "expected a duration with a unit (jiffies, ns, us, ms, s, min, h), found '25'"],
    ['25 jiffys', "unknown unit 'jiffys', expected one of jiffies, ns, us, ms, s, min, h; did you mean 'jiffies'?"],
    ['1 fortnight', "unknown unit 'fortnight', expected one of jiffies, ns, us, ms, s, min, h"],
    ['1 constructor', "unknown unit 'constructor', expected one of jiffies, ns, us, ms, s, min, h"],
    ['1.5 jiffies', "expected a whole number of jiffies, found '1.5 jiffies'"],
    ['0.5ns', "expected a whole number of ns, found '0.5ns'"],
    ['soon', "expected a duration such as 25 jiffies or 100ms, found 'soon'"],
    ['1e3s', "expected a duration such as 25 jiffies or 100ms, found '1e3s'"],
    ['', "expected a duration such as 25 jiffies or 100ms, found ''"],
    ['+1s', "expected a duration such as 25 jiffies or 100ms, found '+1s'"],
    ['1s\x1b', "unknown unit 's\\x1b', expected one of jiffies, ns, us, ms, s, min, h; did you mean 's'?"],
    ['9999999h', "expected a shorter duration, found '9999999h'"],
    ['9007199254740992 jiffies', "expected a shorter duration, found '9007199254740992 jiffies'"],
  ])('refuses %j', (text, message) => {
    expect(refusal(() => parseDuration(text))).toBe(message);
  });

  it('reads what formatDuration writes', () => {
    const durations = fc.record({
      unit: fc.constantFrom('jiffies' as const, 'ns' as const),
      value: fc.maxSafeInteger(),
    });
    fc.assert(
      fc.property(durations, (duration) => {
        expect(parseDuration(formatDuration(duration))).toEqual(duration);
      }),
    );
    expect(formatDuration({ unit: 'ns', value: 1_500_000 })).toBe('1500 us');
    expect(formatDuration({ unit: 'ns', value: 0 })).toBe('0 ns');
    expect(formatDuration({ unit: 'jiffies', value: -1 })).toBe('-1 jiffy');
  });
});

describe('toNs and toJiffies', () => {
  it.each([
    ['1ms', 250, 1],
    ['4ms', 250, 1],
    ['4001us', 250, 2],
    ['100ms', 100, 10],
    ['1ns', 1000, 1],
    ['0s', 250, 0],
    ['-4ms', 250, -1],
    ['-5ms', 250, -1],
    ['-1ns', 250, 0],
    ['7 jiffies', 250, 7],
  ])('%s at HZ=%i is %i jiffies, rounded up', (text, hz, jiffies) => {
    expect(toJiffies(parseDuration(text), hz)).toBe(jiffies);
  });

  it('jiffies last 10^9 / HZ ns', () => {
    expect(toNs(parseDuration('3 jiffies'), 250)).toBe(12_000_000);
    expect(toNs(parseDuration('3ms'), 250)).toBe(3_000_000);
    expect(refusal(() => toNs(parseDuration('9007199254740991 jiffies'), 100))).toBe(
      '9007199254740991 jiffies are too long at HZ=100',
    );
    expect(() => toNs(parseDuration('1 jiffy'), 300)).toThrow(InternalError);
  });

  it('never gives a timer that is early, nor one a whole jiffy late', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.constantFrom(1, 100, 250, 1000, 1_000_000_000), (value, hz) => {
        const jiffies = toJiffies({ unit: 'ns', value }, hz);
        const per = BigInt(1_000_000_000 / hz);
        const late = BigInt(jiffies) * per - BigInt(value);
        expect(late >= 0n && late < per).toBe(true);
      }),
    );
  });
});

describe('durationSchema', () => {
  it('parses, within bounds', () => {
    expect(durationSchema().parse('1 jiffy')).toEqual({ unit: 'jiffies', value: 1 });
    expect(durationSchema({ allowNegative: true }).parse('-1s')).toEqual({ unit: 'ns', value: -1_000_000_000 });
    expect(durationSchema({ bare: 'jiffies' }).parse(5)).toEqual({ unit: 'jiffies', value: 5 });
    expect(durationSchema({ bare: 'jiffies' }).parse('5ms')).toEqual({ unit: 'ns', value: 5_000_000 });
  });

  it('says what is wrong', () => {
    const schema = durationSchema({ min: { jiffies: 1, ns: 1 }, max: { ns: 2_000_000_000 } });
    expect(complaints(schema, '25')).toEqual([
      '1:1: expected a duration with a unit (jiffies, ns, us, ms, s, min, h), found 25',
    ]);
    expect(complaints(schema, '"25"')).toEqual([
      "1:1: expected a duration with a unit (jiffies, ns, us, ms, s, min, h), found '25'",
    ]);
    expect(complaints(schema, '0 jiffies')).toEqual(['1:1: expected a duration of at least 1 jiffy, found 0 jiffies']);
    expect(complaints(schema, '3s')).toEqual(['1:1: expected a duration of at most 2 s, found 3s']);
    expect(complaints(durationSchema(), '-3 jiffies')).toEqual([
      '1:1: expected a duration of at least 0, found -3 jiffies',
    ]);
    expect(complaints(durationSchema({ bare: 'jiffies' }), '[1]')).toEqual([
      '1:1: expected a duration or a number of jiffies, found a list',
    ]);
    expect(complaints(durationSchema({ bare: 'jiffies' }), '1 jifies')).toEqual([
      "1:1: unknown unit 'jifies', expected one of jiffies, ns, us, ms, s, min, h; did you mean 'jiffies'?",
    ]);
  });

  it('is a string with a pattern in JSON Schema, and the pattern agrees with the parser', () => {
    const names = { id: 'https://example.org/d', title: 'd' };
    expect(toJsonSchema(durationSchema(), names)).toMatchObject({ type: 'string', pattern: /^\^\[0-9\]/ });
    const { pattern } = toJsonSchema(durationSchema({ allowNegative: true }), names) as { pattern: string };
    const texts = ['1 jiffy', '3.5s', '-2h', '5min', '1', 'x', '1 jiffys', '1  s', '.5s', '1.s', '--1s', '1µs'];
    for (const text of texts) {
      expect([text, new RegExp(pattern).test(text)]).toEqual([
        text,
        durationSchema({ allowNegative: true }).safeParse(text).success,
      ]);
    }
  });
});
