/**
 * RCU-bh without grace periods, as the recording harness of the route cache had it: callbacks that wait to be told, that
 * run at the end of every tick, or at once.
 *
 * Ordering rule: one queue for all CPUs, first in first out.
 *
 * Divergence from Linux: all of it; no kernel works like this.
 */
import type { K } from '../smp/op.js';
import type { Kernel } from './kernel.js';
import { type RcuBh, type RcuHead, RcuList } from './rcu.js';

/** Callbacks wait until {@link run} is called. */
export class ManualRcuBh implements RcuBh {
  protected readonly queue = new RcuList();

  call(head: RcuHead): K | undefined {
    this.queue.push(head);
    return undefined;
  }

  waiting(): Iterable<RcuHead> {
    return this.queue;
  }

  /** Runs at most `max` callbacks, those queued meanwhile included; answers how many. */
  *run(max = Number.POSITIVE_INFINITY): K<number> {
    let ran = 0;
    for (; ran < max; ran++) {
      const head = this.queue.shift();
      if (head === null) break;
      yield* head.rcuFunc!(head);
    }
    return ran;
  }
}

/** All callbacks run at the end of every tick, after its softirqs and workers. */
export class TickRcuBh extends ManualRcuBh {
  /** What calls now does so in the tick, not in an action after it. To be set by whoever lets time pass. */
  inTick = false;
  private readonly kernel: Kernel;
  private asked = false;

  constructor(kernel: Kernel) {
    super();
    this.kernel = kernel;
  }

  override call(head: RcuHead): K | undefined {
    if (!this.asked) this.ask();
    return super.call(head);
  }

  private ask(): void {
    const { machine } = this.kernel;
    this.asked = true;
    const tick = this.inTick ? machine.ticks : machine.ticks + 1;
    machine.at(machine.tickTimeNs(tick), () => {
      this.asked = false;
      machine.spawn('rcu', 0, this.drain());
    });
  }

  private *drain(): K {
    yield* this.run();
  }
}

/** A callback runs inside call_rcu_bh. */
export class ImmediateRcuBh implements RcuBh {
  readonly immediate = true;

  call(head: RcuHead): K | undefined {
    return head.rcuFunc!(head);
  }

  waiting(): Iterable<RcuHead> {
    return [];
  }
}
