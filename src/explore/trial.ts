/**
 * Tries schedules on behalf of the shrinker: runs each, and keeps it if it fails as the best one does, at the same place,
 * and is simpler. It remembers what was tried, ends runs that can no longer be simpler, and counts.
 */
import type { Machine } from '../smp/machine.js';
import { actorOfContext } from './actor.js';
import { type Costs, type Failing, failingOf, isLess, preemptionsFirst } from './failing.js';
import { Follow, type Plan } from './plan.js';
import { type Deviation, Recorder } from './recorder.js';
import { release } from './release.js';
import { NearReplay, Replay } from './replay-strategy.js';
import type { Run, Runner } from './runner.js';
import { Scribe } from './scribe.js';
import type { Strategy } from './strategy.js';

/** A failing run, and its plan as far as where it fails. */
export interface Known {
  readonly failing: Failing;
  readonly plan: Plan;
  /** Its preemptions, as preemptionOf has them. */
  readonly preempted: ReadonlySet<string>;
}

export class Trial {
  /** The simplest so far. */
  best: Known;
  runs = 0;
  /** Runs that may be made in all. */
  limit: number;
  private costs: Costs = preemptionsFirst;
  private readonly runner: Runner;
  private readonly recorder: Recorder;
  private readonly scribe: Scribe;
  private readonly tried = new Set<string>();

  constructor(runner: Runner, failing: Failing, decisionsMax: number, limit: number) {
    this.runner = runner;
    this.best = { failing, plan: { picks: [], data: [] }, preempted: new Set() };
    this.limit = limit;
    this.scribe = new Scribe(this.owner, () => this.machine?.violations.length ?? 0);
    this.recorder = new Recorder(this.scribe, decisionsMax, false);
  }

  /** Who draws now, as {@link Drawn.owner}. */
  readonly owner = (): number => {
    const context = this.machine?.current ?? null;
    return context === null ? -1 : actorOfContext(context);
  };

  get left(): boolean {
    return this.runs < this.limit;
  }

  /** From now on the best is what is cheapest in this sense. */
  prefer(costs: Costs): void {
    this.costs = costs;
    this.tried.clear();
  }

  /** Makes the run again that is to be made simpler: so its plan is known. False: it does not fail that way again. */
  begin(): boolean {
    if (!this.left) return false;
    this.scribe.preemptionsMax = Number.POSITIVE_INFINITY;
    this.scribe.picksMax = Number.POSITIVE_INFINITY;
    const known = this.run(new Replay(this.best.failing.schedule));
    if (known !== null) this.best = known;
    return known !== null;
  }

  /** Tries a plan, as far as it can be followed. */
  follows(plan: Plan): boolean {
    const data = plan.data.map(({ owner, name, value }) => `${owner} ${name} ${value}`);
    if (this.wasTried(`${plan.picks.join()};${data.join()}`)) return false;
    return this.accepts(new Follow(plan, this.owner));
  }

  /** Tries deviations from the default schedule, as far as they fit. */
  deviates(deviations: readonly Deviation[]): boolean {
    const all = deviations.map(({ at, actor, name, value }) => `${at} ${actor} ${name} ${value}`);
    if (this.wasTried(all.join())) return false;
    return this.accepts(new NearReplay(deviations));
  }

  /** Tries all runs of a search, those that become long aside, until one is simpler. */
  searches(strategy: Strategy): boolean {
    const picksMax = 2 * this.best.plan.picks.length + 100;
    for (let run = 0; this.left && strategy.begin(run); run++) if (this.accepts(strategy, picksMax)) return true;
    return false;
  }

  private get machine(): Machine | undefined {
    return this.recorder.setup?.machineKernel.machine;
  }

  private wasTried(key: string): boolean {
    const { size } = this.tried;
    return this.tried.add(key).size === size;
  }

  /** Makes a run, if one may be made. Is it simpler? It is the best one from now on, then. */
  private accepts(strategy: Strategy, picksMax = Number.POSITIVE_INFINITY): boolean {
    if (!this.left) return false;
    const { best, costs, scribe } = this;
    scribe.preemptionsMax = costs === preemptionsFirst ? best.failing.preemptions : Number.POSITIVE_INFINITY;
    scribe.picksMax = picksMax;
    const known = this.run(strategy);
    if (known === null) return false;
    const [now, before] = [known, best].map(({ failing, plan }) => costs(failing, plan));
    if (!isLess(now!, before!)) return false;
    this.best = known;
    return true;
  }

  private run(strategy: Strategy): Known | null {
    this.runs++;
    const { recorder, scribe } = this;
    scribe.inner = strategy;
    scribe.begin();
    recorder.reset();
    const run = this.runner.run(recorder);
    const known = this.knownOf(run);
    release(run);
    return known;
  }

  private knownOf(run: Run): Known | null {
    // Ended by the scribe: not the whole run.
    if (this.recorder.ended) return null;
    const { kind, place } = this.best.failing.fault;
    const fault = run.faults.find((other) => other.kind === kind && other.place === place);
    if (fault === undefined) return null;
    const violation = run.machine.violations.findIndex((one) => one.kind === kind && one.message === fault.message);
    const { scribe } = this;
    return {
      failing: failingOf(this.recorder, fault),
      plan: scribe.plan(violation),
      preempted: new Set(scribe.preempted),
    };
  }
}
