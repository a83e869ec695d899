/**
 * Operations: what kernel code yields. Code between two yields touches only its own locals, or memory that the locks
 * it holds protect; everything that other CPUs can see happens inside an operation, atomically, when the machine
 * performs it.
 *
 * Divergence from Linux: memory is sequentially consistent.
 */
import type { Context } from './context.js';
import type { SharedObject } from './shared-object.js';

/** How an operation touches its object. The cost model charges by these names. */
export const accesses = ['none', 'read', 'write', 'rmw', 'lock', 'trylock', 'unlock'] as const;
export type Access = (typeof accesses)[number];

/**
 * What an operation means to the order of others. `plain`: an access that must be ordered against others by something
 * else. `marked`: one that may race with its like (READ_ONCE, an atomic) and orders nothing. `full`: marked, and after
 * every full one on the same object, as atomics that return a value are. `observes`: after every full one on its object.
 * `none`: no access to data; what order it makes it tells the watcher itself.
 */
export type Ordering = 'none' | 'plain' | 'marked' | 'full' | 'observes';

/** Kernel code: a generator of operations. What a `yield` gives back is the operation's result. */
export type K<R = void> = Generator<Op, R, any>;

/** A callback of the kernel's (timer, work, notifier …): a plain function if it does nothing visible. */
export type KernelFunction<A extends unknown[] = []> = (...args: A) => K | undefined | void;

export abstract class Op {
  /** What it touches; null for an operation that touches nothing shared. */
  readonly object: SharedObject | null;

  constructor(object: SharedObject | null) {
    this.object = object;
  }

  /** How it touches its object. */
  abstract get access(): Access;

  /** What it means to the order of others; once performed, what it turned out to mean. */
  get ordering(): Ordering {
    return 'none';
  }

  /** The field of the object, for objects with several; '' for a cell of its own. */
  get field(): string {
    return '';
  }

  /** A scheduler may interleave other CPUs before this operation. False: it is performed with the one before it. */
  get visible(): boolean {
    return true;
  }

  /**
   * Must a stepwise scheduler be asked before it? So for every visible operation, and for one that is about to make
   * another context runnable.
   */
  schedulingPoint(_context: Context): boolean {
    return this.visible;
  }

  /** Can it be performed now? An operation that is not enabled makes its CPU wait (spin) until its object changes. */
  enabled(_context: Context): boolean {
    return true;
  }

  /** Virtual ns at which it becomes enabled without anything changing; Infinity if it never does. */
  get enabledAtNs(): number {
    return Number.POSITIVE_INFINITY;
  }

  /** What it turned out to be, once performed: a compare-and-exchange that failed is a read. */
  get effect(): Access {
    return this.access;
  }

  /**
   * What it would be on an object whose {@link SharedObject.word} is `word`: null if it would not be enabled. For searches
   * that ask what an operation would have been at another place of the run.
   */
  effectOn(_word: number): Access | null {
    return this.access;
  }

  /** Where {@link effectOn} says that it would not be enabled, it may be all the same: its context would go to sleep in it. */
  get maySleep(): boolean {
    return false;
  }

  /** Called once when the machine first finds it not enabled under the timed scheduler: the CPU starts to spin. */
  beginWait(_context: Context): void {}

  /** Performs it; the answer is what `yield` returns. */
  abstract perform(context: Context): unknown;

  /** What it is called in stories: the kernel's name for it, if it has one. */
  get verb(): string {
    return this.access;
  }

  /** What a context that can't perform it is waiting for, for deadlock reports. */
  describe(): string {
    return `${this.access} ${this.object?.name ?? ''}${this.field === '' ? '' : `.${this.field}`}`.trim();
  }

  /** The contexts that could enable it, if that is known (the owner of a lock). */
  heldBy(): Context | null {
    return null;
  }
}
