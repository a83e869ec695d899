/**
 * Transformations (struct xfrm_state, net/xfrm/xfrm_state.c, 2.6.12–2.6.29) as bundles see them: counted, valid or not.
 *
 * Ordering rule: one reference is the table's until xfrm_state_delete; each bundle element has one.
 *
 * Divergence from Linux: no keys, no lifetimes, no table; a state is freed at its last put, where Linux has a work do it.
 */
import { Atomic, atomic_dec_and_test, atomic_inc } from '../../kernel/atomic.js';
import { kernelFunction } from '../../kernel/function.js';
import { kmem_cache_free, type SlabCache, SlabObject, write_field } from '../../kernel/slab.js';
import type { K, Op } from '../../smp/op.js';

export class XfrmState extends SlabObject {
  readonly refcnt: Atomic;
  /** XFRM_STATE_VALID, not XFRM_STATE_DEAD. */
  valid = true;

  constructor(cache: SlabCache, label: string) {
    super(cache, label);
    this.refcnt = new Atomic(cache.kernel.machine, 'refcnt', 1, this);
  }
}

/** xfrm_state_hold. */
export function xfrm_state_hold(x: XfrmState): Op {
  return atomic_inc(x.refcnt);
}

/** xfrm_state_put: the last one frees it. */
export const xfrm_state_put = kernelFunction('xfrm_state_put', function* (x: XfrmState): K {
  const last: boolean = yield atomic_dec_and_test(x.refcnt);
  if (last) yield kmem_cache_free(x);
});

/** xfrm_state_delete: dead from now on, which makes every bundle that uses it stale; the table's reference goes. */
export const xfrm_state_delete = kernelFunction('xfrm_state_delete', function* (x: XfrmState): K {
  if (!x.valid) return;
  yield write_field(x, 'valid', false);
  yield* xfrm_state_put(x);
});
