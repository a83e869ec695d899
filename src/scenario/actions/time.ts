/** Time: work that keeps the CPU busy, sleeping, waiting. */
import { z } from 'zod';
import { might_sleep } from '../../kernel/might-sleep.js';
import { msleep, schedule_timeout } from '../../kernel/sleep.js';
import { busy, cond_resched, userMode } from '../../smp/basic-ops.js';
import { delay, nothing } from './arguments.js';
import { call, control } from './define.js';

export const timeActions = {
  wait: control(
    'Waits without the kernel knowing (unlike msleep): the next action comes so much later.',
    delay,
    function* (world, duration) {
      yield* world.waitNs(world.ns(duration));
      return null;
    },
  ),
  busy: control('Keeps the CPU busy in the kernel (udelay).', delay, function* (world, duration) {
    const ns = world.ns(duration);
    if (ns > 0) yield busy(ns);
    return null;
  }),
  user: control('Runs in user mode for a time; can always be preempted.', delay, function* (world, duration) {
    yield* userMode(world.ns(duration));
    return null;
  }),
  msleep: call('Sleeps at least so many milliseconds.', z.int().min(0).max(1e9), function* (world, ms) {
    yield* msleep(world.kernel, ms);
    return null;
  }),
  schedule_timeout: call('Sleeps for so many jiffies; what is left at a wake-up.', delay, function* (world, duration) {
    return yield* schedule_timeout(world.kernel, world.jiffies(duration));
  }),
  cond_resched: call('Lets a better task run.', nothing, function* () {
    yield cond_resched();
    return null;
  }),
  might_sleep: call('Complains if sleeping is forbidden here.', nothing, function* (world) {
    might_sleep(world.kernel, 'scenario');
    return null;
  }),
};
