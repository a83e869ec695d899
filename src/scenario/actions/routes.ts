/** The IPv4 route cache: lookups one by one and by many connections, flushes, the collector. */
import { z } from 'zod';
import type { RouteParams } from '../../net/ipv4/route-params.js';
import { rt_check_expire } from '../../net/ipv4/rt-check-expire.js';
import { ipRouteFlushCache, rt_cache_flush, rt_secret_rebuild } from '../../net/ipv4/rt-flush.js';
import { rt_garbage_collect } from '../../net/ipv4/rt-garbage-collect.js';
import { LocalOp } from '../../smp/basic-ops.js';
import { Closer, leaveKernel } from '../connections.js';
import type { World } from '../world.js';
import { count, delay, deviceName, name, nothing } from './arguments.js';
import { call, control } from './define.js';
import { draw, exponential, paced, paceShape } from './pace.js';

const key = z
  .int()
  .min(0)
  .max(2 ** 32 - 1)
  .meta({ description: 'the flow: destination and source as a number' });

const sysctls = {
  gc_thresh: 'gcThresh',
  max_size: 'maxSize',
  gc_min_interval: 'gcMinInterval',
  gc_timeout: 'gcTimeout',
  gc_elasticity: 'gcElasticity',
  gc_interval: 'gcInterval',
  min_delay: 'minDelay',
  max_delay: 'maxDelay',
  secret_interval: 'secretInterval',
} as const satisfies Readonly<Record<string, keyof RouteParams>>;
const sysctlNames = Object.keys(sysctls) as (keyof typeof sysctls)[];

export const routeActions = {
  route_lookup: call(
    'Looks a route up and makes it if need be; the reference stays. 1: it was there, 0: it was made, -105: ENOBUFS.',
    z.strictObject({
      key,
      dev: deviceName.optional(),
      iif: z.int().min(0).max(1e6).default(0).meta({ description: 'index of the input interface; 0: an output route' }),
      dst: name.meta({ description: 'what the entry is called from now on' }),
    }),
    function* (world, args) {
      const dev = args.dev === undefined ? null : world.names.device(args.dev);
      const { route, ret } = yield* world.routes.lookup({ key: args.key, iif: args.iif, dev });
      if (route !== null) world.workload.name(args.dst, route);
      return ret;
    },
  ),
  route_fill: control(
    'So many routes are in the cache already, and somebody holds each, or not.',
    z.strictObject({ group: name, count, dev: deviceName.optional(), held: z.boolean().default(true) }),
    function* (world, args) {
      yield* world.routes.fill(args.group, args.count, args.dev, args.held);
      return null;
    },
  ),
  route_connections: control(
    'Connections: each looks its route up, and keeps it for a time, or for good in a group.',
    z.strictObject({
      count,
      dev: deviceName.optional(),
      name: name.default('connection'),
      destinations: z
        .int()
        .min(1)
        .max(2 ** 32)
        .optional()
        .meta({ description: 'each goes to one of so many, drawn; to one of its own if absent' }),
      hold: z
        .union([z.strictObject({ fixed: delay }), z.strictObject({ exponential: delay.meta({ description: 'mean' }) })])
        .optional()
        .meta({ description: 'how long the route stays in use' }),
      group: name.optional().meta({ description: 'where its holders are, if it is not given back by itself' }),
      ...paceShape,
    }),
    function* (world, args) {
      const { routes, kernel } = world;
      const { machine } = kernel;
      const { cpu } = kernel.context;
      const dev = args.dev === undefined ? null : world.names.device(args.dev);
      const firstKey = routes.firstKey(args.name);
      const closer = new Closer(`${args.name}-close`, cpu, (entry) => routes.release(entry));
      const { hold, destinations } = args;
      let number = 0;
      yield* paced(world, args.count, args, `pace of ${args.name}`, function* () {
        const to = destinations === undefined ? number++ : draw(world, `destination of ${args.name}`, destinations);
        const route = yield* routes.connect({ key: firstKey + to, dev });
        if (route !== null && args.group !== undefined) world.groups.group(args.group).add(route);
        else if (route !== null && hold !== undefined) {
          const ns =
            'fixed' in hold
              ? world.ns(hold.fixed)
              : exponential(world, `hold of ${args.name}`, world.ns(hold.exponential));
          closer.add(route, machine.nowNs + Math.round(ns));
        }
        yield* leaveKernel(cpu);
      });
      return null;
    },
  ),
  route_activity: control(
    'Sockets of a group send again: one whose route is dead looks it up anew and gives the old one back.',
    z.strictObject({
      group: name,
      count: count.optional().meta({ description: 'all if absent' }),
      pick: z.enum(['oldest', 'newest', 'random']).default('oldest'),
      into: name.optional().meta({ description: 'the group they go to; nowhere if absent' }),
      ...paceShape,
    }),
    function* (world, args) {
      const { cpu } = world.kernel.context;
      const group = world.groups.group(args.group);
      const times = Math.min(args.count ?? group.size, group.size);
      yield* paced(world, times, args, `pace of ${args.group}`, function* () {
        const old = group.take(args.pick);
        if (old === undefined) return;
        const route = yield* world.routes.send(old);
        if (route !== null && args.into !== undefined) world.groups.group(args.into).add(route);
        yield* leaveKernel(cpu);
      });
      return null;
    },
  ),
  ip_route_flush_cache: call('`ip route flush cache`: asks for a flush, after the usual delay.', nothing, (world) =>
    answering(ipRouteFlushCache(world.routes.cache)),
  ),
  rt_cache_flush: call(
    'Flushes the route cache so much later; 0: now.',
    z.strictObject({ delay: delay.optional().meta({ description: 'the usual one if absent' }) }),
    (world, args) =>
      answering(rt_cache_flush(world.routes.cache, args.delay === undefined ? -1 : world.jiffies(args.delay))),
  ),
  rt_secret_rebuild: call('What the secret timer does: a new hash secret, and a flush.', nothing, (world) =>
    answering(rt_secret_rebuild(world.routes.cache)),
  ),
  rt_check_expire: call('The periodic scan of a part of the table, now.', nothing, (world) =>
    answering(rt_check_expire(world.routes.cache)),
  ),
  rt_garbage_collect: call('Calls the collector of the route cache; 1: there is no room.', nothing, (world) =>
    rt_garbage_collect(world.routes.cache, 'direct'),
  ),
  route_entries: call('Entries of the route cache, garbage included.', nothing, function* (world: World) {
    yield new LocalOp(() => undefined);
    return world.routes.cache.entries;
  }),
  route_sysctl: call(
    'Sets net.ipv4.route.NAME; times in jiffies.',
    z.strictObject({
      name: z.enum(sysctlNames),
      value: z
        .int()
        .min(-(2 ** 31))
        .max(2 ** 31 - 1),
    }),
    function* (world, args) {
      yield new LocalOp(() => world.routes.cache.sysctl(sysctls[args.name], args.value));
      return null;
    },
  ),
};

function* answering(code: Generator<any, unknown, any>): Generator<any, null, any> {
  yield* code;
  return null;
}
