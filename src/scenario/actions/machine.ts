/** What a scenario does to the machine itself: holding back a CPU's timers or a worker, the log, repetition. */
import { z } from 'zod';
import { holdCpu, releaseCpu, run_worker_now } from '../../kernel/hold.js';
import { printk } from '../../kernel/printk.js';
import { LocalOp } from '../../smp/basic-ops.js';
import { cpu, delay, smallCount } from './arguments.js';
import { call, control } from './define.js';

export const machineActions = {
  hold_cpu: control('Holds back the timer softirq of a CPU; the rest of it goes on.', cpu, function* (world, id) {
    yield new LocalOp(() => holdCpu(world.kernel, world.cpuId(id)));
    return null;
  }),
  release_cpu: control('Lets the timers of a held CPU run again, from its next tick on.', cpu, function* (world, id) {
    yield new LocalOp(() => releaseCpu(world.kernel, world.cpuId(id)));
    return null;
  }),
  hold_worker: control('events/N of a CPU takes nothing from its list.', cpu, function* (world, id) {
    yield new LocalOp(() => world.worker(id).setHeld(true));
    return null;
  }),
  release_worker: control('events/N of a CPU goes on.', cpu, function* (world, id) {
    yield new LocalOp(() => world.worker(id).setHeld(false));
    return null;
  }),
  run_worker: call(
    'From inside a work function: another CPU runs its list right now; the works it ran, or -3 if it can not.',
    cpu,
    (world, id) => run_worker_now(world.kernel, world.cpuId(id)),
  ),
  printk: call(
    'A line for the kernel log.',
    z.strictObject({ text: z.string().max(1000), level: z.int().min(0).max(7).default(6) }),
    function* (world, args) {
      printk(world.kernel, args.level as 0, args.text);
      return null;
    },
  ),
  mark: control(
    'Notes this moment as the metric `mark.NAME_s` (seconds since boot).',
    z.string().regex(/^[a-z][a-z0-9_-]{0,31}$/),
    function* (world, name) {
      world.meter.mark(name, world.kernel.machine.nowNs);
      return null;
    },
  ),
};

/** Makes every round count as an operation, whatever it does, so that no run is without end. */
const nextRound = new LocalOp(() => undefined);

/** `repeat` needs the schema of all actions; actions/index.ts completes it. */
export function repeatAction(steps: z.ZodType): ReturnType<typeof control> {
  return control(
    'Does a list of actions several times, evenly spaced if `every` is given.',
    z.strictObject({
      count: smallCount,
      every: delay.optional(),
      do: z
        .array(steps as z.ZodType<any>)
        .min(1)
        .max(10_000),
    }),
    function* (world, args) {
      for (let i = 0; i < args.count; i++) {
        const startNs = world.kernel.machine.nowNs;
        yield nextRound;
        yield* world.perform(args.do as never);
        if (args.every !== undefined) yield* world.waitUntilNs(startNs + world.ns(args.every));
      }
      return null;
    },
  );
}
