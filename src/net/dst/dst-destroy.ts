/**
 * dst_destroy (net/core/dst.c, R1–R26): takes an entry apart and gives its memory back, then sees to its child.
 *
 * Ordering rule: neighbour, count of entries, the family's destroy, device, memory, child. R2 reads the child's NOHASH
 * flag before it drops the child's count; R1 after, when the child may be freed by another CPU.
 *
 * Divergence from Linux: no hh cache; barriers are not modelled.
 */
import { atomic_dec, atomic_dec_and_test } from '../../kernel/atomic.js';
import { callNamed, kernelFunction } from '../../kernel/function.js';
import { kmem_cache_free, read_field } from '../../kernel/slab.js';
import type { K } from '../../smp/op.js';
import { events } from '../../trace/event-types.js';
import { neigh_release } from '../neighbour.js';
import { dev_put } from '../netdevice.js';
import type { DstCache } from './dst-cache.js';
import { DST_NOHASH, type DstEntry } from './dst-entry.js';

/** Counts what one gc run destroys. */
export interface DestroyTally {
  destroyed: number;
}

/**
 * dst_destroy: answers a child that is still referenced and in no hash table, for the caller to put on the garbage
 * list; else null. `tally` counts each entry destroyed, children included.
 */
export const dst_destroy = kernelFunction(
  'dst_destroy',
  function* (dc: DstCache, dst: DstEntry, tally: DestroyTally | null = null): K<DstEntry | null> {
    for (;;) {
      const { child } = dst;
      yield* takeApart(dc, dst);
      const already = dst.freed;
      yield kmem_cache_free(dst);
      if (!already) note(dc, dst, tally);
      if (child === null) return null;
      if (!dc.traits.noHashReadBeforeDecrement) {
        const zero: boolean = yield atomic_dec_and_test(child.refcnt);
        const noHash = yield* isNoHash(child);
        if (!zero) return noHash ? child : null;
        if (!noHash) return null;
      } else {
        const noHash = yield* isNoHash(child);
        const zero: boolean = yield atomic_dec_and_test(child.refcnt);
        if (!zero) return noHash ? child : null;
        if (!noHash) return null;
      }
      dst = child;
    }
  },
);

/** Gives back what the entry holds. */
function* takeApart(dc: DstCache, dst: DstEntry): K {
  const { neighbour, ops, dev } = dst;
  if (neighbour !== null) {
    dst.neighbour = null;
    yield* neigh_release(dc.net, neighbour);
  }
  yield atomic_dec(ops.entries);
  const { destroy } = ops;
  if (destroy !== undefined) yield* callNamed(dc.kernel.context, `${ops.family}_dst_destroy`, () => destroy(dst));
  if (dev !== null) yield dev_put(dev);
  dc.dst_total--;
}

function* isNoHash(child: DstEntry): K<boolean> {
  const flags: number = yield read_field(child, 'flags');
  return (flags & DST_NOHASH) !== 0;
}

/** Takes it out of the books of live entries and tells the observers. */
function note(dc: DstCache, dst: DstEntry, tally: DestroyTally | null): void {
  if (dst.older !== null) dst.older.newer = dst.newer;
  if (dst.newer !== null) dst.newer.older = dst.older;
  else dc.newest = dst.older;
  dst.older = null;
  dst.newer = null;
  if (tally !== null) tally.destroyed++;
  dc.machine.emit(events.dst_destroy, dc.kernel.current, dst, dst.ops.entries.value, 0);
  dc.onDestroy?.(dst, dc.kernel.jiffies());
}
