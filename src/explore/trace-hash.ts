/**
 * A hash of a run that is the same for all interleavings of one Mazurkiewicz trace: each step is hashed with the steps it
 * directly depends on, and the hashes are added up. 53 bits.
 */
import type { Access } from '../smp/op.js';
import type { Choice } from '../smp/scheduler.js';
import { dependent, type Footprint, footprintOf, setEffect } from './dependence.js';

function mix(a: number, b: number): number {
  let h = Math.imul(a ^ (b + 0x9e3779b9 + (a << 6) + (a >>> 2)), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae35);
  return h ^ (h >>> 13);
}

interface Hashed {
  readonly footprint: Footprint;
  low: number;
  high: number;
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
  private low = 0;
  private high = 0;
  /** By actor and by object. */
  private readonly actors: (Resource | undefined)[] = [];
  private readonly objects: (Resource | undefined)[] = [];
  private run = 0;
  /** All steps, once one was seen that needs more than the resources. */
  private steps: Hashed[] | null = null;
  private pending: Footprint | null = null;
  private lastActor = 0;
  /** The last step that everything after it depends on. */
  private barrierLow = 0;
  private barrierHigh = 0;

  reset(): void {
    this.low = 0;
    this.high = 0;
    this.barrierLow = 0;
    this.barrierHigh = 0;
    this.run++;
    this.steps = null;
    this.lastActor = 0;
  }

  /** To be called before the first step, if contexts may share CPUs or objects have parts. */
  beCareful(): void {
    this.steps = [];
  }

  /** `actor`: whose step it is. */
  picked(choice: Choice, actor: number): void {
    this.lastActor = actor;
    if (this.steps !== null) this.pending = footprintOf(choice);
  }

  /** The step has been performed. */
  executed(choice: Choice, effect: Access, actor: number): void {
    if (this.steps !== null) this.careful(this.steps, choice, effect, actor);
    else this.quick(choice, effect, actor);
  }

  /** A data choice belongs to the step that was picked last. */
  chose(value: number): void {
    const own = this.resource(this.actors, this.lastActor);
    own.low = mix(own.low, value + 1);
    own.high = mix(own.high, ~value);
    this.low = (this.low + own.low) | 0;
    this.high = (this.high + own.high) | 0;
  }

  value(): number {
    return (this.low >>> 0) * 0x200000 + (this.high >>> 11);
  }

  private quick(choice: Choice, effect: Access, actor: number): void {
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

  private careful(steps: Hashed[], choice: Choice, effect: Access, actor: number): void {
    const footprint = this.pending!;
    setEffect(footprint, effect);
    if (choice.kind === 'step' && footprint.free) footprint.free = (choice.context.window & 4) !== 0;
    let low = 0;
    let high = 0;
    for (const step of steps) {
      if (!dependent(step.footprint, footprint)) continue;
      low = (low + step.low) | 0;
      high = (high + step.high) | 0;
    }
    const own = this.resource(this.actors, actor);
    low = mix(mix(low, own.low), actor);
    high = mix(mix(high, own.high), ~actor);
    steps.push({ footprint, low, high });
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
