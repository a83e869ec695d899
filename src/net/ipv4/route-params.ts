/**
 * The size of the route cache and its sysctls (net/ipv4/route.c ip_rt_init, mm/page_alloc.c alloc_large_system_hash,
 * 2.6.12–2.6.29).
 *
 * Divergence from Linux: all of the memory given counts as free at boot; real machines lose some pages and may fall below a
 * limit.
 */
import type { Era } from '../../kernel/era.js';
import type { Arch } from '../../kernel/jiffies.js';
import { InputError } from '../../sim/errors.js';

/** Sysctls under net.ipv4.route. Times in jiffies. */
export interface RouteParams {
  /** Entries above which dst_alloc asks the collector. */
  gcThresh: number;
  /** Entries from which an allocation fails when the collector misses its goal. */
  maxSize: number;
  gcMinInterval: number;
  gcTimeout: number;
  /** Entries per chain beyond which the cache is in danger. */
  gcElasticity: number;
  gcInterval: number;
  /** Flush delays; gone in 2.6.25. */
  minDelay: number;
  maxDelay: number;
  secretInterval: number;
}

/** What a kernel of this HZ starts with, given its number of buckets. The same in every release. */
export function defaultRouteParams(hz: number, buckets: number): RouteParams {
  return {
    gcThresh: buckets,
    maxSize: 16 * buckets,
    gcMinInterval: Math.floor(hz / 2),
    gcTimeout: 300 * hz,
    gcElasticity: 8,
    gcInterval: 60 * hz,
    minDelay: 2 * hz,
    maxDelay: 10 * hz,
    secretInterval: 600 * hz,
  };
}

const pageBytes = 4096;
const mebibyte = 2 ** 20;
/** i386: memory that the kernel can address directly. */
const lowMemoryBytes = 896 * mebibyte;

/**
 * Buckets of a machine with so much memory. Derived: the sizes of the facts' table are reproduced, what lies between is
 * arithmetic from the source.
 *
 * - 2.6.12: one page for each 64 MiB, as a power of two of pages, of buckets of a pointer and a spinlock.
 * - 2.6.13 on: one bucket for each 2^15 bytes of memory, 2^17 below 512 MiB, as a power of two; at most a sixteenth of
 *   the memory. High memory counts in 2.6.13 … 2.6.17 only (8d1502de27c, 2006-08-07).
 */
export function derivedBuckets(era: Era, arch: Arch, memoryBytes: number): number {
  if (!(memoryBytes >= pageBytes)) throw new InputError(`${memoryBytes} bytes of memory: expected at least one page`);
  const pages = Math.floor(memoryBytes / pageBytes);
  if (era.ordinal < 13) {
    const wanted = pages >>> 14;
    const bucketBytes = arch === 'i386' ? 8 : 16;
    return (powerOfTwoUp(Math.max(wanted, 1)) * pageBytes) / bucketBytes;
  }
  const highCounts = era.ordinal <= 17 || arch !== 'i386';
  const counted = highCounts ? memoryBytes : Math.min(memoryBytes, lowMemoryBytes);
  const perBucket = pages >= 128 * 1024 ? 2 ** 15 : 2 ** 17;
  const buckets = Math.max(1, Math.floor((Math.ceil(counted / mebibyte) * mebibyte) / perBucket));
  const limit = Math.floor(memoryBytes / 16 / (arch === 'i386' ? 4 : 8));
  return powerOfTwoDown(Math.max(1, Math.min(rounded(era, buckets), limit)));
}

/** 2.6.14 takes the next power of two even from an exact one, 2.6.24 keeps that; that 2.6.22 changed it is [unverified]. */
function rounded(era: Era, buckets: number): number {
  return era.ordinal < 22 ? 2 * powerOfTwoDown(buckets) : powerOfTwoUp(buckets);
}

function powerOfTwoUp(value: number): number {
  return 2 ** Math.ceil(Math.log2(value));
}

function powerOfTwoDown(value: number): number {
  return 2 ** Math.floor(Math.log2(value));
}

/** Locks that the buckets share (2.6.13 on), by the number of CPUs the kernel is built for. */
export function hashLockCount(cpus: number): number {
  if (cpus >= 32) return 4096;
  if (cpus >= 16) return 2048;
  if (cpus >= 8) return 1024;
  return cpus >= 4 ? 512 : 256;
}
