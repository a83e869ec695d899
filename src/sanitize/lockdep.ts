/**
 * Lock order and safety of locks against interrupts, by class of lock, from what one run did (kernel/lockdep.c, 2.6.18+).
 *
 * - A lock taken while others are held must not be on a chain of such orders that leads back to one of them, whoever took
 *   them and when. It must not be of the class of one that is held: nothing says in which order those are taken.
 * - A class that a softirq (a hard interrupt) waits for must never be held where that could come in. No chain of orders may
 *   lead from a class of the first kind to one of the second: who holds the second on one CPU is interrupted by who
 *   waits for the first, which another CPU holds while it waits for the second.
 *
 * A trylock waits for nobody: it makes no order towards itself, and one in an interrupt is no wait; but what is taken
 * while it is held comes after it. As in the kernel, a lock is noted as after those held since the last that was waited
 * for, that one included: it is after the others by way of it.
 *
 * Divergence from Linux: a lock is noted when it is taken, not when somebody begins to wait for it; a wait that never ends
 * is a deadlock, which is reported as such. Orders are those of one run, not of all since boot. After a report it goes
 * on, and tells each finding once. There are no readers.
 */
import type { Context } from '../smp/context.js';
import type { SharedObject } from '../smp/shared-object.js';
import {
  classNameOf,
  isInconsistent,
  type LockClass,
  newClass,
  type State,
  states,
  usages,
  wayTo,
} from './lock-class.js';
import { sceneOf } from './scene.js';

/** What is known of one lock. */
export interface Taken {
  readonly lock: SharedObject;
  readonly class: LockClass;
  /** Who holds it now, or was the last to, did not wait for it. */
  tried: boolean;
  /** The function that took it. */
  at: string;
}

/** A circle of orders: `chain[0]` was held, `chain[1]` taken …, and the last is now held while `chain[0]` is taken. */
export interface OrderFinding {
  readonly chain: readonly LockClass[];
  readonly taken: Taken;
  readonly held: Taken;
  readonly context: Context;
}

/** Two locks of one class. */
export interface RecursionFinding {
  readonly taken: Taken;
  readonly held: Taken;
  readonly context: Context;
}

/** What a class is used as, and what it is used as from now on. `taking`: by being taken, not by being held. */
export interface UsageFinding {
  readonly used: Taken;
  readonly was: number;
  readonly now: number;
  readonly taking: boolean;
  readonly context: Context;
}

/** A chain of orders from a lock that an interrupt waits for to one that is held where that could come in. */
export interface ChainFinding {
  readonly state: State;
  readonly chain: readonly LockClass[];
  /** What is being taken, or is used in a new way. */
  readonly taken: Taken;
  /** The order that closes the chain; null: all orders were there, and `taken` is used in a new way from now on. */
  readonly held: Taken | null;
  readonly taking: boolean;
  readonly context: Context;
}

export interface LockdepListener {
  circle(finding: OrderFinding): void;
  recursion(finding: RecursionFinding): void;
  inconsistent(finding: UsageFinding): void;
  chain(finding: ChainFinding): void;
}

export class Lockdep {
  private readonly listener: LockdepListener;
  private readonly sleeps: (lock: SharedObject) => boolean;
  private telling = false;
  private byName = new Map<string, LockClass>();
  private byId: (Taken | undefined)[] = [];
  private reported = new Set<string>();

