/**
 * The IPv4 route cache of one run: the table, its sysctls, the collector's state, its timers (net/ipv4/route.c,
 * 2.6.12–2.6.29; differences between releases in route-rules.ts).
 *
 * Divergence from Linux: one cache for all namespaces in every release.
 *
 * Cost centres (ns): `rt_scan` per entry that a collection, scan or insertion looks at, `rt_bucket` per bucket that a collection
 * or scan comes to, `rt_flush` per entry flushed, `rt_gc_start` per collection.
 */
import type { Kernel } from '../../kernel/kernel.js';
import { SpinLock } from '../../kernel/spinlock.js';
import { Timer } from '../../kernel/timer.js';
import { DelayedWork } from '../../kernel/workqueue.js';
import { InputError } from '../../sim/errors.js';
import { busy } from '../../smp/basic-ops.js';
import type { Machine } from '../../smp/machine.js';
import type { K, Op } from '../../smp/op.js';
import { dst_free } from '../dst/dst-free.js';
import type { DstOps } from '../dst/dst-ops.js';
import type { Net } from '../net.js';
import type { InDevices } from './in-device.js';
import { ipv4DstOps } from './ipv4-dst-ops.js';
import { type RouteObserver, RouteStats } from './route-observer.js';
import { defaultRouteParams, derivedBuckets, type RouteParams } from './route-params.js';
import { type RouteRules, routeRulesOf } from './route-rules.js';
import { RouteTable } from './route-table.js';
import { rt_check_expire } from './rt-check-expire.js';
import { rt_run_flush, rt_secret_rebuild } from './rt-flush.js';
import type { Rtable } from './rtable.js';

/** How a route cache is made. */
export interface RouteSetup {
  /** Physical memory, which the number of buckets is derived from; 256 MiB if neither is given. */
  readonly memoryBytes?: number | undefined;
  /** Buckets, a power of two. */
  readonly buckets?: number | undefined;
  /** Sysctls that differ from the kernel's own. */
  readonly params?: Partial<RouteParams> | undefined;
  /** Those of the kernel's release, unless said otherwise. */
  readonly rules?: RouteRules | undefined;
}

const defaultMemoryBytes = 256 * 2 ** 20;

/** Static state of rt_garbage_collect. */
export interface GcState {
  /** Age, jiffies, up to which unused entries are kept; it starts as 300 s, whatever the timeout is. */
  expire: number;
  last_gc: number;
  /** The bucket last looked at. */
  rover: number;
  /** Entries the collector is content with. */
  equilibrium: number;
}

export class RouteCache {
  readonly net: Net;
  readonly kernel: Kernel;
  readonly machine: Machine;
  readonly rules: RouteRules;
  readonly params: RouteParams;
  readonly table: RouteTable;
  /** ipv4_dst_ops. */
  readonly ops: DstOps;
  readonly gcState: GcState;
  /** rt_check_expire's own rover. */
  expireRover = 0;
  /** Absolute jiffies at which a flush must come; 0: none is asked for. */
  rt_deadline = 0;
  /** The generation of entries that are not old (2.6.25 on). */
  rt_genid = 0;
  readonly stats = new RouteStats();
  /** "dst cache overflow" lines printed. */
  overflowMessages = 0;
  observer: RouteObserver | null = null;
  /** Binds an entry to its neighbour: 0 or a negative error. Null: there are no neighbours, it always works. */
  arp_bind_neighbour: ((rt: Rtable) => K<number>) | null = null;
  inDevices: InDevices | null = null;
  /** The RCU callback of entries: dst_free. */
  readonly dst_rcu_free: (rt: Rtable) => K;
  /** Costs per entry, ns; `bucketNs` per bucket. */
  readonly scanNs: number;
  readonly bucketNs: number;
  readonly flushNs: number;
  /** What a walk over a chain costs, by its length; those that were needed. */
  private readonly walks: (Op | undefined)[] = [];
  private flushLock: SpinLock | null = null;
  private flushTimer: Timer | null = null;
  private periodicTimer: Timer | null = null;
  private secretTimer: Timer | null = null;
  private expiresWork: DelayedWork | null = null;

