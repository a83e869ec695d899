import { describe, expect, it } from 'vitest';
import { parseRevision, withoutCommit } from '../../src/history/revision.js';
import { eraOfComparison, replayScenario } from '../../src/scenario/replay.js';
import type { ReplayResult, RunReport } from '../../src/scenario/result.js';
import { runScenario } from '../../src/scenario/run.js';
import { shipped, shippedNames } from './helpers.js';

interface Replayed {
  readonly result: ReplayResult;
  readonly reports: readonly RunReport[];
}

const replays = new Map<string, Replayed>();

/** Each scenario is replayed once for all tests. */
function replayed(name: string): Replayed {
  let done = replays.get(name);
  if (done === undefined) {
    const reports: RunReport[] = [];
    done = { result: replayScenario(shipped(name), (report) => reports.push(report)), reports };
    replays.set(name, done);
  }
  return done;
}

const fixed = shippedNames.filter((name) => shipped(name).fixedBy !== null);

describe.each(shippedNames)('%s', (name) => {
  const scenario = shipped(name);

  it('replays', () => {
    const { result } = replayed(name);
    expect(result.failed).toEqual({ before: [], after: [] });
    expect(result.verdict).toBe(scenario.fixedBy === null ? 'as expected' : 'replayed');
    expect(result.fixedBy).toBe(scenario.fixedBy?.id ?? null);
    expect([result.before.reproduced, result.after.reproduced]).toEqual([scenario.fixedBy !== null, false]);
  });

  it('runs both sides on one kernel, the one it pins if it does', () => {
    const { result, reports } = replayed(name);
    for (const report of reports) expect(report.result.kernel).toBe(result.kernel);
    expect(result.kernel).toBe(scenario.machine.kernel ?? eraOfComparison(scenario));
  });

  it('shows on each side what tells', () => {
    const { before, after } = replayed(name).result;
    expect(before.shownBy).not.toBe('');
    expect(after.shownBy).not.toBe('');
    if (scenario.fixedBy !== null) expect(before.shownBy).not.toBe(after.shownBy);
  });

  it('has exactly one symptom if it has a fixing commit, and a story for a student', () => {
    expect(scenario.hasBug).toBe(scenario.fixedBy !== null);
    expect(scenario.story.length).toBeGreaterThan(200);
    expect(scenario.expect.length).toBeGreaterThan(0);
  });
});

describe('the newest revision without the fixing commit', () => {
  it.each(fixed)('%s: the bug is back, or the scenario says why not', (name) => {
    const scenario = shipped(name);
    const revision = withoutCommit(parseRevision('newest'), scenario.fixedBy!);
    const report = runScenario(scenario, { revision, kernel: eraOfComparison(scenario) });
    expect(report.bug?.reproduced).toBe(scenario.withoutFix === undefined);
  });
});

describe('the twelve rows', () => {
  const name = '2007-10-gc-trace';
  const column = (key: 'dstTotal' | 'delayed' | 'workPerformed' | 'expires' | 'printedExpires' | 'elapsedUs') =>
    replayed(name)
      .reports.at(-1)!
      .result.series.gc.map((row) => row[key]);

  it('are exact', () => {
    expect(column('dstTotal')).toEqual([
      75469, 78725, 86126, 100173, 121798, 154522, 154957, 157377, 163745, 176577, 198993, 226638,
    ]);
    expect(column('delayed')).toEqual([
      74109, 73366, 71844, 68791, 64711, 58316, 58252, 57843, 56679, 53965, 49627, 46865,
    ]);
    expect(column('workPerformed')).toEqual([141, 743, 1522, 3053, 4080, 6395, 64, 409, 1164, 2714, 4338, 2762]);
    const expires = [150, 400, 775, 1256, 1997, 25, 150, 400, 775, 1389, 1997, 2748];
    expect(column('expires')).toEqual(expires);
    expect(column('printedExpires')).toEqual(expires);
  });

  it('take as long as printed: at most 3 % off in any row (row 8)', () => {
    const printed = [8092, 8542, 8849, 9748, 10146, 11402, 6148, 6350, 7051, 8120, 8909, 7351];
    const deviations = column('elapsedUs').map((elapsed, row) => Math.abs(elapsed! / printed[row]! - 1));
    expect(deviations).toHaveLength(12);
    expect(Math.max(...deviations)).toBeLessThan(0.03);
  });

  it('print the same line twelve times', () => {
    const lines = replayed(name)
      .reports.at(-1)!
      .result.kernelLog.map((line) => line.text);
    expect(lines).toHaveLength(12);
    expect(lines[5]).toMatch(/^dst_total: 154522 delayed: 58316 work_perf: 6395 expires: 25 elapsed: \d+ us$/);
  });
});
