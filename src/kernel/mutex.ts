/**
 * Mutexes (kernel/mutex.c, 2.6.16+; semaphores before) and completions.
 *
 * Ordering rule: sleepers are woken first come first served; a woken one tries again and may find it taken. In a stepwise run
 * who would sleep, with nobody to have his CPU, has not come yet: the scheduler picks who is first when it is free.
 *
 * Divergence from Linux: no adaptive spinning (that came in 2.6.29 as an option).
 */
import { LocalOp } from '../smp/basic-ops.js';
import { type Context, Task } from '../smp/context.js';
import { reportDeadlock } from '../smp/deadlock.js';
import { type Access, type K, Op } from '../smp/op.js';
import { SharedObject } from '../smp/shared-object.js';
import { mayGoOn, SharedOp } from '../smp/shared-op.js';
import { events } from '../trace/event-types.js';
import type { Kernel } from './kernel.js';
import { might_sleep, scheduleInAtomic } from './might-sleep.js';

export class Mutex extends SharedObject {
  readonly kernel: Kernel;
  owner: Context | null = null;
  readonly sleepers: Task[] = [];

  constructor(kernel: Kernel, label: string) {
    super(kernel.machine, label);
    this.kernel = kernel;
  }

  override get word(): number {
    return this.owner === null ? 0 : 1;
  }

  override get tellsWord(): boolean {
    return true;
  }
}

/** Sleepers are told, so that reports say whom they wait for now. */
function setOwner(mutex: Mutex, owner: Context | null): void {
  mutex.owner = owner;
  for (const task of mutex.sleepers) task.blockedBy = owner;
}

class MutexTryOp extends Op {
  private readonly mutex: Mutex;
  /** Of mutex_trylock: a failure is an answer, not a reason to wait. */
  private readonly once: boolean;
  private failed = false;

  constructor(mutex: Mutex, once: boolean) {
    super(mutex);
    this.mutex = mutex;
    this.once = once;
  }

  override get access(): Access {
    return this.once ? 'trylock' : 'lock';
  }

  override get effect(): Access {
    return this.failed ? 'read' : this.access;
  }

  override effectOn(word: number): Access | null {
    if (word === 0) return this.access;
    return this.once ? 'read' : null;
  }

  override get maySleep(): boolean {
    return !this.once;
  }

  override enabled(context: Context): boolean {
    return this.once || this.mutex.owner === null || mayGoOn(context);
  }

  override describe(): string {
    return `mutex ${this.mutex.name}`;
  }

  override heldBy(): Context | null {
    return this.mutex.owner;
  }

  override perform(context: Context): boolean {
    const { mutex } = this;
    const free = mutex.owner === null;
    this.failed = !free;
    if (free) {
      delist(mutex.sleepers, context);
      setOwner(mutex, context);
      context.held ??= [];
      context.held.push(mutex);
      mutex.machine.watcher?.locked(context, mutex, this.once);
    }
    if (this.once) mutex.machine.emit(events.trylock, context, mutex, free ? 1 : 0, 1);
    else if (free) mutex.machine.emit(events.lock, context, mutex, 1, 0);
    return free;
  }
}

/** What a context that can't sleep does where it should: it spins, and the machine may be stuck. */
class MutexSpinOp extends Op {
  private readonly mutex: Mutex;

  constructor(mutex: Mutex) {
    super(mutex);
    this.mutex = mutex;
  }

  override get access(): Access {
    return 'read';
  }

  override enabled(): boolean {
    return this.mutex.owner === null;
  }

  override perform(): void {}

  override describe(): string {
    return `mutex ${this.mutex.name}`;
  }

  override heldBy(): Context | null {
    return this.mutex.owner;
  }
}

/** mutex_lock: sleeps until it is free. */
export function* mutex_lock(mutex: Mutex): K {
  const { kernel } = mutex;
  might_sleep(kernel, 'kernel/mutex.c');
  const attempt = new MutexTryOp(mutex, false);
  while (!((yield attempt) as boolean)) {
    if (kernel.context instanceof Task) yield sleepOn(mutex);
    else {
      scheduleInAtomic(kernel, kernel.context);
      yield new MutexSpinOp(mutex);
    }
  }
}

/** mutex_trylock: answers whether it was taken. */
export function mutex_trylock(mutex: Mutex): Op {
  return new MutexTryOp(mutex, true);
}

