/**
 * Dynamic partial order reduction: one run for each Mazurkiewicz trace instead of one for each interleaving. What the two
 * variants share: the path of the current run, sleep sets, data choices, the way back; see source-dpor.ts and
 * optimal-dpor.ts for what they add to a state when a race is found.
 *
 * Deviation: races are those between steps that are made. A move of time or an interrupt that was possible and is not any
 * more, a wake-up and what it lets run, and tasks that share a CPU may hide one, so that schedules are missed: where these
 * take part, {@link Dpor.covers} is false and the search is not called exhaustive. Depth-first search covers them.
 */
import { NondeterminismError } from '../sim/errors.js';
import type { Access } from '../smp/op.js';
import type { Choice } from '../smp/scheduler.js';
import { actorName, actorOf } from './actor.js';
import { DataAlternatives } from './data-alternatives.js';
import { dependent, type Footprint, footprintOf, setEffect } from './dependence.js';
import { ActorNumbers, orderStep, type Race, Step } from './dpor-step.js';
import { timeStep, waitingSteps } from './dpor-waiting.js';
import { partOf } from './estimate.js';
import { fewestPreemptions } from './preemption-count.js';
import type { RunEnd, RunVerdict, Strategy } from './strategy.js';
import type { Branch } from './wakeup-tree.js';

/** A state on the current path, and the step taken from it. */
export interface Node {
  step: Step;
  /** Steps that were explored from here, or from an earlier state without anything in between that depends on them. */
  readonly sleep: Footprint[];
  /** What is to be explored from here after the present branch. */
  readonly pending: Branch[];
  /** The planned branch that is being followed: what is to come after its first step. */
  following: readonly Branch[];
  /** The step's data choices that are laid down. */
  forced: readonly number[];
  /** Data choices that the present actor's step could have made differently. */
  alternatives: DataAlternatives | null;
  /** Branches that were explored from here. */
  tried: number;
}

export interface DporOptions {
  /** Only runs that some linearisation makes with at most this many preemptions count; the others are cut. */
  readonly preemptionBound?: number | null;
  /** Count complete traces by the preemptions they need. */
  readonly countPreemptions?: boolean;
}

export abstract class Dpor implements Strategy {
  readonly family = 'stepwise';
  abstract readonly name: string;
  readonly exhaustive = true;
  readonly tracesAreRuns = true;
  covers = true;
  stallJiffiesMax = 0;
  readonly preemptionBound: number | null;
  readonly tracesByPreemptions: number[] = [];
  protected readonly path: Node[] = [];
  private readonly steps: Step[] = [];
  private readonly numbers = new ActorNumbers();
  /** Data choices of the program's setup. */
  private setupData = new Step(nobody, []);
  private readonly setupAlternatives = new DataAlternatives();
  private setupForced: readonly number[] = [];
  private readonly counts: boolean;
  private depth = 0;
  private drawn = 0;
  /** The first position of the current run whose races are not known. */
  private fresh = 0;
  private blocked = false;
  /** The current run differs from the one before in a data choice: the races before it are to be reversed with that one too. */
  private otherData = false;

  constructor(options: DporOptions = {}) {
    this.preemptionBound = options.preemptionBound ?? null;
    this.counts = options.countPreemptions === true || this.preemptionBound !== null;
  }

  /** A race of the step at `second` (which may be one beyond the last: it waits) was found: plans what reverses it. */
  protected abstract reverse(steps: readonly Step[], second: number, race: Race, numbers: ActorNumbers): void;

  /** Must the step be tried from here with other data choices, if nothing is planned after it? */
  protected abstract worthOtherData(node: Node): boolean;

  begin(run: number): boolean {
    this.depth = 0;
    this.drawn = 0;
    this.blocked = false;
    if (run === 0) return true;
    if (this.back()) return true;
    this.path.length = 0;
    this.steps.length = 0;
    this.fresh = 0;
    this.setupAlternatives.explored(this.setupData);
    const next = this.setupAlternatives.next();
    if (next === null) return false;
    this.setupForced = next;
    this.setupData = new Step(nobody, []);
    return true;
  }

  pick(enabled: readonly Choice[]): number {
    const depth = this.depth++;
    this.drawn = 0;
    const known = depth < this.steps.length;
    if (known) return this.indexOf(enabled, this.steps[depth]!.footprint.actor, depth);
    const node = depth < this.path.length ? this.path[depth]! : this.arrive(enabled, depth);
    if (node === null) return this.stop();
    const index = enabled.findIndex((choice) => actorOf(choice) === node.step.footprint.actor);
    if (index < 0) return this.stop();
    if (this.covers) this.covers = onlyFreeSteps(enabled);
    node.step = new Step(footprintOf(enabled[index]!), enabled.map(actorOf));
    this.steps.push(node.step);
    return index;
  }

  choose(_name: string, bound: number): number {
    const place = this.drawn++;
    const [step, forced] =
      this.depth === 0
        ? [this.setupData, this.setupForced]
        : [this.steps[this.depth - 1]!, this.path[this.depth - 1]!.forced];
    if (place < step.data.length) return step.data[place]!;
    const value = forced[place] ?? 0;
    step.data.push(value);
    step.bounds.push(bound);
    return value;
  }

