/**
 * Dynamic partial order reduction: one run for each Mazurkiewicz trace instead of one for each interleaving. What the two
 * variants share: the path of the current run, sleep sets, data choices, the way back; see source-dpor.ts and
 * optimal-dpor.ts for what they add to a state when a race is found.
 *
 * Two kinds of programs are told apart. Where each task has a CPU and touches nothing but locations, the algorithms are
 * those of the papers. Where the kernel's services take part (timers, works, tasks that share a CPU, interrupts) a step
 * touches more than its location, lets others go on, or keeps them from it (dpor-step.ts); what could have gone on, and was
 * kept from it for good, is a race that no second step tells of; and what a step would touch in another place is not known,
 * so that some runs may be given up half way. A program with invariants is to be seen in every state, so all its steps
 * depend on each other; where it is looked at as time moves, all depend on that.
 */
import { NondeterminismError } from '../sim/errors.js';
import type { Access } from '../smp/op.js';
import type { Choice } from '../smp/scheduler.js';
import { DataAlternatives } from './data-alternatives.js';
import {
  dependent,
  type Footprint,
  footprintOf,
  setEffect,
  settle,
  stepperOf,
  touchesWheelElsewhere,
  unknownStep,
} from './dependence.js';
import { ActorNumbers, orderStep, type Race, Step } from './dpor-step.js';
import { waitingSteps } from './dpor-waiting.js';
import { partOf } from './estimate.js';
import { linearisations } from './linearisations.js';
import { fewestPreemptions } from './preemption-count.js';
import type { Interleavings, ProgramTraits, RunEnd, RunVerdict, Strategy } from './strategy.js';
import type { Branch, Planned } from './wakeup-tree.js';

/** A state on the current path, and the step taken from it. */
export interface Node {
  step: Step;
  /** Steps that were explored from here, or from an earlier state without anything in between that depends on them. */
  readonly sleep: Footprint[];
  /** What is to be explored from here after the present branch. */
  readonly pending: Branch[];
  /** Whose step is to be taken. */
  next: number;
  /** The planned branch that is being followed: what is to come after its first step. */
  following: readonly Branch[];
  /** The step's data choices that are laid down. */
  forced: readonly number[];
  /** Data choices that the present step could have made differently. */
  alternatives: DataAlternatives | null;
  /** Branches that were explored from here. */
  tried: number;
}

export interface DporOptions {
  /** Only runs that some linearisation makes with at most this many preemptions count; the others are cut. */
  readonly preemptionBound?: number | null;
  /** Count complete traces by the preemptions they need. */
  readonly countPreemptions?: boolean;
  /** Count the interleavings that the traces stand for. */
  readonly countInterleavings?: boolean;
}

