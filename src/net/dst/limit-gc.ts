/**
 * A family's gc that finds nothing to expire: what rt_garbage_collect (net/ipv4/route.c, 2.6.12–2.6.29) comes to when
 * all its routes are garbage or held.
 *
 * Divergence from Linux: there is no cache to search; below the limit the answer is always yes, at the limit no.
 */
import { atomic_read } from '../../kernel/atomic.js';
import { kernelFunction } from '../../kernel/function.js';
import { dstCacheOverflow } from '../../kernel/messages.js';
import type { K } from '../../smp/op.js';
import type { DstCache } from './dst-cache.js';
import type { DstOps } from './dst-ops.js';

/** Makes dst_alloc fail for `ops` while there are `maxSize` entries or more, with the kernel's rate-limited message. */
export function limitGc(dc: DstCache, ops: DstOps, maxSize: number): void {
  ops.gc_thresh = Math.min(ops.gc_thresh, maxSize - 1);
  ops.gc = () => collectNothing(dc, ops, maxSize);
}

const collectNothing = kernelFunction(
  'rt_garbage_collect',
  function* (dc: DstCache, ops: DstOps, maxSize: number): K<number> {
    const entries: number = yield atomic_read(ops.entries);
    if (entries < maxSize) return 0;
    if (dc.kernel.log.net_ratelimit()) dc.kernel.log.printAll(dstCacheOverflow());
    return 1;
  },
);
