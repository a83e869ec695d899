/**
 * A fix of one's own: generator functions that a run puts in the place of the model's, by the names of the kernel.
 *
 * It is code, and there is no way to it from a scenario or any other file: whoever runs something hands it over.
 */
import { Oops } from '../kernel/bug.js';
import { replaceableNames } from '../kernel/function.js';
import { didYouMean, InputError, JiffiesError } from '../sim/errors.js';
import type { Machine, Replacement } from '../smp/machine.js';
import { type K, Op } from '../smp/op.js';
import { clip } from './read/escape.js';

/** What results say of it. */
export interface FixName {
  /** What a person calls it: the path, as it was typed. */
  readonly file: string;
  /** Of its text: 64 hexadecimal digits. Part of the fingerprint of every run with it. */
  readonly sha256: string;
  /** The functions it replaces, sorted. */
  readonly functions: readonly string[];
}

/** Gets the arguments of the function that it replaces, and behind them that function. */
export type OwnFunction = (...args: any[]) => K<any>;

export interface Fix extends FixName {
  /** Its functions, for one run: a factory makes them anew. */
  make(): Readonly<Record<string, OwnFunction>>;
}

const NAME_LENGTH_MAX = 60;

/**
 * The fix that a module with these exports is. They are generator functions under kernel names; or one `default`, a
 * function that is given the public library and answers an object of them, called once for each run.
 *
 * @throws InputError for what is not like that
 */
export function fixOf(
  exports: Readonly<Record<string, unknown>>,
  { file, sha256 }: Pick<FixName, 'file' | 'sha256'>,
  library: object,
): Fix {
  const fail = failing(file);
  const make = Object.hasOwn(exports, 'default') ? fromFactory(exports, library, fail) : () => exports;
  const checked = (): Record<string, OwnFunction> => checkFunctions(make(), fail);
  return { file, sha256, functions: Object.keys(checked()).sort(), make: checked };
}

type Fail = (message: string) => InputError;

function failing(file: string): Fail {
  return (message) => new InputError(`${clip(file, 300)}: ${message}`);
}

function fromFactory(exports: Readonly<Record<string, unknown>>, library: object, fail: Fail): () => unknown {
  const { default: factory, ...others } = exports;
  const [other] = Object.keys(others);
  if (other !== undefined) {
    throw fail(`it exports a default and '${clip(other, NAME_LENGTH_MAX)}'; use either a default or names`);
  }
  if (typeof factory !== 'function' || isGenerator(factory)) {
    throw fail(`its default export is ${kindOf(factory)}; expected a function that answers an object of generators`);
  }
  return () => {
    try {
      return (factory as (library: object) => unknown)(library);
    } catch (error) {
      throw fail(`its default export threw ${thrown(error, '')}`);
    }
  };
}

function checkFunctions(made: unknown, fail: Fail): Record<string, OwnFunction> {
  if (typeof made !== 'object' || made === null || made instanceof Promise) {
    throw fail(`its default export answered ${kindOf(made)}; expected an object of generator functions`);
  }
  const entries = Object.entries(made);
  const known = [...replaceableNames].sort();
  if (entries.length === 0) throw fail(`it exports nothing; expected generator functions such as ${known[0]}`);
  for (const [name, value] of entries) {
    if (!replaceableNames.has(name)) {
      const near = didYouMean(name.slice(0, NAME_LENGTH_MAX), known) || `; there are ${known.join(', ')}`;
      throw fail(`there is no function '${clip(name, NAME_LENGTH_MAX)}' to replace${near}`);
    }
    if (!isGenerator(value)) throw fail(`${name} is ${kindOf(value)}; expected a generator function (function*)`);
  }
  return Object.fromEntries(entries) as Record<string, OwnFunction>;
}

function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}

function isGenerator(value: unknown): boolean {
  return tagOf(value) === 'GeneratorFunction';
}

const kinds: Readonly<Record<string, string>> = {
  Undefined: 'undefined',
  Null: 'null',
  Function: 'a plain function',
  AsyncFunction: 'an async function',
  AsyncGeneratorFunction: 'an async generator',
  GeneratorFunction: 'a generator function without a name of the kernel',
  Promise: 'a promise',
  Array: 'a list',
};

function kindOf(value: unknown): string {
  return kinds[tagOf(value)] ?? `a value of type ${typeof value}`;
}

/** An error in words, with its place if that is in `file`. */
function thrown(error: unknown, file: string): string {
  if (!(error instanceof Error)) return clip(`${tagOf(error)} ${String(error)}`, 300);
  const base = file.replace(/^.*[/\\]/, '');
  const line = (error.stack ?? '').split('\n').find((text) => base !== '' && text.includes(`${base}:`));
  const at = line === undefined ? '' : ` (${base}${/:\d+:\d+/.exec(line.slice(line.indexOf(`${base}:`)))?.[0] ?? ''})`;
  return `${clip(`${error.name}: ${error.message}`, 300)}${at}`;
}

/** What results say of a fix. */
export function nameOfFix({ file, sha256, functions }: FixName): FixName {
  return { file, sha256, functions };
}

/** A fix at work in one machine. */
export class FixAtWork {
  private readonly fix: Fix;
  private readonly called = new Set<string>();

  /** Puts it in before anything has run. */
  constructor(machine: Machine, fix: Fix) {
    this.fix = fix;
    const replacements = new Map<string, Replacement>();
    for (const [name, own] of Object.entries(fix.make())) replacements.set(name, this.watched(name, own));
    machine.replacements = replacements;
    machine.trace.seal(`with ${fix.sha256}`);
  }

  /** What a reader must know after the run. */
  notes(): string[] {
    const idle = this.fix.functions.filter((name) => !this.called.has(name));
    return idle.map((name) => `${this.fix.file}: ${name} was never called in this run`);
  }

  /** The function, with what goes wrong in it told as an error of its file and not of ours. */
  private watched(name: string, own: OwnFunction): Replacement {
    const { fix, called } = this;
    const fail = failing(fix.file);
    return function* (original, args) {
      called.add(name);
      let result: unknown;
      const code = guarded(() => own(...args, original));
      for (;;) {
        const next = guarded(() => code.next(result));
        if (next.done === true) return next.value;
        if (!(next.value instanceof Op)) {
          throw fail(`${name} yielded ${kindOf(next.value)}; expected an operation of this library (or yield*)`);
        }
        result = yield next.value;
      }
    };

    function guarded<T>(step: () => T): T {
      try {
        return step();
      } catch (error) {
        if (error instanceof JiffiesError || error instanceof Oops) throw error;
        throw fail(`${name} threw ${thrown(error, fix.file)}`);
      }
    }
  }
}
