/**
 * Lock order and safety of locks against interrupts, by class of lock, from what one run did (kernel/lockdep.c, 2.6.18+).
 *
 * A lock taken while others are held must not be on a chain of such orders that leads back to one of them, whoever took
 * them and when. A class that a softirq (a hard interrupt) waits for must never be held where that could come in. A
 * trylock waits for nobody: it makes no order towards itself, and one in an interrupt is no wait.
 *
 * A class is what locks of one name have in common: the elements of an array (`name[3]`) are one class, and so are the
 * locks of one field of many objects. Taking two of one class is not looked at.
 */
import type { Context } from '../smp/context.js';
import type { SharedObject } from '../smp/shared-object.js';
import { type Scene, sceneOf } from './scene.js';

/** Usage of a class, as bits: `in`: taken in a softirq, a hard interrupt; `on`: held while those could come in. */
export const usages = { inSoftirq: 1, softirqOn: 2, inHardirq: 4, hardirqOn: 8 } as const;

export interface LockClass {
  readonly id: number;
  readonly name: string;
  usage: number;
  /** Where each usage was first seen, by bit; null unless the run is told. */
  scenes: Map<number, Scene> | null;
  /** Classes taken while this one was held, and where that was first seen; null: none was. */
  after: Map<LockClass, Scene | null> | null;
}

/** A circle of orders: `chain[0]` was held, `chain[1]` taken …, and the last is now held while `chain[0]` is taken. */
export interface OrderFinding {
  readonly chain: readonly LockClass[];
  readonly context: Context;
}

export interface UsageFinding {
  readonly lock: LockClass;
  readonly was: number;
  readonly now: number;
  readonly context: Context;
}

export interface LockdepListener {
  circle(finding: OrderFinding): void;
  inconsistent(finding: UsageFinding): void;
}

/** Pairs of usages that exclude each other. */
const conflicts: readonly (readonly [number, number])[] = [
  [usages.inSoftirq, usages.softirqOn],
  [usages.softirqOn, usages.inSoftirq],
  [usages.inHardirq, usages.hardirqOn],
  [usages.hardirqOn, usages.inHardirq],
];

export class Lockdep {
  private readonly listener: LockdepListener;
  private telling = false;
  private byName = new Map<string, LockClass>();
  private byId: (LockClass | undefined)[] = [];
  private reported = new Set<string>();

  constructor(listener: LockdepListener) {
    this.listener = listener;
  }

  reset(telling: boolean): void {
    this.telling = telling;
    if (this.byName.size === 0) return;
    this.byName.clear();
    this.byId.length = 0;
    if (this.reported.size > 0) this.reported.clear();
  }

  /** The context has taken a lock; it is the last of those it holds. */
  locked(context: Context, lock: SharedObject, tried: boolean, sleeps: boolean): void {
    const taken = this.classOf(lock);
    const { held } = context;
    if (!tried && held !== null) {
      for (let i = 0; i < held.length - 1; i++) this.order(context, this.classOf(held[i]!), taken);
    }
    if (!sleeps) this.used(context, taken, this.usageNow(context, tried));
  }

  /** Softirqs or interrupts are about to be let in on this CPU: what is held there is held while they can come. */
  letsIn(context: Context, bit: number, sleeps: (lock: SharedObject) => boolean): void {
    for (const lock of context.held ?? []) if (!sleeps(lock)) this.used(context, this.classOf(lock), bit);
  }

  private usageNow(context: Context, tried: boolean): number {
    const irqsOff = context.cpu.irqsOff || context.kind === 'hardirq';
    let usage = 0;
    if (!tried && context.kind === 'softirq') usage |= usages.inSoftirq;
    if (!tried && context.kind === 'hardirq') usage |= usages.inHardirq;
    if (!irqsOff) usage |= usages.hardirqOn;
    if (!irqsOff && context.kind === 'process' && context.bhCount === 0) usage |= usages.softirqOn;
    return usage;
  }

  private used(context: Context, lock: LockClass, usage: number): void {
    const fresh = usage & ~lock.usage;
    if (fresh === 0) return;
    lock.usage |= fresh;
    for (const [bit, against] of conflicts) {
      if ((fresh & bit) === 0) continue;
      if (this.telling) {
        lock.scenes ??= new Map();
        lock.scenes.set(bit, sceneOf(context));
      }
      if ((lock.usage & against) === 0) continue;
      this.listener.inconsistent({ lock, was: against, now: bit, context });
    }
  }

  private order(context: Context, before: LockClass, after: LockClass): void {
    if (before === after || before.after?.has(after)) return;
    const back = this.path(after, before, new Set());
    before.after ??= new Map();
    before.after.set(after, this.telling ? sceneOf(context) : null);
    if (back === null) return;
    const key = back
      .map(({ name }) => name)
      .toSorted()
      .join('\0');
    if (this.reported.has(key)) return;
    this.reported.add(key);
    this.listener.circle({ chain: back, context });
  }

  /** Classes on the way from one to another, both included; null if there is none. */
  private path(from: LockClass, to: LockClass, seen: Set<LockClass>): readonly LockClass[] | null {
    if (from === to) return [from];
    seen.add(from);
    for (const next of from.after?.keys() ?? []) {
      if (seen.has(next)) continue;
      const rest = this.path(next, to, seen);
      if (rest !== null) return [from, ...rest];
    }
    return null;
  }

  private classOf(lock: SharedObject): LockClass {
    const known = this.byId[lock.id];
    if (known !== undefined) return known;
    const name = classNameOf(lock);
    let found = this.byName.get(name);
    if (found === undefined) {
      found = { id: this.byName.size, name, usage: 0, scenes: null, after: null };
      this.byName.set(name, found);
    }
    while (this.byId.length < lock.id) this.byId.push(undefined);
    this.byId[lock.id] = found;
    return found;
  }
}

/** The name of a lock's class. */
export function classNameOf(lock: SharedObject): string {
  const { home } = lock;
  const name = home === null ? lock.name : lock.name.slice(home.name.length + 1);
  return name.includes('[') ? name.replace(/\[\d+\]/g, '[]') : name;
}
