/** Connections of a workload that hold their routes for a time, and give them back when it is over. */
import type { DstEntry } from '../net/dst/dst-entry.js';
import { EventQueue, type QueueEntry } from '../sim/event-queue.js';
import { cond_resched } from '../smp/basic-ops.js';
import type { Cpu } from '../smp/cpu.js';
import type { StepEntry } from '../smp/machine.js';
import type { K } from '../smp/op.js';

interface Closing extends QueueEntry {
  readonly entry: DstEntry;
}

const reschedule = cond_resched();

/** The end of a system call: who should run instead of the task now does. */
export function* leaveKernel(cpu: Cpu): K {
  if (cpu.needResched) yield reschedule;
}

/**
 * Closes connections when their time comes, in a task of their CPU. However many are open, the machine has one of them
 * to wait for.
 */
export class Closer {
  private readonly name: string;
  private readonly cpu: Cpu;
  private readonly close: (entry: DstEntry) => K;
  private readonly open = new EventQueue<Closing>();
  private alarm: StepEntry | null = null;
  private closing = false;

  constructor(name: string, cpu: Cpu, close: (entry: DstEntry) => K) {
    this.name = name;
    this.cpu = cpu;
    this.close = close;
  }

  /** A connection that will end at a virtual time. */
  add(entry: DstEntry, timeNs: number): void {
    this.open.push({ entry, timeNs, order: 0, rank: 0, sequence: 0, queued: false, dead: false });
    if (!this.closing) this.arm();
  }

  private arm(): void {
    const first = this.open.peek();
    if (first === undefined) return;
    const { machine } = this.cpu;
    if (this.alarm !== null) {
      if (this.alarm.timeNs <= first.timeNs) return;
      machine.unschedule(this.alarm);
    }
    this.alarm = machine.at(first.timeNs, () => {
      this.alarm = null;
      this.closing = true;
      machine.spawn(this.name, this.cpu.id, this.closeDue());
    });
  }

  private *closeDue(): K {
    const { machine } = this.cpu;
    for (let head = this.open.peek(); head !== undefined && head.timeNs <= machine.nowNs; head = this.open.peek()) {
      this.open.poll();
      yield* this.close(head.entry);
      yield* leaveKernel(this.cpu);
    }
    this.closing = false;
    this.arm();
  }
}
