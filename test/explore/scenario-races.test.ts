import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { explore, replay } from '../../src/explore/explore.js';
import { canJudge, scenarioProgram } from '../../src/explore/scenario-program.js';
import { justBefore, revisionAt } from '../../src/history/revision.js';
import { eraOfComparison, loadScenario, type Scenario } from '../../src/scenario/index.js';

const scenarios = readdirSync('scenarios').map((file) => loadScenario(readFileSync(`scenarios/${file}`), file));
/** Where an interleaving is laid down: those are about races. */
const withSchedule = scenarios.filter(({ schedule }) => schedule.length > 0);
/** What the explorer is to find in them, and the fewest preemptions it takes. */
const races = [
  ['2005-04-dst-destroy-race', 'use-after-free', 1],
  ['2006-08-double-add-timer', 'bug', 2],
  ['2008-01-neighbour-count-dip', 'symptom', 1],
  ['2008-11-over-release', 'symptom', 1],
] as const;

const named = (name: string): Scenario => scenarios.find((scenario) => scenario.name === name)!;

function unfixed(scenario: Scenario) {
  const revision = scenario.fixedBy === null ? {} : { revision: justBefore(scenario.fixedBy)! };
  return scenarioProgram(scenario, { ...revision, kernel: eraOfComparison(scenario) });
}

function fixed(scenario: Scenario) {
  return scenarioProgram(scenario, { revision: revisionAt(scenario.fixedBy!), kernel: eraOfComparison(scenario) });
}

describe('the default schedule of each shipped race does not fail', () => {
  it.each(withSchedule.map(({ name }) => name))('%s', (name) => {
    const { failure, totals } = explore(unfixed(named(name)), { strategy: 'dfs', runs: 1 });
    expect(failure).toBeNull();
    expect(totals).toMatchObject({ runs: 1, complete: 1 });
  });
});

describe.each(races)('%s', (name, kind, preemptions) => {
  const scenario = named(name);

  it('is found with defaults in less than 30 s, its token replays, and its minimum is known', {
    timeout: 120_000,
  }, () => {
    const startUs = process.cpuUsage().user;
    const { failure } = explore(unfixed(scenario));
    expect(process.cpuUsage().user - startUs).toBeLessThan(30e6);
    expect(failure).toMatchObject({ kind, preemptions });
    const replayed = replay(unfixed(scenario), failure!.token);
    expect(replayed.sameProgram).toBe(true);
    expect(replayed.failure).toMatchObject({ kind, message: failure!.message, steps: failure!.steps });
    expect(replayed.revision).toBe(unfixed(scenario).revision);
  });

  it('is not found where it is fixed', { timeout: 60_000 }, () => {
    expect(explore(fixed(scenario), { runs: 400 }).failure).toBeNull();
  });
});

it.each(races.slice(0, 2))(
  '%s: another seed comes to the same minimum',
  { timeout: 60_000 },
  (name, kind, preemptions) => {
    expect(explore(unfixed(named(name)), { seed: 2 }).failure).toMatchObject({ kind, preemptions });
  },
);

describe('what may judge a run', () => {
  it('is what happened, and not how long it took or what was left', () => {
    expect(canJudge({ kind: 'violation', of: 'use-after-free' })).toBe(true);
    expect(canJudge({ kind: 'log', text: 'kernel BUG at %s' })).toBe(true);
    expect(canJudge({ kind: 'log', text: 'unregister_netdevice: waiting for lo' })).toBe(false);
    expect(canJudge({ kind: 'metric', name: 'gc.after_free_s', above: 1 })).toBe(false);
    const both = [{ kind: 'violation' }, { kind: 'metric', name: 'dst.total', is: 0 }] as const;
    expect(canJudge({ kind: 'all', value: both })).toBe(false);
    expect(canJudge({ kind: 'not', value: { kind: 'call', name: 'dst_hold' } })).toBe(true);
  });

  it('says so of the shipped ones', () => {
    const judged = scenarios.filter(({ bug }) => bug !== null && canJudge(bug)).map(({ name }) => name);
    expect(judged).toEqual(expect.arrayContaining(races.map(([name]) => name)));
    expect(judged).not.toContain('2005-07-gc-backoff');
  });
});
