/**
 * Is a failing schedule minimal? Looks for itself, with nothing of the shrinker: leaves out one preemption, one move of
 * time or interrupt, or lowers one data choice, and follows what is left as nearly as the program allows. What comes after
 * the failure is no matter.
 */
import { actorOf } from '../../src/explore/actor.js';
import { type ExploreOptions, replay } from '../../src/explore/explore.js';
import { sanitizerOf } from '../../src/explore/findings.js';
import { Recorder } from '../../src/explore/recorder.js';
import { type Explorable, Runner } from '../../src/explore/runner.js';
import type { Strategy } from '../../src/explore/strategy.js';
import { decodeToken } from '../../src/explore/token.js';
import type { Context } from '../../src/smp/context.js';
import type { Choice } from '../../src/smp/scheduler.js';
import { replayOptionsOf } from './failing-programs.js';

/** What was decided: a pick, with the actors it left behind; or a data choice. */
interface Decision {
  readonly actor: number | null;
  readonly name: string;
  /** The value; of a pick its index. */
  readonly value: number;
  readonly preempts: number | null;
  readonly intrudes: boolean;
}

/** Follows what it is told by `picks` and `draws`, and writes down what came of it. */
class Follower implements Strategy {
  readonly family = 'stepwise';
  readonly name = 'follower';
  readonly exhaustive = false;
  stallJiffiesMax = Number.POSITIVE_INFINITY;
  readonly decisions: Decision[] = [];
  /** Has it failed by now? */
  failed: () => boolean = () => false;
  /** Decisions up to the failure. */
  endsAt: number | null = null;
  private readonly picks: (at: number, enabled: readonly number[]) => number;
  private readonly draws: (at: number, name: string) => number;

  constructor(picks: Follower['picks'], draws: Follower['draws']) {
    this.picks = picks;
    this.draws = draws;
  }

  begin(): boolean {
    return true;
  }

  pick(enabled: readonly Choice[], current: Context | null): number {
    if (this.endsAt === null && this.failed()) this.endsAt = this.decisions.length;
    const actors = enabled.map(actorOf);
    const index = Math.max(0, this.picks(this.decisions.length, actors));
    const first = enabled[0]!;
    const couldGoOn = current !== null && first.kind === 'step' && first.context === current;
    this.decisions.push({
      actor: actors[index]!,
      name: '',
      value: index,
      preempts: couldGoOn && index > 0 ? actors[0]! : null,
      intrudes: enabled[index]!.kind !== 'step',
    });
    return index;
  }

  choose(name: string, bound: number): number {
    const wanted = this.draws(this.decisions.length, name);
    const value = wanted < bound ? wanted : 0;
    this.decisions.push({ actor: null, name, value, preempts: null, intrudes: false });
    return value;
  }
}

/** Picks and draws as they deviate from the default: `changed` gives other values than were decided, undefined the same. */
function byPlace(decisions: readonly Decision[], changed: (at: number) => number | undefined): Follower {
  const deviates = (at: number): Decision | undefined => {
    const decision = decisions[at];
    return decision !== undefined && decision.value > 0 ? decision : undefined;
  };
  return new Follower(
    (at, enabled) => changed(at) ?? enabled.indexOf(deviates(at)?.actor ?? -1),
    (at, name) => changed(at) ?? (deviates(at)?.name === name ? deviates(at)!.value : 0),
  );
}

/** Picks in an order, those that are not enabled yet later; each with the data that was drawn after it. */
function inOrder(decisions: readonly Decision[]): Follower {
  const turns: { actor: number; data: number[] }[] = [{ actor: -1, data: [] }];
  for (const { actor, value } of decisions) {
    if (actor === null) turns.at(-1)!.data.push(value);
    else turns.push({ actor, data: [] });
  }
  let now = turns.shift()!;
  return new Follower(
    (_at, enabled) => {
      const next = turns.findIndex(({ actor }) => enabled.includes(actor));
      now = next < 0 ? { actor: -1, data: [] } : turns.splice(next, 1)[0]!;
      return enabled.indexOf(now.actor);
    },
    () => now.data.shift() ?? 0,
  );
}