  constructor(sleeps: (lock: SharedObject) => boolean, listener: LockdepListener) {
    this.sleeps = sleeps;
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
  locked(context: Context, lock: SharedObject, tried: boolean): void {
    const taken = this.known(lock);
    taken.tried = tried;
    taken.at = context.function;
    this.used(context, taken, usageNow(context, tried), true);
    const { held } = context;
    if (tried || held === null) return;
    for (let i = held.length - 2; i >= 0; i--) {
      const before = this.known(held[i]!);
      if (before.class === taken.class) this.again(context, before, taken);
      else this.ordered(context, before, taken);
      if (!before.tried) break;
    }
  }

  /** Softirqs or interrupts are about to be let in on this CPU: what is held there is held while they can come. */
  letsIn(context: Context, usage: number): void {
    for (const lock of context.held ?? []) this.used(context, this.known(lock), usage, false);
  }

  /** What is known of a lock; null for one that was not taken in this run. */
  of(lock: SharedObject): Taken | null {
    return this.byId[lock.id] ?? null;
  }

  private used(context: Context, taken: Taken, usage: number, taking: boolean): void {
    const { class: lock } = taken;
    const fresh = usage & ~lock.usage;
    if (fresh === 0) return;
    lock.usage |= fresh;
    if (this.telling) {
      const scene = sceneOf(context);
      for (const bit of Object.values(usages)) if ((fresh & bit) !== 0) lock.scenes.set(bit, scene);
    }
    for (const state of states) {
      const { inside, on } = state;
      if ((fresh & (inside | on)) === 0) continue;
      if (isInconsistent(lock, state)) {
        const now = (fresh & inside) !== 0 ? inside : on;
        this.listener.inconsistent({ used: taken, was: now === inside ? on : inside, now, taking, context });
        continue;
      }
      const end = (one: LockClass): boolean => isEnd(one, state, (fresh & inside) !== 0 ? on : inside);
      const way = wayTo(lock, end, (fresh & inside) !== 0);
      if (way === null) continue;
      const chain = (fresh & inside) !== 0 ? way : way.toReversed();
      this.chained({ state, chain, taken, held: null, taking, context });
    }
  }

  private ordered(context: Context, held: Taken, taken: Taken): void {
    const [before, after] = [held.class, taken.class];
    if (before.after.has(after)) return;
    const chain = wayTo(after, (one) => one === before, true);
    before.after.set(after, this.telling ? sceneOf(context) : null);
    after.before.add(before);
    const circle = chain?.map(({ name }) => name).toSorted();
    if (chain !== null && this.isNew(`circle ${circle!.join('\0')}`)) {
      this.listener.circle({ chain, taken, held, context });
    }
    for (const state of states) {
      const safe = wayTo(before, (one) => isEnd(one, state, state.inside), false);
      const unsafe = safe === null ? null : wayTo(after, (one) => isEnd(one, state, state.on), true);
      if (safe === null || unsafe === null) continue;
      this.chained({ state, chain: [...safe.toReversed(), ...unsafe], taken, held, taking: true, context });
    }
  }

  private again(context: Context, held: Taken, taken: Taken): void {
    if (this.isNew(`recursion ${taken.class.name}`)) this.listener.recursion({ taken, held, context });
  }

  private chained(finding: ChainFinding): void {
    const { state, chain } = finding;
    if (this.isNew([state.name, ...chain.map(({ name }) => name)].join('\0'))) this.listener.chain(finding);
  }

  private isNew(key: string): boolean {
    if (this.reported.has(key)) return false;
    this.reported.add(key);
    return true;
  }

  private known(lock: SharedObject): Taken {
    const known = this.byId[lock.id];
    if (known !== undefined) return known;
    const taken: Taken = { lock, class: this.classOf(lock), tried: false, at: '' };
    while (this.byId.length < lock.id) this.byId.push(undefined);
    this.byId[lock.id] = taken;
    return taken;
  }

  private classOf(lock: SharedObject): LockClass {
    const name = classNameOf(lock);
    let found = this.byName.get(name);
    if (found === undefined) {
      found = newClass(name, this.sleeps(lock));
      this.byName.set(name, found);
    }
    return found;
  }
}

/** Can a chain begin or end here? Not at a class that is wrong by itself: that is told already. */
function isEnd(lock: LockClass, state: State, bit: number): boolean {
  return (lock.usage & bit) !== 0 && !isInconsistent(lock, state);
}

function usageNow(context: Context, tried: boolean): number {
  const irqsOff = context.cpu.irqsOff || context.kind === 'hardirq';
  let usage = 0;
  if (!tried && context.kind === 'softirq') usage |= usages.inSoftirq;
  if (!tried && context.kind === 'hardirq') usage |= usages.inHardirq;
  if (!irqsOff) usage |= usages.hardirqOn;
  if (!irqsOff && context.kind === 'process' && context.bhCount === 0) usage |= usages.softirqOn;
  return usage;
}