  constructor(net: Net, setup: RouteSetup = {}) {
    const { kernel } = net;
    this.net = net;
    this.kernel = kernel;
    this.machine = kernel.machine;
    this.rules = setup.rules ?? routeRulesOf(kernel.era);
    const buckets = setup.buckets ?? derivedBuckets(kernel.era, kernel.arch, setup.memoryBytes ?? defaultMemoryBytes);
    if (!(buckets >= 1 && buckets <= 2 ** 26 && Number.isInteger(Math.log2(buckets)))) {
      throw new InputError(`${buckets} buckets: expected a power of two from 1 to 2^26`);
    }
    this.params = { ...defaultRouteParams(kernel.hz, buckets), ...setup.params };
    this.table = new RouteTable(kernel, buckets, this.rules.lockPerBucket);
    this.ops = ipv4DstOps(this, this.params.gcThresh);
    this.gcState = { expire: 300 * kernel.hz, last_gc: 0, rover: 0, equilibrium: 0 };
    this.dst_rcu_free = (rt) => dst_free(net.dst, rt);
    this.scanNs = kernel.cost('rt_scan');
    this.bucketNs = kernel.cost('rt_bucket');
    this.flushNs = kernel.cost('rt_flush');
  }

  /** Sets a sysctl. The kernel keeps gc_thresh unsigned. */
  sysctl(name: keyof RouteParams, value: number): void {
    this.params[name] = value;
    if (name === 'gcThresh') this.ops.gc_thresh = value >>> 0;
  }

  /** rt_flush_lock, through 2.6.24. */
  get rt_flush_lock(): SpinLock {
    this.flushLock ??= new SpinLock(this.kernel, 'rt_flush_lock');
    return this.flushLock;
  }

  /** rt_flush_timer, through 2.6.24. */
  get flush_timer(): Timer {
    this.flushTimer ??= new Timer(this.kernel, 'rt_flush_timer', () => rt_run_flush(this));
    return this.flushTimer;
  }

  get secret_timer(): Timer {
    this.secretTimer ??= new Timer(this.kernel, 'rt_secret_timer', () => rt_secret_rebuild(this));
    return this.secretTimer;
  }

  /** rt_periodic_timer, through 2.6.23. */
  get periodic_timer(): Timer {
    this.periodicTimer ??= new Timer(this.kernel, 'rt_periodic_timer', () => rt_check_expire(this));
    return this.periodicTimer;
  }

  /** expires_work, from 2.6.24. */
  get expires_work(): DelayedWork {
    this.expiresWork ??= new DelayedWork(this.kernel, 'expires_work', () => rt_check_expire(this));
    return this.expiresWork;
  }

  /** Absolute jiffies of the next periodic scan, flush, rebuild; null for none. For observers. */
  get nextPeriodic(): number | null {
    return expiry(this.rules.expireInWorker ? (this.expiresWork?.timer ?? null) : this.periodicTimer);
  }

  get nextFlush(): number | null {
    return expiry(this.flushTimer);
  }

  get nextSecret(): number | null {
    return expiry(this.secretTimer);
  }

  /** Entries not destroyed, garbage included. For observers. */
  get entries(): number {
    return this.ops.entries.value;
  }

  /** What looking at a bucket and its chain of so many entries costs, ns. */
  walkNs(entries: number): number {
    return this.bucketNs + this.scanNs * entries;
  }

  /** The same as an operation; null: it costs nothing. */
  walked(entries: number): Op | null {
    const ns = this.walkNs(entries);
    if (ns === 0) return null;
    let op = this.walks[entries];
    if (op === undefined) {
      op = busy(ns);
      this.walks[entries] = op;
    }
    return op;
  }

  /** rt_is_expired: it is of an older generation (2.6.25 on). */
  rt_is_expired(rt: Rtable): boolean {
    return rt.rt_genid !== this.rt_genid;
  }
}

function expiry(timer: Timer | null): number | null {
  return timer?.pending ? timer.expires : null;
}
