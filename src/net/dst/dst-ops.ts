/**
 * What a protocol family tells the destination cache (struct dst_ops, include/net/dst.h, 2.6.12–2.6.29).
 *
 * Divergence from Linux: `entry_size` (dead since R9) and the functions that no model here calls are left out.
 */
import { Atomic } from '../../kernel/atomic.js';
import { SlabCache } from '../../kernel/slab.js';
import type { K } from '../../smp/op.js';
import { SharedObject } from '../../smp/shared-object.js';
import type { NetDevice } from '../netdevice.js';
import type { DstCache } from './dst-cache.js';
import type { DstEntry } from './dst-entry.js';

/** Makes room; a non-zero answer means that it could not. The ops are given from R21 on, `undefined` before. */
export type GcFunction = (ops: DstOps | undefined) => K<number>;

export interface DstOpsOptions {
  /** 'IP', 'xfrm4', …: what reports call the family. */
  readonly name: string;
  /** gc is called when there are more entries than this. */
  readonly gc_thresh?: number;
  readonly gc?: GcFunction;
  /** Makes an entry; a plain one if absent. */
  readonly make?: (ops: DstOps, label: string) => DstEntry;
  readonly destroy?: (dst: DstEntry) => K | undefined | void;
  readonly ifdown?: (dst: DstEntry, dev: NetDevice, unregister: boolean) => K | undefined | void;
  /** Name and object size (bytes) of its slab cache. */
  readonly cacheName?: string;
  readonly entryBytes?: number;
}

export class DstOps extends SharedObject {
  readonly family: string;
  /** Entries not yet destroyed, garbage included. */
  readonly entries: Atomic;
  readonly cache: SlabCache;
  readonly make: DstOpsOptions['make'];
  readonly destroy: DstOpsOptions['destroy'];
  /** What stacks call it. */
  readonly destroyName: string;
  readonly ifdown: DstOpsOptions['ifdown'];
  gc_thresh: number;
  gc: GcFunction | undefined;
  /** Calls of gc by dst_alloc, and what the last one was given; `null` before the first. */
  gcCalls = 0;
  gcArgument: DstOps | undefined | null = null;

  constructor(dc: DstCache, options: DstOpsOptions) {
    super(dc.machine, `${options.name} dst_ops`);
    this.family = options.name;
    dc.families.push(this);
    this.entries = new Atomic(dc.machine, `${options.name} entries`);
    this.cache = new SlabCache(dc.kernel, options.cacheName ?? 'ip_dst_cache', options.entryBytes ?? 256);
    this.gc_thresh = options.gc_thresh ?? Number.POSITIVE_INFINITY;
    this.gc = options.gc;
    this.make = options.make;
    this.destroy = options.destroy;
    this.destroyName = `${options.name}_dst_destroy`;
    this.ifdown = options.ifdown;
  }
}
