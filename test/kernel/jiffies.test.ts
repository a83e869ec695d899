import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  __round_jiffies,
  __round_jiffies_relative,
  addJiffies,
  diffJiffies,
  initialJiffies,
  round_jiffies,
  round_jiffies_relative,
  time_after,
  time_after_eq,
  time_before,
  time_before_eq,
  wrapsAt32Bits,
} from '../../src/kernel/jiffies.js';

const u32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe('comparisons', () => {
  it('go by the signed 32-bit difference on i386, also across the wrap', () => {
    expect(wrapsAt32Bits('i386')).toBe(true);
    expect(addJiffies(0xffffffff, 3, true)).toBe(2);
    expect(addJiffies(2, -3, true)).toBe(0xffffffff);
    expect(diffJiffies(2, 0xffffffff, true)).toBe(3);
    expect(time_after(2, 0xffffffff, true)).toBe(true);
    expect(time_before(0xffffffff, 2, true)).toBe(true);
    expect(time_after_eq(5, 5, true) && time_before_eq(5, 5, true)).toBe(true);
    expect(time_after(5, 5, true) || time_before(5, 5, true)).toBe(false);
  });

  it('call two times half the range apart each after the other on i386', () => {
    expect(time_after(0, 0x80000000, true)).toBe(true);
    expect(time_after(0x80000000, 0, true)).toBe(true);
    expect(time_after_eq(0, 0x80000000, true)).toBe(false);
  });

  it('are plain on x86_64', () => {
    expect(wrapsAt32Bits('x86_64')).toBe(false);
    expect(addJiffies(0xffffffff, 3, false)).toBe(0x100000002);
    expect(time_after(2, 0xffffffff, false)).toBe(false);
    expect(diffJiffies(2, 0x100000002, false)).toBe(-(2 ** 32));
  });

  it('agree with 32-bit arithmetic done another way', () => {
    fc.assert(
      fc.property(u32, u32, (a, b) => {
        const signed = Number(BigInt.asIntN(32, BigInt(a) - BigInt(b)));
        expect(diffJiffies(a, b, true)).toBe(signed);
        expect(time_after_eq(a, b, true)).toBe(signed >= 0);
        expect(time_before(a, b, true)).toBe(signed < 0);
        expect(addJiffies(b, signed, true)).toBe(a);
      }),
    );
  });

  it('start five minutes before the wrap', () => {
    expect([100, 250, 1000].map(initialJiffies)).toEqual([4294937296, 4294892296, 4294667296]);
    expect(addJiffies(initialJiffies(250), 300 * 250, true)).toBe(0);
  });
});

interface RoundCase {
  readonly name: string;
  readonly ops: readonly (readonly [number, number, number, number, number, number, number])[];
}

describe('round_jiffies', () => {
  const golden = new URL('../golden/round-jiffies.json', import.meta.url);
  const cases = JSON.parse(readFileSync(golden, 'utf8')) as RoundCase[];

  it.each(cases)('$name matches what the kernel answered', ({ ops }) => {
    for (const [hz, now, cpu, j, rounded, delta, roundedDelta] of ops) {
      const row = `hz ${hz} now ${now} cpu ${cpu}`;
      expect(round_jiffies(j, cpu, now, hz, true), `${row}: round_jiffies(${j})`).toBe(rounded);
      expect(round_jiffies_relative(delta, cpu, now, hz, true), `${row}: relative(${delta})`).toBe(roundedDelta);
      expect(__round_jiffies(j, cpu, now, hz, true)).toBe(rounded);
      expect(__round_jiffies_relative(delta, cpu, now, hz, true)).toBe(roundedDelta);
    }
  });

  it('does not wrap on x86_64', () => {
    const now = 2 ** 32 - 10;
    expect(round_jiffies(now + 1000, 0, now, 250, false)).toBe(4294968250);
    expect(round_jiffies_relative(1000, 2, now, 250, false)).toBe(4294968250 - 6 - now);
  });

  it('lands on the grid of the CPU, or leaves the time alone', () => {
    const hz = fc.constantFrom(100, 250, 1000);
    fc.assert(
      fc.property(hz, fc.nat(7), u32, fc.nat(10_000_000), (hz, cpu, now, delta) => {
        const rounded = round_jiffies(now + delta, cpu, now, hz, false);
        if (rounded === now + delta) return;
        expect((rounded + 3 * cpu) % hz).toBe(0);
        expect(rounded).toBeGreaterThan(now);
        expect(Math.abs(rounded - now - delta)).toBeLessThanOrEqual(hz - Math.floor(hz / 4));
      }),
    );
  });
});
