/**
 * Happens-before between the strands of a run, as vector clocks.
 *
 * A strand is what executes one thing after the other: a task; the softirqs of one CPU; its hard interrupts. An epoch of
 * a strand ends where it lets others know what it has done so far. Clocks are Int32Arrays by strand. They and their lists
 * are kept from run to run, and begin anew where a run first needs them: most runs are short.
 */
import type { Context, Task } from '../smp/context.js';

/** What one strand, or one thing that orders strands, has seen of each strand. */
export class Clock {
  seen: Int32Array;
  /** The run that it was last used in. */
  run = 0;

  constructor(capacity: number) {
    this.seen = new Int32Array(capacity);
  }
}

export class Clocks {
  /** Strands of this run. */
  count = 0;
  /** By strand. Beyond {@link count}: of earlier runs. */
  readonly strands: Clock[] = [];
  private run = 0;
  private capacity = 8;
  private readonly all: Clock[] = [];
  /** Strands are numbered through all runs here: those from this number on are of this run. */
  private first = 0;
  private readonly byPid: number[] = [];
  private readonly byInterrupt: number[] = [];
  private readonly byId: (Clock | undefined)[] = [];
  private readonly bySlot: (Clock | undefined)[] = [];
  private readonly keyed = new Map<object, Clock>();
  private readonly unkeyed: Clock[] = [];

  /** A run is about to begin. */
  reset(): void {
    this.run++;
    this.first += this.count;
    this.count = 0;
    if (this.keyed.size === 0) return;
    for (const clock of this.keyed.values()) this.unkeyed.push(clock);
    this.keyed.clear();
  }

  /** The strand that a context belongs to. */
  strandOf(context: Context): number {
    if (context.kind === 'process') return this.strandAt(this.byPid, (context as Task).pid);
    return this.strandAt(this.byInterrupt, context.cpu.id * 2 + (context.kind === 'softirq' ? 0 : 1));
  }

  /** What orders strands by way of an object, and its clock: made when first needed. */
  of(id: number): Clock {
    return this.clockAt(this.byId, id);
  }

  /** The same for what has no number. */
  ofKey(key: object): Clock {
    let clock = this.keyed.get(key);
    if (clock === undefined) {
      clock = this.fresh(this.unkeyed.pop());
      this.keyed.set(key, clock);
    }
    return clock;
  }

  /** The same for a numbered place of a CPU. */
  ofSlot(slot: number): Clock {
    return this.clockAt(this.bySlot, slot);
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

  private strandAt(table: number[], at: number): number {
    const known = table[at];
    return known !== undefined && known >= this.first ? known - this.first : this.begin(table, at);
  }

  private begin(table: number[], at: number): number {
    const strand = this.count++;
    if (strand >= this.capacity) this.grow();
    const clock = this.fresh(this.strands[strand]);
    clock.seen[strand] = 1;
    this.strands[strand] = clock;
    while (table.length < at) table.push(-1);
    table[at] = this.first + strand;
    return strand;
  }

  private clockAt(table: (Clock | undefined)[], at: number): Clock {
    const known = table[at];
    if (known?.run === this.run) return known;
    const clock = this.fresh(known);
    while (table.length < at) table.push(undefined);
    table[at] = clock;
    return clock;
  }

  /** A clock that has seen nothing: this one, if there is one. */
  private fresh(clock: Clock | undefined): Clock {
    let made = clock;
    if (made === undefined) {
      made = new Clock(this.capacity);
      this.all.push(made);
    } else {
      const { seen } = made;
      for (let i = 0; i < seen.length; i++) seen[i] = 0;
    }
    made.run = this.run;
    return made;
  }

  private grow(): void {
    this.capacity *= 2;
    for (const clock of this.all) {
      const wider = new Int32Array(this.capacity);
      wider.set(clock.seen);
      clock.seen = wider;
    }
  }
}
