/** Timer calls, one by one. Every one is recorded with its return value. */
import { z } from 'zod';
import {
  add_timer,
  add_timer_on,
  del_timer,
  del_timer_sync,
  mod_timer,
  try_to_del_timer_sync,
} from '../../kernel/timer.js';
import { cpu, expiry, name } from './arguments.js';
import { call } from './define.js';

const timer = z.strictObject({ timer: name });
const timerAt = z.strictObject({ timer: name, expires: expiry });

export const timerActions = {
  add_timer: call('Queues a timer. A BUG if it is pending (2.6.15+).', timerAt, function* (world, args) {
    const queued = (yield add_timer(world.timer(args.timer), world.expiry(args.expires))) as boolean;
    return queued ? 0 : -1;
  }),
  mod_timer: call('Sets or changes when a timer expires; 1 if it was pending.', timerAt, function* (world, args) {
    return (yield mod_timer(world.timer(args.timer), world.expiry(args.expires))) as number;
  }),
  add_timer_on: call(
    'Queues a timer on a named CPU. A BUG if it is pending.',
    timerAt.extend({ on: cpu }),
    function* (world, args) {
      const queued = (yield add_timer_on(
        world.timer(args.timer),
        world.expiry(args.expires),
        world.cpuId(args.on),
      )) as boolean;
      return queued ? 0 : -1;
    },
  ),
  del_timer: call('Deletes a timer; 1 if it was pending. Its handler may run on.', timer, function* (world, args) {
    return (yield del_timer(world.timer(args.timer))) as number;
  }),
  del_timer_sync: call(
    'Deletes a timer and waits for its handler; 1 if it was pending.',
    timer,
    function* (world, args) {
      return (yield del_timer_sync(world.timer(args.timer))) as number;
    },
  ),
  try_to_del_timer_sync: call('As del_timer, but -1 while its handler runs.', timer, function* (world, args) {
    return (yield try_to_del_timer_sync(world.timer(args.timer))) as number;
  }),
  timer_pending: call('1 if the timer is pending.', timer, function* (world, args) {
    return world.timer(args.timer).pending ? 1 : 0;
  }),
};