function sleepOn(mutex: Mutex): Op {
  return new LocalOp((context) => {
    mutex.machine.touch(mutex.resource);
    if (mutex.owner === null || !(context instanceof Task)) return;
    enlist(mutex.sleepers, context);
    blockOn(mutex.kernel, context, `mutex ${mutex.name}`, mutex.owner);
  });
}

/** A sleeper that was woken by somebody else keeps its place. */
function enlist(sleepers: Task[], task: Task): void {
  if (!sleepers.includes(task)) sleepers.push(task);
}

/** One that somebody else woke may get what it waits for while it is still in the list. */
function delist(sleepers: Task[], context: Context): void {
  const at = sleepers.indexOf(context as Task);
  if (at >= 0) sleepers.splice(at, 1);
}

/** Puts the current task to sleep for a reason; a circle that this closes is reported. */
function blockOn(kernel: Kernel, task: Task, why: string, by: Context | null): void {
  task.state = 'sleeping';
  task.blockedOn = why;
  task.blockedBy = by;
  kernel.machine.schedule(task);
  reportDeadlock(kernel.machine, task);
}

class MutexUnlockOp extends Op {
  private readonly mutex: Mutex;

  constructor(mutex: Mutex) {
    super(mutex);
    this.mutex = mutex;
  }

  override get access(): Access {
    return 'unlock';
  }

  override perform(context: Context): void {
    const { mutex } = this;
    const owner = mutex.owner;
    if (owner !== context) {
      mutex.machine.violate(
        'unlock-not-held',
        `${context.name} unlocks mutex ${mutex.name}, which ${owner?.name ?? 'nobody'} holds`,
      );
    }
    mutex.machine.watcher?.unlocking(context, mutex);
    owner?.held?.splice(owner.held.lastIndexOf(mutex), 1);
    setOwner(mutex, null);
    mutex.machine.emit(events.unlock, context, mutex, 1, 0);
    const next = mutex.sleepers.shift();
    if (next !== undefined) mutex.machine.wake(next);
    mutex.changed();
  }
}

export function mutex_unlock(mutex: Mutex): Op {
  return new MutexUnlockOp(mutex);
}

/** struct completion: done is a count; waiters sleep until it is above 0. */
export class Completion extends SharedObject {
  readonly kernel: Kernel;
  done = 0;
  readonly sleepers: Task[] = [];

  constructor(kernel: Kernel, label: string) {
    super(kernel.machine, label);
    this.kernel = kernel;
  }
}

/** wait_for_completion: sleeps until somebody completes it. `why` and `by` (who will, if known) are for reports. */
export function* wait_for_completion(completion: Completion, why = completion.name, by: Context | null = null): K {
  const { kernel } = completion;
  might_sleep(kernel, 'kernel/sched.c');
  for (;;) {
    const done = yield new SharedOp(
      completion,
      'wait for',
      (context) => {
        if (completion.done > 0) {
          completion.done--;
          kernel.machine.watcher?.observes(completion);
          delist(completion.sleepers, context);
          return true;
        }
        if (!(context instanceof Task)) return false;
        enlist(completion.sleepers, context);
        blockOn(kernel, context, why, by);
        return false;
      },
      { sleeps: (context) => completion.done === 0 && context instanceof Task, waitsFor: why },
    );
    if (done as boolean) return;
    if (!(kernel.context instanceof Task)) {
      scheduleInAtomic(kernel, kernel.context);
      yield new CompletionSpinOp(completion, why);
    }
  }
}

class CompletionSpinOp extends Op {
  private readonly completion: Completion;
  private readonly why: string;

  constructor(completion: Completion, why: string) {
    super(completion);
    this.completion = completion;
    this.why = why;
  }

  override get access(): Access {
    return 'read';
  }

  override enabled(): boolean {
    return this.completion.done > 0;
  }

  override perform(): void {}

  override describe(): string {
    return this.why;
  }
}

/** complete: wakes one waiter. */
export function complete(completion: Completion): Op {
  return new SharedOp(completion, 'complete', () => completeNow(completion));
}

/** complete_all, for code that is inside an operation: nobody waits for it any more. */
export function completeAllNow(completion: Completion): void {
  completion.machine.touch(completion.resource);
  completion.machine.watcher?.publishes(completion);
  completion.done = Number.POSITIVE_INFINITY;
  for (const task of completion.sleepers.splice(0)) completion.machine.wake(task);
  completion.changed();
}

export function completeNow(completion: Completion): void {
  completion.machine.touch(completion.resource);
  completion.machine.watcher?.publishes(completion);
  completion.done++;
  const next = completion.sleepers.shift();
  if (next !== undefined) completion.machine.wake(next);
  completion.changed();
}
