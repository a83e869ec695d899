/**
 * Classes of locks, the orders in which they were taken, and the shortest ways along these.
 *
 * A class is what locks of one name have in common, where a number in brackets is no part of the name: the elements of
 * an array (`chain[3]`) are one class, and so are two locks of the same name. The kernel's rule is the same in effect:
 * one key for each place of the source that initialises locks. There is no spin_lock_nested here: a lock that may be
 * taken inside another of its class gets a name of its own, `chain[3]/1`, as lockdep prints its subclasses.
 */
import type { SharedObject } from '../smp/shared-object.js';
import type { Scene } from './scene.js';

/** Usage of a class, as bits: `in`: taken in a softirq, a hard interrupt; `on`: held while those could come in. */
export const usages = { inSoftirq: 1, softirqOn: 2, inHardirq: 4, hardirqOn: 8 } as const;

/** What keeps a class from being used in both ways: the kind of interrupt, and its two bits. */
export interface State {
  readonly name: 'SOFTIRQ' | 'HARDIRQ';
  readonly inside: number;
  readonly on: number;
}

export const states: readonly State[] = [
  { name: 'SOFTIRQ', inside: usages.inSoftirq, on: usages.softirqOn },
  { name: 'HARDIRQ', inside: usages.inHardirq, on: usages.hardirqOn },
];

export interface LockClass {
  readonly name: string;
  /** Waiting for it is sleeping: a mutex. */
  readonly sleeps: boolean;
  usage: number;
  /** Where each usage was first seen, by bit; only if the run is told. */
  readonly scenes: Map<number, Scene>;
  /** Classes taken while this one was held, and where that was first seen; only that if the run is told. */
  readonly after: Map<LockClass, Scene | null>;
  readonly before: Set<LockClass>;
}

export function newClass(name: string, sleeps: boolean): LockClass {
  return { name, sleeps, usage: 0, scenes: new Map(), after: new Map(), before: new Set() };
}

/** The name of a lock's class. */
export function classNameOf(lock: SharedObject): string {
  const { name } = lock;
  return name.includes('[') ? name.replace(/\[\d+\]/g, '[]') : name;
}

/** Is it both taken in such an interrupt and held where that could come in? */
export function isInconsistent({ usage }: LockClass, { inside, on }: State): boolean {
  return (usage & inside) !== 0 && (usage & on) !== 0;
}

/**
 * The shortest way from a class to one that is wanted, along the orders (`forwards`) or against them; both ends included;
 * null if there is none. Of equally short ways the one seen first.
 */
export function wayTo(
  from: LockClass,
  wanted: (one: LockClass) => boolean,
  forwards: boolean,
): readonly LockClass[] | null {
  if (wanted(from)) return [from];
  const cameFrom = new Map<LockClass, LockClass | null>([[from, null]]);
  for (const at of cameFrom.keys()) {
    for (const next of forwards ? at.after.keys() : at.before) {
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, at);
      if (wanted(next)) return wayBack(next, cameFrom);
    }
  }
  return null;
}

function wayBack(end: LockClass, cameFrom: ReadonlyMap<LockClass, LockClass | null>): readonly LockClass[] {
  const way: LockClass[] = [];
  for (let at: LockClass | null = end; at !== null; at = cameFrom.get(at) ?? null) way.push(at);
  return way.toReversed();
}
