/**
 * Spinlocks of an SMP kernel (kernel/spinlock.c): plain, _bh, _irqsave, trylock.
 *
 * Ordering rule: an unlock lets all waiters look again; the event order decides who gets it (no queue, as in 2.6.12–24;
 * ticket locks came in 2.6.25 on x86).
 *
 * Divergence from Linux: taking a lock and switching bottom halves or interrupts off is one operation; while a CPU
 * spins, they are already off.
 */
import { disableBottomHalves, disableInterrupts, enableBottomHalves, restoreInterrupts } from '../smp/basic-ops.js';
import type { Context } from '../smp/context.js';
import { type Access, Op } from '../smp/op.js';
import { SharedObject } from '../smp/shared-object.js';
import { events } from '../trace/event-types.js';
import type { Kernel } from './kernel.js';
import { formatPointer, type SpinlockFault, spinlockBug } from './messages.js';

type Kind = 'plain' | 'bh' | 'irq';

export class SpinLock extends SharedObject {
  readonly kernel: Kernel;
  owner: Context | null = null;
  // Made when first asked for: a lock is mostly taken in one way, and a search makes all locks again for each run.
  private readonly takes: Record<Kind, Op | null> = { plain: null, bh: null, irq: null };
  private readonly gives: Record<Kind, Op | null> = { plain: null, bh: null, irq: null };
  private tries: Op | null = null;

  constructor(kernel: Kernel, label: string, home: SharedObject | null = null) {
    super(kernel.machine, label, home);
    this.kernel = kernel;
  }

  override get word(): number {
    return this.owner === null ? 0 : 1;
  }

  override get tellsWord(): boolean {
    return true;
  }

  take(kind: Kind): Op {
    this.takes[kind] ??= new LockOp(this, kind);
    return this.takes[kind];
  }

  give(kind: Kind): Op {
    this.gives[kind] ??= new UnlockOp(this, kind);
    return this.gives[kind];
  }

  get try(): Op {
    this.tries ??= new TryLockOp(this);
    return this.tries;
  }
}

function own(lock: SpinLock, context: Context, tried: boolean): void {
  lock.owner = context;
  context.held ??= [];
  context.held.push(lock);
  context.preemptCount++;
  if (lock.machine.watcher !== null) lock.machine.watcher.locked(context, lock, tried);
}

/** Bottom halves or interrupts go off before the spinning begins. */
function prepare(context: Context, kind: Kind): number {
  if (kind === 'bh') disableBottomHalves(context);
  if (kind !== 'irq') return 0;
  return disableInterrupts(context) ? 1 : 0;
}

class LockOp extends Op {
  private readonly lock: SpinLock;
  private readonly kind: Kind;
  /** Contexts that spin with bottom halves or interrupts already off, with the flags they had. */
  private prepared: Map<Context, number> | null = null;

  constructor(lock: SpinLock, kind: Kind) {
    super(lock);
    this.lock = lock;
    this.kind = kind;
  }

  override get access(): Access {
    return 'lock';
  }

  override enabled(): boolean {
    return this.lock.owner === null;
  }

  override effectOn(word: number): Access | null {
    return word === 0 ? 'lock' : null;
  }

  override beginWait(context: Context): void {
    if (this.kind !== 'plain') {
      this.prepared ??= new Map();
      if (!this.prepared.has(context)) this.prepared.set(context, prepare(context, this.kind));
    }
    const { owner } = this.lock;
    // Debugging of spinlocks looks once, before it spins: at the current task, which an interrupt shares, then at the CPU.
    if (owner === null || context.deadlocked || owner.cpu !== context.cpu) return;
    const same = owner === context || owner === context.cpu.task || context.kind !== 'process';
    printBug(this.lock, context, same ? 'recursion' : 'cpu recursion');
  }

  override perform(context: Context): number {
    let flags = this.prepared?.get(context);
    if (flags === undefined) flags = this.kind === 'plain' ? 0 : prepare(context, this.kind);
    else this.prepared?.delete(context);
    own(this.lock, context, false);
    this.lock.machine.emit(events.lock, context, this.lock, 0, 0);
    return flags;
  }

  override describe(): string {
    return `spinlock ${this.lock.name}`;
  }

  override heldBy(): Context | null {
    return this.lock.owner;
  }
}

class TryLockOp extends Op {
  private readonly lock: SpinLock;
  private failed = false;

