/**
 * Depth-first search for a failure with fewer preemptions than a known one has: schedules with none first, then with one, and
 * so on, each once. Of those with the same number, those come first that preempt only what the known failure preempts, and
 * sooner than their numbers would have it those that preempt before accesses to the same objects.
 *
 * Musuvathi and Qadeer, "Iterative context bounding for systematic testing of multithreaded programs" (PLDI 2007), is where
 * the order comes from: a preemption that is possible is put off until everything without it was tried.
 */
import { NondeterminismError } from '../sim/errors.js';
import type { Context } from '../smp/context.js';
import type { Choice } from '../smp/scheduler.js';
import { actorOf, isPreemption } from './actor.js';
import type { Strategy } from './strategy.js';

/** Who is preempted before which access, and by whom; and the object alone. */
export function preemptionOf(preempted: Choice, by: Choice): readonly [string, string] {
  const op = preempted.kind === 'step' ? preempted.op : null;
  const object = op?.object?.name ?? '';
  return [`${actorOf(preempted)} ${op?.access} ${object} ${actorOf(by)}`, `object ${object}`];
}

interface Branch {
  index: number;
  readonly count: number;
}

/** Decisions from which a part of the search begins. */
interface Start {
  readonly prefix: readonly number[];
  /** What is preempted in it: 0 what the known failure preempts, 1 accesses to the same objects, 2 others. */
  readonly rank: number;
}

/** By rank. */
type Starts = readonly [Start[], Start[], Start[]];

/** Makes the data choices: all of them, or those of a plan. */
export type Draw = (name: string, bound: number) => number;

export interface FewestOptions {
  /** Preemptions at most. */
  readonly preemptionsMax: number;
  /** The preemptions of the known failure, as {@link preemptionOf} has them. */
  readonly known: ReadonlySet<string>;
  /** Parts of the search that are remembered at most for each number of preemptions. */
  readonly startsMax: number;
  /** Makes what draws the data of a run; absent: all data are tried, no stalls are. */
  readonly draws?: () => Draw;
}

export class FewestSearch implements Strategy {
  readonly family = 'stepwise';
  readonly name = 'fewest';
  readonly exhaustive = true;
  readonly stallJiffiesMax: number;
  private readonly options: FewestOptions;
  /** Those with the present number of preemptions, and with one more. */
  private starts: Starts = [[{ prefix: [], rank: 0 }], [], []];
  private next: Starts = [[], [], []];
  /** Of which rank the last one was. */
  private rank = 0;
  private preemptions = 0;
  private start: Start = { prefix: [], rank: 0 };
  private readonly path: Branch[] = [];
  private depth = 0;
  private draw: Draw | null = null;

  constructor(options: FewestOptions) {
    this.options = options;
    this.stallJiffiesMax = options.draws === undefined ? 0 : Number.POSITIVE_INFINITY;
  }

  begin(): boolean {
    this.depth = 0;
    this.draw = this.options.draws?.() ?? null;
    const { path } = this;
    while (path.length > this.start.prefix.length) {
      const last = path[path.length - 1]!;
      if (++last.index < last.count) return true;
      path.pop();
    }
    return this.begins();
  }

  pick(enabled: readonly Choice[], current: Context | null): number {
    if (!isPreemption(enabled, current, 1)) return this.branch(enabled.length);
    if (this.depth === this.path.length && this.preemptions < this.options.preemptionsMax) this.putOff(enabled);
    return this.branch(1);
  }

  choose(name: string, bound: number): number {
    if (this.draw === null) return this.branch(bound);
    const value = this.draw(name, bound);
    if (this.depth === this.path.length) this.path.push({ index: value, count: value + 1 });
    return this.path[this.depth++]!.index;
  }

  /** Goes on with a part of the search that was put off. */
  private begins(): boolean {
    if (this.starts.every(({ length }) => length === 0)) {
      if (this.preemptions === this.options.preemptionsMax) return false;
      this.preemptions++;
      this.starts = this.next;
      this.next = [[], [], []];
    }
    const start = this.nextStart();
    if (start === undefined) return false;
    this.start = start;
    this.path.length = 0;
    for (const index of start.prefix) this.path.push({ index, count: index + 1 });
    return true;
  }

  /** All of the first rank; of the second and the third one each in turn. */
  private nextStart(): Start | undefined {
    const [known, near, others] = this.starts;
    if (known.length > 0) return known.pop();
    this.rank = this.rank === 1 ? 2 : 1;
    return this.rank === 1 ? (near.pop() ?? others.pop()) : (others.pop() ?? near.pop());
  }

  /** Preempting here comes later. */
  private putOff(enabled: readonly Choice[]): void {
    const { known, startsMax } = this.options;
    const before = this.path.map(({ index }) => index);
    for (let index = 1; index < enabled.length; index++) {
      const rank = preemptionOf(enabled[0]!, enabled[index]!).findIndex((one) => known.has(one));
      const most = Math.max(this.start.rank, rank < 0 ? 2 : rank);
      const list = this.next[most]!;
      if (list.length < startsMax) list.push({ prefix: [...before, index], rank: most });
    }
  }

  /** `count`: of the possibilities, those that need no preemption. */
  private branch(count: number): number {
    const { path } = this;
    const depth = this.depth++;
    if (depth === path.length) path.push({ index: 0, count });
    else if (depth >= this.start.prefix.length && path[depth]!.count !== count) {
      throw new NondeterminismError(
        `decision ${depth} had ${path[depth]!.count} possibilities and has ${count} after the same decisions before it`,
      );
    }
    return path[depth]!.index;
  }
}
