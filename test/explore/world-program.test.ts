import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { explore, replay } from '../../src/explore/explore.js';
import { scenarioProgram } from '../../src/explore/scenario-program.js';
import { worldProgram } from '../../src/explore/world-program.js';
import { justBefore, parseRevision } from '../../src/history/revision.js';
import { dst_release } from '../../src/net/dst/dst-release.js';
import { loadScenario } from '../../src/scenario/load.js';
import { InputError } from '../../src/sim/errors.js';

const race = loadScenario(readFileSync('scenarios/2005-04-dst-destroy-race.yaml'), '2005-04-dst-destroy-race.yaml');

describe('a scenario as a program', () => {
  it('is found just before its fix, and its token says where it ran', () => {
    const program = scenarioProgram(race, { revision: justBefore(race.fixedBy!)! });
    const { failure } = explore(program);
    expect(failure).toMatchObject({ kind: 'use-after-free', preemptions: 1 });
    const replayed = replay(program, failure!.token);
    expect(replayed).toMatchObject({ revision: '1da177e4c3f4', era: '2.6.12', sameProgram: true });
    expect(replayed.failure?.message).toBe(failure!.message);
  });

  it('has nothing to be found at its fix', () => {
    const { failure, totals } = explore(scenarioProgram(race), { runs: 300 });
    expect(failure).toBeNull();
    expect({ runs: totals.runs, cut: totals.boundCut, failing: totals.failing }).toEqual({
      runs: 300,
      cut: 0,
      failing: 0,
    });
  });
});

describe('a world at a revision', () => {
  /** Two tasks release the one reference there is. */
  const overRelease = (revision: string) =>
    worldProgram({ revision }, (p) => {
      const { workload } = p.world;
      p.task('first', function* () {
        const entry = yield* workload.make('route', { dev: 'eth0', refs: 1, child: null, flags: 0, ops: 'ipv4' });
        yield* dst_release(p.dst, entry!);
        yield* dst_release(p.dst, entry!);
      });
    });

  it('runs the model of that revision on the last kernel that shipped it', () => {
    const { failure } = explore(overRelease('R26'), { runs: 1 });
    expect(failure).toMatchObject({ kind: 'warning' });
    const { revision, era } = replay(overRelease('R26'), failure!.token);
    expect(revision).toBe(parseRevision('R26').name);
    expect(era).toBe('2.6.29');
  });

  it('is the same program at another revision and on another kernel', () => {
    const newest = overRelease('R26');
    const older = newest.at('R25', '2.6.27');
    expect([older.revision, older.era]).toEqual([parseRevision('R25').name, '2.6.27']);
    expect(older.at('R26').era).toBe('2.6.29');
    const { failure } = explore(older, { runs: 1 });
    expect(replay(older, failure!.token)).toMatchObject({ sameProgram: true, era: '2.6.27' });
  });

  it('tolerates violations that its program provokes, and no others', () => {
    const twice = (kind: string) =>
      worldProgram({ revision: 'R26' }, (p) => {
        p.tolerate(kind);
        p.task('only', function* () {
          const entry = yield* p.world.workload.make('a', { dev: 'eth0', refs: 0, child: null, flags: 0, ops: 'ipv4' });
          yield* dst_release(p.dst, entry!);
        });
      });
    expect(explore(twice('warning'), { runs: 1 }).failure).toBeNull();
    expect(explore(twice('bug'), { runs: 1 }).failure).toMatchObject({ kind: 'warning' });
  });

  it('refuses a machine there is not in one line', () => {
    expect(() => worldProgram({ machine: { hz: 7 } }, () => undefined)).toThrow(InputError);
    expect(() => worldProgram({ machine: { cpus: 99 } }, () => undefined)).toThrow("a world's cpus: Too big");
  });
});
