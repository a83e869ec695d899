import { describe, expect, it } from 'vitest';
import { clip, escapeControl, escapeControlInLines } from '../../../src/scenario/read/escape.js';

describe('escapeControl', () => {
  it.each([
    ['plain, ü, 漢, 😀', 'plain, ü, 漢, 😀'],
    ['\x1b[31mred', '\\x1b[31mred'],
    ['a\0b\x7f\x85', 'a\\x00b\\x7f\\x85'],
    ['a\nb\r\tc', 'a\\nb\\r\\tc'],
    ['\u202eevil\u202c \u2066x\u2069 \u200f', '\\u202eevil\\u202c \\u2066x\\u2069 \\u200f'],
    ['\u2028\ufeff', '\\u2028\\ufeff'],
    ['\ud800', '\\ud800'],
  ])('%j', (text, expected) => {
    expect(escapeControl(text)).toBe(expected);
  });

  it('escapes every bidirectional override and isolate', () => {
    for (const code of [0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069]) {
      expect(escapeControl(String.fromCodePoint(code))).toBe(`\\u${code.toString(16)}`);
    }
  });

  it('keeps lines and tabs when asked to', () => {
    expect(escapeControlInLines('a\n\tb\r\x1b')).toBe('a\n\tb\\r\\x1b');
  });
});

describe('clip', () => {
  it('cuts long text, after escaping', () => {
    expect(clip('abc', 3)).toBe('abc');
    expect(clip('abcd', 3)).toBe('ab…');
    expect(clip('\0\0', 6)).toBe('\\x00\\…');
  });

  it('does not leave half of a pair', () => {
    expect(clip('a😀bc', 3)).toBe('a…');
  });
});
