import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Program } from '../../src/explore/program.js';
import { runSchedule } from '../../src/explore/run-schedule.js';
import {
  assertHolds,
  type HistoryEvent,
  type KernelCall,
  ScheduleFailure,
  schedule,
  scheduled,
  timerCall,
  waitCall,
  workload,
  workloadProgram,
} from '../../src/testing/fast-check.js';
import { lostUpdate, philosophers } from '../explore/programs.js';

const seeds = Array.from({ length: 20 }, (_, seed) => seed);

/** The smallest counterexample that fast-check comes to. */
function smallest<T>(arbitrary: fc.Arbitrary<T>, holds: (value: T) => boolean, seed: number, numRuns = 200): T | null {
  return fc.check(fc.property(arbitrary, holds), { seed, numRuns }).counterexample?.[0] ?? null;
}

describe('an arbitrary schedule', () => {
  it('is a plain array of whole numbers that does not end with 0', () => {
    fc.assert(
      fc.property(schedule({ choicesMax: 20, valueMax: 3 }), (choices) => {
        expect(Object.getPrototypeOf(choices)).toBe(Array.prototype);
        expect(choices.length).toBeLessThanOrEqual(20);
        expect(choices.at(-1)).not.toBe(0);
        for (const choice of choices) expect([0, 1, 2, 3]).toContain(choice);
      }),
    );
  });

  it('has often few deviations and often many', () => {
    const counts = fc.sample(schedule(), { numRuns: 400, seed: 1 }).map((s) => s.filter((choice) => choice > 0).length);
    expect(counts.filter((n) => n <= 4).length).toBeGreaterThan(150);
    expect(counts.filter((n) => n > 10).length).toBeGreaterThan(50);
  });

  it('finds a race and shrinks to its one choice', () => {
    for (const seed of seeds) {
      const found = smallest(schedule(), (choices) => runSchedule(lostUpdate, choices).failure === null, seed);
      expect([
        [0, 1],
        [1, 1],
      ]).toContainEqual(found);
    }
  });

  it('shrinks to [] when the default schedule fails as well', () => {
    for (const seed of seeds) expect(smallest(schedule(), () => false, seed)).toEqual([]);
  });

  it('shrinks to the fewest choices of a deadlock', () => {
    for (const seed of seeds) {
      const found = smallest(
        schedule(),
        (choices) => runSchedule(philosophers(4), choices).failure === null,
        seed,
        500,
      );
      if (found === null) continue;
      const { failure } = runSchedule(philosophers(4), found);
      expect(failure).toMatchObject({ kind: 'deadlock' });
      expect(found.filter((choice) => choice > 0).length).toBeLessThanOrEqual(4);
    }
  });

  it('ends its shrinking wherever it begins', () => {
    fc.assert(
      fc.property(schedule({ choicesMax: 12 }), (choices) => {
        let steps = 0;
        let at = choices;
        // The first candidate again and again.
        for (let next = first(at); next !== null; next = first(at)) {
          at = next;
          expect(++steps).toBeLessThan(200);
        }
        expect(at).toEqual([]);
      }),
    );
    function first(choices: number[]): number[] | null {
      for (const value of schedule().shrink(choices, undefined)) return value.value;
      return null;
    }
  });

  it('shrinks what a person wrote', () => {
    const { counterexample } = fc.check(
      fc.property(schedule(), (choices) => choices.length < 3),
      { examples: [[[0, 0, 0, 4, 0, 2, 5, 0]]], numRuns: 1 },
    );
    expect(counterexample).toEqual([[0, 0, 1]]);
  });
});

/** Tasks that each add one to a count so many times. */
function bump(counts: readonly number[]): Program {
  const sum = counts.reduce((a, b) => a + b, 0);
  return (p) => {
    const n = p.cell('n');
    for (const [i, times] of counts.entries()) {
      p.task(`t${i}`, function* () {
        for (let left = times; left > 0; left--) {
          const seen: number = yield n.read;
          yield n.write(seen + 1);
        }
      });
    }
    p.finally(() => p.check(n.value === sum, 'an update was lost'));
  };
}

describe('a workload with a schedule', () => {
  const counts = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 });
  const holds = ([tasks, choices]: [number[], number[]]): boolean => runSchedule(bump(tasks), choices).failure === null;

  it('shrinks together, to two tasks and one preemption', () => {
    for (const seed of seeds)
      expect(smallest(scheduled(counts), holds, seed)).toEqual([
        [1, 1],
        [0, 1],
      ]);
  });

  it('gets further than one after the other', () => {
    const tasks = workload({ calls: fc.oneof({ weight: 4, arbitrary: timerCall() }, waitCall()) });
    const firesOnce = ([calls, choices]: [KernelCall[][], number[]]): boolean => {
      const check = (history: readonly HistoryEvent[]): void => {
        if (history.filter((e) => e.event === 'fired' && e.timer === 0).length > 1) throw new Error('fired twice');
      };
      return runSchedule(workloadProgram(calls, { check }), choices).failure === null;
    };
    /** The counterexamples that could be said with less. */
    const longer = (arbitrary: fc.Arbitrary<[KernelCall[][], number[]]>): number => {
      const minimal = [
        '[[["mod_timer",0,0],["schedule_timeout",0],["mod_timer",0,0]]] []',
        '[[["mod_timer",0,0],["mod_timer",0,0]]] [1]',
      ];
      return seeds
        .map((seed) => smallest(arbitrary, firesOnce, seed)!)
        .filter(([calls, choices]) => !minimal.includes(`${JSON.stringify(calls)} ${JSON.stringify(choices)}`)).length;
    };
    const together = longer(scheduled(tasks));
    const apart = longer(fc.tuple(tasks, schedule()));
    expect({ together, apartIsWorse: apart > together }).toEqual({ together: 0, apartIsWorse: true });
  });

  it('shrinks what a person wrote', () => {
    const { counterexample } = fc.check(fc.property(scheduled(counts), holds), {
      examples: [
        [
          [
            [2, 1, 3],
            [0, 0, 0, 0, 0, 1, 0, 1],
          ],
        ],
      ],
      numRuns: 1,
    });
    expect(counterexample).toEqual([
      [
        [1, 1],
        [0, 1],
      ],
    ]);
  });

  it('fails with the report, the token and the call to paste', () => {
    let thrown: unknown;
    try {
      assertHolds(lostUpdate, [0, 1]);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ScheduleFailure);
    const { failure, message, exitCode } = thrown as ScheduleFailure;
    expect(exitCode).toBe(1);
    expect(message).toBe(failure.report);
    expect(message).toContain(`replay(program, '${failure.token}');`);
    const property = fc.property(scheduled(counts), ([tasks, choices]) => void assertHolds(bump(tasks), choices));
    expect(() => fc.assert(property, { seed: 1, includeErrorInReport: true })).toThrow(
      /Counterexample: \[\[\[1,1\],\[0,1\]\]\][\s\S]*replay\(program, 'j1\./,
    );
  });
});
