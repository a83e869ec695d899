/** JSON on stdout: one line, the same bytes for the same value. */
import type { Io } from '../io.js';

/** What JSON.stringify leaves as it is and a terminal might obey: DEL, C1, bidirectional controls, separators. */
const UNSAFE = /[\x7F-\x9F\p{Bidi_Control}\u2028\u2029\uFEFF]/gu;

/** Prints `body` with its `schema` first, such as `jiffies/run/1`. */
export function printJson(io: Io, schema: string, body: object): void {
  io.out(`${jsonText({ schema, ...body })}\n`);
}

export function jsonText(value: unknown, indent = 0): string {
  const text = JSON.stringify(value, null, indent);
  return text.replace(UNSAFE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
