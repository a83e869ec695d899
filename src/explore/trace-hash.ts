/**
 * A hash of a run that is the same for all interleavings of one Mazurkiewicz trace: each step is hashed with the steps it
 * directly depends on, and the hashes are added up. 53 bits.
 */
import type { Access } from '../smp/op.js';
import type { Choice } from '../smp/scheduler.js';
import { dependent, type Footprint, footprintOf, setEffect, settle, stepperOf } from './dependence.js';

function mix(a: number, b: number): number {
  let h = Math.imul(a ^ (b + 0x9e3779b9 + (a << 6) + (a >>> 2)), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35);
  return h ^ (h >>> 13);
}

interface Step {
  readonly footprint: Footprint;
  readonly low: number;
  readonly high: number;
  /** Others that it let go on, or kept from it. */
  readonly toggled: readonly number[];
}

/** Last steps on a resource: those that wrote, those that read since. Sums do not depend on the order of the reads. */
interface Resource {
  /** The run that it was last used in: it is kept for others. */
  run: number;
  low: number;
  high: number;
  readsLow: number;
  readsHigh: number;
}

/** For programs whose tasks have a CPU each and touch nothing but whole objects: constant time a step. */
export class TraceHash {
  /** The hash tells the run's traces apart whatever takes part in it. */
  careful = false;
  private low = 0;
  private high = 0;
  /** By actor and by object. */
  private readonly actors: (Resource | undefined)[] = [];
  private readonly objects: (Resource | undefined)[] = [];
  private run = 0;
  /** All steps, if the run needs more than the resources. */
  private steps: Step[] | null = null;
  private readonly steppers = new Map<number, Resource>();
  private pending: Footprint | null = null;
  /** Who could go on before the step. */
  private enabled: readonly number[] = [];
  private lastActor = 0;
  /** The last step that everything after it depends on. */
  private barrierLow = 0;
  private barrierHigh = 0;

  reset(): void {
    this.careful = false;
    this.low = 0;
    this.high = 0;
    this.barrierLow = 0;
    this.barrierHigh = 0;
    this.run++;
    this.steps = null;
    this.steppers.clear();
    this.pending = null;
    this.lastActor = 0;
  }

  /** To be called before the first step, if contexts may share CPUs or objects have parts. */
  beCareful(): void {
    this.careful = true;
    this.steps = [];
  }

  /** `actor`: whose step it is. */
  picked(enabled: readonly Choice[], choice: Choice, actor: number): void {
    this.lastActor = actor;
    if (this.steps === null) return;
    this.pending = footprintOf(choice);
    this.lastActor = this.pending.stepper;
    this.enabled = enabled.map(stepperOf);
  }

  /** The step has been performed. */
  executed(choice: Choice, effect: Access, actor: number): void {
    if (this.steps === null) this.add(choice, effect, actor);
    else setEffect(this.pending!, choice, effect);
  }

  /** It is over: what it touched besides, and who can go on now. */
  settled(touches: readonly number[] | null, enabled: readonly Choice[]): void {
    const { steps, pending } = this;
    if (steps === null || pending === null) return;
    this.pending = null;
    settle(pending, touches);
    const after = enabled.map(stepperOf);
    const others = (list: readonly number[], than: readonly number[]): number[] =>
      list.filter((stepper) => stepper !== pending.stepper && !than.includes(stepper));
    const toggled = [...others(this.enabled, after), ...others(after, this.enabled)];
    this.addCarefully(steps, pending, toggled);
  }

  /** A data choice belongs to the step that was picked last. */
  chose(value: number): void {
    const own = this.steps === null ? this.resource(this.actors, this.lastActor) : this.ownOf(this.lastActor);
    own.low = mix(own.low, value + 1);
    own.high = mix(own.high, ~value);
    this.low = (this.low + own.low) | 0;
    this.high = (this.high + own.high) | 0;
  }

  value(): number {
    return (this.low >>> 0) * 0x200000 + (this.high >>> 11);
  }

  private add(choice: Choice, effect: Access, actor: number): void {
    const object = choice.kind === 'step' ? choice.op.object : null;
    const own = this.resource(this.actors, actor);
    if (object === null) {
      this.barrierLow = mix(this.low, actor);
      this.barrierHigh = mix(this.high, actor);
    }
    const place = this.resource(this.objects, object === null ? 0 : object.id);
    let low = mix(mix(own.low, actor), place.low + this.barrierLow);
    let high = mix(mix(own.high, ~actor), place.high + this.barrierHigh);
    if (effect !== 'read') {
      low = mix(low, place.readsLow + 1);
      high = mix(high, place.readsHigh + 1);
      place.low = low;
      place.high = high;
      place.readsLow = 0;
      place.readsHigh = 0;
    } else {
      place.readsLow = (place.readsLow + low) | 0;
      place.readsHigh = (place.readsHigh + high) | 0;
    }
    own.low = low;
    own.high = high;
    this.low = (this.low + low) | 0;
    this.high = (this.high + high) | 0;
  }

  private ownOf(stepper: number): Resource {
    let own = this.steppers.get(stepper);
    if (own === undefined) {
      own = { run: this.run, low: mix(0, stepper), high: mix(1, stepper), readsLow: 0, readsHigh: 0 };
      this.steppers.set(stepper, own);
    }
    return own;
  }

  private addCarefully(steps: Step[], footprint: Footprint, toggled: readonly number[]): void {
    const { stepper } = footprint;
    let low = 0;
    let high = 0;
    // Who lets it go on, or keeps it from it, after its own last step.
    let since = true;
    for (let i = steps.length - 1; i >= 0; i--) {
      const step = steps[i]!;
      if (step.footprint.stepper === stepper) since = false;
      if (!dependent(step.footprint, footprint) && !(since && step.toggled.includes(stepper))) continue;
      low = (low + step.low) | 0;
      high = (high + step.high) | 0;
    }
    const own = this.ownOf(stepper);
    low = mix(mix(low, own.low), stepper);
    high = mix(mix(high, own.high), ~stepper);
    steps.push({ footprint, low, high, toggled });
    own.low = low;
    own.high = high;
    this.low = (this.low + low) | 0;
    this.high = (this.high + high) | 0;
  }

  private resource(list: (Resource | undefined)[], index: number): Resource {
    const { run } = this;
    const known = list[index];
    if (known?.run === run) return known;
    if (known === undefined) {
      while (list.length < index) list.push(undefined);
      const made = { run, low: index, high: ~index, readsLow: 0, readsHigh: 0 };
      list[index] = made;
      return made;
    }
    known.run = run;
    known.low = index;
    known.high = ~index;
    known.readsLow = 0;
    known.readsHigh = 0;
    return known;
  }
}
