/**
 * The hash table of the route cache: chains and their locks (rt_hash_table, net/ipv4/route.c, 2.6.12–2.6.29).
 *
 * Ordering rule: new entries are the heads of their chains. A chain changes under its bucket's lock; those who only look
 * entries up take none.
 *
 * Divergence from Linux: locks are made when first taken. The hash is ours, and so is its seed: what matters is that it
 * spreads, and that a new seed sends keys elsewhere.
 */
import type { Kernel } from '../../kernel/kernel.js';
import { SpinLock } from '../../kernel/spinlock.js';
import { hashLockCount } from './route-params.js';
import { nextOf, type Rtable } from './rtable.js';

export class RouteTable {
  readonly buckets: number;
  /** rt_hash_mask and rt_hash_log. */
  readonly mask: number;
  readonly log: number;
  readonly chains: (Rtable | null)[];
  /** rt_hash_rnd; from 2.6.25 the generation takes its place. */
  seed = 0;
  private readonly kernel: Kernel;
  private readonly locks: (SpinLock | undefined)[] = [];
  private readonly lockMask: number;

  constructor(kernel: Kernel, buckets: number, lockPerBucket: boolean) {
    this.kernel = kernel;
    this.buckets = buckets;
    this.mask = buckets - 1;
    this.log = Math.log2(buckets);
    this.chains = new Array<Rtable | null>(buckets).fill(null);
    this.lockMask = lockPerBucket ? this.mask : hashLockCount(kernel.machine.cpus.length) - 1;
  }

  /** The lock of a bucket. */
  lock(bucket: number): SpinLock {
    const index = bucket & this.lockMask;
    let lock = this.locks[index];
    if (lock === undefined) {
      lock = new SpinLock(this.kernel, `rt_hash_lock[${index}]`);
      this.locks[index] = lock;
    }
    return lock;
  }

  /** rt_hash: the bucket of a key, under the seed in force. */
  hash(key: number, iif: number): number {
    let h = Math.imul(key ^ this.seed, 0x9e3779b1);
    h = Math.imul(h ^ (h >>> 15) ^ Math.floor(key / 0x100000000), 0x85ebca77);
    h = Math.imul(h ^ (h >>> 13) ^ iif ^ this.seed, 0xc2b2ae3d);
    return (h ^ (h >>> 16)) & this.mask;
  }

  /** Puts an entry at the head of a chain. The caller has the lock. */
  insert(bucket: number, rt: Rtable): void {
    rt.next = this.chains[bucket]!;
    this.chains[bucket] = rt;
  }

  /** Takes an entry out of a chain; `before` is the one ahead of it. The entry still leads on. The caller has the lock. */
  unlink(bucket: number, before: Rtable | null, rt: Rtable): void {
    if (before === null) this.chains[bucket] = nextOf(rt);
    else before.next = rt.next;
  }

  /** Takes a whole chain. The caller has the lock. */
  detach(bucket: number): Rtable | null {
    const chain = this.chains[bucket]!;
    this.chains[bucket] = null;
    return chain;
  }

  /** The entries of a chain, head first. For observers. */
  chain(bucket: number): Rtable[] {
    const entries: Rtable[] = [];
    for (let rt = this.chains[bucket]!; rt !== null; rt = nextOf(rt)!) entries.push(rt);
    return entries;
  }
}
