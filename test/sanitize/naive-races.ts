/**
 * Happens-before by its definition: of what happened in a run, in its order, each event with each other. Nothing of this is
 * shared with the sanitizer but the rules, which are written down here a second time.
 */

export interface Access {
  readonly cell: string;
  /** `read`, `write (marked)`, as a report has it. */
  readonly words: string;
  readonly writes: boolean;
}

export interface Event {
  /** Who does one thing after the other: a task, the softirqs of a CPU. */
  readonly strand: string;
  /** The function, as a report has it. */
  readonly fn: string;
  readonly cpu: number;
  readonly softirq: boolean;
  /** Softirqs are off here. */
  readonly softirqsOff: boolean;
  readonly access?: Access;
  /** After every earlier one on the same cell: an atomic that returns a value, a cmpxchg that found what it expected. */
  readonly full?: string;
  readonly takes?: string;
  readonly gives?: string;
  readonly arms?: string;
  readonly begins?: string;
  /** Part of the handler of this timer. */
  readonly handler?: string;
  /** Waits until no handler of this timer runs. */
  readonly waitsFor?: string;
  readonly letsSoftirqsIn?: boolean;
  /** A task keeps others off here, by intent; from here on they can come in. */
  readonly tasksOff?: boolean;
  readonly letsTasksIn?: boolean;
}

function follows(i: Event, j: Event): boolean {
  if (i.strand === j.strand) return true;
  if (i.gives !== undefined && i.gives === j.takes) return true;
  if (i.full !== undefined && i.full === j.full) return true;
  if (i.arms !== undefined && i.arms === j.begins) return true;
  if (i.handler !== undefined && i.handler === j.waitsFor) return true;
  if (i.cpu !== j.cpu) return false;
  if (i.letsSoftirqsIn === true && j.softirq) return true;
  if (i.softirq && !j.softirq && j.softirqsOff) return true;
  return i.letsTasksIn === true && j.tasksOff === true;
}

/** For each event those before it. */
function befores(events: readonly Event[]): readonly ReadonlySet<number>[] {
  const all: Set<number>[] = [];
  for (const [j, event] of events.entries()) {
    const before = new Set<number>();
    for (let i = j - 1; i >= 0; i--) {
      if (before.has(i) || !follows(events[i]!, event)) continue;
      before.add(i);
      for (const one of all[i]!) before.add(one);
    }
    all.push(before);
  }
  return all;
}

/** All races of a run, as messages of the sanitizer, and the cells they are on. */
export function racesIn(events: readonly Event[]): { messages: ReadonlySet<string>; cells: readonly string[] } {
  const before = befores(events);
  const messages = new Set<string>();
  const cells = new Set<string>();
  for (const [j, b] of events.entries()) {
    for (let i = 0; i < j; i++) {
      const a = events[i]!;
      if (a.access === undefined || b.access === undefined || a.access.cell !== b.access.cell) continue;
      if (!(a.access.writes || b.access.writes) || before[j]!.has(i)) continue;
      if ([a, b].every(({ access }) => access!.words.endsWith('(marked)'))) continue;
      const sides = [a, b].map(({ access, fn }) => `${access!.words} in ${fn}`).toSorted();
      cells.add(a.access.cell);
      messages.add(`data race on ${a.access.cell}: ${sides.join(', ')}, and nothing orders them`);
    }
  }
  return { messages, cells: [...cells].toSorted() };
}
