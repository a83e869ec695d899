import { describe, expect, it } from 'vitest';
import { eraOf } from '../../../src/kernel/era.js';
import { defaultRouteParams, derivedBuckets, hashLockCount } from '../../../src/net/ipv4/route-params.js';

const mib = 2 ** 20;

describe('the number of buckets', () => {
  it.each([
    [256, 1024, 2048],
    [512, 2048, 16384],
    [1024, 4096, 32768],
    [4096, 16384, 131072],
  ])('of %i MiB on x86-64', (memory, in2612, in2624) => {
    expect(derivedBuckets(eraOf('2.6.12'), 'x86_64', memory * mib)).toBe(in2612);
    expect(derivedBuckets(eraOf('2.6.24'), 'x86_64', memory * mib)).toBe(in2624);
  });

  it('counts high memory in 2.6.13 to 2.6.17 only', () => {
    expect(derivedBuckets(eraOf('2.6.17'), 'i386', 4096 * mib)).toBe(262144);
    expect(derivedBuckets(eraOf('2.6.18'), 'i386', 4096 * mib)).toBe(32768);
  });

  it('falls below 512 MiB by a step of four', () => {
    const era = eraOf('2.6.24');
    expect(derivedBuckets(era, 'x86_64', 511 * mib)).toBe(4096);
  });

  it('takes the next power of two even from an exact one in 2.6.14', () => {
    expect(derivedBuckets(eraOf('2.6.14'), 'x86_64', 1024 * mib)).toBe(65536);
  });

  it('is never below one page or one bucket', () => {
    expect(derivedBuckets(eraOf('2.6.12'), 'i386', 8 * mib)).toBe(512);
    expect(derivedBuckets(eraOf('2.6.24'), 'i386', 8 * mib)).toBe(64);
    expect(() => derivedBuckets(eraOf('2.6.24'), 'i386', 0)).toThrow('expected at least one page');
  });
});

describe('the sysctls', () => {
  it('start from HZ and the buckets', () => {
    expect(defaultRouteParams(250, 1024)).toEqual({
      gcThresh: 1024,
      maxSize: 16384,
      gcMinInterval: 125,
      gcTimeout: 75000,
      gcElasticity: 8,
      gcInterval: 15000,
      minDelay: 500,
      maxDelay: 2500,
      secretInterval: 150000,
    });
  });

  it('have a table of locks by the number of CPUs', () => {
    expect([1, 4, 8, 16, 32, 64].map(hashLockCount)).toEqual([256, 512, 1024, 2048, 4096, 4096]);
  });
});
