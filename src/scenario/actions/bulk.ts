/**
 * Many entries at once, or over time: groups of destination entries that are allocated, held, released and freed.
 *
 * `over` spreads the calls evenly: the first at once, each next one `over / count` later. `rate` (per second) is the
 * same said the other way; with `spacing: poisson` the gaps are drawn from an exponential distribution by the seed.
 */
import { z } from 'zod';
import { dst_hold } from '../../net/dst/dst-alloc.js';
import type { DstEntry } from '../../net/dst/dst-entry.js';
import { dst_free } from '../../net/dst/dst-free.js';
import { dst_release } from '../../net/dst/dst-release.js';
import type { K } from '../../smp/op.js';
import type { World } from '../world.js';
import { count, delay, deviceName, name } from './arguments.js';
import { control } from './define.js';
import { exponential, type Pace, paced, paceShape } from './pace.js';

const pick = z.enum(['oldest', 'newest', 'random']).default('oldest');
const some = z.strictObject({
  group: name,
  count: count.optional().meta({ description: 'all if absent' }),
  pick,
  ...paceShape,
});

/** Takes entries out of a group, does something to each, and puts them into another (or nowhere). */
function* each(
  world: World,
  args: { group: string; count?: number | undefined; pick: 'oldest' | 'newest' | 'random' } & Pace,
  act: (entry: DstEntry) => K,
  into: string | null,
): K {
  const group = world.groups.group(args.group);
  const times = Math.min(args.count ?? group.size, group.size);
  yield* paced(world, times, args, `pace of ${args.group}`, function* () {
    const entry = group.take(args.pick);
    if (entry === undefined) return;
    yield* act(entry);
    if (into !== null) world.groups.group(into).add(entry);
  });
}

export const bulkActions = {
  alloc: control(
    'Allocates entries into a group, each with so many references.',
    z.strictObject({
      group: name,
      count,
      dev: deviceName.optional(),
      refs: z.int().min(0).max(1000).default(1),
      ops: name.default('ipv4'),
      ...paceShape,
    }),
    function* (world, args) {
      const group = world.groups.group(args.group);
      let number = 0;
      yield* paced(world, args.count, args, `pace of ${args.group}`, function* () {
        const label = `${args.group}-${++number}`;
        const entry = yield* world.workload.make(label, {
          dev: args.dev,
          refs: args.refs,
          child: null,
          flags: 0,
          ops: args.ops,
        });
        if (entry !== null) group.add(entry);
      });
      return null;
    },
  ),
  hold: control(
    'Takes one more reference to entries of a group, the oldest first.',
    some.omit({ pick: true }),
    function* (world, args) {
      const group = world.groups.group(args.group);
      let index = 0;
      yield* paced(world, Math.min(args.count ?? group.size, group.size), args, `pace of ${args.group}`, function* () {
        const entry = group.at(index++);
        if (entry !== undefined) yield dst_hold(entry);
      });
      return null;
    },
  ),
  release: control(
    'Drops one reference to entries of a group, which leave it.',
    some.extend({ into: name.optional().meta({ description: 'the group they go to' }) }),
    function* (world, args) {
      yield* each(world, args, (entry) => releaseOne(world, entry), args.into ?? null);
      return null;
    },
  ),
  free: control(
    'Frees entries of a group (they leave their cache); held ones become garbage.',
    some.extend({
      into: name.optional().meta({ description: 'the group they go to; the same group of held ones if absent' }),
    }),
    function* (world, args) {
      const held: DstEntry[] = [];
      yield* each(
        world,
        args,
        function* (entry) {
          const referenced = entry.refcnt.value !== 0;
          yield* dst_free(world.net.dst, entry);
          if (referenced) held.push(entry);
        },
        null,
      );
      const target = world.groups.group(args.into ?? args.group);
      for (const entry of held) target.add(entry);
      return null;
    },
  ),
  connections: control(
    'Connections: each allocates an entry, holds it for a time, then releases and frees it.',
    z.strictObject({
      count,
      dev: deviceName.optional(),
      ops: name.default('ipv4'),
      name: name.default('connection'),
      hold: z
        .union([z.strictObject({ fixed: delay }), z.strictObject({ exponential: delay.meta({ description: 'mean' }) })])
        .meta({ description: 'how long the entry stays in use' }),
      ...paceShape,
    }),
    function* (world, args) {
      let number = 0;
      yield* paced(world, args.count, args, `pace of ${args.name}`, function* () {
        const label = `${args.name}-${++number}`;
        const entry = yield* world.workload.make(label, {
          dev: args.dev,
          refs: 1,
          child: null,
          flags: 0,
          ops: args.ops,
        });
        if (entry === null) return;
        const meanNs = world.ns('fixed' in args.hold ? args.hold.fixed : args.hold.exponential);
        const holdNs = 'fixed' in args.hold ? meanNs : Math.round(exponential(world, `hold of ${args.name}`, meanNs));
        world.later(label, holdNs, function* () {
          yield* releaseOne(world, entry);
          yield* dst_free(world.net.dst, entry);
        });
      });
      return null;
    },
  ),
};

function* releaseOne(world: World, entry: DstEntry): K {
  yield* dst_release(world.net.dst, entry);
  world.meter.released(entry);
}
