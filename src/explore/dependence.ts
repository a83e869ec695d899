/**
 * When two steps depend on each other, so that their order matters: steps of one context; accesses to one location of which
 * at least one writes. Taking and releasing a lock both write it; what failed (a compare-and-exchange, a trylock) only
 * reads.
 *
 * Deliberately coarse where exactness would need a model of the scheduler: time, interrupts and operations without an object
 * (a wake-up, the next timer of a wheel) depend on everything; contexts of one CPU on each other, unless both are tasks
 * that could be preempted before and after.
 */
import { windows } from '../smp/context.js';
import type { Access, Op } from '../smp/op.js';
import type { Choice } from '../smp/scheduler.js';
import { actorOf } from './actor.js';

/** What a step touches. */
export interface Footprint {
  readonly actor: number;
  /** -1 for time. */
  readonly cpu: number;
  /** May depend on anything. */
  readonly wide: boolean;
  /** The location: the outermost object, and the part of it; '' and '*' are all of it. 0 for none. */
  readonly object: number;
  readonly part: string;
  readonly op: Op | null;
  /** {@link SharedObject.word} before the step. */
  readonly word: number;
  write: boolean;
  /** Its CPU was free to be taken away before and after it. */
  free: boolean;
}

export function footprintOf(choice: Choice): Footprint {
  if (choice.kind !== 'step') {
    const cpu = choice.kind === 'time' ? -1 : choice.cpu.id;
    return {
      actor: actorOf(choice),
      cpu,
      wide: true,
      object: 0,
      part: '',
      op: null,
      word: 0,
      write: true,
      free: false,
    };
  }
  const { op, context, cpu } = choice;
  const { object } = op;
  const home = object?.home ?? null;
  return {
    actor: actorOf(choice),
    cpu: cpu.id,
    wide: object === null,
    object: object === null ? 0 : (home ?? object).id,
    part: home === null ? op.field : `#${object!.id}`,
    op,
    word: object === null ? 0 : object.word,
    write: writes(op.access),
    free: context.kind === 'process' && (context.window & windows.preempt) !== 0,
  };
}

export function writes(access: Access): boolean {
  return access !== 'read';
}

/** What the step turned out to be. */
export function setEffect(footprint: Footprint, effect: Access): void {
  if (!footprint.wide) footprint.write = writes(effect);
}

export function dependent(a: Footprint, b: Footprint): boolean {
  if (a.actor === b.actor || a.wide || b.wide) return true;
  if (a.cpu === b.cpu && !(a.free && b.free)) return true;
  return a.object === b.object && (a.write || b.write) && overlap(a.part, b.part);
}

function overlap(a: string, b: string): boolean {
  return a === b || a === '' || b === '' || a === '*' || b === '*';
}
