import { describe, expect, it } from 'vitest';
import { justBefore, parseRevision, type Revision, revisionAt } from '../../src/history/revision.js';
import { checkDeterminism } from '../../src/scenario/determinism.js';
import { diffRevisions } from '../../src/scenario/diff.js';
import type { Scenario } from '../../src/scenario/load.js';
import { eraOfComparison } from '../../src/scenario/replay.js';
import { defaultRevision, type RunOptions, runScenario } from '../../src/scenario/run.js';
import { load, run, script, shipped, shippedNames, shippedText } from './helpers.js';

/** An event for each entry of each scan is a lot to watch: these are run with a fiftieth of their entries. */
const large = ['2007-10-gc-trace', '2007-10-gc-every-tenth-second'];

function scenarioOf(name: string): Scenario {
  if (!large.includes(name)) return shipped(name);
  const fewer = (_: string, count: string): string => `count: ${Math.ceil(Number(count) / 50)}`;
  return load(shippedText(name).replace(/count: ([0-9]+)/g, fewer), `scenarios/${name}.yaml`);
}

function sides(name: string): Revision[] {
  const { fixedBy } = shipped(name);
  return fixedBy === null ? [defaultRevision(shipped(name))] : [justBefore(fixedBy)!, revisionAt(fixedBy)];
}

describe('a run is the same again', () => {
  const cases = shippedNames.flatMap((name) => sides(name).map((revision) => ({ name, at: revision.name, revision })));

  it.each(cases)('$name at $at: again, watched, without skipping idle time', ({ name, revision }) => {
    const scenario = scenarioOf(name);
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
    for (const name of shippedNames) expect(checkDeterminism(scenarioOf(name))).toBeNull();
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
