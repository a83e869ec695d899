/**
 * Modelled functions on the stack of the context that executes them.
 *
 * Divergence from Linux: only functions wrapped here are seen in stacks; helpers that the kernel inlines are not.
 */
import type { Context } from '../smp/context.js';
import type { Machine } from '../smp/machine.js';
import type { K } from '../smp/op.js';

/**
 * Marks a generator as a modelled kernel function: while it runs, its name is on its context's stack, for traces,
 * reports and the `schedule:` of scenarios. The first argument must know its machine.
 */
export function kernelFunction<S extends { readonly machine: Machine }, A extends unknown[], R>(
  name: string,
  body: (subject: S, ...args: A) => K<R>,
): (subject: S, ...args: A) => K<R> {
  return function* (subject: S, ...args: A): K<R> {
    const stack = subject.machine.current!.stack;
    stack.push(name);
    const result = yield* body(subject, ...args);
    stack.pop();
    return result;
  };
}

/** Runs a callback that may or may not be a generator, under its own name on the stack. */
export function* callNamed(context: Context, name: string, run: () => K | undefined | void): K {
  context.stack.push(name);
  const code = run();
  if (code !== undefined) yield* code;
  context.stack.pop();
}
