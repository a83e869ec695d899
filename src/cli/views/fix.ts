/** How a fix of one's own is named in what is printed. */
import type { FixName } from '../../scenario/index.js';
import { escapeControl } from '../../scenario/read/escape.js';

const DIGITS = 12;

/** `./my-fix.mjs in place of __dst_free, sha256 0123456789ab…`. */
export function fixText({ file, sha256, functions }: FixName): string {
  return `${escapeControl(file)} in place of ${functions.join(', ')}; sha256 ${sha256.slice(0, DIGITS)}…`;
}
