/**
 * Contexts that can't perform their operation: a CPU spins, or is held by a gate, until something changes.
 *
 * Ordering rule: all waiters of an object look again when it changes; the event order decides who is first.
 *
 * Divergence from Linux: a spinning CPU performs no operations and takes no time of its own.
 */
import type { Context } from './context.js';
import { reportDeadlock } from './deadlock.js';
import type { Op } from './op.js';
import type { SharedObject } from './shared-object.js';
import { Timeline } from './timeline.js';

export abstract class Waiting extends Timeline {
  /** Lets the waiters of an object look again. */
  reconsider(object: SharedObject): void {
    const waiters = object.waiters;
    if (waiters === null) return;
    object.waiters = null;
    for (const context of waiters) this.lookAgain(context);
  }

  /** Lets every waiting CPU look again: something changed that is no object. */
  reconsiderAll(): void {
    for (const cpu of this.cpus) {
      for (let context = cpu.top; context !== null; context = context.below) this.lookAgain(context);
      for (const task of cpu.runqueue) this.lookAgain(task);
    }
  }

  /** The context can't perform its operation: it spins (or is held by a gate) until something changes. */
  protected wait(context: Context, op: Op, spins: boolean): void {
    context.waiting = true;
    if (!spins) return;
    const first = context.spinsOn !== op;
    if (first) {
      context.spinsOn = op;
      context.spinSinceNs = this.nowNs;
      op.beginWait(context);
      this.lookAgainAt(context, op.enabledAtNs);
    }
    const object = op.object;
    if (object !== null) {
      object.waiters ??= [];
      if (!object.waiters.includes(context)) object.waiters.push(context);
    }
    if (first) reportDeadlock(this, context);
  }

  /** What the context has been spinning on is about to be performed, or given up. */
  protected spinOver(context: Context, op: Op): void {
    if (context.spinsOn === op && op.access === 'lock') {
      context.cpu.account.spun(context.function, this.nowNs - context.spinSinceNs);
    }
    context.spinsOn = null;
  }

  private lookAgainAt(context: Context, timeNs: number): void {
    if (timeNs === Number.POSITIVE_INFINITY) return;
    this.at(timeNs, () => this.lookAgain(context), context.order, context.cpu.id);
  }

  protected lookAgain(context: Context): void {
    if (!context.waiting) return;
    context.waiting = false;
    if (context.readyAtNs < this.nowNs) context.readyAtNs = this.nowNs;
    if (context.cpu.top === context) this.requeue(context.cpu);
  }
}