/** The schedules that are nearest to one without the decision at `at`, or with it lowered. */
function* without(decisions: readonly Decision[], at: number): Generator<readonly [string, Follower]> {
  const { actor, name, value, preempts, intrudes } = decisions[at]!;
  if (actor === null) {
    const lower = value <= 8 ? Array.from({ length: value }, (_, i) => i) : [0, 1, value - 1];
    for (const less of lower) {
      yield [`${name}=${less} for ${value}`, byPlace(decisions, (place) => (place === at ? less : undefined))];
    }
    return;
  }
  const how = intrudes ? `the intrusion of ${actor}` : `the turn of ${actor}`;
  yield [`without ${how}`, byPlace(decisions, (place) => (place === at ? 0 : undefined))];
  if (intrudes) {
    let end = at + 1;
    while (decisions[end]?.actor === null) end++;
    yield [`in order without ${how}`, inOrder(decisions.toSpliced(at, end - at))];
  }
  if (preempts === null) return;
  // He who is preempted has his next turn at once.
  const from = decisions.findIndex((decision, place) => place > at && decision.actor === preempts);
  if (from < 0) return;
  let to = from;
  while (to < decisions.length && (decisions[to]!.actor === null || decisions[to]!.actor === preempts)) to++;
  const turn = decisions.slice(from, to);
  yield [`joined, before ${how}`, inOrder(decisions.toSpliced(from, to - from).toSpliced(at, 0, ...turn))];
}

/** What makes a run hard to follow: preemptions, intrusions, data choices, their sum. */
function costs(decisions: readonly Decision[]): readonly number[] {
  const data = decisions.filter(({ actor, value }) => actor === null && value > 0);
  return [
    decisions.filter(({ preempts }) => preempts !== null).length,
    decisions.filter(({ intrudes }) => intrudes).length,
    data.length,
    data.reduce((sum, { value }) => sum + value, 0),
  ];
}

const text = (list: readonly number[]): string => list.map((n) => String(n).padStart(9, '0')).join(' ');

/** Each way in which the failure of this token could have been made simpler by one thing left out. */
export function couldBeSimpler(program: Explorable, token: string, kind: string, options: ExploreOptions): string[] {
  const decoded = decodeToken(token);
  const { faults } = replay(program, token, replayOptionsOf(options));
  const { place, message } = faults.find((fault) => fault.kind === kind)!;
  const runner = new Runner(program, options.machine, options.horizonNs);
  runner.sanitizer = sanitizerOf(options);
  const failsUnder = (follower: Follower): boolean => {
    const recorder = new Recorder(follower, Math.max(10_000, decoded.decisions), false);
    recorder.reset();
    follower.failed = () =>
      recorder.setup?.machineKernel.machine.violations.some((one) => one.kind === kind && one.message === message) ??
      false;
    const failed = runner.run(recorder).faults.some((fault) => fault.kind === kind && fault.place === place);
    follower.decisions.length = follower.endsAt ?? follower.decisions.length;
    return failed;
  };
  const deviation = new Map(decoded.deviations.map((one) => [one.at, one]));
  const whole = new Follower(
    (at, enabled) => enabled.indexOf(deviation.get(at)?.actor ?? -1),
    (at) => deviation.get(at)?.value ?? 0,
  );
  if (!failsUnder(whole)) return ['it does not fail at all'];
  const { decisions } = whole;
  const found: string[] = [];
  for (let at = 0; at < decisions.length; at++) {
    const { actor, value, preempts, intrudes } = decisions[at]!;
    if (actor === null ? value === 0 : preempts === null && !intrudes) continue;
    for (const [how, follower] of without(decisions, at)) {
      const fails = failsUnder(follower);
      const [less, now] = [costs(follower.decisions), costs(decisions)];
      if (fails && text(less) < text(now)) found.push(`decision ${at}: ${how}: ${less.join()} for ${now.join()}`);
    }
  }
  return found;
}
