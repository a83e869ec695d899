/** Network namespaces. One that a step mentions without creating it is there since boot. */
import { z } from 'zod';
import { get_net, put_net } from '../../net/cleanup-net.js';
import { name } from './arguments.js';
import { call } from './define.js';

const namespace = z.strictObject({ netns: name });

export const namespaceActions = {
  netns_create: call(
    'Makes a namespace with a loopback device of its own, which is down (copy_net_ns). The caller uses it.',
    namespace,
    function* (world, args) {
      yield* world.names.createNamespace(args.netns);
      return null;
    },
  ),
  netns_hold: call('One more user of a namespace; their number after it.', namespace, function* (world, args) {
    const ns = world.names.namespace(args.netns);
    yield get_net(ns);
    return ns.count.value;
  }),
  netns_exit: call(
    'One user of a namespace less (put_net); after the last a worker cleans it up. Their number after it.',
    namespace,
    function* (world, args) {
      const ns = world.names.namespace(args.netns);
      yield* put_net(world.net, ns);
      return ns.count.value;
    },
  ),
};
