/**
 * Mutexes (kernel/mutex.c, 2.6.16+; semaphores before) and completions.
 *
 * Ordering rule: sleepers are woken first come first served; a woken one tries again and may find it taken.
 *
 * Divergence from Linux: no adaptive spinning (that came in 2.6.29 as an option).
 */
import { LocalOp } from '../smp/basic-ops.js';
import { type Context, Task } from '../smp/context.js';
import { type Access, type K, Op } from '../smp/op.js';
import { SharedObject } from '../smp/shared-object.js';
import { events } from '../trace/event-types.js';
import type { Kernel } from './kernel.js';
import { might_sleep } from './might-sleep.js';

export class Mutex extends SharedObject {
  readonly kernel: Kernel;
  owner: Context | null = null;
  readonly sleepers: Task[] = [];

  constructor(kernel: Kernel, label: string) {
    super(kernel.machine, label);
    this.kernel = kernel;
  }
}

class MutexTryOp extends Op {
  private readonly mutex: Mutex;

  constructor(mutex: Mutex) {
    super(mutex);
    this.mutex = mutex;
  }

  override get access(): Access {
    return 'lock';
  }

  override perform(context: Context): boolean {
    const { mutex } = this;
    if (mutex.owner === context) {
      mutex.machine.violate('self-deadlock', `${context.name} waits for mutex ${mutex.name}, which it holds itself`);
    }
    if (mutex.owner !== null) return false;
    mutex.owner = context;
    context.held ??= [];
    context.held.push(mutex);
    mutex.machine.emit(events.lock, context, mutex, 1, 0);
    return true;
  }
}

/** mutex_lock: sleeps until it is free. */
export function* mutex_lock(mutex: Mutex): K {
  might_sleep(mutex.kernel, 'kernel/mutex.c');
  const attempt = new MutexTryOp(mutex);
  while (!((yield attempt) as boolean)) yield sleepOn(mutex);
}

/** mutex_trylock: answers whether it was taken. */
export function mutex_trylock(mutex: Mutex): Op {
  return new MutexTryOp(mutex);
}

function sleepOn(mutex: Mutex): Op {
  return new LocalOp((context) => {
    if (mutex.owner === null || !(context instanceof Task)) return;
    mutex.sleepers.push(context);
    context.state = 'sleeping';
    context.blockedOn = `mutex ${mutex.name}`;
    context.blockedBy = mutex.owner;
    mutex.machine.schedule(context);
    const circle = mutexCircle(context);
    if (circle !== null) mutex.machine.violate('deadlock', circle);
  });
}

/** Who waits for whom, if the chain of owners comes back to `start`. */
function mutexCircle(start: Task): string | null {
  const parts: string[] = [];
  let at: Task = start;
  for (let depth = 0; depth < 64; depth++) {
    if (at.blockedOn === null) return null;
    parts.push(`${at.name} on CPU ${at.cpu.id} waits for ${at.blockedOn}`);
    const next = at.blockedBy;
    if (!(next instanceof Task)) return null;
    if (next === start) return parts.join('; ');
    at = next;
  }
  return null;
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
    owner?.held?.splice(owner.held.lastIndexOf(mutex), 1);
    mutex.owner = null;
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

/** wait_for_completion: sleeps until somebody completes it. */
export function* wait_for_completion(completion: Completion, why = completion.name): K {
  might_sleep(completion.kernel, 'kernel/sched.c');
  for (;;) {
    const done = yield new LocalOp((context) => {
      if (completion.done > 0) {
        completion.done--;
        return true;
      }
      if (!(context instanceof Task)) return true;
      completion.sleepers.push(context);
      context.state = 'sleeping';
      context.blockedOn = why;
      completion.machine.schedule(context);
      return false;
    });
    if (done as boolean) return;
  }
}

/** complete: wakes one waiter. */
export function complete(completion: Completion): Op {
  return new LocalOp(() => completeNow(completion));
}

export function completeNow(completion: Completion): void {
  completion.done++;
  const next = completion.sleepers.shift();
  if (next !== undefined) completion.machine.wake(next);
}
