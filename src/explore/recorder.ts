/**
 * Stands between the machine and a strategy: records every decision, counts steps and preemptions, checks the program's
 * invariants, and ends runs that reach a limit. What it records is the run: played back, it is the same.
 */
import type { Context } from '../smp/context.js';
import type { Access } from '../smp/op.js';
import type { Choice, Scheduler } from '../smp/scheduler.js';
import { Touches } from '../smp/touches.js';
import { actorOf, isPreemption } from './actor.js';
import type { RaceCoverage } from './coverage.js';
import type { ProgramSetup } from './program.js';
import type { Strategy } from './strategy.js';
import { TraceHash } from './trace-hash.js';

/** One decision that was not the default one. */
export interface Deviation {
  /** Which decision of the run, from 0, picks and data choices together. */
  readonly at: number;
  /** Who was picked; -1 for a data choice. */
  readonly actor: number;
  /** A data choice: its name and value. */
  readonly name: string;
  readonly value: number;
}

/** A schedule: what it takes to make a run again. */
export interface Schedule {
  readonly deviations: readonly Deviation[];
  /** Decisions of the run. */
  readonly decisions: number;
}

/** Operations in a row that changed nothing, after which a run may be called endless. */
const endlessDecisions = 2000;

export class Recorder implements Scheduler {
  readonly family = 'stepwise';
  readonly touches = new Touches();
  strategy: Strategy;
  setup: ProgramSetup | null = null;
  /** The run was ended because it reached the limit of decisions. */
  limited = false;
  /** The strategy ended the run. */
  ended = false;
  steps = 0;
  preemptions = 0;
  decisions = 0;
  /** Picks that let time move or an interrupt in. */
  intrusions = 0;
  /** Sum of the data choices. */
  dataSum = 0;
  readonly hash: TraceHash | null;
  /** Told of each step, if there is one. */
  coverage: RaceCoverage | null = null;
  private readonly decisionsMax: number;
  /** By decision: the actor picked, or -1 - value of a data choice; and the index that was picked. */
  private readonly actors: number[] = [];
  private readonly indices: number[] = [];
  private readonly names: string[] = [];
  private actor = 0;
  /** The strategy was told that the kernel's services take part. */
  private services = false;
  /** Steps that are over. */
  private settled = 0;
  /** Decision at which to look whether the run goes in circles. */
  private lookAt = endlessDecisions;

  constructor(strategy: Strategy, decisionsMax: number, hashing: boolean) {
    this.strategy = strategy;
    this.decisionsMax = decisionsMax;
    this.hash = hashing ? new TraceHash() : null;
  }

  /** Always given, so that all strategies count decisions alike. */
  get stallJiffiesMax(): number {
    return this.strategy.stallJiffiesMax ?? 0;
  }

  reset(): void {
    this.limited = false;
    this.ended = false;
    this.steps = 0;
    this.settled = 0;
    this.touches.take();
    this.preemptions = 0;
    this.decisions = 0;
    this.intrusions = 0;
    this.dataSum = 0;
    this.names.length = 0;
    this.setup = null;
    this.lookAt = endlessDecisions;
    this.hash?.reset();
    this.coverage?.begin();
  }

  /** The run was set up, and begins. */
  entered(setup: ProgramSetup): void {
    this.touches.take();
    if (setup.sharesCpus) this.hash?.beCareful();
    this.introduce(setup);
  }

  private introduce({ sharesCpus: services, invariants, opaque }: ProgramSetup): void {
    this.services = services;
    this.strategy.meet?.({
      services,
      everyState: invariants.some(({ overTime }) => !overTime),
      overTime: invariants.length > 0,
      opaque,
    });
  }

  pick(enabled: readonly Choice[], current: Context | null): number {
    this.settle(enabled);
    if (this.decisions >= this.decisionsMax) {
      this.limited = true;
      return -1;
    }
    if (this.decisions >= this.lookAt && this.isEndless(enabled)) {
      this.limited = true;
      return -1;
    }
    const index = this.strategy.pick(enabled, current);
    if (index < 0) {
      this.ended = true;
      return index;
    }
    const choice = enabled[index]!;
    if (isPreemption(enabled, current, index)) this.preemptions++;
    if (choice.kind !== 'step') this.intrusions++;
    if (choice.kind === 'time' && this.setup !== null) this.checkInvariants(this.setup, true);
    const actor = actorOf(choice);
    this.actor = actor;
    this.actors[this.decisions] = actor;
    this.indices[this.decisions++] = index;
    this.hash?.picked(enabled, choice, actor);
    return index;
  }

  choose(name: string, bound: number): number {
    const value = this.strategy.choose(name, bound);
    this.actors[this.decisions] = -1 - value;
    this.indices[this.decisions] = value;
    this.names[this.decisions++] = name;
    this.dataSum += value;
    this.hash?.chose(value);
    return value;
  }

  executed(choice: Choice, effect: Access): void {
    this.steps++;
    this.hash?.executed(choice, effect, this.actor);
    if (this.coverage !== null) this.coverage.executed(choice, effect);
    this.strategy.executed?.(choice, effect);
    const { setup } = this;
    if (setup !== null && setup.invariants.length > 0) this.checkInvariants(setup, choice.kind === 'time');
  }

  /** The last step is over; nobody can go on if the run is. */
  settle(enabled: readonly Choice[]): void {
    const touches = this.touches.take();
    if (touches !== null && !this.services && this.setup !== null) {
      this.setup.sharesCpus = true;
      this.introduce(this.setup);
    }
    if (this.steps === this.settled) return;
    this.settled = this.steps;
    this.hash?.settled(touches, enabled);
    this.strategy.settled?.(touches, enabled);
  }

  /** The schedule of the run so far. */
  schedule(): Schedule {
    const deviations: Deviation[] = [];
    for (let at = 0; at < this.decisions; at++) {
      if (this.indices[at] === 0) continue;
      const actor = this.actors[at]!;
      const data = actor < 0;
      deviations.push({
        at,
        actor: data ? -1 : actor,
        name: data ? this.names[at]! : '',
        value: data ? -1 - actor : 0,
      });
    }
    return { deviations, decisions: this.decisions };
  }

  /**
   * All who could go on have done so again and again, nothing has changed since, and time does not wait to move: that is
   * so for ever. Reported, and the run is over.
   */
  private isEndless(enabled: readonly Choice[]): boolean {
    const machine = this.setup?.machineKernel.machine;
    this.lookAt = this.decisions + endlessDecisions / 4;
    if (machine === undefined || machine.staleOps < endlessDecisions) return false;
    const recent = new Set(this.actors.slice(this.decisions - endlessDecisions, this.decisions));
    if (!enabled.every((choice) => choice.kind === 'step' && recent.has(actorOf(choice)))) return false;
    const names = enabled.map((choice) => (choice.kind === 'step' ? choice.context.name : ''));
    const verb = names.length === 1 ? 'repeats itself' : 'repeat themselves';
    machine.violate(
      'endless-loop',
      `${names.toSorted().join(', ')} ${verb} without end: nothing that they touch changes`,
    );
    return true;
  }

  /** `time`: it moves now, or has just moved. */
  private checkInvariants(setup: ProgramSetup, time: boolean): void {
    const { machine } = setup.machineKernel;
    for (let i = 0; i < setup.invariants.length; i++) {
      const invariant = setup.invariants[i]!;
      if ((invariant.overTime && !time) || invariant.holds()) continue;
      machine.violate(invariant.kind ?? 'invariant', invariant.message);
      setup.invariants.splice(i--, 1);
    }
  }
}
