/** One line on stderr that is rewritten as work goes on; nothing where stderr is no terminal. */
import { clip } from '../../scenario/read/escape.js';
import type { Io } from '../io.js';

export interface Progress {
  /** `text`, and how far it is: as many of the parts, from the first, as there is room for. */
  show(text: string, parts?: readonly string[]): void;
  /** Wipes the line. */
  end(): void;
}

const WIDTH_MAX = 79;

export function progressOf(io: Io): Progress {
  if (!io.progress) return { show: () => undefined, end: () => undefined };
  return {
    show: (text, parts = []) => io.err(`\r\x1b[K${progressLine(text, parts, Math.min(WIDTH_MAX, io.columns - 1))}`),
    end: () => io.err('\r\x1b[K'),
  };
}

/** The line, `width` characters at most: the parts after the first are shown whole or not at all. */
export function progressLine(text: string, parts: readonly string[], width: number): string {
  if (parts.length === 0) return clip(text, width);
  let line = `${clip(text, Math.floor(width / 3))}: ${parts[0]}`;
  for (const part of parts.slice(1)) {
    const next = `${line}, ${part}`;
    if (next.length > width) break;
    line = next;
  }
  return clip(line, width);
}