const nobody: readonly number[] = [];

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
  private setupData = new Step(unknownStep(-1), -1);
  private readonly setupAlternatives = new DataAlternatives();
  private setupForced: readonly number[] = [];
  readonly interleavings: Interleavings | null;
  private readonly counts: boolean;
  /** The kernel's services take part. */
  private services = false;
  /** Every state matters, so that all steps depend on each other. */
  private everyState = false;
  /** So does every state in which time moves, so that all steps depend on that. */
  private overTime = false;
  private depth = 0;
  private drawn = 0;
  /** Steps of the current run that are those of the run before. */
  private known = 0;
  /** Who could go on when the run was over. */
  private left: readonly number[] = nobody;
  private blocked = false;
  /** The current run differs from the one before in a data choice: the races before it are to be reversed with that one too. */
  private otherData = false;

  constructor(options: DporOptions = {}) {
    this.preemptionBound = options.preemptionBound ?? null;
    this.interleavings = options.countInterleavings === true ? { complete: 0n, deadlocked: 0n } : null;
    this.counts = options.countPreemptions === true || this.preemptionBound !== null;
  }

  /** A race of the step at `second` (which may be one beyond the last: it waits) was found: plans what reverses it. */
  protected abstract reverse(steps: readonly Step[], second: number, race: Race): void;

  /** Must the step be tried from here with other data choices, if nothing is planned after it? */
  protected abstract worthOtherData(node: Node): boolean;

  meet({ services, everyState, overTime, opaque }: ProgramTraits): void {
    if (services) this.services = true;
    if (everyState) this.everyState = true;
    if (overTime) this.overTime = true;
    // What a linearisation of such a trace costs is not worked out, so that a bound may cut too much.
    if (opaque || (services && this.preemptionBound !== null)) this.covers = false;
  }

  begin(run: number): boolean {
    this.depth = 0;
    this.drawn = 0;
    this.blocked = false;
    this.known = 0;
    if (run === 0) return true;
    if (this.back()) return true;
    this.path.length = 0;
    this.steps.length = 0;
    this.setupAlternatives.explored(this.setupData);
    const next = this.setupAlternatives.next();
    if (next === null) return false;
    this.setupForced = next;
    this.setupData = new Step(unknownStep(-1), -1);
    return true;
  }

  pick(enabled: readonly Choice[]): number {
    const depth = this.depth++;
    this.drawn = 0;
    if (depth < this.known) return this.again(enabled, depth);
    const steppers = enabled.map(stepperOf);
    const node = depth < this.path.length ? this.path[depth]! : this.arrive(steppers, depth);
    if (node === null) return this.stop();
    let index = steppers.indexOf(node.next);
    if (index < 0) index = this.instead(node, steppers);
    if (index < 0) return this.stop();
    const footprint = footprintOf(enabled[index]!);
    if (this.everyState || (this.overTime && footprint.cpu < 0)) footprint.wide = true;
    node.step = new Step(footprint, this.numbers.of(node.next), steppers, index);
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
    if (this.depth > this.known) setEffect(this.steps[this.depth - 1]!.footprint, choice, effect);
  }

  settled(touches: readonly number[] | null, enabled: readonly Choice[]): void {
    const at = this.depth - 1;
    if (!this.services || this.blocked || at < this.known) return;
    const step = this.steps[at]!;
    settle(step.footprint, touches);
    this.left = enabled.map(stepperOf);
    step.leaves(this.left);
  }

  end(end: RunEnd): RunVerdict {
    const { steps, known } = this;
    // All clocks of a run are needed before the first race is reversed: what is planned looks at later steps too.
    for (let at = known; at < steps.length; at++) steps[at]!.races = orderStep(steps, at, steps[at]!, this.services);
    const waiting = this.waiting(end);
    for (const step of waiting) step.races = orderStep(steps, steps.length, step, this.services);
    for (let at = this.otherData ? 0 : known; at < steps.length; at++) this.reverseAll(at, steps[at]!);
    for (const step of waiting) this.reverseAll(steps.length, step);
    if (this.services) for (let at = known; at < steps.length; at++) this.letKeptOff(at);
    else if (end.outcome === 'halted' && steps.length > known) this.letOthers(steps.length - 1, nobody);
    this.otherData = false;
    if (this.blocked) return 'sleep-set-blocked';
    if (this.interleavings !== null) this.countInterleavings(this.interleavings, end);
    if (!this.counts || (end.outcome !== 'complete' && end.outcome !== 'deadlock')) return 'counts';
    const preemptions = fewestPreemptions(steps, waiting);
    if (end.outcome === 'complete') {
      while (this.tracesByPreemptions.length <= preemptions) this.tracesByPreemptions.push(0);
      this.tracesByPreemptions[preemptions]!++;
    }
    return this.preemptionBound !== null && preemptions > this.preemptionBound ? 'beyond-bound' : 'counts';
  }

  private countInterleavings(counts: Interleavings, { outcome }: RunEnd): void {
    if (outcome === 'deadlock') counts.deadlocked += linearisations(this.steps);
    else counts.complete += linearisations(this.steps);
  }

  /** What the reversed step of a race would be there. */
  protected planned({ footprint }: Race): Planned {
    // What comes of it, and so what it touches then, may be something else.
    const wide =
      this.services && !footprint.wide ? Object.assign(footprint.as(footprint.write), { wide: true }) : footprint;
    return { footprint: wide, data: nobody, toggled: null };
  }

  private waiting({ outcome, machine }: RunEnd): Step[] {
    if (!this.blocked && outcome !== 'deadlock') return [];
    return waitingSteps(machine).map((footprint) => new Step(footprint, this.numbers.of(footprint.stepper)));
  }

  private reverseAll(at: number, step: Step): void {
    for (const race of step.races) {
      if (race.sure) this.reverse(this.steps, at, race);
      else this.letOthers(race.first, nobody);
    }
  }

  /** The step at `at` kept some from going on, who may not have gone on later, either: lets them go first. */
  private letKeptOff(at: number): void {
    const { steps } = this;
    const { toggled, footprint } = steps[at]!;
    // A timer that is taken away here might have interrupted its CPU, had that let interrupts in before: nobody was seen
    // to be kept off, and perhaps nobody was.
    if (touchesWheelElsewhere(footprint)) this.letOthers(at, nobody);
    else if (toggled !== null) this.letOthers(at, steps[at + 1]?.enabled ?? this.left);
  }

  /** Lets everybody who could go on instead of the step at `at` go first, but those who are left. */
  private letOthers(at: number, left: readonly number[]): void {
    const { steps } = this;
    const { enabled, footprint } = steps[at]!;
    const { pending } = this.path[at]!;
    for (const stepper of enabled) {
      if (stepper === footprint.stepper || left.includes(stepper)) continue;
      if (pending.some((branch) => branch.footprint.stepper === stepper)) continue;
      pending.push({ footprint: unknownStep(stepper), data: nobody, toggled: null, children: [] });
    }
  }

  private stop(): number {
    this.blocked = true;
    return -1;
  }

  /** The same step as in the run before. */
  private again(enabled: readonly Choice[], depth: number): number {
    const { index, footprint } = this.steps[depth]!;
    const choice = enabled[index];
    if (choice !== undefined && stepperOf(choice) === footprint.stepper) return index;
    throw new NondeterminismError(
      `decision ${depth}: what went on there cannot go on after the same decisions before it`,
    );
  }

  /** A new state: what to do from it. Null: everything that is enabled was explored elsewhere. */
  private arrive(enabled: readonly number[], depth: number): Node | null {
    const parent = depth === 0 ? null : this.path[depth - 1]!;
    const sleep = parent === null ? [] : this.stillAsleep(parent, enabled);
    const node: Node = {
      step: this.setupData,
      sleep,
      pending: parent === null ? [] : parent.following.slice(),
      next: -1,
      following: [],
      forced: nobody,
      alternatives: null,
      tried: 0,
    };
    if (!this.follow(node)) {
      const free = enabled.find((stepper) => !asleep(sleep, stepper));
      if (free === undefined) return null;
      node.next = free;
    }
    this.path.push(node);
    return node;
  }

  private stillAsleep({ sleep, step }: Node, enabled: readonly number[]): Footprint[] {
    const still: Footprint[] = [];
    for (const footprint of sleep) {
      if (dependent(footprint, step.footprint)) continue;
      if (!this.services || enabled.includes(footprint.stepper)) still.push(footprint);
    }
    return still;
  }

  /** What was planned from a state cannot go on there: it comes from another order. Who goes on instead; -1: nobody. */
  private instead(node: Node, enabled: readonly number[]): number {
    const index = this.services ? enabled.findIndex((stepper) => !asleep(node.sleep, stepper)) : -1;
    if (index < 0) return -1;
    node.next = enabled[index]!;
    node.following = [];
    node.forced = nobody;
    return index;
  }

  /** Takes the next planned branch of a state. */
  private follow(node: Node, at = 0): boolean {
    while (node.pending.length > at) {
      const [branch] = node.pending.splice(at, 1);
      if (asleep(node.sleep, branch!.footprint.stepper)) continue;
      node.next = branch!.footprint.stepper;
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
      this.known = this.steps.length;
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
    const { stepper } = step.footprint;
    if (step.data.length > 0 || node.alternatives !== null) {
      node.alternatives ??= new DataAlternatives();
      node.alternatives.explored(step);
      const planned = node.pending.findIndex((branch) => branch.footprint.stepper === stepper);
      if (planned >= 0) return this.follow(node, planned);
      const forced = this.worthOtherData(node) ? node.alternatives.next() : null;
      if (forced !== null) {
        node.next = stepper;
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

function asleep(sleep: readonly Footprint[], stepper: number): boolean {
  for (const footprint of sleep) if (footprint.stepper === stepper) return true;
  return false;
}
