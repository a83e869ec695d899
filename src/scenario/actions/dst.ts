/** Calls on single destination entries, by the names a scenario gives them. */
import { z } from 'zod';
import { atomic_inc_return } from '../../kernel/atomic.js';
import { dst_destroy } from '../../net/dst/dst-destroy.js';
import { dst_free } from '../../net/dst/dst-free.js';
import { dst_run_gc } from '../../net/dst/dst-gc-timer.js';
import { dst_gc_task } from '../../net/dst/dst-gc-work.js';
import { dst_release } from '../../net/dst/dst-release.js';
import { LocalOp } from '../../smp/basic-ops.js';
import { deviceName, name, nothing } from './arguments.js';
import { call } from './define.js';

const entry = z.strictObject({ dst: name });

export const dstActions = {
  dst_alloc: call(
    'Allocates an entry: dst_alloc, device, references, child (one more reference to it). 1, or 0 if it failed.',
    z.strictObject({
      dst: name,
      dev: deviceName.optional(),
      refs: z.int().min(0).max(1_000_000).default(1),
      child: name.optional(),
      flags: z.int().min(0).max(255).default(0).meta({ description: '8 = DST_NOHASH' }),
      ops: name.default('ipv4'),
    }),
    function* (world, args) {
      const { workload } = world;
      const child = args.child === undefined ? null : workload.entry(args.child);
      const made = yield* workload.allocate(args.dst, {
        dev: args.dev,
        refs: args.refs,
        child,
        flags: args.flags,
        ops: args.ops,
      });
      return made === null ? 0 : 1;
    },
  ),
  dst_hold: call('Takes a reference; the count after it.', entry, function* (world, args) {
    const dst = world.workload.entry(args.dst);
    // dst_hold's atomic_inc, with its result: the count as nobody else has changed it yet.
    return (yield atomic_inc_return(dst.refcnt)) as number;
  }),
  dst_release: call('Drops a reference; the count when it returns.', entry, function* (world, args) {
    const dst = world.workload.entry(args.dst);
    yield* dst_release(world.net.dst, dst);
    world.meter.released(dst);
    return dst.refcnt.value;
  }),
  dst_free: call('Gives an entry up: destroyed now, or garbage while it is held.', entry, function* (world, args) {
    yield* dst_free(world.net.dst, world.workload.entry(args.dst));
    return null;
  }),
  dst_destroy: call('Destroys an entry, whoever holds it.', entry, function* (world, args) {
    const child = yield* dst_destroy(world.net.dst, world.workload.entry(args.dst));
    return child === null ? null : child.name;
  }),
  dst_run_gc: call(
    'Calls the collector directly, besides its timer (R1–R13) or work (R14+).',
    nothing,
    function* (world) {
      const { dst } = world.net;
      if (dst.traits.gcInWorkqueue) yield* dst_gc_task(dst);
      else yield* dst_run_gc(dst, 0);
      return null;
    },
  ),
  inspect: call('Looks at an entry: refcnt, obsolete, dev, discard, or "destroyed".', entry, function* (world, args) {
    const dst = world.workload.entry(args.dst);
    yield new LocalOp(() => undefined);
    if (dst.freed) return 'destroyed';
    return `refcnt ${dst.refcnt.value} obsolete ${dst.obsolete} dev ${dst.dev?.fullName ?? 'none'} ${dst.discards ? 'discard' : 'forward'}`;
  }),
};
