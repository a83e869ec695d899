/** What is printed on stderr when a command cannot do what was asked. */
import { escapeControl } from '../scenario/read/escape.js';
import { InputErrors } from '../scenario/read/validate.js';
import { JiffiesError } from '../sim/errors.js';

/** `file:line:column: message`, or `jiffies: message` for what is in no file. One line, without its end. */
export function errorLine(error: JiffiesError): string {
  const { place } = error;
  const where = place === undefined ? 'jiffies' : `${place.file}:${place.line}:${place.column}`;
  return escapeControl(`${where}: ${error.message}`);
}

/** What to print for `error`: a line for a deliberate one, message and stack for a bug of ours. */
export function errorLines(error: unknown): string {
  if (error instanceof InputErrors && error.total > 1) {
    const more = `; ${error.total - 1} more: jiffies check ${escapeControl(error.place?.file ?? 'FILE')}`;
    return `${errorLine(error)}${more}\n`;
  }
  if (error instanceof JiffiesError && error.exitCode !== 70) return `${errorLine(error)}\n`;
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  const head = error instanceof JiffiesError ? message : `[jiffies internal bug] ${name}: ${message}`;
  const calls = (stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return [`jiffies: ${escapeControl(head)}`, ...calls, ''].join('\n');
}
