/**
 * Happens-before between the strands of a run, as vector clocks.
 *
 * A strand is what executes one thing after the other: a task; the softirqs of one CPU; its hard interrupts. An epoch of
 * a strand ends where it lets others know what it has done so far. Clocks are Int32Arrays by strand, kept from run to run.
 */
import type { Context, Task } from '../smp/context.js';

/** What one strand, or one thing that orders strands, has seen of each strand. */
export class Clock {
  seen: Int32Array;

  constructor(capacity: number) {
    this.seen = new Int32Array(capacity);
  }
}

export class Clocks {
  /** Strands of this run. */
  count = 0;
  /** By strand. */
  readonly strands: Clock[] = [];
  private capacity = 8;
  private readonly pool: Clock[] = [];
  private used = 0;
  private byPid: number[] = [];
  private byInterrupt: number[] = [];
  private keyed = new Map<object, Clock>();
  private byId: (Clock | undefined)[] = [];
  private bySlot: (Clock | undefined)[] = [];

  /** A run is about to begin. */
  reset(): void {
    this.count = 0;
    this.used = 0;
    this.strands.length = 0;
    this.byPid.length = 0;
    this.byInterrupt.length = 0;
    this.byId.length = 0;
    this.bySlot.length = 0;
    if (this.keyed.size > 0) this.keyed.clear();
  }

  /** The strand that a context belongs to. */
  strandOf(context: Context): number {
    if (context.kind === 'process') {
      const { pid } = context as Task;
      return this.byPid[pid] ?? this.begin(this.byPid, pid);
    }
    const slot = context.cpu.id * 2 + (context.kind === 'softirq' ? 0 : 1);
    return this.byInterrupt[slot] ?? this.begin(this.byInterrupt, slot);
  }

  /** What orders strands by way of an object, and its clock: made when first needed. */
  of(id: number): Clock {
    let clock = this.byId[id];
    if (clock === undefined) {
      clock = this.take();
      while (this.byId.length < id) this.byId.push(undefined);
      this.byId[id] = clock;
    }
    return clock;
  }

  /** The same for what has no number. */
  ofKey(key: object): Clock {
    let clock = this.keyed.get(key);
    if (clock === undefined) {
      clock = this.take();
      this.keyed.set(key, clock);
    }
    return clock;
  }

  /** The same for a numbered place of a CPU. */
  ofSlot(slot: number): Clock {
    let clock = this.bySlot[slot];
    if (clock === undefined) {
      clock = this.take();
      while (this.bySlot.length < slot) this.bySlot.push(undefined);
      this.bySlot[slot] = clock;
    }
    return clock;
  }

  /** The clock of a key, if anything was published there. */
  known(key: object): Clock | undefined {
    return this.keyed.get(key);
  }

  /** The present epoch of a strand. */
  epoch(strand: number): number {
    return this.strands[strand]!.seen[strand]!;
  }

  /** Is this epoch of another strand before what `strand` does now? */
  ordered(other: number, epoch: number, strand: number): boolean {
    return epoch <= this.strands[strand]!.seen[other]!;
  }

  /** What the strand has done so far is before whoever joins `into` later. Its epoch ends. */
  release(strand: number, into: Clock): void {
    const clock = this.strands[strand]!;
    this.join(into, clock);
    clock.seen[strand]!++;
  }

  /** What was released there is before what the strand does from now on. */
  acquire(strand: number, from: Clock): void {
    this.join(this.strands[strand]!, from);
  }

  private join(into: Clock, from: Clock): void {
    const to = into.seen;
    const { seen } = from;
    for (let i = 0; i < this.count; i++) if (seen[i]! > to[i]!) to[i] = seen[i]!;
  }

  private begin(table: number[], at: number): number {
    const strand = this.count++;
    if (strand >= this.capacity) this.grow();
    const clock = this.take();
    clock.seen[strand] = 1;
    this.strands.push(clock);
    while (table.length < at) table.push(undefined as never);
    table[at] = strand;
    return strand;
  }

  private take(): Clock {
    let clock = this.pool[this.used];
    if (clock === undefined) {
      clock = new Clock(this.capacity);
      this.pool.push(clock);
    } else clock.seen.fill(0);
    this.used++;
    return clock;
  }

  private grow(): void {
    this.capacity *= 2;
    for (const clock of this.pool) {
      const wider = new Int32Array(this.capacity);
      wider.set(clock.seen);
      clock.seen = wider;
    }
  }
}
