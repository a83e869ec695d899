/** Every scenario at every revision: the tests of one scenario, and the runs that they share. */
import { describe, expect, it } from 'vitest';
import {
  allRevisions,
  commits,
  extraCommits,
  justBefore,
  parseRevision,
  type Revision,
  revisionAt,
  sameTraits,
  withCommits,
} from '../../src/history/revision.js';
import { eraOfComparison } from '../../src/scenario/replay.js';
import type { RunReport } from '../../src/scenario/result.js';
import { runScenario } from '../../src/scenario/run.js';
import { smaller } from './smaller.js';

/** The one that takes longest has a file of its own. */
export const longest = '2007-10-gc-trace';

/** Of those that take long, revisions of equal traits are run once. */
const long = [longest, '2007-10-gc-every-tenth-second', '2005-07-dst-cache-overflow', '2007-10-soft-lockup'];

/** All that the tests below look at. */
type Summary = Pick<RunReport, 'unexpected' | 'expectations' | 'ok'> & { readonly fingerprint: string };

const runs = new Map<string, Summary>();

export function summaryOf(name: string, revision: Revision): Summary {
  const scenario = smaller(name);
  const alike = long.includes(name) && revision.added.length === 0;
  const key = `${name} ${alike ? JSON.stringify(revision.traits) : revision.name}`;
  let summary = runs.get(key);
  if (summary === undefined) {
    const { unexpected, expectations, ok, result } = runScenario(scenario, {
      revision,
      kernel: eraOfComparison(scenario),
    });
    summary = { unexpected, expectations, ok, fingerprint: result.fingerprint };
    runs.set(key, summary);
  }
  return summary;
}

function expectSound(name: string, revision: Revision): void {
  const { unexpected, expectations, ok } = summaryOf(name, revision);
  expect(unexpected).toEqual([]);
  expect(expectations.filter((expectation) => !expectation.held)).toEqual([]);
  expect(ok).toBe(true);
}

export const newest = parseRevision('newest');

/** They changed executed code, and no run shows it. */
export const withoutEffect = commits.filter((c) => !c.observable && Object.keys(c.traits).length > 0);

const numbered = (number: number): Revision => allRevisions()[number - 1]!;

export function testEverywhere(name: string): void {
  describe(name, () => {
    it.each(allRevisions())('is as expected at R$base.number', (revision) => expectSound(name, revision));

    // What surrounds dst.c is nothing to the longest, which has no devices.
    const extras = extraCommits.filter((c) => name !== longest || Object.keys(c.traits).length > 0);
    it.each(extras.map((commit) => [commit.names[0]!, commit] as const))(
      'is as expected at the newest revision with %s',
      (_, commit) => expectSound(name, withCommits(newest, [commit])),
    );

    it.each(withoutEffect)('is the same just before and at R$number', ({ number }) => {
      expect(summaryOf(name, numbered(number!)).fingerprint).toBe(summaryOf(name, numbered(number! - 1)).fingerprint);
    });

    it('is the same at revisions of equal traits', () => {
      for (let number = 2; number <= commits.length; number++) {
        const [before, at] = [numbered(number - 1), numbered(number)];
        if (sameTraits(before, at)) expect(summaryOf(name, at).fingerprint).toBe(summaryOf(name, before).fingerprint);
      }
    });

    it('says something about the sides of its fix', () => {
      const { fixedBy } = smaller(name);
      if (fixedBy === null) return;
      const sides = [justBefore(fixedBy)!, revisionAt(fixedBy)].map((revision) => summaryOf(name, revision));
      expect(sides.flatMap((side) => side.expectations)).not.toEqual([]);
    });
  });
}
