import { describe, expect, it } from 'vitest';
import { allRevisions, extraCommits, parseRevision, withCommits } from '../../src/history/revision.js';
import { bisectScenario } from '../../src/scenario/bisect.js';
import type { Scenario } from '../../src/scenario/load.js';
import type { BisectResult } from '../../src/scenario/result.js';
import { shipped, shippedNames, small } from './helpers.js';
import { stripped } from './strip.js';

const fixed = shippedNames.filter((name) => shipped(name).fixedBy !== null);

/** The long ones are bisected once; the longest is cut where its answer is known (the matrix has the whole runs). */
const slow = ['2007-10-gc-trace', '2007-10-gc-every-tenth-second', '2007-10-soft-lockup'];
const cuts: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  '2007-10-gc-trace': { until: '500 jiffies' },
};

/**
 * The commits that the file names, and the symptom in every revision between them and in no other; in all from its coming on
 * if the fix is none of the 26. Then the newest is tried with each of the others.
 */
function expectAnswers(found: BisectResult, { fixedBy, introducedBy }: Scenario): void {
  expect(found.commit).toEqual({ id: fixedBy!.id, subject: fixedBy!.subject, date: fixedBy!.date });
  expect(found.introducedBy?.id ?? null).toBe(introducedBy?.id ?? null);
  const from = introducedBy?.number ?? 1;
  const answers = allRevisions().map(({ name, base }) => {
    return { revision: name, reproduced: base.number! >= from && base.number! < (fixedBy!.number ?? 27) };
  });
  expect(found.tested.slice(0, 26)).toEqual(answers);
  const beside = fixedBy!.number === undefined ? extraCommits : [];
  expect(found.tested.slice(26).map((t) => t.revision)).toEqual(
    beside.map((extra) => withCommits(parseRevision('newest'), [extra]).name),
  );
}

describe('bisect', () => {
  it.each(fixed.filter((name) => !slow.includes(name)))('names the fix, and who brought the bug: %s', (name) => {
    expectAnswers(bisectScenario(shipped(name)), shipped(name));
  });

  it.each(fixed)('does not peek: %s', (name) => {
    const scenario = stripped(name, cuts[name]);
    expect(scenario).toMatchObject({ fixedBy: null, introducedBy: null, related: [], at: undefined, expect: [] });
    expectAnswers(bisectScenario(scenario), shipped(name));
  });

  it('tells of each revision as it is known', () => {
    const told: string[] = [];
    bisectScenario(shipped('2008-03-release-warning-place'), {
      onTested: (revision, reproduced) => told.push(`R${revision.base.number} ${reproduced}`),
    });
    expect(told.slice(21)).toEqual(['R22 true', 'R23 true', 'R24 false', 'R25 false', 'R26 false']);
    expect(told).toHaveLength(26);
  });

  it('names nobody where nothing changes', () => {
    const always = small('actors: [{name: a, do: [{mark: m}]}]\nbug: {metric: {name: gc.runs, is: 0}}');
    expect(bisectScenario(always)).toMatchObject({ commit: null, introducedBy: null });
    const never = small('actors: [{name: a, do: [{mark: m}]}]\nbug: {metric: {name: gc.runs, is: 1}}');
    expect(bisectScenario(never)).toMatchObject({ commit: null, introducedBy: null });
  });

  it('names who brought a bug that nobody fixed', () => {
    const workers = small(
      'actors: [{name: a, do: [{dst_alloc: {dst: d}}, {dst_free: {dst: d}}]}]\nbug: {metric: {name: work.executed, above: 0}}',
    );
    const found = bisectScenario(workers);
    expect(found.commit).toBeNull();
    expect(found.introducedBy?.id).toMatch(/^86bba269d08f/);
  });

  it('needs a symptom', () => {
    const scenario = small('actors: [{name: a, do: [{mark: m}]}]');
    expect(() => bisectScenario(scenario)).toThrow("f has no 'bug:' to bisect by");
  });
});
