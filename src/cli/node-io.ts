/** The terminal of this process. Writing is synchronous, so that nothing is lost at exit and a closed pipe is noticed. */
import { writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { JiffiesError } from '../sim/errors.js';
import { columnsOf, type Io, wantsColor } from './io.js';

const RETRY_MS = 5;

/** A writer to file descriptor `fd` that falls silent when the reader goes away (`| head`). */
function writer(fd: number): (text: string) => void {
  let closed = false;
  return (text) => {
    if (closed) return;
    const bytes = Buffer.from(text, 'utf8');
    for (let at = 0; at < bytes.length && !closed; ) {
      try {
        at += writeSync(fd, bytes, at);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'EPIPE' || code === 'EOF') closed = true;
        else if (code === 'EAGAIN') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
        else throw new JiffiesError('output', 70, `cannot write the output: ${(error as Error).message}`);
      }
    }
  };
}

function onInterrupt(handler: () => void): () => void {
  process.on('SIGINT', handler);
  process.on('SIGTERM', handler);
  return () => {
    process.off('SIGINT', handler);
    process.off('SIGTERM', handler);
  };
}

export function nodeIo(): Io {
  return {
    out: writer(1),
    err: writer(2),
    onInterrupt,
    columns: columnsOf(process.stdout),
    color: wantsColor(process.stdout, process.env),
    progress: process.stderr.isTTY === true && process.env['TERM'] !== 'dumb',
    cwd: process.cwd(),
    packageRoot: fileURLToPath(new URL('../..', import.meta.url)),
  };
}
