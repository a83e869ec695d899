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
    const { machine } = this;
    const startNs = machine.nowNs;
    const cpu = context.cpu.id;
    this.count = 0;
    this.last = null;
    if (machine.trace.observed) this.readEach(startNs, machine.quietUntilNs(), cpu);
    else this.readMany(startNs, machine.quietUntilNs(), cpu);
    machine.nowNs = startNs;
    machine.charge(this.count * this.costNs);
    machine.ops += this.charged ? 2 * this.count - 1 : this.count - 1;
  }

  /** With an event that somebody looks at. */
  private readEach(startNs: number, endNs: number, cpu: number): void {
    const { machine, costNs } = this;
    let timeNs = startNs;
    for (let dst = this.first; dst !== null && timeNs < endNs && isKept(dst); dst = dst.next) {
      machine.nowNs = timeNs;
      machine.trace.emit(events.read, timeNs, cpu, dst.refcnt, dst.refcnt.value, 0);
      timeNs += costNs;
      this.count++;
      this.last = dst;
    }
  }

  /** With events that only count: so many at a time are gathered and handed over. */
  private readMany(startNs: number, endNs: number, cpu: number): void {
    const { costNs } = this;
    let timeNs = startNs;
    let dst = this.first;
    for (;;) {
      const fromNs = timeNs;
      let count = 0;
      while (dst !== null && timeNs < endNs && count < atOnce && isKept(dst)) {
        const { refcnt } = dst;
        ids[count] = refcnt.id;
        values[count] = refcnt.value;
        count++;
        timeNs += costNs;
        this.last = dst;
        dst = dst.next;
      }
      this.machine.trace.emitRun(events.read, fromNs, costNs, cpu, ids, values, count);
      this.count += count;
      if (count < atOnce) return;
    }
  }
}

const atOnce = 1024;
const ids = new Int32Array(atOnce);
const values = new Int32Array(atOnce);

/** Somebody holds it, and it is there to be read. */
function isKept(dst: DstEntry): boolean {
  return dst.refcnt.value !== 0 && !dst.freed;
}
