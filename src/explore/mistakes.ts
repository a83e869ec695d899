/**
 * What the author of a program is told of a mistake in it: where in his own file it is, in whose code, and what he may have
 * meant. A misuse of the set-up is bad input; what a task throws is a failure of the program.
 */
import { InputError } from '../sim/errors.js';
import type { Context } from '../smp/context.js';
import type { Machine } from '../smp/machine.js';
import { Op } from '../smp/op.js';
import { shown } from './check-options.js';
import type { ProgramSetup } from './program.js';

/** A place in a file of the author's: its name without folders, which are different on each machine. */
interface Frame {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A path or URL as one kind of text. */
function pathOf(location: string): string {
  return location
    .replace(/^file:\/\//, '')
    .replace(/[?#].*$/, '')
    .replaceAll('\\', '/');
}

/** Where this library lies. */
const ownRoot = pathOf(new URL('..', import.meta.url).href);

/** The innermost frame that is neither ours, nor Node's, nor that of another package. */
function frameOf(error: unknown): Frame | null {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  for (const text of stack.split('\n')) {
    const found = /^\s+at (?:.* \()?([^()]+):(\d+):(\d+)\)?$/.exec(text);
    if (found === null) continue;
    const [, location, line, column] = found as unknown as [string, string, string, string];
    const path = pathOf(location);
    if (/^node:|^<|\/node_modules\//.test(path) || path.startsWith(ownRoot)) continue;
    return { file: path.replace(/^.*\//, ''), line: Number(line), column: Number(column) };
  }
  return null;
}

/** A misuse of the set-up: bad input, with its place. */
export function mistake(message: string): InputError {
  const place = frameOf(new Error(message));
  return new InputError(message, place === null ? {} : { place });
}

/** What was thrown in a run, as the fault's message and place. */
export function thrownIn(machine: Machine, error: unknown): { readonly message: string; readonly place: string } {
  const context = machine.current;
  const frame = frameOf(error);
  const at = frame === null ? '' : `${frame.file}:${frame.line}`;
  const where = [...(context === null ? [] : [ownerOf(context)]), ...(at === '' ? [] : [at])].join(', ');
  const [first = '', ...rest] = whatOf(error, frame, context).split('\n');
  const message = [where === '' ? first : `${first} (${where})`, ...rest].join('\n');
  const names = context === null ? '' : [context.name, ...context.stack].join(' > ');
  return { message, place: at === '' ? names : `${names} at ${at}`.trim() };
}

function ownerOf({ kind, name, stack }: Context): string {
  return kind === 'process' ? `task ${name}` : [name, ...stack].join(' > ');
}

function whatOf(error: unknown, frame: Frame | null, context: Context | null): string {
  const message = error instanceof Error ? error.message : String(error);
  if (frame === null && context !== null && error instanceof TypeError) {
    const op: unknown = context.op;
    // A generator that waits in a yield does not tell in which.
    const yields = `operation ${context.steps + 1} is`;
    if (op !== null && !(op instanceof Op)) return `${yields} ${noOperation(op)}`;
    if (/'object'/.test(message)) return `${yields} missing, the yield yields nothing: ${operations}`;
  }
  const [, called] = /(\S+\.(?:read|readOnce)) is not a function/.exec(message) ?? [];
  if (called !== undefined) return `${message}; ${called} is an operation: yield it, do not call it`;
  if (/^yield\* .*not iterable|return value is not iterable/.test(message)) {
    return `${message}; an operation, as mod_timer(…) makes, is performed with yield, not yield*`;
  }
  return message;
}

const operations = 'each yield performs an operation, such as x.read, x.write(1) or spin_lock(lock)';

function noOperation(value: unknown): string {
  if (isGenerator(value)) return 'a generator: a function* such as mutex_lock is called with yield*, not yield';
  if (typeof value !== 'function') return `${shown(value)}, which is no operation: ${operations}`;
  return `${shown(value)}: call it, as in yield x.write(1)`;
}

/** Asked with `in`: objects of assertion libraries throw at a property they do not know. */
function has(value: unknown, method: string): boolean {
  return typeof value === 'object' && value !== null && method in value;
}

function isGenerator(value: unknown): boolean {
  return has(value, 'next');
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return has(value, 'then');
}

/** `what` was called to its end; it must not go on later. */
export function refuseLater(what: string, answer: unknown): void {
  if (isPromise(answer)) {
    // Whatever it still does is nobody's: it may fail in silence.
    answer.then(undefined, () => undefined);
    throw mistake(`${what} is async: a run is over before it goes on; leave out async and await`);
  }
  if (isGenerator(answer)) throw mistake(`${what} is a generator function, and nothing of it runs: leave out the *`);
}

/** Throws InputError unless it is a function that is done when it returns. */
export function checkFunction(what: string, value: unknown, mayYield: boolean): void {
  if (typeof value !== 'function') throw mistake(`${what} is ${shown(value)}; expected a function`);
  const kind = value.constructor.name;
  if (kind.startsWith('Async'))
    throw mistake(`${what} is async, which nothing in a run can be; leave out async and await`);
  if (!mayYield && kind === 'GeneratorFunction') {
    throw mistake(`${what} is a generator function: it reads values directly, as x.value, and cannot yield`);
  }
}

/** Nothing took place in a run though nothing went wrong, and nothing was chosen: so it is in every run. */
export function refuseNothing(setup: ProgramSetup): void {
  if (setup.tasks > 0) return;
  throw new InputError("the program has no tasks, so nothing runs: p.task('a', function* () { … }) makes one");
}

const generatorFunction = 'expected a generator function, function* () { … }';

/** The code of a task, ready to run. */
export function bodyOf<T>(name: string, code: () => T): T {
  const what = `p.task('${name}', …)`;
  if (isGenerator(code)) throw mistake(`${what}: its code is a generator; leave out the () that made it`);
  if (typeof code !== 'function') throw mistake(`${what}: its code is ${shown(code)}; ${generatorFunction}`);
  const body = code();
  if (isGenerator(body) && !(Symbol.asyncIterator in (body as object))) return body;
  if (isPromise(body)) body.then(undefined, () => undefined);
  const kind = isPromise(body) || isGenerator(body) ? 'an async function' : 'no generator function';
  throw mistake(`${what}: its code is ${kind}; ${generatorFunction}`);
}
