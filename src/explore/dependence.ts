/**
 * When two steps depend on each other, so that their order matters: steps of one context; accesses to one location of which
 * at least one writes; what else they touch (smp/touches.ts), by the same rule. Taking and releasing a lock both write it;
 * what failed (a compare-and-exchange, a trylock) only reads.
 *
 * Deliberately coarse where exactness would need a model of the scheduler: contexts of one CPU depend on each other, unless
 * both are tasks that could be preempted before and after. What a step that is yet to be taken will touch besides its
 * location is not known: where it may be anything, it is *wide*, and depends on everything.
 */
import { windows } from '../smp/context.js';
import type { Access, Op } from '../smp/op.js';
import type { Choice } from '../smp/scheduler.js';
import { clockResource, cpuOfWheel, cpuResource, dueDatesResource, wheelResource } from '../smp/touches.js';

/** Kinds of choices. */
const kinds = { task: 0, interrupt: 1, timer: 2, hardirq: 3, time: 4 } as const;

/** Who takes a step, by a number that is the same in all runs of a program (`actorOf` names who it is in one run). */
export function stepperOf(choice: Choice): number {
  if (choice.kind === 'step') {
    const { context } = choice;
    return context.kind === 'process' ? context.resource * 8 : choice.cpu.id * 8 + kinds.interrupt;
  }
  if (choice.kind === 'time') return kinds.time;
  return choice.cpu.id * 8 + kinds[choice.source];
}

/** What a step touches. */
export class Footprint {
  readonly stepper: number;
  /** -1 for time. */
  readonly cpu: number;
  readonly op: Op | null;
  /** The location: the outermost object, and the part of it, 0 for all of it; 0 for none. */
  readonly object: number;
  readonly part: number;
  /** {@link SharedObject.word} before the step. */
  readonly word: number;
  write: boolean;
  /** Its CPU was free to be taken away before and after it. */
  free: boolean;
  /** May depend on anything. */
  wide = false;
  /** What else it touches, as {@link Touches.take} tells; null: nothing. */
  touches: readonly number[] | null = null;

  constructor(stepper: number, cpu: number, op: Op | null, write: boolean, free: boolean) {
    const object = op === null ? null : op.object;
    this.stepper = stepper;
    this.cpu = cpu;
    this.op = op;
    this.write = write;
    this.free = free;
    this.object = object === null ? 0 : (object.home ?? object).resource;
    this.part = object === null ? 0 : object.home === null ? partOf(op!.field) : object.resource;
    this.word = object === null ? 0 : object.word;
  }

  /** The same step, had it come where it would have been a write, or none. */
  as(write: boolean): Footprint {
    return Object.assign(Object.create(Footprint.prototype) as Footprint, this, { write });
  }
}

/** A field as a number: 0 for the whole. */
function partOf(field: string): number {
  if (field === '' || field === '*') return 0;
  let hash = 0x811c9dc5;
  for (let i = 0; i < field.length; i++) hash = Math.imul(hash ^ field.charCodeAt(i), 0x01000193);
  return hash === 0 ? 1 : hash;
}

const timeTouches: readonly number[] = [clockResource * 2 + 1, dueDatesResource * 2 + 1];

/** What the choice is known to touch before it is taken; {@link settle} adds what it turned out to touch. */
export function footprintOf(choice: Choice): Footprint {
  const stepper = stepperOf(choice);
  if (choice.kind === 'step') {
    const { op, context } = choice;
    const free = context.kind === 'process' && (context.window & windows.preempt) !== 0;
    return new Footprint(stepper, choice.cpu.id, op, writes(op.access), free);
  }
  const footprint = new Footprint(stepper, choice.kind === 'time' ? -1 : choice.cpu.id, null, true, false);
  footprint.touches = choice.kind === 'time' ? timeTouches : [wheelResource(footprint.cpu) * 2 + 1];
  return footprint;
}

/** The same of a step that is not taken: where it may touch anything, it is wide. */
export function untaken(choice: Choice): Footprint {
  const footprint = footprintOf(choice);
  footprint.wide = choice.kind !== 'step' || choice.op.object === null;
  return footprint;
}

/** Of a step of which no more is known than whose it is. */
export function unknownStep(stepper: number): Footprint {
  const footprint = new Footprint(stepper, -1, null, true, false);
  footprint.wide = true;
  return footprint;
}

export function writes(access: Access): boolean {
  return access !== 'read';
}

/** The step has been performed: what it turned out to be, and whether its context can still be preempted. */
export function setEffect(footprint: Footprint, choice: Choice, effect: Access): void {
  if (choice.kind !== 'step') return;
  footprint.write = footprint.object === 0 || writes(effect);
  if (footprint.free) footprint.free = (choice.context.window & windows.preempt) !== 0;
}

/** The step is over: all that it touched. */
export function settle(footprint: Footprint, touches: readonly number[] | null): void {
  if (touches === null) return;
  footprint.touches = footprint.touches === null ? touches : [...footprint.touches, ...touches];
}

export function dependent(a: Footprint, b: Footprint): boolean {
  if (a.stepper === b.stepper || a.wide || b.wide) return true;
  if (a.object === b.object && a.object !== 0 && (a.write || b.write)) {
    if (a.part === b.part || a.part === 0 || b.part === 0) return true;
  }
  if (a.cpu === b.cpu && !(a.free && b.free)) return true;
  if (a.touches !== null && touchesPlace(a.touches, b)) return true;
  if (b.touches === null) return false;
  return touchesPlace(b.touches, a) || (a.touches !== null && overlap(a.touches, b.touches));
}

/** Does the step change the wheel of another CPU than its own, and so perhaps what that is about to be interrupted by? */
export function touchesWheelElsewhere({ touches, cpu }: Footprint): boolean {
  if (touches === null || cpu < 0) return false;
  return touches.some((code) => {
    const other = cpuOfWheel(Math.floor(code / 2));
    return other >= 0 && other !== cpu;
  });
}

/** Are the location or the CPU of a step among what is touched? */
function touchesPlace(touches: readonly number[], { object, write, cpu }: Footprint): boolean {
  if (object !== 0 && conflicts(touches, object * 2 + (write ? 1 : 0))) return true;
  return cpu >= 0 && touches.includes(cpuResource(cpu) * 2 + 1);
}

function overlap(touches: readonly number[], others: readonly number[]): boolean {
  for (const code of others) if (conflicts(touches, code)) return true;
  return false;
}

/** Is the resource of `code` among those touched, with one of the two writing? */
function conflicts(touches: readonly number[], code: number): boolean {
  const resource = Math.floor(code / 2);
  const write = code !== resource * 2;
  for (const other of touches) {
    const same = Math.floor(other / 2);
    if (same === resource && (write || other !== same * 2)) return true;
  }
  return false;
}
