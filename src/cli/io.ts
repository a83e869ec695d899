/** What the commands know of the terminal they talk to. Tests put their own in its place. */

export interface Io {
  /** Writes to stdout: results. */
  out(text: string): void;
  /** Writes to stderr: progress and what went wrong. */
  err(text: string): void;
  /** Until the answer is called, Ctrl-C (SIGINT, SIGTERM) calls `handler` in the place of ending the program. */
  onInterrupt(handler: () => void): () => void;
  /** Characters in a line of stdout. */
  readonly columns: number;
  /** Colours on stdout. */
  readonly color: boolean;
  /** stderr is a terminal: a line of it may be rewritten. */
  readonly progress: boolean;
  /** Current directory: paths are relative to it, and `scenarios` is looked for in it. */
  readonly cwd: string;
  /** Where this package lies, with its own `scenarios`. */
  readonly packageRoot: string;
}

/** Columns of an output that is no terminal. */
export const COLUMNS_DEFAULT = 100;
const COLUMNS_MIN = 40;

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Whether to colour `stream`: FORCE_COLOR, then NO_COLOR, then whether it is a terminal. */
export function wantsColor(stream: Stream, env: Readonly<Record<string, string | undefined>>): boolean {
  const force = env['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  if ((env['NO_COLOR'] ?? '') !== '') return false;
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

/** Characters in a line of `stream`. */
export function columnsOf(stream: Stream): number {
  if (stream.isTTY !== true || !Number.isInteger(stream.columns) || stream.columns === 0) return COLUMNS_DEFAULT;
  return Math.max(COLUMNS_MIN, stream.columns!);
}
