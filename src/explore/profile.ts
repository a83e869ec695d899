/**
 * How long a program's runs are, found out before the search by a few runs of its own. Strategies that need such figures take
 * them from here and not from the runs they have made, so that a run depends on seed and number alone, and several workers
 * may share out the numbers.
 */
import type { Choice } from '../smp/scheduler.js';
import { actorOf } from './actor.js';
import { RandomWalk } from './random.js';
import { Recorder } from './recorder.js';
import { release } from './release.js';
import { RoundRobin } from './round-robin.js';
import type { Runner } from './runner.js';
import type { Strategy } from './strategy.js';

export interface Profile {
  /** Most decisions between choices, over the profile's runs. */
  readonly decisions: number;
  /** Most steps by actor (see actor.ts). */
  readonly stepsByActor: ReadonlyMap<number, number>;
}

/** The default schedule. */
class Default implements Strategy {
  readonly family = 'stepwise';
  readonly name = 'default';
  readonly exhaustive = false;

  begin(): boolean {
    return true;
  }

  pick(): number {
    return 0;
  }

  choose(): number {
    return 0;
  }
}

/** Listens to another strategy. */
class Counter implements Strategy {
  readonly family = 'stepwise';
  readonly name = 'counter';
  readonly exhaustive = false;
  picks = 0;
  readonly steps = new Map<number, number>();
  inner: Strategy = new Default();

  begin(run: number): boolean {
    this.picks = 0;
    this.steps.clear();
    return this.inner.begin(run);
  }

  pick(enabled: readonly Choice[], current: Parameters<Strategy['pick']>[1]): number {
    const index = this.inner.pick(enabled, current);
    const actor = actorOf(enabled[index]!);
    this.picks++;
    this.steps.set(actor, (this.steps.get(actor) ?? 0) + 1);
    return index;
  }

  choose(name: string, bound: number): number {
    return this.inner.choose(name, bound);
  }
}

/** The default schedule, a round robin and two random walks. */
export function profileOf(runner: Runner, decisionsMax: number): Profile {
  const counter = new Counter();
  const recorder = new Recorder(counter, decisionsMax, false);
  let decisions = 0;
  const stepsByActor = new Map<number, number>();
  for (const [index, inner] of [new Default(), new RoundRobin(), new RandomWalk(0), new RandomWalk(1)].entries()) {
    counter.inner = inner;
    counter.begin(index === 1 ? 0 : index);
    recorder.reset();
    release(runner.run(recorder));
    decisions = Math.max(decisions, counter.picks);
    for (const [actor, steps] of counter.steps) {
      stepsByActor.set(actor, Math.max(steps, stepsByActor.get(actor) ?? 0));
    }
  }
  return { decisions, stepsByActor };
}
