/**
 * The checks at the end of a run are there in every scenario. That they hold, at every revision, is part of `matrix`: it takes no
 * violation that a scenario does not speak of.
 */
import { describe, expect, it } from 'vitest';
import type { DstCache } from '../../src/net/dst/dst-cache.js';
import type { DstOps } from '../../src/net/dst/dst-ops.js';
import { fixOf } from '../../src/scenario/fix.js';
import { runScenario } from '../../src/scenario/run.js';
import type { K } from '../../src/smp/op.js';
import { shipped, shippedNames, shippedText } from './helpers.js';

/** The large ones, whose checks are those of the others. */
const large = ['2007-10-gc-trace', '2007-10-gc-every-tenth-second', '2007-10-soft-lockup'];

/** Their routes are there from the start, without dst_alloc. */
const filled = ['2005-2008-slow-unregister', '2008-02-namespace-unregister-hangs'];

/** A dst_alloc that counts the first entry of each family twice. */
const miscounting = fixOf(
  {
    default: () => {
      const seen = new WeakSet<DstOps>();
      return {
        *dst_alloc(dc: DstCache, ops: DstOps, label: string, original: (...args: unknown[]) => K<unknown>): K<unknown> {
          const dst = yield* original(dc, ops, label);
          if (dst !== null && !seen.has(ops)) ops.entries.value++;
          seen.add(ops);
          return dst;
        },
      };
    },
  },
  { file: 'miscounting.mjs', sha256: '0'.repeat(64) },
  {},
);

describe('the invariants', () => {
  it('are left on, and expected to fail, by no scenario', () => {
    for (const name of shippedNames) {
      expect([name, shipped(name).invariants]).toEqual([name, true]);
      expect([name, /^\s*(?!#).*\binvariant\b/m.test(shippedText(name))]).toEqual([name, false]);
    }
  });

  it.each(shippedNames.filter((name) => ![...large, ...filled].includes(name)))('are looked at in %s', (name) => {
    const { violations } = runScenario(shipped(name), { with: miscounting }).result;
    const found = violations.filter(({ kind }) => kind === 'invariant').map(({ message }) => message);
    expect(found.join('; ')).toMatch(/has \d+ entries, but counts \d+/);
  });
});
