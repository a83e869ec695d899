/**
 * dst_destroy (net/core/dst.c, R1–R26): takes an entry apart and gives its memory back, then sees to its child.
 *
 * Ordering rule: cached header, neighbour, count of entries, the family's destroy, device, memory, child. R2 reads the child's NOHASH
 * flag before it drops the child's count; R1 after, when the child may be freed by another CPU.
 *
 * Divergence from Linux: barriers are not modelled.
 */
import { atomic_dec, atomic_dec_and_test } from '../../kernel/atomic.js';
import { replaceable } from '../../kernel/function.js';
import { kmem_cache_free, read_field } from '../../kernel/slab.js';
import type { K } from '../../smp/op.js';
import { events } from '../../trace/event-types.js';
import { hh_put, neigh_release } from '../neighbour.js';
import { dev_put } from '../netdevice.js';
import type { DstCache } from './dst-cache.js';
import { DST_NOHASH, type DstEntry } from './dst-entry.js';

/** Counts what one gc run destroys. */
export interface DestroyTally {
  destroyed: number;
}

function* destroy(dc: DstCache, dst: DstEntry, tally: DestroyTally | null): K<DstEntry | null> {
  const { stack } = dc.kernel.context;
  stack.push('dst_destroy');
  let left: DstEntry | null = null;
  for (let next: DstEntry | null = dst; next !== null; ) {
    const entry: DstEntry = next;
    const { child, neighbour, ops, dev, hh } = entry;
    if (hh !== null) {
      entry.hh = null;
      yield* hh_put(dc.net, hh);
    }
    if (neighbour !== null) {
      entry.neighbour = null;
      yield* neigh_release(dc.net, neighbour);
    }
    yield atomic_dec(ops.entries);
    if (ops.destroy !== undefined) {
      // The family's own part, on the stack under a name made of the family's.
      stack.push(ops.destroyName);
      const code = ops.destroy(entry);
      if (code !== undefined) yield* code;
      stack.pop();
    }
    if (dev !== null) yield dev_put(dev);
    dc.dst_total--;
    const already = entry.freed;
    yield kmem_cache_free(entry);
    if (!already) note(dc, entry, tally);
    next = null;
    if (child === null) break;
    const fate = yield* releaseChild(dc, child);
    if (fate === 'destroy') next = child;
    else if (fate === 'garbage') left = child;
  }
  stack.pop();
  return left;
}

/**
 * dst_destroy: answers a child that is still referenced and in no hash table, for the caller to put on the garbage
 * list; else null. `tally`, if there is one, counts each entry destroyed, children included.
 */
export const dst_destroy = replaceable('dst_destroy', (dc: DstCache, dst: DstEntry, tally?: DestroyTally) =>
  destroy(dc, dst, tally ?? null),
);

/** Drops the parent's reference to a child and says what becomes of it; a child of a hash table is not ours to free. */
function* releaseChild(dc: DstCache, child: DstEntry): K<'destroy' | 'garbage' | 'nothing'> {
  let noHash: boolean;
  let zero: boolean;
  if (dc.traits.noHashReadBeforeDecrement) {
    noHash = yield* isNoHash(child);
    zero = yield atomic_dec_and_test(child.refcnt);
  } else {
    zero = yield atomic_dec_and_test(child.refcnt);
    noHash = yield* isNoHash(child);
  }
  if (!noHash) return 'nothing';
  return zero ? 'destroy' : 'garbage';
}

function* isNoHash(child: DstEntry): K<boolean> {
  const flags: number = yield read_field(child, 'flags');
  return (flags & DST_NOHASH) !== 0;
}

/** Takes it out of the books of live entries and tells the observers. */
function note(dc: DstCache, dst: DstEntry, tally: DestroyTally | null): void {
  dc.live.remove(dst);
  if (tally !== null) tally.destroyed++;
  dc.machine.emit(events.dst_destroy, dc.kernel.current, dst, dst.ops.entries.value, 0);
  dc.onDestroy?.(dst, dc.kernel.jiffies());
}
