/**
 * Bundles as a whole: when they go, and what happens to them when a device does (net/xfrm/xfrm_policy.c, 2.6.12–2.6.29).
 *
 * Ordering rule: pruning collects from all policies under their locks, then frees what it collected, last collected
 * first, without them. A bundle in use that is freed becomes garbage.
 *
 * Divergence from Linux: a killed policy gives its bundles up at once, where Linux has a work do it. Events of devices
 * outside the initial namespace are ignored in every release. `check` of a route says no as soon as it is obsolete.
 */
import { atomic_read } from '../../kernel/atomic.js';
import { kernelFunction } from '../../kernel/function.js';
import { kmem_cache_alloc, read_field, write_field } from '../../kernel/slab.js';
import { spin_lock, spin_lock_bh, spin_unlock, spin_unlock_bh } from '../../kernel/spinlock.js';
import type { K } from '../../smp/op.js';
import { dst_hold } from '../dst/dst-alloc.js';
import type { DstEntry } from '../dst/dst-entry.js';
import { dst_free } from '../dst/dst-free.js';
import { loopbackFor } from '../dst/dst-ifdown.js';
import { dst_release } from '../dst/dst-release.js';
import { dev_hold, dev_put, type NetDevice } from '../netdevice.js';
import type { Xfrm, XfrmPolicy } from './xfrm.js';
import { XfrmDst } from './xfrm-dst.js';
import { XfrmState, xfrm_state_put } from './xfrm-state.js';

type BundleTest = (dst: XfrmDst) => K<boolean>;

/** xfrm_prune_bundles: gives up all bundles that pass a test. */
const xfrm_prune_bundles = kernelFunction('xfrm_prune_bundles', function* (xfrm: Xfrm, test: BundleTest): K {
  let gc_list: XfrmDst | null = null;
  yield spin_lock_bh(xfrm.policy_lock);
  for (const policy of xfrm.policies.values()) {
    yield spin_lock(policy.lock);
    let before: XfrmDst | null = null;
    for (let dst = policy.bundles; dst !== null; ) {
      const next = dst.next as XfrmDst | null;
      if (yield* test(dst)) {
        if (before === null) policy.bundles = next;
        else before.next = next;
        dst.next = gc_list;
        gc_list = dst;
      } else before = dst;
      dst = next;
    }
    yield spin_unlock(policy.lock);
  }
  yield spin_unlock_bh(xfrm.policy_lock);
  yield* freeAll(xfrm, gc_list);
});

function* freeAll(xfrm: Xfrm, list: XfrmDst | null): K {
  for (let dst = list; dst !== null; ) {
    const next = dst.next as XfrmDst | null;
    yield* dst_free(xfrm.net.dst, dst);
    dst = next;
  }
}

/** unused_bundle: nobody holds the top. */
function* unused_bundle(dst: XfrmDst): K<boolean> {
  const count: number = yield atomic_read(dst.refcnt);
  return count === 0;
}

/** stale_bundle: its route, its device or one of its states is no good any more. */
export function* stale_bundle(dst: XfrmDst): K<boolean> {
  const obsolete: number = yield read_field(dst.path, 'obsolete');
  if (obsolete > 0 || (dst.dev !== null && !dst.dev.up)) return true;
  for (let element: DstEntry | null = dst; element instanceof XfrmDst; element = element.child) {
    const valid: boolean = yield read_field(element.xfrm!, 'valid');
    if (!valid) return true;
  }
  return false;
}

/** __xfrm_garbage_collect: gives up what nobody uses. */
export const __xfrm_garbage_collect = kernelFunction('__xfrm_garbage_collect', function* (xfrm: Xfrm): K {
  yield* xfrm_prune_bundles(xfrm, unused_bundle);
});

/** xfrm_flush_bundles: gives up what is stale, used or not. */
export const xfrm_flush_bundles = kernelFunction('xfrm_flush_bundles', function* (xfrm: Xfrm): K {
  yield* xfrm_prune_bundles(xfrm, stale_bundle);
});

/** The notifier: a device that goes down makes bundles stale. The chain puts its name on the stack. */
export function* xfrm_dev_event(xfrm: Xfrm, event: string, dev: NetDevice): K {
  if (dev.nd_net !== xfrm.net.init_net) return;
  if (event === 'NETDEV_DOWN') yield* xfrm_flush_bundles(xfrm);
}

/** xfrm_policy_kill: the policy takes no bundle any more, and gives up those that it has. */
export const xfrm_policy_kill = kernelFunction('xfrm_policy_kill', function* (xfrm: Xfrm, policy: XfrmPolicy): K {
  yield spin_lock_bh(policy.lock);
  policy.dead = true;
  const bundles = policy.bundles;
  policy.bundles = null;
  yield spin_unlock_bh(policy.lock);
  yield* freeAll(xfrm, bundles);
});

/** What a bundle is made for. */
export interface BundleSpec {
  readonly label: string;
  readonly policy: XfrmPolicy;
  /** The route at its end; gets references of its own. */
  readonly route: DstEntry;
  /** How many transformations; each gets a new state, `LABEL-sa1` and so on. */
  readonly transforms: number;
}

/**
 * xfrm_lookup, where no bundle fits: makes one and hands it to its policy. Answers it with one reference for the caller, or
 * null if it could not be made or the policy is gone.
 */
export const xfrm_lookup = kernelFunction('xfrm_lookup', function* (xfrm: Xfrm, spec: BundleSpec): K<XfrmDst | null> {
  const { policy, label } = spec;
  const states: XfrmState[] = [];
  for (let i = 1; i <= spec.transforms; i++) states.push(yield* newState(xfrm, `${label}-sa${i}`));
  const top = yield* xfrm.bundle_create(xfrm, label, states, spec.route);
  if (top === null) {
    for (const state of states) yield* xfrm_state_put(state);
    return null;
  }
  yield spin_lock_bh(policy.lock);
  if (policy.dead || (yield* stale_bundle(top))) {
    yield spin_unlock_bh(policy.lock);
    yield* dst_free(xfrm.net.dst, top);
    return null;
  }
  top.next = policy.bundles;
  policy.bundles = top;
  yield dst_hold(top);
  yield spin_unlock_bh(policy.lock);
  return top;
});

/** A valid state; the table's reference, and one for the bundle. */
function* newState(xfrm: Xfrm, label: string): K<XfrmState> {
  const { stateCache } = xfrm;
  const state: XfrmState = yield kmem_cache_alloc(stateCache, () => new XfrmState(stateCache, label));
  state.refcnt.value = 2;
  xfrm.states.set(label, state);
  return state;
}

/** xfrm_dst_destroy: the family-independent part of an element's end. */
export function* xfrm_dst_destroy(xfrm: Xfrm, dst: XfrmDst): K {
  yield* dst_release(xfrm.net.dst, dst.route);
  if (dst.xfrm !== null) yield* xfrm_state_put(dst.xfrm);
}

/** xfrm_dst_ifdown: the elements below `dst` that are on `dev`, up to the first that is not, move to a loopback device. */
export const xfrm_dst_ifdown = kernelFunction(
  'xfrm_dst_ifdown',
  function* (xfrm: Xfrm, dst: XfrmDst, dev: NetDevice): K {
    for (let child = dst.child; child instanceof XfrmDst && child.dev === dev; child = child.child) {
      const loopback = loopbackFor(xfrm.net.dst, dev);
      yield write_field(child, 'dev', loopback);
      yield dev_hold(loopback);
      yield dev_put(dev);
    }
  },
);
