import { describe, expect, it } from 'vitest';
import { justBefore, parseRevision, type Revision, revisionAt } from '../../src/history/revision.js';
import { checkDeterminism } from '../../src/scenario/determinism.js';
import { diffRevisions } from '../../src/scenario/diff.js';
import { eraOfComparison } from '../../src/scenario/replay.js';
import { defaultRevision, type RunOptions, runScenario } from '../../src/scenario/run.js';
import { run, script, shipped, shippedNames } from './helpers.js';
import { stripped } from './strip.js';

/** An event for each entry of each scan is a lot to watch: these are watched for a shorter time. */
const cuts: Readonly<Record<string, object>> = {
  '2007-10-gc-trace': { until: '180 jiffies' },
  '2007-10-gc-every-tenth-second': { until: '1500ms' },
};

function sides(name: string): Revision[] {
  const { fixedBy } = shipped(name);
  return fixedBy === null ? [defaultRevision(shipped(name))] : [justBefore(fixedBy)!, revisionAt(fixedBy)];
}

describe('a run is the same again', () => {
  const cases = shippedNames.flatMap((name) => sides(name).map((revision) => ({ name, at: revision.name, revision })));

  it.each(cases)('$name at $at: again, watched, without skipping idle time', ({ name, revision }) => {
    const cut = cuts[name];
    const scenario = cut === undefined ? shipped(name) : stripped(name, cut);
    const print = (options: RunOptions): string =>
      runScenario(scenario, { revision, kernel: eraOfComparison(scenario), ...options }).result.fingerprint;
    let events = 0;
    const listener = (): void => {
      events++;
    };
    const first = print({});
    expect(print({})).toBe(first);
    expect(print({ listener })).toBe(first);
    expect(print({ skipIdle: false })).toBe(first);
    expect(events).toBeGreaterThan(0);
  });

  it('in everything that it reports', () => {
    const scenario = shipped('2007-10-armed-while-running');
    expect(run(scenario, 'R14').result).toEqual(run(scenario, 'R14').result);
  });

  it('whatever was run before it', () => {
    const scenario = shipped('2008-11-over-release');
    const first = run(scenario, 'R25').result;
    run(shipped('2005-04-dst-destroy-race'), 'R1');
    expect(run(scenario, 'R25').result).toEqual(first);
  });
});

describe('the seed', () => {
  const random = [
    ['gaps', '{connections: {count: 20, rate: 50, spacing: poisson, hold: {fixed: 50ms}}}'],
    ['lengths', '{connections: {count: 20, rate: 50, hold: {exponential: 50ms}}}'],
    [
      'picks',
      '{alloc: {group: g, count: 20}}, {release: {group: g, count: 5, pick: random, into: h}}, {free: {group: h}}',
    ],
  ] as const;
  const prints = (steps: string, ...seeds: number[]): string[] =>
    seeds.map((seed) => run(script(`[${steps}]`), 'newest', { seed }).result.fingerprint);

  it.each(random)('decides on random %s', (_, steps) => {
    const [first, again, other] = prints(steps, 1, 1, 2);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it('decides on nothing else', () => {
    const [first, other] = prints('{connections: {count: 20, rate: 50, hold: {fixed: 50ms}}}', 1, 2);
    expect(other).toBe(first);
  });

  it("is the scenario's unless another is asked for", () => {
    const [, steps] = random[0];
    const own = run(script(`[${steps}]`, 'seed: 7')).result;
    expect(own.seed).toBe(7);
    expect(prints(steps, 7)).toEqual([own.fingerprint]);
  });

  it('draws connections that are as long and as frequent as asked for', () => {
    const scenario = script(
      '[{connections: {count: 2000, rate: 1000, spacing: poisson, hold: {exponential: 50ms}}}, {mark: end}]',
      'until: 10s',
    );
    const { result } = run(scenario);
    expect(result.metrics['mark.end_s']).toBeGreaterThan(1.8);
    expect(result.metrics['mark.end_s']).toBeLessThan(2.2);
    expect(result.metrics['dst.allocated']).toBe(2000);
    expect(result.destroyed).toHaveLength(2000);
  });
});

describe('checkDeterminism', () => {
  it('finds nothing', () => {
    for (const name of shippedNames.filter((n) => cuts[n] === undefined)) {
      expect(checkDeterminism(shipped(name))).toBeNull();
    }
  });
});

describe('diff', () => {
  const differ = (name: string, left: string, right: string) =>
    diffRevisions(shipped(name), parseRevision(left), parseRevision(right));

  it('finds the first event that differs, with what both share before it', () => {
    const found = differ('2008-11-over-release', 'R25', 'R26');
    expect(found.same).toBe(false);
    expect(found.at).toBeGreaterThan(0);
    expect(found.common.length).toBeGreaterThan(0);
    expect(found.leftEvents[0]).not.toBe(found.rightEvents[0]);
    expect(found.left.fingerprint).not.toBe(found.right.fingerprint);
  });

  it('finds none where the code does the same', () => {
    expect(differ('2008-11-over-release', 'R14', 'R17')).toMatchObject({
      same: true,
      at: null,
      common: [],
      leftEvents: [],
      rightEvents: [],
    });
  });
});
