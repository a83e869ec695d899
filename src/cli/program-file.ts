/**
 * Program files: ES modules that export programs for `explore`. They are code and may do what their user may, so there is
 * one way to them: a path that was typed on the command line.
 *
 * Every function that a module exports is a program; so is what `worldProgram` and `scenarioProgram` make. `FILE#NAME`
 * chooses one of several.
 */
import type { Explorable } from '../explore/runner.js';
import { clip } from '../scenario/read/escape.js';
import { didYouMean, InputError } from '../sim/errors.js';
import { readBytes, sha256, shownPath } from './files.js';
import { loadModule } from './fix.js';
import type { Io } from './io.js';

const PROGRAM_BYTES_MAX = 1_000_000;

const form = /^(.*\.m?js)(?:#(.*))?$/s;

/** Whether an argument is a program file rather than a scenario. */
export function isProgramFile(text: string): boolean {
  return form.test(text);
}

export interface ProgramFile {
  readonly program: Explorable;
  /** As it was typed, and `#` with its name where the file has several. */
  readonly name: string;
  /** Of the file's text. What it imports is not part of that. */
  readonly sha256: string;
}

/** The program that `text` means. Throws InputError for a file that is missing, does not load or has no such program. */
export async function openProgram(text: string, { cwd }: Pick<Io, 'cwd'>): Promise<ProgramFile> {
  const [, path, wanted] = form.exec(text)! as unknown as [string, string, string | undefined];
  const sum = sha256(readBytes(path, cwd, PROGRAM_BYTES_MAX));
  const programs = new Map(Object.entries(await loadModule(path, cwd)).filter(isProgram));
  const names = [...programs.keys()].sort();
  const [only] = names;
  if (only === undefined) {
    throw new InputError(`${shownPath(path)} exports no program: expected export function race(p) { … }`);
  }
  if (wanted === undefined) {
    if (names.length === 1) return { program: programs.get(only)!, name: path, sha256: sum };
    throw new InputError(`${shownPath(path)} exports ${names.join(', ')}; say which: ${shownPath(`${path}#${only}`)}`);
  }
  const program = programs.get(wanted);
  if (program !== undefined) return { program, name: text, sha256: sum };
  const near = didYouMean(clip(wanted, 60), names) || `; there is ${names.join(', ')}`;
  throw new InputError(`${shownPath(path)} exports no program '${clip(wanted, 60)}'${near}`);
}

function isProgram(entry: [string, unknown]): entry is [string, Explorable] {
  const value = entry[1];
  if (typeof value === 'function') return true;
  return typeof value === 'object' && value !== null && 'stage' in value && typeof value.stage === 'function';
}
