/** The destination entries of a run: families, entries by name, allocation with its bookkeeping. */
import { newDst } from '../net/dst/dst-alloc.js';
import type { DstEntry } from '../net/dst/dst-entry.js';
import { DstOps, type DstOpsOptions } from '../net/dst/dst-ops.js';
import { limitGc } from '../net/dst/limit-gc.js';
import { in_dev_get } from '../net/ipv4/devinet.js';
import { ipv4_dst_destroy, ipv4_dst_ifdown } from '../net/ipv4/ipv4-dst-ops.js';
import { Rtable } from '../net/ipv4/rtable.js';
import type { Net } from '../net/net.js';
import { didYouMean, InputError } from '../sim/errors.js';
import type { K } from '../smp/op.js';
import { Families, type Rejection } from './families.js';
import type { Meter } from './meter.js';
import { deviceNamed } from './net-names.js';
import type { NetworkSpec } from './schema.js';

export interface EntrySpec {
  readonly dev: string | undefined;
  readonly refs: number;
  readonly child: DstEntry | null;
  readonly flags: number;
  readonly ops: string;
  /** What it does with packets; it forwards them if absent. */
  readonly handlers?: Rejection;
}

export class Workload {
  private readonly net: Net;
  private readonly meter: Meter;
  private readonly spec: NetworkSpec;
  /** Those besides IPv4. */
  readonly families: Families;
  private readonly plain = new Map<string, DstOps>();
  private readonly entries = new Map<string, DstEntry>();

  constructor(net: Net, meter: Meter, spec: NetworkSpec) {
    this.net = net;
    this.meter = meter;
    this.spec = spec;
    this.families = new Families(net, spec.families);
    meter.more.push(() => this.families.metrics());
  }

  /** The ops of this name: a family's, an instance's that the network declares, or else plain ones made for the name. */
  family(name: string): DstOps {
    let ops = this.families.ops(name) ?? this.plain.get(name);
    if (ops === undefined) {
      const gc_thresh = this.spec.gcThresh ?? Number.POSITIVE_INFINITY;
      ops = new DstOps(this.net.dst, { name, gc_thresh, ...(name === 'ipv4' ? this.ipv4Options() : {}) });
      if (this.spec.maxSize !== undefined) limitGc(this.net.dst, ops, this.spec.maxSize);
      this.plain.set(name, ops);
    }
    return ops;
  }

  /** With in_devices, entries that are not in the route cache are routes, too. */
  private ipv4Options(): Partial<DstOpsOptions> {
    const { net } = this;
    if (!net.inDevices) return {};
    return {
      make: (ops, label) => new Rtable(ops, label),
      destroy: (dst) => ipv4_dst_destroy(net.ipv4, dst as Rtable),
      ifdown: (dst, dev) => ipv4_dst_ifdown(net.ipv4, dst, dev),
    };
  }

  /** An entry by the name a scenario gave it. */
  entry(name: string): DstEntry {
    const entry = this.entries.get(name);
    if (entry === undefined) {
      throw new InputError(`there is no dst '${name}' yet${didYouMean(name, this.entries.keys())}`);
    }
    return entry;
  }

  /** Gives an entry a name. */
  name(name: string, entry: DstEntry): void {
    this.entries.set(name, entry);
  }

  get named(): ReadonlyMap<string, DstEntry> {
    return this.entries;
  }

  /** Allocates an entry and remembers it by name; null if the allocation failed. */
  *allocate(name: string, spec: EntrySpec): K<DstEntry | null> {
    const entry = yield* this.make(name, spec);
    if (entry !== null) this.entries.set(name, entry);
    return entry;
  }

  /** Remembers by its name an entry that something else has allocated. */
  adopt(entry: DstEntry): void {
    this.meter.allocated++;
    this.entries.set(entry.name, entry);
  }

  /** Allocates an entry; null if the allocation failed. */
  *make(label: string, spec: EntrySpec): K<DstEntry | null> {
    const entry = yield* newDst(this.net.dst, this.family(spec.ops), label, {
      dev: spec.dev === undefined ? null : deviceNamed(this.net, spec.dev),
      refs: spec.refs,
      child: spec.child,
      flags: spec.flags,
      ...spec.handlers,
    });
    if (entry === null) {
      this.meter.allocFailed++;
      return null;
    }
    this.meter.allocated++;
    if (entry instanceof Rtable && entry.dev !== null) entry.idev = yield* in_dev_get(entry.dev);
    const code = this.families.cache(entry);
    if (code !== undefined) yield* code;
    return entry;
  }
}
