/** Requests: a load in which every CPU takes and drops references to one entry, as sockets of one machine do. */
import { z } from 'zod';
import { dst_hold } from '../../net/dst/dst-alloc.js';
import type { DstEntry } from '../../net/dst/dst-entry.js';
import { dst_release } from '../../net/dst/dst-release.js';
import { busy } from '../../smp/basic-ops.js';
import type { K } from '../../smp/op.js';
import type { World } from '../world.js';
import { delay, name, smallCount } from './arguments.js';
import { control } from './define.js';

const randomBits = 2 ** 24;

export const requestActions = {
  requests: control(
    'Requests, one after another: each takes a reference, works, drops the reference, and works again.',
    z.strictObject({
      dst: name,
      count: smallCount.meta({ description: 'requests on each CPU' }),
      work: delay.meta({ description: 'kernel time of a request beside the two calls, half of it before the release' }),
      spread: z
        .enum(['fixed', 'exponential'])
        .default('fixed')
        .meta({ description: 'each half lasts as long, or its length is drawn with this mean' }),
      on: z
        .enum(['here', 'every-cpu'])
        .default('here')
        .meta({ description: 'a task of its own on every CPU, or here' }),
    }),
    function* (world, args) {
      const dst = world.workload.entry(args.dst);
      const halfNs = world.ns(args.work) / 2;
      const load = { dst, halfNs, count: args.count, drawn: args.spread === 'exponential' };
      if (args.on === 'here') {
        yield* requests(world, load, world.kernel.cpuId);
        return null;
      }
      const { machine } = world.kernel;
      for (const { id } of machine.cpus) machine.spawn(`requests/${id}`, id, requests(world, load, id));
      return null;
    },
  ),
};

interface Load {
  readonly dst: DstEntry;
  readonly halfNs: number;
  readonly count: number;
  readonly drawn: boolean;
}

function* requests(world: World, load: Load, cpu: number): K {
  const { dst, count } = load;
  for (let i = 0; i < count; i++) {
    yield dst_hold(dst);
    yield* work(world, load, cpu);
    yield* dst_release(world.net.dst, dst);
    yield* work(world, load, cpu);
  }
}

function* work(world: World, { halfNs, drawn }: Load, cpu: number): K {
  if (halfNs === 0) return;
  const { machine } = world.kernel;
  const factor = drawn ? -Math.log((machine.choose(`work of CPU ${cpu}`, randomBits) + 1) / randomBits) : 1;
  yield busy(Math.round(halfNs * factor));
}
