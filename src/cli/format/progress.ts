/** One line on stderr that is rewritten as work goes on; nothing where stderr is no terminal. */
import { clip } from '../../scenario/read/escape.js';
import type { Io } from '../io.js';

export interface Progress {
  show(text: string): void;
  /** Wipes the line. */
  end(): void;
}

const WIDTH_MAX = 79;

export function progressOf(io: Io): Progress {
  if (!io.progress) return { show: () => undefined, end: () => undefined };
  return {
    show: (text) => io.err(`\r\x1b[K${clip(text, Math.min(WIDTH_MAX, io.columns - 1))}`),
    end: () => io.err('\r\x1b[K'),
  };
}
