/**
 * The policies of one run and the bundles they keep (net/xfrm/xfrm_policy.c, 2.6.12–2.6.29).
 *
 * Ordering rule: a policy's newest bundle is the head of its list.
 *
 * Divergence from Linux: policies have names instead of selectors; the reader-writer locks are spinlocks.
 */
import { SlabCache } from '../../kernel/slab.js';
import { SpinLock } from '../../kernel/spinlock.js';
import type { Machine } from '../../smp/machine.js';
import { SharedObject } from '../../smp/shared-object.js';
import type { DstOps } from '../dst/dst-ops.js';
import type { Net } from '../net.js';
import type { XfrmDst } from './xfrm-dst.js';
import { xfrm_dev_event } from './xfrm-policy.js';
import type { XfrmState } from './xfrm-state.js';
import { __xfrm4_bundle_create, xfrm4DstOps } from './xfrm4-policy.js';

/** struct xfrm_policy. */
export class XfrmPolicy extends SharedObject {
  readonly lock: SpinLock;
  /** Tops of bundles, linked by `next`. */
  bundles: XfrmDst | null = null;
  /** xfrm_policy_kill was called: it takes no bundles any more. */
  dead = false;

  constructor(xfrm: Xfrm, label: string) {
    super(xfrm.machine, label);
    this.lock = new SpinLock(xfrm.net.kernel, `${label}.lock`);
  }
}

export class Xfrm {
  readonly net: Net;
  readonly machine: Machine;
  /** xfrm4_dst_ops. */
  readonly xfrm4: DstOps;
  /** What IPv4 registered for making bundles. */
  readonly bundle_create = __xfrm4_bundle_create;
  readonly policy_lock: SpinLock;
  readonly stateCache: SlabCache;
  readonly policies = new Map<string, XfrmPolicy>();
  readonly states = new Map<string, XfrmState>();

  /** `gcThresh`: entries above which dst_alloc prunes; 1024 if absent. */
  constructor(net: Net, gcThresh?: number) {
    this.net = net;
    this.machine = net.machine;
    this.xfrm4 = xfrm4DstOps(this, gcThresh);
    this.policy_lock = new SpinLock(net.kernel, 'xfrm_policy_lock');
    this.stateCache = new SlabCache(net.kernel, 'xfrm_state', 256);
    net.netdev_chain.register({
      name: 'xfrm_dev_event',
      priority: 0,
      call: (event, dev) => xfrm_dev_event(this, event, dev),
    });
  }

  /** The policy of this name, made when first mentioned. */
  policy(name: string): XfrmPolicy {
    let policy = this.policies.get(name);
    if (policy === undefined) {
      policy = new XfrmPolicy(this, name);
      this.policies.set(name, policy);
    }
    return policy;
  }

  /** Bundles of a policy, newest first. For observers. */
  bundlesOf(policy: XfrmPolicy): readonly XfrmDst[] {
    const tops: XfrmDst[] = [];
    for (let top = policy.bundles; top !== null; top = top.next as XfrmDst | null) tops.push(top);
    return tops;
  }
}
