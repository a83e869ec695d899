/**
 * What docs/explanation/rediscovery.md reports, with smaller budgets: its tables come from docs/examples/rediscovery, which is
 * run here against the sources. What random searches find is asked for with one seed of the list, what exhaustive searches
 * count is looked up in the document.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  answer,
  budget,
  cores,
  rows,
  search,
  searchSmall,
  seeds,
  settle,
  smallLine,
  stories,
} from '../../docs/examples/rediscovery/table.mjs';
import { explore, replay } from '../../src/explore/explore.js';
import type { WorldSubject } from '../../src/explore/world-program.js';

const document = readFileSync('docs/explanation/rediscovery.md', 'utf8');

/** What the promise's own report begins with: found is what was to be found, and nothing else. */
const reports: Readonly<Record<string, RegExp>> = {
  freedObjects:
    /^(?:read|write|rmw) of \w+\.(?:flags|__refcnt|obsolete) in dst_\w+: \w+ \(ip_dst_cache\) is already freed$/,
  promptGc: /^after a run that destroyed something the next does not come within DST_GC_MIN/,
  noBug: /^kernel BUG at include\/linux\/timer\.h:83!$/,
  hurriedGc: /^after a free that found the back-off grown no run comes within DST_GC_MIN/,
  warnings: /^counts end \d+ below zero, the kernel warned \d+ times$/,
};

describe.each(rows)('$name', (row) => {
  it(`is found at ${row.before} by a seed of the list, and its token shows it again`, () => {
    const { failure, totals } = search(row, row.before, seeds[0]!);
    expect(totals.runs).toBeLessThanOrEqual(budget);
    expect(failure?.message).toMatch(reports[row.name]!);
    const again = replay(row.program.at(row.before), failure!.token);
    expect(again.failure?.message).toBe(failure!.message);
  });

  it(`is not found at ${row.fixed}`, () => {
    const { failure, totals } = search(row, row.fixed, seeds[0]!, { runs: 1000 });
    expect(failure).toBeNull();
    expect(totals.complete).toBeGreaterThan(990);
  });
});

function expectSameTraces(program: WorldSubject): void {
  const options = { runs: 1e6, keepGoing: true, shrink: false, sanitize: 'off' } as const;
  const brute = explore(program, { ...options, strategy: 'dfs' });
  for (const strategy of ['optimal-dpor', 'source-dpor'] as const) {
    const { totals, exhaustive } = explore(program, { ...options, strategy });
    expect({ strategy, exhaustive, traces: totals.traces }).toEqual({
      strategy,
      exhaustive: true,
      traces: brute.totals.traces,
    });
    expect(totals.failing > 0).toBe(brute.totals.failing > 0);
  }
}

describe('small configurations, searched to their end', () => {
  const slow = rows.filter(({ name }) => name === 'promptGc' || name === 'hurriedGc');
  const quick = rows.filter((row) => !slow.includes(row));

  it.each(quick)('$name: the numbers of the document', (row) => {
    expect(document).toContain(smallLine(row));
  });

  it.each(slow)('$name: with few preemptions', (row) => {
    const how = { strategy: 'bounded-dfs', preemptionBound: row.name === 'promptGc' ? 2 : 0 } as const;
    const { totals, exhaustive } = searchSmall({ ...row, how }, row.fixed);
    expect({ exhaustive, failing: totals.failing, deadlocked: totals.deadlocked }).toEqual({
      exhaustive: true,
      failing: 0,
      deadlocked: 0,
    });
    expect(totals.complete).toBeGreaterThan(500);
  });

  it.each(rows.filter(({ name }) => name === 'freedObjects' || name === 'warnings'))(
    '$name: as many traces as brute force finds',
    ({ small, before, fixed }) => {
      for (const revision of [before, fixed]) expectSameTraces(small.at(revision));
    },
  );

  it.each(slow)('$name: fails just before its fix', (row) => {
    const { failure } = searchSmall(row, row.before, { keepGoing: false });
    expect(failure?.message).toMatch(reports[row.name]!);
  });
});

describe("R5's story", () => {
  it.each(cores)('with a direct call, on %s', (kernel) => {
    const overlap = settle('directOverlap', kernel);
    const bug = settle('directBug', kernel);
    expect(overlap.totals.failing).toBeGreaterThan(0);
    expect(bug.totals.failing > 0).toBe(kernel === '2.6.17');
    expect(bug.failure?.message ?? 'none').toMatch(kernel === '2.6.17' ? reports['noBug']! : /^none$/);
    expect(document).toContain(`| ${kernel} | its timer and a direct call | ${answer(overlap)} | ${answer(bug)} |`);
  });

  it.each(cores)('with a direct call, on %s: as many traces as brute force finds', (kernel) => {
    expectSameTraces(stories.directBug.at('R4', kernel));
    if (kernel !== '2.6.12') expectSameTraces(stories.directOverlap.at('R4', kernel));
  });

  it.each(cores)('by the timer alone, on %s', (kernel) => {
    const overlap = settle('overlap', kernel);
    const bug = settle('bug', kernel);
    expect([overlap.exhaustive, bug.exhaustive]).toEqual([true, true]);
    expect(overlap.totals.failing > 0).toBe(kernel === '2.6.12');
    expect(bug.totals.failing).toBe(0);
    expect(document).toContain(`| ${kernel} | its timer | ${answer(overlap)} | ${answer(bug)} |`);
  });
});
