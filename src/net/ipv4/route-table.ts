/**
 * The hash table of the route cache: chains and their locks (rt_hash_table, net/ipv4/route.c, 2.6.12–2.6.29).
 *
 * Ordering rule: new entries are the heads of their chains. A chain changes under its bucket's lock; those who only look
 * entries up take none.
 *
 * *Cost.* With a million entries only memory latency counts. So a chain is an array, whose entries can be fetched side by side
 * where those of a linked list must be fetched one after the other; and a bucket has its length and a filter of 64 bits beside
 * it, so that a lookup or insertion need not walk a chain to learn that a key is not in it. None of that changes what is
 * found.
 *
 * Divergence from Linux: the kernel links the entries themselves. Locks are made when first taken. The hash is ours, and so is
 * its seed: what matters is that it spreads, and that a new seed sends keys elsewhere.
 */
import type { Kernel } from '../../kernel/kernel.js';
import { SpinLock } from '../../kernel/spinlock.js';
import { hashLockCount } from './route-params.js';
import type { Rtable } from './rtable.js';

/** A chain: its head is the last element, so that walks go from the end to 0. */
export type Chain = Rtable[];

const noEntries: Chain = [];

export class RouteTable {
  readonly buckets: number;
  /** rt_hash_mask and rt_hash_log. */
  readonly mask: number;
  readonly log: number;
  /** Entries of each chain. */
  readonly lengths: Int32Array;
  /** rt_hash_rnd; from 2.6.25 the generation takes its place. */
  seed = 0;
  private readonly chains: (Chain | null)[];
  /** Two words per bucket: a bit for each key that may be in its chain. */
  private readonly filters: Int32Array;
  private readonly kernel: Kernel;
  private readonly locks: (SpinLock | undefined)[] = [];
  private readonly lockMask: number;

  constructor(kernel: Kernel, buckets: number, lockPerBucket: boolean) {
    this.kernel = kernel;
    this.buckets = buckets;
    this.mask = buckets - 1;
    this.log = Math.log2(buckets);
    this.chains = new Array<Chain | null>(buckets).fill(null);
    this.lengths = new Int32Array(buckets);
    this.filters = new Int32Array(2 * buckets);
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

  /** The chain of a bucket; to be changed through the methods below only. */
  chain(bucket: number): Chain {
    return this.lengths[bucket] === 0 ? noEntries : this.chains[bucket]!;
  }

  /** Puts an entry at the head of a chain. The caller has the lock. */
  insert(bucket: number, rt: Rtable): void {
    const chain = this.chains[bucket]!;
    if (chain === null) this.chains[bucket] = [rt];
    else chain.push(rt);
    this.lengths[bucket]!++;
    this.mark(bucket, rt.key);
  }

  /** Takes the entry at `index` out of a chain. The caller has the lock. */
  unlink(bucket: number, index: number): void {
    const chain = this.chains[bucket]!;
    const last = chain.length - 1;
    for (let i = index; i < last; i++) chain[i] = chain[i + 1]!;
    chain.pop();
    this.lengths[bucket]!--;
  }

  /** Makes the entry at `index` the head of its chain. The caller has the lock. */
  moveToFront(bucket: number, index: number): void {
    const chain = this.chains[bucket]!;
    const rt = chain[index]!;
    const last = chain.length - 1;
    for (let i = index; i < last; i++) chain[i] = chain[i + 1]!;
    chain[last] = rt;
  }

  /** Takes a whole chain. The caller has the lock. */
  detach(bucket: number): Chain {
    const chain = this.chain(bucket);
    this.chains[bucket] = null;
    this.lengths[bucket] = 0;
    this.filters[2 * bucket] = 0;
    this.filters[2 * bucket + 1] = 0;
    return chain;
  }

  /** False: no entry of the bucket's chain has this key. */
  mayHold(bucket: number, key: number): boolean {
    const bit = bitOf(key);
    return (this.filters[2 * bucket + (bit >> 5)]! & (1 << bit)) !== 0;
  }

  private mark(bucket: number, key: number): void {
    const bit = bitOf(key);
    this.filters[2 * bucket + (bit >> 5)]! |= 1 << bit;
  }

  /** Forgets keys that have left the chain. Worth while when it has just been walked. */
  refilter(bucket: number): void {
    this.filters[2 * bucket] = 0;
    this.filters[2 * bucket + 1] = 0;
    for (const rt of this.chain(bucket)) this.mark(bucket, rt.key);
  }
}

/** The filter's bit for a key, 0–63. */
function bitOf(key: number): number {
  const h = Math.imul((key ^ Math.floor(key / 0x100000000)) | 0, 0x9e3779b1);
  return h >>> 26;
}
