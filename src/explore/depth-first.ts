/**
 * Depth-first search over all interleavings, without any reduction; under a bound, over those with at most that many
 * preemptions: Musuvathi and Qadeer, "Iterative context bounding for systematic testing of multithreaded programs" (PLDI
 * 2007).
 *
 * Deviations: one bound at a time; an interrupt that comes in counts as a preemption, and so does time that moves while
 * the last context could go on.
 */
import { NondeterminismError } from '../sim/errors.js';
import type { Context } from '../smp/context.js';
import type { Choice } from '../smp/scheduler.js';
import { isPreemption } from './actor.js';
import { partOf } from './estimate.js';
import type { Strategy } from './strategy.js';

interface Branch {
  index: number;
  readonly count: number;
}

export class DepthFirst implements Strategy {
  readonly family = 'stepwise';
  readonly name: string;
  readonly exhaustive = true;
  stallJiffiesMax = 0;
  readonly preemptionBound: number | null;
  private readonly path: Branch[] = [];
  private depth = 0;
  private preemptions = 0;

  constructor(preemptionBound: number | null = null) {
    this.preemptionBound = preemptionBound;
    this.name = preemptionBound === null ? 'dfs' : `bounded-dfs(${preemptionBound})`;
  }

  begin(run: number): boolean {
    this.depth = 0;
    this.preemptions = 0;
    if (run === 0) {
      this.path.length = 0;
      return true;
    }
    while (this.path.length > 0) {
      const last = this.path[this.path.length - 1]!;
      if (++last.index < last.count) return true;
      this.path.pop();
    }
    return false;
  }

  pick(enabled: readonly Choice[], current: Context | null): number {
    const forced = this.preemptions === this.preemptionBound && isPreemption(enabled, current, 1);
    const index = this.branch(forced ? 1 : enabled.length);
    if (isPreemption(enabled, current, index)) this.preemptions++;
    return index;
  }

  choose(_name: string, bound: number): number {
    return this.branch(bound);
  }

  part(): number {
    return partOf(this.path, ({ index, count }) => ({ before: index, of: count }));
  }

  private branch(count: number): number {
    const { path } = this;
    const depth = this.depth++;
    if (depth === path.length) path.push({ index: 0, count });
    else if (path[depth]!.count !== count) {
      throw new NondeterminismError(
        `decision ${depth} had ${path[depth]!.count} possibilities and has ${count} after the same decisions before it`,
      );
    }
    return path[depth]!.index;
  }
}
