import { describe, expect, it } from 'vitest';
import { explore, replay } from '../../src/explore/explore.js';
import type { Program } from '../../src/explore/program.js';
import { runNear, runSchedule } from '../../src/explore/run-schedule.js';
import { litmus, lostUpdate, philosophers } from './programs.js';

describe('a schedule of plain choices', () => {
  it('is the default one if it is empty, and if it is all zeros', () => {
    const empty = runSchedule(lostUpdate, []);
    expect(empty).toEqual({ outcome: 'complete', failure: null, steps: 4, preemptions: 0, choices: 2 });
    expect(runSchedule(lostUpdate, [0, 0, 0])).toEqual(empty);
  });

  it('takes a number for each decision with more than one possibility', () => {
    // The first read, then the other task's turn; its write comes before the first one's.
    const { failure, choices, preemptions } = runSchedule(lostUpdate, [0, 1]);
    expect({ choices, preemptions }).toEqual({ choices: 3, preemptions: 1 });
    expect(failure).toMatchObject({ kind: 'check', message: 'an update was lost', preemptions: 1, shrunkFrom: null });
    expect(runSchedule(lostUpdate, [1, 1]).failure).not.toBeNull();
    expect(runSchedule(lostUpdate, [0, 0, 1]).failure).toBeNull();
  });

  it('counts modulo what is possible', () => {
    expect(runSchedule(lostUpdate, [2, 3])).toEqual(runSchedule(lostUpdate, [0, 1]));
  });

  it('makes every interleaving', () => {
    const seen = new Set<string>();
    const orders: Program = (p) => {
      let order = '';
      const x = p.cell('x');
      for (const name of ['a', 'b']) {
        p.task(name, function* () {
          for (let i = 0; i < 2; i++) {
            yield x.read;
            order += name;
          }
        });
      }
      p.finally(() => seen.add(order));
    };
    for (let bits = 0; bits < 8; bits++) runSchedule(orders, [bits & 1, (bits >> 1) & 1, bits >> 2]);
    expect([...seen].sort()).toEqual(['aabb', 'abab', 'abba', 'baab', 'baba', 'bbaa']);
  });

  it('decides data, too', () => {
    const data: Program = (p) => {
      const amount = p.choose('amount', 5);
      p.check(amount < 3, 'too much');
    };
    expect([[], [2], [3], [7], [9]].map((list) => runSchedule(data, list).failure !== null)).toEqual([
      false,
      false,
      true,
      false,
      true,
    ]);
  });

  it('gives a token that makes the run again', () => {
    const { failure } = runSchedule(philosophers(2), [0, 1]);
    expect(failure).toMatchObject({ kind: 'deadlock', runsToFind: 0 });
    expect(replay(philosophers(2), failure!.token)).toMatchObject({
      sameProgram: true,
      failure: { kind: 'deadlock', steps: failure!.steps, report: failure!.report },
    });
  });

  it('is cut at the limit of decisions', () => {
    const spins: Program = (p) => {
      const x = p.cell('x');
      p.task('a', function* () {
        while (((yield x.read) as number) === 0);
      });
    };
    expect(runSchedule(spins, [], { decisionsMax: 50 })).toMatchObject({
      outcome: 'stopped',
      failure: null,
      steps: 50,
    });
  });

  it.each([[[-1]], [[0, 1.5]], [[Number.NaN]]])('is refused if it is %j', (list) => {
    expect(() => runSchedule(lostUpdate, list)).toThrow('where whole numbers from 0 are known');
  });
});

describe('a run near to a token', () => {
  it('leaves out what does not fit', () => {
    const { token } = explore(lostUpdate).failure!;
    expect(runNear(lostUpdate, token).failure).toMatchObject({ message: 'an update was lost' });
    expect(runNear(litmus('Wx | Rx'), token)).toMatchObject({ outcome: 'complete', failure: null });
    expect(() => runNear(lostUpdate, 'nonsense')).toThrow('not a schedule token');
  });
});
