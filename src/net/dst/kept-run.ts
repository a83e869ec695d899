/**
 * A stretch of a gc scan over entries that are still referenced, in one operation.
 *
 * Ordering rule: while nobody else can do anything (Machine.quietUntilNs) it reads count after count, each at its own
 * time and with its own event, exactly as single operations would; it stops before an unreferenced entry.
 *
 * Divergence from Linux: none; it is how the simulator scans a million entries in a fraction of a second.
 */
import type { Context } from '../../smp/context.js';
import type { Machine } from '../../smp/machine.js';
import { type Access, Op } from '../../smp/op.js';
import { events } from '../../trace/event-types.js';
import type { DstEntry } from './dst-entry.js';

export class KeptRun extends Op {
  /** Entries found referenced, and the last of them. */
  count = 0;
  last: DstEntry | null = null;
  private readonly machine: Machine;
  private readonly costNs: number;
  private readonly charged: boolean;
  private first: DstEntry | null = null;

  /** `keptNs`: what looking at an entry costs besides the read. */
  constructor(machine: Machine, keptNs: number) {
    super(null);
    this.machine = machine;
    this.charged = keptNs > 0;
    this.costNs = keptNs + machine.accessCostNs('read');
  }

  /** Worth while here: nobody can come in, and the entry is referenced. */
  fits(dst: DstEntry): boolean {
    return dst.refcnt.value !== 0 && this.machine.quietUntilNs() > this.machine.nowNs;
  }

  /** The operation for the entries from `dst` on. */
  from(dst: DstEntry): this {
    this.first = dst;
    return this;
  }

  override get access(): Access {
    return 'none';
  }

  override perform(context: Context): void {
    const { machine, costNs } = this;
    const { trace } = machine;
    const cpu = context.cpu.id;
    const startNs = machine.nowNs;
    const endNs = machine.quietUntilNs();
    let timeNs = startNs;
    let count = 0;
    let last: DstEntry | null = null;
    for (let dst = this.first; dst !== null && timeNs < endNs; dst = dst.next) {
      const { refcnt } = dst;
      const { value } = refcnt;
      if (value === 0 || dst.freed) break;
      machine.nowNs = timeNs;
      trace.emit(events.read, timeNs, cpu, refcnt, value, 0);
      timeNs += costNs;
      count++;
      last = dst;
    }
    machine.nowNs = startNs;
    machine.charge(timeNs - startNs);
    machine.ops += this.charged ? 2 * count - 1 : count - 1;
    this.count = count;
    this.last = last;
  }
}
