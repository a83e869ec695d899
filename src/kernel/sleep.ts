/**
 * Sleeping for a time: schedule_timeout, msleep (kernel/timer.c).
 *
 * Divergence from Linux: no signals, so an interruptible sleep always lasts its time.
 */
import { schedule, setCurrentState } from '../smp/basic-ops.js';
import { Task } from '../smp/context.js';
import type { K } from '../smp/op.js';
import type { Kernel } from './kernel.js';
import { scheduleInAtomic } from './might-sleep.js';
import { del_timer_sync, mod_timer, Timer } from './timer.js';

/** Sleeps until `timeout` jiffies from now, or a wake-up; answers the jiffies left. */
export function* schedule_timeout(kernel: Kernel, timeout: number): K<number> {
  const task = kernel.context;
  if (!(task instanceof Task)) {
    scheduleInAtomic(kernel, task);
    return 0;
  }
  const expires = kernel.addJiffies(kernel.now, timeout);
  const timer = new Timer(kernel, 'process_timeout', () => {
    kernel.machine.wake(task);
  });
  setCurrentState(kernel.machine, 'sleeping');
  task.blockedOn = `a timeout of ${timeout} jiffies`;
  yield mod_timer(timer, expires);
  yield schedule();
  yield del_timer_sync(timer);
  return Math.max(0, kernel.distance(kernel.now, expires));
}

/** msleep: at least `ms` milliseconds: one jiffy more than that is in jiffies, rounded up. */
export function* msleep(kernel: Kernel, ms: number): K {
  let timeout = kernel.msecs_to_jiffies(ms) + 1;
  while (timeout > 0) timeout = yield* schedule_timeout(kernel, timeout);
}
