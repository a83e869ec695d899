/**
 * Cache lines under the shared cells: a MESI protocol per line and CPU, bus transactions counted, a cost for each.
 *
 * Each object that operations touch lies in a line of its own, unless it is put into another's. A read by a CPU that
 * has no copy fetches one (and takes exclusiveness from whoever had it); a write by a CPU that has a shared copy
 * upgrades it; a write by one that has none fetches it to own. Whoever owns a line writes without a transaction.
 *
 * Ordering rule: transactions happen in the order of the operations; there is no bus arbitration beyond that. A CPU that
 * finds a lock taken has tried to write; each further look while it spins is a read, and takes no time of its own.
 *
 * Divergence from Linux: lines are never evicted, so a line once fetched stays until another CPU wants it; a locked
 * operation costs what a write does, whatever comes of it. The fields of a slab object are one line, each atomic or lock
 * in it is another. Stepwise runs count transactions and charge nothing.
 */
import type { Access } from './op.js';
import type { SharedObject } from './shared-object.js';

/** ns per transaction; zero where absent. */
export interface LineCosts {
  /** Fetching a copy. */
  readonly readNs?: number;
  /** Making a shared copy one's own. */
  readonly upgradeNs?: number;
  /** Fetching a line to own it. */
  readonly ownNs?: number;
}

/** Kinds of bus transactions. */
export type Transaction = 'reads' | 'upgrades' | 'owns';

export interface LineCounts {
  reads: number;
  upgrades: number;
  owns: number;
}

/** One line: who has a copy, and who alone. */
class Line {
  /** CPU that has it modified or exclusive; -1 when shared or nowhere. */
  owner = -1;
  /** Has the owner written to it? */
  modified = false;
  /** CPUs 0–31 and 32–63 that have a shared copy. */
  low = 0;
  high = 0;

  has(cpu: number): boolean {
    return cpu < 32 ? (this.low & (1 << cpu)) !== 0 : (this.high & (1 << (cpu - 32))) !== 0;
  }

  share(cpu: number): void {
    if (cpu < 32) this.low |= 1 << cpu;
    else this.high |= 1 << (cpu - 32);
  }

  get shared(): boolean {
    return (this.low | this.high) !== 0;
  }

  take(cpu: number): void {
    this.owner = cpu;
    this.low = 0;
    this.high = 0;
  }
}

export type LineState = 'M' | 'E' | 'S' | 'I';

const costOf = { reads: 'readNs', upgrades: 'upgradeNs', owns: 'ownNs' } as const;

function read(line: Line, cpu: number): Transaction | null {
  if (line.owner === cpu || (line.owner === -1 && line.has(cpu))) return null;
  if (line.owner === -1 && !line.shared) {
    line.take(cpu);
  } else {
    if (line.owner !== -1) line.share(line.owner);
    line.owner = -1;
    line.share(cpu);
  }
  line.modified = false;
  return 'reads';
}

function write(line: Line, cpu: number): Transaction | null {
  const owns = line.owner === cpu;
  const upgrade = line.owner === -1 && line.has(cpu);
  line.take(cpu);
  line.modified = true;
  if (owns) return null;
  return upgrade ? 'upgrades' : 'owns';
}

export class CacheLines {
  /** Transactions of all lines. */
  readonly counts: LineCounts = { reads: 0, upgrades: 0, owns: 0 };
  /** Told of every access and of the transaction that it took, if any; observers only. */
  onTouch: ((object: SharedObject, access: Access, took: Transaction | null) => void) | null = null;
  private readonly costs: LineCosts;
  // Weak, for the objects of a long run come and go.
  private readonly lines = new WeakMap<SharedObject, Line>();
  private readonly placed = new WeakMap<SharedObject, SharedObject>();
  private readonly byObject = new WeakMap<SharedObject, LineCounts>();

  constructor(costs: LineCosts = {}) {
    this.costs = costs;
  }

  get transactions(): number {
    const { reads, upgrades, owns } = this.counts;
    return reads + upgrades + owns;
  }

  /** Puts an object into the line of another. */
  place(object: SharedObject, into: SharedObject): void {
    this.placed.set(object, into);
  }

  /** Transactions that operations on one object have caused. */
  countsOf(object: SharedObject): Readonly<LineCounts> {
    return this.byObject.get(object) ?? { reads: 0, upgrades: 0, owns: 0 };
  }

  /** State of an object's line in a CPU's cache. */
  state(object: SharedObject, cpu: number): LineState {
    const line = this.lines.get(this.placed.get(object) ?? object);
    if (line === undefined) return 'I';
    if (line.owner === cpu) return line.modified ? 'M' : 'E';
    return line.owner === -1 && line.has(cpu) ? 'S' : 'I';
  }

  /** A CPU touches an object. Answers the cost of the transaction it takes, ns. */
  touch(cpu: number, object: SharedObject, access: Access): number {
    if (access === 'none') return 0;
    const line = this.lineOf(object);
    const took = access === 'read' ? read(line, cpu) : write(line, cpu);
    if (took !== null) this.count(object, took);
    this.onTouch?.(object, access, took);
    return took === null ? 0 : (this.costs[costOf[took]] ?? 0);
  }

  private lineOf(object: SharedObject): Line {
    const key = this.placed.get(object) ?? object;
    let line = this.lines.get(key);
    if (line === undefined) {
      line = new Line();
      this.lines.set(key, line);
    }
    return line;
  }

  private count(object: SharedObject, kind: Transaction): void {
    this.counts[kind]++;
    let own = this.byObject.get(object);
    if (own === undefined) {
      own = { reads: 0, upgrades: 0, owns: 0 };
      this.byObject.set(object, own);
    }
    own[kind]++;
  }
}
