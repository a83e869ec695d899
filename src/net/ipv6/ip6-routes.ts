/**
 * The IPv6 routes of one run as the destination cache sees them: instances of ip6_dst_ops, each with the entries that
 * lookups cached (net/ipv6/route.c and ip6_fib.c, 2.6.12–2.6.29).
 *
 * Ordering rule: the instance registered first is the one that code without a choice means.
 *
 * Divergence from Linux: through 2.6.25 a kernel has one instance; later releases have one for each namespace, which is what
 * several stand for here, at any revision. Of the tree only the cached entries are modelled, in the order in
 * which they came. An entry that a scenario frees by its own hand leaves at the next walk.
 */
import type { Kernel } from '../../kernel/kernel.js';
import { SpinLock } from '../../kernel/spinlock.js';
import { Timer } from '../../kernel/timer.js';
import type { Machine } from '../../smp/machine.js';
import type { K } from '../../smp/op.js';
import type { DstEntry } from '../dst/dst-entry.js';
import { DstOps } from '../dst/dst-ops.js';
import type { Net } from '../net.js';
import { periodicGc } from './ip6-fib.js';
import { type GcTally, ip6_dst_gc } from './route.js';

/** Sysctls of net.ipv6.route; times in jiffies. */
export interface Ip6Params {
  readonly gcThresh: number;
  readonly maxSize: number;
  readonly gcMinInterval: number;
  readonly gcTimeout: number;
  readonly gcInterval: number;
  readonly gcElasticity: number;
}

/** One instance: its ops, its table, the state of its collector. */
export class Ip6Table {
  readonly ip6: Ip6Routes;
  readonly kernel: Kernel;
  readonly machine: Machine;
  readonly ops: DstOps;
  readonly params: Ip6Params;
  /** Clones that lookups cached. */
  readonly cached = new Set<DstEntry>();
  /** rt6_lock; from 2.6.20 each table's own tb6_lock. */
  readonly lock: SpinLock;
  readonly fib6_gc_lock: SpinLock;
  /** ip6_fib_timer. */
  readonly ip6_fib_timer: Timer;
  /** Static state of ip6_dst_gc, jiffies. */
  expire: number;
  last_gc = 0;

  constructor(ip6: Ip6Routes, name: string, params: Partial<Ip6Params>) {
    const { net } = ip6;
    const { kernel } = net;
    this.ip6 = ip6;
    this.kernel = kernel;
    this.machine = kernel.machine;
    this.params = { ...defaultIp6Params(kernel.hz), ...params };
    this.expire = 30 * kernel.hz;
    this.lock = new SpinLock(kernel, `${name} rt6_lock`);
    this.fib6_gc_lock = new SpinLock(kernel, `${name} fib6_gc_lock`);
    this.ip6_fib_timer = new Timer(kernel, 'ip6_fib_timer', () => periodicGc(this));
    this.ops = new DstOps(net.dst, {
      name: 'ip6',
      cacheName: 'ip6_dst_cache',
      gc_thresh: this.params.gcThresh,
      gc: (ops) => this.collect(ops),
    });
  }

  /** What the ops' gc points to. Keeps the books of who was collected for whom. */
  private *collect(ops: DstOps | undefined): K<number> {
    const tally: GcTally = { table: null, freed: 0 };
    const ret = yield* ip6_dst_gc(this.ip6, ops, tally);
    this.ip6.collected += tally.freed;
    if (tally.table !== this) this.ip6.collectedElsewhere += tally.freed;
    return ret;
  }
}

function defaultIp6Params(hz: number): Ip6Params {
  return {
    gcThresh: 1024,
    maxSize: 4096,
    gcMinInterval: Math.floor(hz / 2),
    gcTimeout: 60 * hz,
    gcInterval: 30 * hz,
    gcElasticity: 9,
  };
}

export class Ip6Routes {
  readonly net: Net;
  readonly machine: Machine;
  readonly instances: Ip6Table[] = [];
  /** Entries that calls of gc by dst_alloc have collected, and those that did not belong to the ops it was called for. */
  collected = 0;
  collectedElsewhere = 0;

  constructor(net: Net) {
    this.net = net;
    this.machine = net.machine;
  }

  /** One instance more. */
  register(name: string, params: Partial<Ip6Params> = {}): Ip6Table {
    const table = new Ip6Table(this, name, params);
    this.instances.push(table);
    return table;
  }

  /** The instance whose ops these are. */
  tableOf(ops: DstOps): Ip6Table | undefined {
    return this.instances.find((table) => table.ops === ops);
  }
}
