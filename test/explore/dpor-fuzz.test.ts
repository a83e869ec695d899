import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Program } from '../../src/explore/program.js';
import { search } from '../../src/explore/search.js';
import { cmpxchg } from '../../src/kernel/atomic.js';
import { spin_lock, spin_trylock, spin_unlock } from '../../src/kernel/spinlock.js';
import { SpinUntilOp } from '../../src/smp/cell.js';
import type { K } from '../../src/smp/op.js';

/** One operation of a random program. */
type Act =
  | { readonly kind: 'read' | 'write' | 'cas' | 'copy' | 'until'; readonly cell: number; readonly value: number }
  | { readonly kind: 'lock' | 'unlock' | 'trylock'; readonly lock: number }
  | { readonly kind: 'choose' | 'iff'; readonly cell: number };

const cell = fc.nat({ max: 1 });
const value = fc.nat({ max: 2 });
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ kind: fc.constantFrom('read', 'write', 'cas', 'copy', 'until'), cell, value }),
  fc.record({ kind: fc.constantFrom('lock', 'unlock', 'trylock'), lock: fc.nat({ max: 1 }) }),
  fc.record({ kind: fc.constantFrom('choose', 'iff'), cell }),
);
const bodies = fc.array(fc.array(act, { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 3 });

const program =
  (code: readonly (readonly Act[])[]): Program =>
  (p) => {
    const cells = [p.cell('x'), p.cell('y')];
    const locks = [p.lock('a'), p.lock('b')];
    function* body(acts: readonly Act[]): K {
      const held = [0, 0];
      let seen = 0;
      for (const a of acts) {
        if (a.kind === 'read') seen = (yield cells[a.cell]!.read) as number;
        else if (a.kind === 'write') yield cells[a.cell]!.write(a.value);
        else if (a.kind === 'cas') seen = (yield cmpxchg(cells[a.cell]!, a.value, a.value + 1)) as number;
        else if (a.kind === 'copy') yield cells[a.cell]!.write(seen + 1);
        else if (a.kind === 'until') yield new SpinUntilOp(cells[a.cell]!, (v) => v >= a.value);
        else if (a.kind === 'lock') {
          if (held[a.lock]! === 0) {
            yield spin_lock(locks[a.lock]!);
            held[a.lock] = 1;
          }
        } else if (a.kind === 'trylock') {
          if (held[a.lock]! === 0) held[a.lock] = ((yield spin_trylock(locks[a.lock]!)) as boolean) ? 1 : 0;
        } else if (a.kind === 'unlock') {
          if (held[a.lock]! === 1) yield spin_unlock(locks[a.lock]!);
          held[a.lock] = 0;
        } else if (a.kind === 'choose') seen = p.choose('c', 2);
        else if (a.kind === 'iff' && seen > 0) yield cells[a.cell]!.write(7);
      }
    }
    for (const [i, acts] of code.entries()) p.task(`t${i}`, () => body(acts));
  };

const options = { runs: 1e7, keepGoing: true, shrink: false } as const;

describe('DPOR explores each trace once, as brute force counts them', () => {
  it('of random programs with cells, locks, compare-and-exchange, waits and data choices', () => {
    fc.assert(
      fc.property(bodies, (code) => {
        const brute = search(program(code), { ...options, strategy: 'dfs' });
        fc.pre(brute.totals.runs < 30_000);
        const optimal = search(program(code), { ...options, strategy: 'optimal-dpor' });
        const source = search(program(code), { ...options, strategy: 'source-dpor' });
        expect(optimal.totals.traces).toBe(brute.totals.traces);
        expect(source.totals.traces).toBe(brute.totals.traces);
        expect(optimal.totals.deadlocked).toBe(brute.deadlockTraces);
        expect(source.totals.deadlocked).toBe(brute.deadlockTraces);
        expect(optimal.totals.sleepSetBlocked).toBe(0);
      }),
      { numRuns: Number(globalThis.process.env['FUZZ'] ?? 300), seed: Number(globalThis.process.env['SEED'] ?? 1) },
    );
  });
});
