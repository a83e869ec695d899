/** Network devices, and the neighbours on them. */
import { z } from 'zod';
import { dev_close, dev_open, devDown, devUnregister, devUp, unregister_netdev } from '../../net/dev.js';
import { dev_change_net_namespace } from '../../net/dev-change-net-namespace.js';
import { neigh_hh_init, neigh_hold, neigh_release } from '../../net/neighbour.js';
import { rtnl_lock, rtnl_unlock } from '../../net/net-todo.js';
import { LocalOp } from '../../smp/basic-ops.js';
import { deviceName, name } from './arguments.js';
import { call } from './define.js';

const device = z.strictObject({ dev: deviceName });
const neighbour = z.strictObject({ neigh: name });

export const deviceActions = {
  link_up: call('Brings a device up and tells everybody.', device, function* (world, args) {
    yield* dev_open(world.net, world.names.device(args.dev));
    return null;
  }),
  link_down: call('Takes a device down and tells everybody (dev_close).', device, function* (world, args) {
    yield* dev_close(world.net, world.names.device(args.dev));
    return null;
  }),
  unregister: call('Unregisters a device and waits for its last reference.', device, function* (world, args) {
    yield* unregister_netdev(world.net, world.names.device(args.dev));
    return null;
  }),
  move_device: call(
    'Moves a device to another namespace (dev_change_net_namespace); nobody waits for its references. 0, or an error.',
    device.extend({
      to: name.meta({ description: 'a namespace; init_net is the initial one' }),
      pattern: z
        .string()
        .regex(/^[a-z]{1,10}%d$/)
        .optional()
        .meta({ description: 'names to take if its own is taken there: dev%d' }),
    }),
    function* (world, args) {
      const { net, names } = world;
      yield* rtnl_lock(net);
      const target = names.namespace(args.to);
      const answer = yield* dev_change_net_namespace(net, names.device(args.dev), target, args.pattern ?? null);
      yield* rtnl_unlock(net);
      return answer;
    },
  ),
  dev_down: call('Clears IFF_UP and tells NETDEV_DOWN, nothing else.', device, function* (world, args) {
    yield* devDown(world.net, world.names.device(args.dev));
    return null;
  }),
  dev_up: call('Sets IFF_UP; nobody is told.', device, function* (world, args) {
    yield new LocalOp(() => devUp(world.names.device(args.dev)));
    return null;
  }),
  dev_unregister_event: call('Tells NETDEV_UNREGISTER, nothing else.', device, function* (world, args) {
    yield* devUnregister(world.net, world.names.device(args.dev));
    return null;
  }),
  dev_refs: call('The reference count of a device.', device, function* (world, args) {
    return (yield world.names.device(args.dev).refcnt.read) as number;
  }),
  neigh_create: call(
    'Makes a neighbour on a device, which it holds; the caller has one reference to it. 1, or 0 if the table is full.',
    neighbour.extend({ dev: deviceName }),
    function* (world, args) {
      return (yield* world.names.createNeighbour(args.neigh, args.dev)) ? 1 : 0;
    },
  ),
  neigh_hold: call('One more reference to a neighbour; the count after it.', neighbour, function* (world, args) {
    const neigh = world.names.neighbour(args.neigh);
    yield neigh_hold(neigh);
    return neigh.refcnt.value;
  }),
  neigh_release: call('One reference to a neighbour less; the count after it.', neighbour, function* (world, args) {
    const neigh = world.names.neighbour(args.neigh);
    yield* neigh_release(world.net, neigh);
    return neigh.refcnt.value;
  }),
  neigh_bind: call(
    'Binds an entry to a neighbour, which it holds from then on, and with `header` to its cached hardware header.',
    neighbour.extend({ dst: name, header: z.boolean().default(false) }),
    function* (world, args) {
      const neigh = world.names.neighbour(args.neigh);
      const dst = world.workload.entry(args.dst);
      yield neigh_hold(neigh);
      dst.neighbour = neigh;
      if (args.header) yield* neigh_hh_init(world.net, neigh, dst);
      return null;
    },
  ),
};
