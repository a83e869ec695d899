/**
 * A stretch of rt_garbage_collect's walk over the table, in one operation, where looking at a bucket takes time.
 *
 * Ordering rule: while nobody else can do anything (Machine.quietUntilNs) it takes bucket after bucket, each at its own time
 * and with its own events, exactly as single operations would; it stops before a bucket that would not be done by then, and
 * before one whose lock is taken.
 *
 * Divergence from Linux: none; it is how the simulator walks a quarter of a million buckets in a moment.
 */
import type { Context } from '../../smp/context.js';
import { type Access, Op } from '../../smp/op.js';
import type { RouteCache } from './route-cache.js';
import { canPeek } from './rt-count.js';

/** Collects from one bucket, moving the clock on by the cost; answers how many it freed, null if the lock is taken. */
export type CollectAt = (rc: RouteCache, bucket: number, costNs: number) => number | null;

export class QuietWalk extends Op {
  /** The bucket last looked at, how many were, and the entries freed. */
  bucket = 0;
  count = 0;
  freed = 0;
  private readonly rc: RouteCache;
  private readonly collect: CollectAt;
  private left = 0;
  private goal = 0;

  constructor(rc: RouteCache, collect: CollectAt) {
    super(null);
    this.rc = rc;
    this.collect = collect;
  }

  /** Worth while here: nobody can come in, nothing is due when bottom halves are enabled, and operations are free. */
  get fits(): boolean {
    const { machine, kernel } = this.rc;
    if (!canPeek(this.rc) || machine.accessCostNs('lock') > 0 || machine.accessCostNs('unlock') > 0) return false;
    const { cpu } = kernel.context;
    if (cpu.softirqPending !== 0 || cpu.frozen || cpu.irqsOff || kernel.rcuBh.immediate === true) return false;
    if (cpu.needResched && machine.preempt === 'full') return false;
    return machine.quietUntilNs() > machine.nowNs;
  }

  /** The operation for the `left` buckets after `bucket`, until so many entries are freed. */
  from(bucket: number, left: number, goal: number): this {
    this.bucket = bucket;
    this.left = left;
    this.goal = goal;
    return this;
  }

  override get access(): Access {
    return 'none';
  }

  override perform(context: Context): void {
    const { rc, left, goal } = this;
    const { machine, table } = rc;
    const startNs = machine.nowNs;
    const endNs = machine.quietUntilNs();
    const masks = context.kind === 'process' && context.bhCount === 0;
    let longestNs = 0;
    this.count = 0;
    this.freed = 0;
    while (this.count < left && this.freed < goal) {
      const bucket = (this.bucket + 1) & table.mask;
      const costNs = rc.walkNs(table.lengths[bucket]!);
      if (machine.nowNs + costNs >= endNs) break;
      const freed = this.collect(rc, bucket, costNs);
      if (freed === null) break;
      if (costNs > longestNs) longestNs = costNs;
      this.bucket = bucket;
      this.count++;
      this.freed += freed;
    }
    const tookNs = machine.nowNs - startNs;
    machine.nowNs = startNs;
    if (masks) context.cpu.account.wasOff(longestNs);
    machine.charge(tookNs);
  }
}
