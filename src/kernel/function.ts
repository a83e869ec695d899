/**
 * Modelled functions on the stack of the context that executes them, and what a run may put in their place.
 *
 * Divergence from Linux: only functions wrapped here are seen in stacks; helpers that the kernel inlines are not.
 */
import type { Context } from '../smp/context.js';
import type { Machine } from '../smp/machine.js';
import type { K } from '../smp/op.js';

const names = new Set<string>();

/** Names of the functions that a run may replace: those of all modules loaded. */
export const replaceableNames: ReadonlySet<string> = names;

/**
 * Marks a generator as a modelled kernel function: while it runs, its name is on its context's stack, for traces,
 * reports and the `schedule:` of scenarios, and a run may replace it. The first argument must know its machine.
 */
export function kernelFunction<S extends { readonly machine: Machine }, A extends unknown[], R>(
  name: string,
  body: (subject: S, ...args: A) => K<R>,
): (subject: S, ...args: A) => K<R> {
  names.add(name);
  return function* (subject: S, ...args: A): K<R> {
    const { machine } = subject;
    const { stack } = machine.current!;
    stack.push(name);
    const code = machine.replacements === null ? body(subject, ...args) : chosen(name, body, subject, args);
    const result = yield* code;
    stack.pop();
    return result;
  };
}

/**
 * The same for a generator that puts its own name on the stack, or is called by one who does: no generator stands
 * between it and its caller, which would cost at every operation.
 */
export function replaceable<S extends { readonly machine: Machine }, A extends unknown[], R>(
  name: string,
  body: (subject: S, ...args: A) => K<R>,
): (subject: S, ...args: A) => K<R> {
  names.add(name);
  return (subject: S, ...args: A): K<R> => {
    if (subject.machine.replacements === null) return body(subject, ...args);
    return framed(name, body, subject, args);
  };
}

/** The replacement that the run has for a function, or the function itself, about to begin. */
function chosen<S extends { readonly machine: Machine }, A extends unknown[], R>(
  name: string,
  body: (subject: S, ...args: A) => K<R>,
  subject: S,
  args: A,
): K<R> {
  const own = subject.machine.replacements?.get(name);
  if (own === undefined) return body(subject, ...args);
  const all: unknown[] = [subject, ...args];
  // As many as the function declares: what its author expects behind them stands there.
  while (all.length < body.length) all.push(undefined);
  return own(body, all);
}

/** A replacement does not put its name on the stack itself. */
function* framed<S extends { readonly machine: Machine }, A extends unknown[], R>(
  name: string,
  body: (subject: S, ...args: A) => K<R>,
  subject: S,
  args: A,
): K<R> {
  const { replacements, current } = subject.machine;
  const { stack } = current!;
  const bare = replacements?.has(name) === true && stack.at(-1) !== name;
  if (bare) stack.push(name);
  const result = yield* chosen(name, body, subject, args);
  if (bare) stack.pop();
  return result;
}

/** Runs a callback that may or may not be a generator, under its own name on the stack. */
export function* callNamed(context: Context, name: string, run: () => K | undefined | void): K {
  context.stack.push(name);
  const code = run();
  if (code !== undefined) yield* code;
  context.stack.pop();
}
