/** Network devices. */
import { z } from 'zod';
import { dev_close, dev_open, devDown, devUnregister, devUp, unregister_netdev } from '../../net/dev.js';
import { LocalOp } from '../../smp/basic-ops.js';
import { name } from './arguments.js';
import { call } from './define.js';

const device = z.strictObject({ dev: name });

export const deviceActions = {
  link_up: call('Brings a device up and tells everybody.', device, function* (world, args) {
    yield* dev_open(world.net, world.net.device(args.dev));
    return null;
  }),
  link_down: call('Takes a device down and tells everybody (dev_close).', device, function* (world, args) {
    yield* dev_close(world.net, world.net.device(args.dev));
    return null;
  }),
  unregister: call('Unregisters a device and waits for its last reference.', device, function* (world, args) {
    yield* unregister_netdev(world.net, world.net.device(args.dev));
    return null;
  }),
  dev_down: call('Clears IFF_UP and tells NETDEV_DOWN, nothing else.', device, function* (world, args) {
    yield* devDown(world.net, world.net.device(args.dev));
    return null;
  }),
  dev_up: call('Sets IFF_UP; nobody is told.', device, function* (world, args) {
    yield new LocalOp(() => devUp(world.net.device(args.dev)));
    return null;
  }),
  dev_unregister_event: call('Tells NETDEV_UNREGISTER, nothing else.', device, function* (world, args) {
    yield* devUnregister(world.net, world.net.device(args.dev));
    return null;
  }),
  dev_refs: call('The reference count of a device.', device, function* (world, args) {
    return (yield world.net.device(args.dev).refcnt.read) as number;
  }),
};
