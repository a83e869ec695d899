/**
 * Checkpoints as files. One is written beside its place and then renamed, so that whatever ends the program, and whenever,
 * the whole last one or the whole new one is there.
 */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Checkpoint, readCheckpoint } from '../../explore/checkpoint.js';
import { InputError } from '../../sim/errors.js';
import { isMissing, readBytes, refusal } from '../files.js';

const CHECKPOINT_BYTES_MAX = 500_000_000;

export function writeCheckpoint(path: string, cwd: string, text: string): void {
  const target = resolve(cwd, path);
  const beside = `${target}.${process.pid}.tmp`;
  try {
    const fd = openSync(beside, 'w');
    try {
      const bytes = Buffer.from(text, 'utf8');
      for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(beside, target);
  } catch (error) {
    rmSync(beside, { force: true });
    throw refusal('write', path, error);
  }
}

/**
 * Throws InputError for what is no checkpoint. Null if there is none and that is allowed; so is an empty file, which was
 * made to be written to.
 */
export function openCheckpoint(path: string, cwd: string, mayBeMissing = false): Checkpoint | null {
  let bytes: Uint8Array;
  try {
    bytes = readBytes(path, cwd, CHECKPOINT_BYTES_MAX);
  } catch (error) {
    if (mayBeMissing && isMissing(error)) return null;
    throw error;
  }
  if (mayBeMissing && bytes.length === 0 && isFile(resolve(cwd, path))) return null;
  return readCheckpoint(textOf(bytes, path), path);
}

function isFile(path: string): boolean {
  return statSync(path).isFile();
}

function textOf(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InputError(`${path}: not a checkpoint of jiffies explore`);
  }
}
