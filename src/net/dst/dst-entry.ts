/**
 * One destination cache entry (struct dst_entry, include/net/dst.h, 2.6.12–2.6.29) and the functions its packets go
 * to.
 *
 * Ordering rule: the reference count is atomic; the other fields are written under the lock or mutex of the list that
 * the entry is on, but for what dst_ifdown writes.
 *
 * Divergence from Linux: only the fields that the garbage collector and its callers look at. Entries know
 * their place in our own books of those alive, which are for observers.
 */
import { Atomic } from '../../kernel/atomic.js';
import { type SlabCache, SlabObject } from '../../kernel/slab.js';
import type { HhCache, Neighbour } from '../neighbour.js';
import type { NetDevice } from '../netdevice.js';
import type { DstOps } from './dst-ops.js';
import type { DstTraits } from './traits.js';

/** Bit of {@link DstEntry.flags}: in no hash table, so its parent's reference is what keeps it. */
export const DST_NOHASH = 8;

/** {@link DstEntry.obsolete} of an entry that was freed. */
export const DST_DEAD = 2;

/** What `input` or `output` does with a packet; the answer is the kernel's return value. */
export type DstHandler = () => number;

/** Stands for every handler that does something with the packet. */
export function forward(): number {
  return 0;
}

/** R12 and later: packets of a dead entry, both ways. */
export function dst_discard(): number {
  return 0;
}

/** Before R12: incoming packets of a dead entry. */
export function dst_discard_in(): number {
  return 0;
}

/** Before R12: outgoing packets of a dead entry. */
export function dst_discard_out(): number {
  return 0;
}

/** The discard function that a revision gives `input`. */
export function discardInput(traits: DstTraits): DstHandler {
  return traits.singleDiscard ? dst_discard : dst_discard_in;
}

/** The discard function that a revision gives `output`. */
export function discardOutput(traits: DstTraits): DstHandler {
  return traits.singleDiscard ? dst_discard : dst_discard_out;
}

export class DstEntry extends SlabObject {
  // A scan of the garbage looks at these two of every entry: side by side they are one walk to memory.
  readonly refcnt: Atomic;
  /** Hash chain while cached, garbage list when dead. */
  next: DstEntry | null = null;
  readonly ops: DstOps;
  dev: NetDevice | null = null;
  child: DstEntry | null = null;
  path: DstEntry = this;
  neighbour: Neighbour | null = null;
  /** The cached hardware header. */
  hh: HhCache | null = null;
  flags = 0;
  /** -1: ask `check` each time, 0: valid, 2: dead. */
  obsolete = 0;
  input: DstHandler = forward;
  output: DstHandler = forward;
  /** Its place in the books of live entries. */
  place = -1;
  /** The tick since boot of {@link lastuse}: a small number, where jiffies near their wrap would each be an object. */
  usedTick: number;
  /** Absolute jiffies; 0: never. */
  expires: number;

  constructor(cache: SlabCache, ops: DstOps, label: string) {
    super(cache, label);
    this.ops = ops;
    this.refcnt = new Atomic(cache.kernel.machine, '__refcnt', 0, this);
    // Last, so that what walks over many entries look at lies in one cache line with what a family adds.
    this.expires = 0;
    this.usedTick = 0;
  }

  /** When it was last used, jiffies. */
  get lastuse(): number {
    const { kernel } = this.cache;
    return kernel.addJiffies(kernel.initialJiffies, this.usedTick);
  }

  set lastuse(jiffies: number) {
    const { kernel } = this.cache;
    this.usedTick = kernel.distance(kernel.initialJiffies, jiffies);
  }

  /** Both handlers throw packets away. */
  get discards(): boolean {
    return isDiscard(this.input) && isDiscard(this.output);
  }
}

function isDiscard(handler: DstHandler): boolean {
  return handler === dst_discard || handler === dst_discard_in || handler === dst_discard_out;
}
