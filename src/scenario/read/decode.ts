/** From the bytes of a file to text that is safe to parse: size, encoding, control characters. */
import { InputError } from '../../sim/errors.js';
import { escapeControl } from './escape.js';
import { Lines } from './lines.js';

/** Largest file that is read, in bytes. */
export const FILE_BYTES_MAX = 1_000_000;

/** What YAML does not call printable, a lone carriage return (parsers disagree on it), and a byte order mark inside. */
const FORBIDDEN = /\r(?!\n)|(?![\t\n\r])\p{Cc}|[\uFEFF\uFFFE\uFFFF]/u;

/** The text of a file, without its byte order mark. Throws InputError if it is too large, not UTF-8, or holds control characters. */
export function decodeText(bytes: Uint8Array, file: string): string {
  if (bytes.length > FILE_BYTES_MAX) {
    throw new InputError(`the file has ${bytes.length} bytes; at most ${FILE_BYTES_MAX} are read`, {
      place: { file, line: 1, column: 1 },
    });
  }
  const decoded = decodeUtf8(bytes, file);
  const text = decoded.startsWith('\uFEFF') ? decoded.slice(1) : decoded;
  const bad = FORBIDDEN.exec(text);
  if (bad !== null) {
    const name = escapeControl(bad[0]);
    const shown = name === bad[0] ? `\\u${bad[0].charCodeAt(0).toString(16)}` : name;
    throw new InputError(`control character ${shown}; inside double quotes it can be written as an escape`, {
      place: new Lines(text, file).placeAt(bad.index),
    });
  }
  return text;
}

function decodeUtf8(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const offset = firstInvalidByte(bytes);
    const before = new TextDecoder('utf-8').decode(bytes.subarray(0, offset));
    const byte = (bytes[offset] ?? 0).toString(16).padStart(2, '0');
    throw new InputError(`not UTF-8: byte 0x${byte} at offset ${offset}`, {
      place: new Lines(before, file).placeAt(before.length),
      cause,
    });
  }
}

/** Offset of the first byte that does not belong to a well-formed sequence (an overlong form, a surrogate, a cut-off one). */
function firstInvalidByte(bytes: Uint8Array): number {
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    if (length === 0) return at;
    at += length;
  }
  return at;
}

/** Length of the UTF-8 sequence at `at`, or 0 if there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  const length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  for (let i = 1; i < length; i++) {
    if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  const second = bytes[at + 1] ?? 0;
  if (first === 0xe0 && second < 0xa0) return 0;
  if (first === 0xed && second > 0x9f) return 0;
  if (first === 0xf0 && second < 0x90) return 0;
  if (first === 0xf4 && second > 0x8f) return 0;
  return length;
}
