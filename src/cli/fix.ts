/**
 * `--with FILE`: a fix of one's own. It is code and may do what its user may, so there is one way to it: a path that was
 * typed on the command line.
 */
import { spawnSync } from 'node:child_process';
import * as nodeModule from 'node:module';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Fix, fixOf } from '../scenario/index.js';
import { clip } from '../scenario/read/escape.js';
import { InputError, type Place } from '../sim/errors.js';
import { readBytes, sha256, shownPath } from './files.js';
import type { Io } from './io.js';

const FIX_BYTES_MAX = 1_000_000;

/** The fix at the path that was typed, or none if none was. Throws InputError. */
export async function openFix(path: string | undefined, { cwd }: Pick<Io, 'cwd'>): Promise<Fix | undefined> {
  if (path === undefined) return undefined;
  const sum = sha256(readBytes(path, cwd, FIX_BYTES_MAX));
  return fixOf(await loadModule(path, cwd), { file: path, sha256: sum }, await import('../index.js'));
}

/** What the ES module at a path that was typed exports. Throws InputError. */
export async function loadModule(path: string, cwd: string): Promise<Readonly<Record<string, unknown>>> {
  haveOneLibrary();
  const file = resolve(cwd, path);
  try {
    return (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    const place = error instanceof SyntaxError ? placeOf(error, file, path) : null;
    const details = place === null ? { cause: error } : { cause: error, place };
    throw new InputError(`cannot load ${shownPath(path)}: ${clip(`${name}: ${message}`, 300)}`, details);
  }
}

/** Where the text of a module is wrong, as far as Node says: of its own text only when asked to check it. */
function placeOf({ stack = '' }: SyntaxError, file: string, path: string): Place | null {
  return (
    placeIn(stack, path) ?? placeIn(spawnSync(process.execPath, ['--check', file], { encoding: 'utf8' }).stderr, path)
  );
}

/** `FILE:LINE`, the line itself, and marks under what is wrong in it. */
function placeIn(text: string, path: string): Place | null {
  const found = /^(\S.*):(\d+)\n.*\n( *)\^/.exec(text);
  if (found === null) return null;
  const [, where, line, blanks] = found as unknown as [string, string, string, string];
  // It may be in a module that this one imports.
  const file = basename(where) === basename(path) ? path : basename(where);
  return { file, line: Number(line), column: blanks.length + 1 };
}

let hooked = false;

/** Makes `import … from 'jiffies'`, wherever the file lies, mean the library that runs it, and not a copy of it. */
function haveOneLibrary(): void {
  if (hooked) return;
  hooked = true;
  const { registerHooks } = nodeModule as { readonly registerHooks?: (hooks: object) => void };
  const url = new URL('../index.js', import.meta.url).href;
  if (registerHooks !== undefined) {
    registerHooks({
      resolve: (specifier: string, context: object, next: (specifier: string, context: object) => object) =>
        specifier === 'jiffies' ? { url, shortCircuit: true } : next(specifier, context),
    });
    return;
  }
  // Before Node 22.15 hooks run in a thread of their own, and so are a module.
  const hooks = `export const resolve = (specifier, context, next) => specifier === 'jiffies'
    ? { url: ${JSON.stringify(url)}, shortCircuit: true } : next(specifier, context);`;
  nodeModule.register(`data:text/javascript,${encodeURIComponent(hooks)}`);
}
