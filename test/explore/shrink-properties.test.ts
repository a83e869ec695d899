import { describe, expect, it } from 'vitest';
import { type ExploreOptions, explore, type Failure } from '../../src/explore/explore.js';
import type { StrategyName } from '../../src/explore/strategies.js';
import { type FailingProgram, largePrograms, smallPrograms } from './failing-programs.js';
import { couldBeSimpler } from './minimal.js';

const strategies: readonly StrategyName[] = ['random', 'pct', 'pos', 'urw', 'delay', 'round-robin', 'portfolio'];

/** The failures that some strategies find with some seeds; each must be found by one of them. */
function failuresOf(subject: FailingProgram, seeds: readonly number[], names: readonly StrategyName[]): Failure[] {
  const failures = names.flatMap((strategy) =>
    seeds.flatMap((seed) => {
      const { failure } = explore(subject.program, { ...subject.options, strategy, seed, runs: 2000 });
      return failure ?? [];
    }),
  );
  expect(failures.length).toBeGreaterThan(0);
  return failures;
}

function checkAll(subject: FailingProgram, failures: readonly Failure[]): void {
  for (const failure of failures) {
    const { kind, token, shrunkFrom, report } = failure;
    expect(failure).toMatchObject({ shrinkDone: true });
    expect(failure.shrinkRuns).toBeLessThanOrEqual(5000);
    expect(failure.preemptions).toBeLessThanOrEqual(shrunkFrom!.preemptions);
    expect(report).toMatch(
      new RegExp(
        `${failure.steps} steps?, ${failure.preemptions} preemptions?(?: \\(\\*\\))?, shrunk from ${shrunkFrom!.steps} step`,
      ),
    );
    expect(couldBeSimpler(subject.program, token, kind, subject.options ?? {})).toEqual([]);
    if (subject.preemptions !== undefined) expect(failure.preemptions).toBe(subject.preemptions);
  }
}

describe.each(smallPrograms)('the failure of $name', (subject) => {
  it('is shrunk until nothing more can be left out, whoever found it', () => {
    checkAll(subject, failuresOf(subject, [1, 2, 3], strategies));
  });
});

describe.each(smallPrograms.filter(({ searched }) => searched))('the failure of $name', (subject) => {
  it('is shrunk to the fewest preemptions there are', () => {
    for (const failure of failuresOf(subject, [4], ['urw', 'pos'])) {
      expect(failure.preemptions).toBe(fewest(subject, failure.kind));
    }
  });
});

/** The least bound of preemptions under which a search of everything finds a failure of a kind. */
function fewest({ program, options, searched }: FailingProgram, kind: string): number {
  for (let preemptionBound = 0; ; preemptionBound++) {
    const all: ExploreOptions = { strategy: 'bounded-dfs', preemptionBound, shrink: false, keepGoing: true };
    const { failure, findings, exhaustive } = explore(program, { ...options, ...searched, ...all });
    expect(exhaustive).toBe(true);
    if ([failure, ...findings].some((found) => found?.kind === kind)) return preemptionBound;
  }
}

describe.each(largePrograms)('the failure of $name', (subject) => {
  it('is shrunk until nothing more can be left out', () => {
    checkAll(subject, failuresOf(subject, [1, 2], [subject.strategy ?? 'random']));
  });
});

describe('the budget', () => {
  it.each([0, 1, 7, 60, 400])('is kept to: %i runs', (shrinkRuns) => {
    for (const { program, options } of [...smallPrograms, ...largePrograms.slice(4)]) {
      const how = { ...options, strategy: 'random', seed: 3, runs: 2000 } as const;
      const { failure } = explore(program, { ...how, shrinkRuns });
      if (failure === null) continue;
      expect(failure.shrinkRuns).toBeLessThanOrEqual(shrinkRuns);
      expect(failure.preemptions).toBeLessThanOrEqual(failure.shrunkFrom!.preemptions);
    }
  });
});
