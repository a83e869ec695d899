/** Named groups of destination entries, for workloads: in the order in which they came. */
import type { DstEntry } from '../net/dst/dst-entry.js';
import type { Machine } from '../smp/machine.js';

export type Pick = 'oldest' | 'newest' | 'random';

export class Groups {
  private readonly machine: Machine;
  private readonly groups = new Map<string, Group>();

  constructor(machine: Machine) {
    this.machine = machine;
  }

  group(name: string): Group {
    let group = this.groups.get(name);
    if (group === undefined) {
      group = new Group(this.machine, name);
      this.groups.set(name, group);
    }
    return group;
  }
}

/** A group. Taking from either end, or from anywhere at random, costs the same however large it is. */
export class Group {
  readonly name: string;
  private readonly machine: Machine;
  private readonly entries: DstEntry[] = [];
  private first = 0;

  constructor(machine: Machine, name: string) {
    this.machine = machine;
    this.name = name;
  }

  get size(): number {
    return this.entries.length - this.first;
  }

  add(entry: DstEntry): void {
    this.entries.push(entry);
  }

  /** Takes one out; undefined when it is empty. */
  take(pick: Pick): DstEntry | undefined {
    if (this.size === 0) return undefined;
    if (pick === 'newest') return this.entries.pop();
    if (pick === 'random') {
      const at = this.first + this.machine.choose(`pick from ${this.name}`, this.size);
      const entry = this.entries[at];
      const last = this.entries.pop()!;
      if (at < this.entries.length) this.entries[at] = last;
      return entry;
    }
    const entry = this.entries[this.first++];
    if (this.first > 1024 && this.first * 2 > this.entries.length) {
      this.entries.splice(0, this.first);
      this.first = 0;
    }
    return entry;
  }

  /** The n-th from the oldest. */
  at(index: number): DstEntry | undefined {
    return this.entries[this.first + index];
  }
}
