import { describe, expect, it } from 'vitest';
import { decodeText, FILE_BYTES_MAX } from '../../../src/scenario/read/decode.js';
import { refusal } from './helpers.js';

const bytes = (...parts: (string | number)[]): Uint8Array =>
  new Uint8Array(parts.flatMap((part) => (typeof part === 'number' ? [part] : [...new TextEncoder().encode(part)])));
const refused = (data: Uint8Array): string => refusal(() => decodeText(data, 'f.yaml'));

describe('decodeText', () => {
  it('takes UTF-8, with or without byte order mark', () => {
    expect(decodeText(bytes('ü😀'), 'f')).toBe('ü😀');
    expect(decodeText(bytes(0xef, 0xbb, 0xbf, 'a'), 'f')).toBe('a');
    expect(decodeText(bytes('\ufffd'), 'f')).toBe('\ufffd');
  });

  it('takes one million bytes and no more', () => {
    expect(decodeText(new Uint8Array(FILE_BYTES_MAX).fill(32), 'f')).toHaveLength(FILE_BYTES_MAX);
    expect(refused(new Uint8Array(FILE_BYTES_MAX + 1).fill(32))).toBe(
      '1:1: the file has 1000001 bytes; at most 1000000 are read',
    );
  });

  it.each([
    ['a stray byte', bytes('a: b\nc: ü', 0xff), '2:5: not UTF-8: byte 0xff at offset 10'],
    ['a cut-off sequence', bytes('ab', 0xe2, 0x82), '1:3: not UTF-8: byte 0xe2 at offset 2'],
    ['an overlong form', bytes(0xc0, 0x80), '1:1: not UTF-8: byte 0xc0 at offset 0'],
    ['an overlong form of three', bytes(0xe0, 0x80, 0x80), '1:1: not UTF-8: byte 0xe0 at offset 0'],
    ['a surrogate', bytes('😀', 0xed, 0xa0, 0x80), '1:3: not UTF-8: byte 0xed at offset 4'],
    ['beyond Unicode', bytes(0xf4, 0x90, 0x80, 0x80), '1:1: not UTF-8: byte 0xf4 at offset 0'],
    ['UTF-16', bytes(0xff, 0xfe, 'a', 0), '1:1: not UTF-8: byte 0xff at offset 0'],
  ])('refuses %s', (_, data, expected) => {
    expect(refused(data)).toBe(expected);
  });

  it.each([
    ['NUL', 'a: b\nc: \0', '2:4: control character \\x00; '],
    ['ESC', 'a: \x1b[0m', '1:4: control character \\x1b; '],
    ['DEL', 'a\x7f', '1:2: control character \\x7f; '],
    ['C1', 'a\x9b', '1:2: control character \\x9b; '],
    ['a lone CR', 'a\rb\r\n', '1:2: control character \\r; '],
    ['a byte order mark inside', 'a\ufeffb', '1:2: control character \\ufeff; '],
    ['a noncharacter', 'a\uffff', '1:2: control character \\uffff; '],
  ])('refuses %s', (_, text, expected) => {
    expect(refused(bytes(text))).toBe(`${expected}inside double quotes it can be written as an escape`);
  });
});
