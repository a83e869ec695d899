/**
 * A portfolio: strategies that are good at different bugs take turns, run by run, as Coyote's default mode does. Each has
 * its own run numbers: of n strategies the i-th makes runs i, i + n, i + 2n. One that has nothing left to do leaves its
 * numbers to a random walk; the search is over when one that is exhaustive, without a bound, has seen everything, stalls of
 * any length included.
 *
 * Deviations: none of Coyote's fair suffixes.
 */
import type { Context } from '../smp/context.js';
import type { Access } from '../smp/op.js';
import type { Choice } from '../smp/scheduler.js';
import type { Profile } from './profile.js';
import { RandomWalk } from './random.js';
import { isFree, type ProgramTraits, type RunEnd, type RunVerdict, type Strategy } from './strategy.js';

export class Portfolio implements Strategy {
  readonly family = 'stepwise';
  readonly name = 'portfolio';
  exhaustive = false;
  private readonly members: readonly Strategy[];
  private readonly over = new Set<Strategy>();
  /** Those that have seen runs cut short. */
  private readonly cut = new Set<Strategy>();
  /** Those that have left longer stalls out. */
  private readonly bounded = new Set<Strategy>();
  private readonly filler: Strategy;
  /** Who decides in this run. */
  current: Strategy;

  constructor(members: readonly Strategy[], seed: number) {
    this.members = members;
    // Another stream than that of a member with the same seed.
    this.filler = new RandomWalk(seed + 2 ** 32);
    this.current = members[0]!;
  }

  get stallJiffiesMax(): number {
    return this.current.stallJiffiesMax ?? 0;
  }

  set stallJiffiesMax(jiffies: number) {
    for (const strategy of [...this.members, this.filler]) strategy.stallJiffiesMax = jiffies;
  }

  prepare(profile: Profile): void {
    for (const member of this.members) member.prepare?.(profile);
  }

  meet(program: ProgramTraits): void {
    this.current.meet?.(program);
  }

  free(run: number): boolean {
    return isFree(this.members[run % this.members.length]!, run);
  }

  begin(run: number): boolean {
    const member = this.members[run % this.members.length]!;
    this.current = member;
    if (!this.over.has(member)) {
      if (member.begin(Math.floor(run / this.members.length))) return true;
      const all = member.exhaustive && member.covers !== false && !this.bounded.has(member) && !this.cut.has(member);
      if (all && (member.preemptionBound ?? null) === null) {
        this.exhaustive = true;
        return false;
      }
      this.over.add(member);
    }
    this.current = this.filler;
    return this.filler.begin(run);
  }

  pick(enabled: readonly Choice[], current: Context | null): number {
    return this.current.pick(enabled, current);
  }

  choose(name: string, bound: number): number {
    return this.current.choose(name, bound);
  }

  executed(choice: Choice, effect: Access): void {
    this.current.executed?.(choice, effect);
  }

  settled(touches: readonly number[] | null, enabled: readonly Choice[]): void {
    this.current.settled?.(touches, enabled);
  }

  end(end: RunEnd): RunVerdict {
    if (end.machine.stepper.stallsBounded) this.bounded.add(this.current);
    const verdict = this.current.end?.(end) ?? 'counts';
    const ended = end.outcome === 'stopped' || end.outcome === 'horizon';
    if (ended && verdict !== 'sleep-set-blocked') this.cut.add(this.current);
    return verdict;
  }
}
