/**
 * Operations on something shared that is no cell and no lock: a completion, the worklist of another CPU; and the rule for
 * operations in which a context may go to sleep.
 *
 * Divergence from Linux: what such code does under its own lock is one operation.
 */
import type { Context } from './context.js';
import { type Access, Op } from './op.js';
import type { SharedObject } from './shared-object.js';

export interface SharedOpOptions {
  /** Whether the context would go to sleep in it (see {@link mayGoOn}). */
  readonly sleeps?: (context: Context) => boolean;
  /** What it waits for then. */
  readonly waitsFor?: string;
}

/**
 * Code that looks at something shared, or changes it: a scheduling point like any access, but without a cost of its own.
 * `verb`: what it does to the object, for stories.
 */
export class SharedOp extends Op {
  private readonly named: string;
  private readonly action: (context: Context) => unknown;
  private readonly options: SharedOpOptions;

  constructor(
    object: SharedObject,
    verb: string,
    action: (context: Context) => unknown,
    options: SharedOpOptions = {},
  ) {
    super(object);
    this.named = verb;
    this.action = action;
    this.options = options;
  }

  override get access(): Access {
    return 'none';
  }

  override get verb(): string {
    return this.named;
  }

  override enabled(context: Context): boolean {
    return this.options.sleeps?.(context) !== true || mayGoOn(context);
  }

  override describe(): string {
    return this.options.waitsFor ?? `${this.named} ${this.object!.name}`;
  }

  override perform(context: Context): unknown {
    return this.action(context);
  }
}

/**
 * An attempt that would end in sleep until somebody else acts: in a stepwise run it is not enabled, as the one for a lock
 * that is taken, unless the sleep makes another context runnable, or is a mistake that is to be told.
 */
export function mayGoOn(context: Context): boolean {
  return !context.cpu.machine.stepwise || context.atomic || givesWay(context);
}

/** Would another task have the CPU if the context went to sleep, that could not have it already? */
export function givesWay({ cpu }: Context): boolean {
  return cpu.runqueue.length > 0 && cpu.machine.preempt !== 'full';
}
