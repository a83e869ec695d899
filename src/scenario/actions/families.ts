/** Bundles of IPsec, routes that reject, packets, and what the families count. */
import { z } from 'zod';
import { atomic_read } from '../../kernel/atomic.js';
import { read_field } from '../../kernel/slab.js';
import { dst_hold } from '../../net/dst/dst-alloc.js';
import type { DstHandler } from '../../net/dst/dst-entry.js';
import { dst_release } from '../../net/dst/dst-release.js';
import { elementsOf } from '../../net/xfrm/xfrm-dst.js';
import {
  __xfrm_garbage_collect,
  xfrm_flush_bundles,
  xfrm_lookup,
  xfrm_policy_kill,
} from '../../net/xfrm/xfrm-policy.js';
import { type XfrmState, xfrm_state_delete } from '../../net/xfrm/xfrm-state.js';
import { didYouMean, InputError } from '../../sim/errors.js';
import { LocalOp } from '../../smp/basic-ops.js';
import type { K } from '../../smp/op.js';
import type { World } from '../world.js';
import { name } from './arguments.js';
import { call } from './define.js';

const policy = name.default('policy');
const packet = z.strictObject({ dst: name });

export const familyActions = {
  bundle_create: call(
    'Makes a bundle over a route and hands it to a policy (xfrm_lookup): transforms DST, DST-2 … with states DST-sa1 …; 1, or 0 if it failed.',
    z.strictObject({
      dst: name.meta({ description: 'name of the top' }),
      route: name.meta({
        description: 'the entry at the end of the chain; each transform holds it once, and the last once more',
      }),
      transforms: z.int().min(1).max(16).default(1),
      policy,
      refs: z.int().min(0).max(1_000_000).default(1).meta({ description: 'references to the top' }),
    }),
    function* (world, args) {
      const { workload, net } = world;
      const { xfrm } = workload.families;
      const top = yield* xfrm_lookup(xfrm, {
        label: args.dst,
        policy: xfrm.policy(args.policy),
        route: workload.entry(args.route),
        transforms: args.transforms,
      });
      if (top === null) {
        world.meter.allocFailed++;
        return 0;
      }
      for (const element of elementsOf(top)) workload.adopt(element);
      for (let i = 1; i < args.refs; i++) yield dst_hold(top);
      if (args.refs === 0) yield* dst_release(net.dst, top);
      return 1;
    },
  ),
  bundle_prune: call(
    'Gives up the bundles of all policies that nobody uses (__xfrm_garbage_collect) or that are stale (xfrm_flush_bundles).',
    z.strictObject({ what: z.enum(['unused', 'stale']).default('unused') }),
    function* (world, { what }) {
      const { xfrm } = world.workload.families;
      yield* what === 'unused' ? __xfrm_garbage_collect(xfrm) : xfrm_flush_bundles(xfrm);
      return null;
    },
  ),
  bundle_count: call('How many bundles a policy has.', z.strictObject({ policy }), function* (world, args) {
    const { xfrm } = world.workload.families;
    return (yield new LocalOp(() => xfrm.bundlesOf(xfrm.policy(args.policy)).length)) as number;
  }),
  policy_kill: call(
    'Kills a policy: it gives its bundles up and takes no more.',
    z.strictObject({ policy }),
    function* (world, args) {
      const { xfrm } = world.workload.families;
      yield* xfrm_policy_kill(xfrm, xfrm.policy(args.policy));
      return null;
    },
  ),
  state_delete: call(
    'Deletes a transformation; the bundles that use it are stale.',
    z.strictObject({ state: name.meta({ description: 'DST-sa1, DST-sa2 … of a bundle DST' }) }),
    function* (world, args) {
      yield* xfrm_state_delete(stateOf(world, args.state));
      return null;
    },
  ),
  reject_route: call(
    'Allocates a route that rejects packets, with its family’s handlers, and caches it. 1, or 0 if that failed.',
    z.strictObject({
      dst: name,
      ops: name.meta({ description: 'ipv6, decnet, or an instance of them that the network declares' }),
      type: z.enum(['unreachable', 'blackhole']),
      dev: name.optional(),
      refs: z.int().min(0).max(1_000_000).default(1),
    }),
    function* (world, args) {
      const { workload } = world;
      const handlers = workload.families.rejection(workload.family(args.ops), args.type);
      const { dst, dev, refs, ops } = args;
      const made = yield* workload.allocate(dst, { dev, refs, ops, child: null, flags: 0, handlers });
      return made === null ? 0 : 1;
    },
  ),
  dst_input: call('Hands a received packet to an entry; what its input function answers.', packet, (world, args) => {
    return handle(world, args.dst, 'input');
  }),
  dst_output: call(
    'Hands a packet to be sent to an entry; what its output function answers.',
    packet,
    (world, args) => {
      return handle(world, args.dst, 'output');
    },
  ),
  ops_entries: call(
    'How many entries a family, or an instance of one, has, garbage included.',
    z.strictObject({ ops: name }),
    function* (world, args) {
      return (yield atomic_read(world.workload.family(args.ops).entries)) as number;
    },
  ),
};

function* handle(world: World, dst: string, way: 'input' | 'output'): K<number> {
  const handler: DstHandler = yield read_field(world.workload.entry(dst), way);
  return handler();
}

function stateOf(world: World, wanted: string): XfrmState {
  const { states } = world.workload.families.xfrm;
  const state = states.get(wanted);
  if (state === undefined) throw new InputError(`there is no state '${wanted}'${didYouMean(wanted, states.keys())}`);
  return state;
}
