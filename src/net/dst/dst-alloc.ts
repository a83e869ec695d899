/**
 * dst_alloc and the counting of references (net/core/dst.c and include/net/dst.h, R1–R26).
 *
 * Ordering rule: the family's gc is asked before memory is; the new entry counts from the moment it exists.
 *
 * Divergence from Linux: the slab allocator never runs out of memory.
 */
import { atomic_inc, atomic_read, atomic_set } from '../../kernel/atomic.js';
import { replaceable } from '../../kernel/function.js';
import { kmem_cache_alloc } from '../../kernel/slab.js';
import type { K, Op } from '../../smp/op.js';
import { events } from '../../trace/event-types.js';
import { type Neighbour, neigh_hold } from '../neighbour.js';
import { dev_hold, type NetDevice } from '../netdevice.js';
import type { DstCache } from './dst-cache.js';
import { DstEntry, type DstHandler, discardInput, discardOutput, forward } from './dst-entry.js';
import type { DstOps } from './dst-ops.js';

/** dst_alloc: a new entry with no references, or null if the family's gc could not make room. `label` names it. */
export const dst_alloc = replaceable(
  'dst_alloc',
  function* (dc: DstCache, ops: DstOps, label: string): K<DstEntry | null> {
    const { stack } = dc.kernel.context;
    stack.push('dst_alloc');
    if (ops.gc !== undefined) {
      const entries: number = yield atomic_read(ops.entries);
      if (entries > ops.gc_thresh && (yield* callGc(dc, ops)) !== 0) {
        stack.pop();
        return null;
      }
    }
    const dst: DstEntry = yield kmem_cache_alloc(ops.cache, ops.make ?? plainEntry, ops, label);
    if (!dc.traits.allocatorZeroes) zero(dst);
    // Not kernel.now: writing the time down is not yet looking at it.
    dst.usedTick = dc.machine.ticks;
    dst.path = dst;
    dst.input = discardInput(dc.traits);
    dst.output = discardOutput(dc.traits);
    dc.live.add(dst);
    dc.dst_total++;
    yield atomic_inc(ops.entries);
    stack.pop();
    return dst;
  },
);

function plainEntry(ops: DstOps, label: string): DstEntry {
  return new DstEntry(ops.cache, ops, label);
}

/** Before R9 dst_alloc clears the object itself; ours is born clear, as the allocator's is since then. */
function zero(dst: DstEntry): void {
  dst.flags = 0;
  dst.obsolete = 0;
  dst.expires = 0;
  dst.dev = null;
  dst.child = null;
  dst.neighbour = null;
  dst.hh = null;
}

/** The family's gc, with the ops as its argument from R21 on. */
function callGc(dc: DstCache, ops: DstOps): K<number> {
  const argument = dc.traits.gcTakesOps ? ops : undefined;
  ops.gcCalls++;
  ops.gcArgument = argument;
  dc.machine.emit(events.call, dc.kernel.current, argument ?? null, ops.gcCalls, 0);
  return ops.gc!(argument);
}

/** dst_hold: one more reference. */
export function dst_hold(dst: DstEntry): Op {
  return atomic_inc(dst.refcnt);
}

/** dst_clone: one more reference if there is an entry; answers it. */
export function* dst_clone(dst: DstEntry | null): K<DstEntry | null> {
  if (dst !== null) yield atomic_inc(dst.refcnt);
  return dst;
}

/** What a family puts into an entry it has allocated. */
export interface DstSetup {
  readonly dev?: NetDevice | null;
  /** References from the start; 1 if absent. */
  readonly refs?: number;
  /** Gets one reference more. */
  readonly child?: DstEntry | null;
  readonly flags?: number;
  /** Gets one reference more. */
  readonly neighbour?: Neighbour | null;
  /** Absolute jiffies. */
  readonly expires?: number;
  /** -1, 0 or 2. */
  readonly obsolete?: number;
  readonly input?: DstHandler;
  readonly output?: DstHandler;
}

/** Allocates an entry and fills it in as the families do: dst_alloc, device, references, child, handlers. */
export function* newDst(dc: DstCache, ops: DstOps, label: string, setup: DstSetup = {}): K<DstEntry | null> {
  const dst = yield* dst_alloc(dc, ops, label);
  if (dst === null) return null;
  dst.dev = setup.dev ?? null;
  dst.flags = setup.flags ?? 0;
  dst.obsolete = setup.obsolete ?? 0;
  dst.expires = setup.expires ?? 0;
  dst.input = setup.input ?? forward;
  dst.output = setup.output ?? forward;
  if (dst.dev !== null) yield dev_hold(dst.dev);
  yield atomic_set(dst.refcnt, setup.refs ?? 1);
  if (setup.neighbour) {
    dst.neighbour = setup.neighbour;
    yield neigh_hold(setup.neighbour);
  }
  if (setup.child) dst.child = yield* dst_clone(setup.child);
  return dst;
}
