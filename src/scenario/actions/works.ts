/** Work and delayed work, call by call. */
import { z } from 'zod';
import {
  cancel_delayed_work,
  cancel_delayed_work_sync,
  flush_scheduled_work,
  mod_delayed_work,
} from '../../kernel/cancel-work.js';
import { schedule_delayed_work, schedule_delayed_work_on, schedule_work } from '../../kernel/workqueue.js';
import { cpu, delay, name, nothing } from './arguments.js';
import { call } from './define.js';

const work = z.strictObject({ work: name });
const delayed = z.strictObject({ work: name, delay });

export const workActions = {
  schedule_work: call('Queues a work on this CPU; 0 if it was pending.', work, (world, args) =>
    schedule_work(world.kernel, world.work(args.work)),
  ),
  schedule_delayed_work: call(
    'Queues a work after a delay; 0, and nothing done, if it was pending.',
    delayed,
    (world, args) => schedule_delayed_work(world.kernel, world.work(args.work), world.jiffies(args.delay)),
  ),
  schedule_delayed_work_on: call(
    'As schedule_delayed_work, on a named CPU.',
    delayed.extend({ on: cpu }),
    (world, args) =>
      schedule_delayed_work_on(world.kernel, world.cpuId(args.on), world.work(args.work), world.jiffies(args.delay)),
  ),
  cancel_delayed_work: call('Deletes the timer of a delayed work; 1 if that was pending.', work, (world, args) =>
    cancel_delayed_work(world.work(args.work)),
  ),
  cancel_delayed_work_sync: call(
    'Takes a delayed work back wherever it is and waits until it runs nowhere.',
    work,
    (world, args) => cancel_delayed_work_sync(world.kernel, world.work(args.work)),
  ),
  mod_delayed_work: call('Starts a delayed work anew with this delay; 1 if it was pending.', delayed, (world, args) =>
    mod_delayed_work(world.kernel, world.work(args.work), world.jiffies(args.delay)),
  ),
  flush_scheduled_work: call('Waits until all that is queued on events/N has run.', nothing, function* (world) {
    yield* flush_scheduled_work(world.kernel);
    return null;
  }),
};
