/**
 * Notifier chains (kernel/sys.c notifier_call_chain, 2.6.12–2.6.29).
 *
 * Ordering rule: higher priority first; among equals, order of registration.
 *
 * Divergence from Linux: the chain's lock is not modelled; return values do not stop the chain.
 */
import type { K } from '../smp/op.js';
import { callNamed } from './function.js';
import type { Kernel } from './kernel.js';

export interface NotifierBlock<T> {
  readonly name: string;
  /** 0 unless said otherwise; higher is called earlier. */
  readonly priority: number;
  readonly call: (event: string, subject: T) => K | undefined | void;
}

export class NotifierChain<T> {
  readonly kernel: Kernel;
  readonly blocks: NotifierBlock<T>[] = [];

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  register(block: NotifierBlock<T>): void {
    let at = this.blocks.length;
    while (at > 0 && this.blocks[at - 1]!.priority < block.priority) at--;
    this.blocks.splice(at, 0, block);
  }

  unregister(block: NotifierBlock<T>): void {
    const at = this.blocks.indexOf(block);
    if (at >= 0) this.blocks.splice(at, 1);
  }

  /** Calls every block in order; blocks (un)registered meanwhile take part from the next call on. */
  *call(event: string, subject: T): K {
    for (const block of this.blocks.slice()) {
      yield* callNamed(this.kernel.context, block.name, () => block.call(event, subject));
    }
  }
}
