import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { search } from '../../src/explore/search.js';
import type { StrategyName } from '../../src/explore/strategies.js';
import { type Plan, plan, program } from './service-programs.js';

const runsMax = 3000;
const options = { runs: runsMax, keepGoing: true, shrink: false, sanitize: 'off' } as const;

function outcomesOf(code: Plan, strategy: StrategyName) {
  const outcomes = new Set<string>();
  const { preempt, kernel } = code;
  const machine = { preempt, kernel, cpus: 2 };
  const found = search(
    program(code, (outcome) => outcomes.add(outcome)),
    { ...options, strategy, machine },
  );
  return { ...found, outcomes: [...outcomes].toSorted() };
}

describe('DPOR of programs with timers, works, sleepers and shared CPUs', () => {
  it('sees every outcome that brute force sees, each trace once', () => {
    const counts = { programs: 0, brute: 0, optimal: 0, traces: 0, blocked: 0 };
    fc.assert(
      fc.property(plan, (code) => {
        const brute = outcomesOf(code, 'dfs');
        fc.pre(brute.exhaustive);
        for (const strategy of ['optimal-dpor', 'source-dpor'] as const) {
          const found = outcomesOf(code, strategy);
          expect({ strategy, exhaustive: found.exhaustive, outcomes: found.outcomes }).toEqual({
            strategy,
            exhaustive: true,
            outcomes: brute.outcomes,
          });
          expect({ strategy, traces: found.totals.traces }).toEqual({ strategy, traces: brute.totals.traces });
          expect(found.totals.deadlocked).toBe(brute.deadlockTraces);
          if (strategy === 'source-dpor') continue;
          counts.optimal += found.totals.runs;
          counts.blocked += found.totals.sleepSetBlocked;
        }
        counts.programs++;
        counts.brute += brute.totals.runs;
        counts.traces += brute.totals.traces;
      }),
      { numRuns: Number(globalThis.process.env['FUZZ'] ?? 60), seed: Number(globalThis.process.env['SEED'] ?? 1) },
    );
    if (globalThis.process.env['FUZZ'] !== undefined) console.log(counts);
  });
});
