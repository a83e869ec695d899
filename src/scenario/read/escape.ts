/** Text from files, made safe to print: a scenario must not be able to move the cursor or reverse a line of a terminal. */

/** C0, DEL, C1; halves of surrogate pairs; bidirectional controls; line and paragraph separators; the byte order mark. */
const UNSAFE = /[\p{Cc}\p{Cs}\p{Bidi_Control}\u2028\u2029\uFEFF]/gu;

/** `text` with every control and bidirectional character written out (`\n`, `\x1b`, `\u202e`). The result is one line. */
export function escapeControl(text: string): string {
  return text.replace(UNSAFE, written);
}

/** As `escapeControl`, but line feeds and tabs stay: for text of several lines, such as a story. */
export function escapeControlInLines(text: string): string {
  return text.replace(UNSAFE, (char) => (char === '\n' || char === '\t' ? char : written(char)));
}

/** `text` escaped and cut to `maxLength` characters, the last of them `…` where something was cut off. */
export function clip(text: string, maxLength: number): string {
  const escaped = escapeControl(text.length > maxLength ? text.slice(0, maxLength + 1) : text);
  return escaped.length > maxLength ? `${escaped.slice(0, maxLength - 1).replace(/\p{Cs}$/u, '')}…` : escaped;
}

function written(char: string): string {
  if (char === '\n') return '\\n';
  if (char === '\r') return '\\r';
  if (char === '\t') return '\\t';
  const code = char.codePointAt(0)!;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