  executed(choice: Choice, effect: Access): void {
    const step = this.steps[this.depth - 1]!;
    setEffect(step.footprint, effect);
    if (choice.kind === 'step' && step.footprint.free) step.footprint.free = (choice.context.window & 4) !== 0;
  }

  end(end: RunEnd): RunVerdict {
    const { steps, numbers } = this;
    // All clocks of a run are needed before the first race is reversed: what is planned looks at later steps too.
    for (let at = this.fresh; at < steps.length; at++) steps[at]!.races = orderStep(steps, at, steps[at]!, numbers);
    const waiting = this.blocked || end.outcome === 'deadlock' ? waitingSteps(end.machine) : [];
    // Time could always have stalled once more; what it changes is what comes after.
    if (this.stallJiffiesMax > 0) waiting.push(timeStep());
    for (const step of waiting) step.races = orderStep(steps, steps.length, step, numbers);
    const from = this.otherData ? 0 : this.fresh;
    for (let at = from; at < steps.length; at++) this.reverseAll(at, steps[at]!);
    for (const step of waiting) this.reverseAll(steps.length, step);
    this.fresh = steps.length;
    this.otherData = false;
    if (this.blocked) return 'sleep-set-blocked';
    if (!this.counts || end.outcome !== 'complete') return 'counts';
    const preemptions = fewestPreemptions(steps);
    while (this.tracesByPreemptions.length <= preemptions) this.tracesByPreemptions.push(0);
    this.tracesByPreemptions[preemptions]!++;
    return this.preemptionBound !== null && preemptions > this.preemptionBound ? 'beyond-bound' : 'counts';
  }

  private reverseAll(at: number, step: Step): void {
    for (const race of step.races) this.reverse(this.steps, at, race, this.numbers);
  }

  private stop(): number {
    this.blocked = true;
    return -1;
  }

  private indexOf(enabled: readonly Choice[], actor: number, depth: number): number {
    const index = enabled.findIndex((choice) => actorOf(choice) === actor);
    if (index >= 0) return index;
    throw new NondeterminismError(
      `decision ${depth}: ${actorName(actor)} could go on there, and cannot after the same decisions before it`,
    );
  }

  /** A new state: what to do from it. Null: everything that is enabled was explored elsewhere. */
  private arrive(enabled: readonly Choice[], depth: number): Node | null {
    const parent = depth === 0 ? null : this.path[depth - 1]!;
    const sleep = parent === null ? [] : parent.sleep.filter((s) => !dependent(s, parent.step.footprint));
    const node: Node = {
      step: this.setupData,
      sleep,
      pending: parent === null ? [] : parent.following.slice(),
      following: [],
      forced: [],
      alternatives: null,
      tried: 0,
    };
    if (!this.follow(node)) {
      const free = enabled.find((choice) => !asleep(sleep, actorOf(choice)));
      if (free === undefined) return null;
      node.step = new Step(footprintOf(free), []);
    }
    this.path.push(node);
    return node;
  }

  /** Takes the next planned branch of a state. */
  private follow(node: Node, at = 0): boolean {
    while (node.pending.length > at) {
      const [branch] = node.pending.splice(at, 1);
      if (asleep(node.sleep, branch!.footprint.actor)) continue;
      node.step = new Step(branch!.footprint, []);
      node.following = branch!.children;
      node.forced = branch!.data;
      return true;
    }
    return false;
  }

  /** Goes back to the last state from which something is left to explore. */
  private back(): boolean {
    while (this.path.length > 0) {
      const at = this.path.length - 1;
      const node = this.path[at]!;
      this.steps.length = Math.min(this.steps.length, at);
      this.fresh = Math.min(this.fresh, at);
      if (this.another(node)) return true;
      this.path.pop();
    }
    return false;
  }

  /** Of the branches that are known so far: more may be found, so that estimates from it begin too low. */
  part(): number {
    return partOf(this.path, (node) => ({ before: node.tried, of: node.tried + 1 + node.pending.length }));
  }

  private another(node: Node): boolean {
    node.tried++;
    const { step } = node;
    const { actor } = step.footprint;
    if (step.data.length > 0 || node.alternatives !== null) {
      node.alternatives ??= new DataAlternatives();
      node.alternatives.explored(step);
      const planned = node.pending.findIndex((branch) => branch.footprint.actor === actor);
      if (planned >= 0) return this.follow(node, planned);
      const forced = this.worthOtherData(node) ? node.alternatives.next() : null;
      if (forced !== null) {
        node.step = new Step(step.footprint, []);
        node.following = [];
        node.forced = forced;
        this.otherData = true;
        return true;
      }
      node.alternatives = null;
    }
    node.sleep.push(step.footprint);
    return this.follow(node);
  }
}

/** Nothing but steps on shared objects, each on a CPU of its own. */
function onlyFreeSteps(enabled: readonly Choice[]): boolean {
  return enabled.every((choice, at) => {
    if (choice.kind !== 'step' || choice.op.object === null) return false;
    return enabled.every((other, i) => i >= at || (other.kind === 'step' && other.cpu !== choice.cpu));
  });
}

const nobody: Footprint = {
  actor: -1,
  cpu: -1,
  wide: true,
  object: 0,
  part: '',
  op: null,
  word: 0,
  write: true,
  free: false,
};

function asleep(sleep: readonly Footprint[], actor: number): boolean {
  for (const footprint of sleep) if (footprint.actor === actor) return true;
  return false;
}