  constructor(lock: SpinLock) {
    super(lock);
    this.lock = lock;
  }

  override get access(): Access {
    return 'trylock';
  }

  /** One that fails changes nothing. */
  override get effect(): Access {
    return this.failed ? 'read' : 'trylock';
  }

  override effectOn(word: number): Access {
    return word === 0 ? 'trylock' : 'read';
  }

  override perform(context: Context): boolean {
    const free = this.lock.owner === null;
    this.failed = !free;
    if (free) own(this.lock, context, true);
    this.lock.machine.emit(events.trylock, context, this.lock, free ? 1 : 0, 0);
    return free;
  }
}

class UnlockOp extends Op {
  private readonly lock: SpinLock;
  private readonly kind: Kind;

  constructor(lock: SpinLock, kind: Kind) {
    super(lock);
    this.lock = lock;
    this.kind = kind;
  }

  override get access(): Access {
    return 'unlock';
  }

  override perform(context: Context): void {
    releaseNow(this.lock, context);
    if (this.kind === 'bh') enableBottomHalves(context, 'spin_unlock_bh');
  }
}

function releaseNow(lock: SpinLock, context: Context): void {
  if (lock.owner !== context) complain(lock, context);
  if (lock.machine.watcher !== null) lock.machine.watcher.unlocking(context, lock);
  const holder = lock.owner;
  if (holder !== null) {
    forget(holder.held, lock);
    holder.preemptCount--;
  }
  lock.owner = null;
  lock.machine.emit(events.unlock, context, lock, 0, 0);
  lock.changed();
  if (context.kind === 'process') lock.machine.preemptCheck(context.cpu);
}

/** Takes a lock out of those held: nearly always it is the one taken last. */
function forget(held: SharedObject[] | null, lock: SpinLock): void {
  if (held === null) return;
  if (held[held.length - 1] === lock) held.pop();
  else held.splice(held.lastIndexOf(lock), 1);
}

/** An unlock by somebody who does not hold it. */
function complain(lock: SpinLock, context: Context): void {
  const { owner } = lock;
  printBug(lock, context, owner === null ? 'already unlocked' : 'wrong owner');
  lock.machine.violate(
    'unlock-not-held',
    `${context.name} unlocks ${lock.name}, which ${owner === null ? 'nobody' : owner.name} holds`,
  );
}

/** The lines of spinlock debugging. */
function printBug(lock: SpinLock, context: Context, fault: SpinlockFault): void {
  const { kernel, owner } = lock;
  const task = context.cpu.task;
  const lines = spinlockBug(
    fault,
    context.cpu.id,
    { comm: task?.name ?? 'swapper', pid: task?.pid ?? 0 },
    {
      pointer: formatPointer(kernel.arch, lock.id),
      magic: 0xdead4ead,
      owner: owner === null ? null : { comm: owner.name, pid: owner.cpu.task?.pid ?? 0, cpu: owner.cpu.id },
    },
  );
  kernel.log.printAll(lines);
}

export function spin_lock(lock: SpinLock): Op {
  return lock.take('plain');
}

export function spin_unlock(lock: SpinLock): Op {
  return lock.give('plain');
}

/** spin_lock_bh: bottom halves off on this CPU, then the lock. */
export function spin_lock_bh(lock: SpinLock): Op {
  return lock.take('bh');
}

/** spin_unlock_bh: softirqs that became pending run here, at the outermost. */
export function spin_unlock_bh(lock: SpinLock): Op {
  return lock.give('bh');
}

/** spin_lock_irqsave: answers the flags for {@link spin_unlock_irqrestore}. */
export function spin_lock_irqsave(lock: SpinLock): Op {
  return lock.take('irq');
}

export function spin_unlock_irqrestore(lock: SpinLock, flags: number): Op {
  return new UnlockIrqOp(lock, flags);
}

class UnlockIrqOp extends Op {
  private readonly lock: SpinLock;
  private readonly flags: number;

  constructor(lock: SpinLock, flags: number) {
    super(lock);
    this.lock = lock;
    this.flags = flags;
  }

  override get access(): Access {
    return 'unlock';
  }

  override perform(context: Context): void {
    releaseNow(this.lock, context);
    restoreInterrupts(context, this.flags !== 0);
  }
}

/** spin_trylock: answers whether it was taken. */
export function spin_trylock(lock: SpinLock): Op {
  return lock.try;
}
