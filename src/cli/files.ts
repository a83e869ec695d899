/** Reading and writing files that people name: whatever is there, the only error is InputError. */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { clip, escapeControl } from '../scenario/read/escape.js';
import { InputError } from '../sim/errors.js';

const CHUNK_BYTES = 65_536;

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'a part of the path is not a directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a directory',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
  EEXIST: 'it exists already',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left',
  EMFILE: 'too many open files',
  ENXIO: 'it cannot be opened',
};

/** Why the system refused, in words. */
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return reasons[code ?? ''] ?? code ?? message;
}

export function isMissing(error: unknown): boolean {
  return error instanceof InputError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
}

export function refusal(verb: string, path: string, error: unknown): InputError {
  return new InputError(`cannot ${verb} ${shownPath(path)}: ${reasonOf(error)}`, { cause: error });
}

/** `path` in quotes, made safe to print. */
export function shownPath(path: string): string {
  return `'${clip(path, 300)}'`;
}

/** The bytes of the file `path` (relative to `cwd`), refused if there are more than `bytesMax`. */
export function readBytes(path: string, cwd: string, bytesMax: number): Uint8Array {
  if (path.includes('\0')) throw new InputError(`cannot read ${shownPath(path)}: the name holds a zero byte`);
  let fd: number | undefined;
  try {
    fd = openSync(resolve(cwd, path), 'r');
    if (fstatSync(fd).isDirectory()) throw new InputError(`cannot read ${shownPath(path)}: it is a directory`);
    return readAtMost(fd, path, bytesMax);
  } catch (error) {
    throw error instanceof InputError ? error : refusal('read', path, error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Read in pieces: the size that the system tells is no bound for a device or a pipe. */
function readAtMost(fd: number, path: string, bytesMax: number): Uint8Array {
  const pieces: Buffer[] = [];
  let total = 0;
  for (;;) {
    const piece = Buffer.allocUnsafe(CHUNK_BYTES);
    const count = readSync(fd, piece);
    if (count === 0) return Buffer.concat(pieces, total);
    pieces.push(piece.subarray(0, count));
    total += count;
    if (total > bytesMax) {
      throw new InputError(`cannot read ${shownPath(path)}: it has more than ${bytesMax} bytes`);
    }
  }
}

/** Of what a file holds, in hexadecimal digits. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Writes a new file; one that exists is left as it is and refused. The directory `makeDirectory` is made if missing. */
export function writeNew(path: string, cwd: string, text: string, makeDirectory: boolean): void {
  const target = resolve(cwd, path);
  try {
    if (makeDirectory) mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text, { flag: 'wx' });
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (missing)
      throw new InputError(`cannot write ${shownPath(path)}: there is no directory ${shownPath(dirname(path))}`);
    throw refusal('write', path, error);
  }
}

export function isDirectory(path: string): boolean {
  try {
    return existsSync(path) && statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** `path` as a person in `cwd` would write it. */
export function pathFrom(cwd: string, path: string): string {
  const short = relative(cwd, path);
  const inside = short !== '' && !isAbsolute(short) && short.split(sep)[0] !== '..';
  return inside ? short : path;
}

/** Name of a scenario by its file. */
export function nameOfFile(path: string): string {
  return escapeControl(basename(path).replace(/\.ya?ml$/, ''));
}
