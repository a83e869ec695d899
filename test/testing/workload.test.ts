import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runSchedule } from '../../src/explore/run-schedule.js';
import {
  type HistoryEvent,
  type KernelCall,
  scheduled,
  timerCall,
  waitCall,
  workCall,
  workload,
  workloadProgram,
} from '../../src/testing/fast-check.js';

const anyCall = fc.oneof(timerCall(), workCall(), waitCall()) as fc.Arbitrary<KernelCall>;

function historyOf(tasks: readonly (readonly KernelCall[])[], schedule: readonly number[] = []): HistoryEvent[] {
  const events: HistoryEvent[] = [];
  const run = runSchedule(workloadProgram(tasks, { check: (history) => void events.push(...history) }), schedule);
  expect(run).toMatchObject({ outcome: 'complete', failure: null });
  return events;
}

/** Names of what happened, with answers. */
function told(events: readonly HistoryEvent[]): string[] {
  return events.map((e) => (e.event === 'called' ? `${e.task} ${e.call[0]} ${e.answer}` : e.event));
}

describe('a workload', () => {
  it('has as many tasks and calls as were asked for', () => {
    const sizes = new Set<string>();
    fc.assert(
      fc.property(workload({ calls: timerCall(), tasksMax: 2, callsMax: 2 }), (tasks) => {
        for (const task of tasks) expect([1, 2]).toContain(task.length);
        sizes.add(tasks.map((task) => task.length).join());
      }),
    );
    expect([...sizes].sort()).toEqual(['1', '1,1', '1,2', '2', '2,1', '2,2']);
  });

  it('makes every call, and only on what there is', () => {
    const names = new Set<string>();
    for (const tasks of fc.sample(workload({ calls: anyCall }), { numRuns: 300, seed: 1 })) {
      for (const [name, object, delay] of tasks.flat()) {
        names.add(name);
        if (object !== undefined) expect(object).toBeLessThan(name === 'schedule_timeout' ? 5 : 2);
        if (delay !== undefined) expect(delay).toBeLessThan(5);
      }
    }
    expect(names.size).toBe(10);
  });

  it('shrinks to the calls that matter, in one task, whichever they are', () => {
    for (let seed = 0; seed < 20; seed++) {
      const property = fc.property(workload({ calls: anyCall, callsMax: 8 }), (tasks) => {
        const names = tasks.flat().map(([name]) => name);
        return !names.includes('del_timer') || !names.includes('mod_delayed_work');
      });
      const [tasks] = fc.check(property, { seed, numRuns: 500 }).counterexample!;
      expect(tasks).toHaveLength(1);
      const calls = tasks[0]!.map((call) => call.join(' ')).sort();
      expect(calls).toEqual([
        expect.stringMatching(/^del_timer \d$/),
        expect.stringMatching(/^mod_delayed_work \d 0$/),
      ]);
    }
  });

  it('shrinks what a person wrote', () => {
    const property = fc.property(
      scheduled(workload({ calls: anyCall })),
      ([tasks]) => !tasks.flat().some(([name]) => name === 'mod_timer'),
    );
    const written: [KernelCall[][], number[]] = [
      [
        [
          ['del_timer', 1],
          ['mod_timer', 1, 3],
        ],
        [['schedule_timeout', 2]],
      ],
      [0, 1],
    ];
    expect(fc.check(property, { examples: [[written]], numRuns: 1 }).counterexample).toEqual([
      [[[['mod_timer', 0, 0]]], []],
    ]);
  });
});

describe('the program of a workload', () => {
  it('performs the calls in order, and tells their answers', () => {
    const calls: KernelCall[] = [
      ['mod_timer', 0, 3],
      ['mod_timer', 0, 2],
      ['del_timer', 0],
      ['del_timer_sync', 0],
      ['try_to_del_timer_sync', 0],
      ['mod_timer', 0, 1],
      ['schedule_delayed_work', 1, 1],
      ['schedule_delayed_work', 1, 9],
      ['mod_delayed_work', 1, 2],
      ['cancel_delayed_work', 1],
      ['cancel_delayed_work_sync', 1],
      ['schedule_delayed_work', 1, 0],
      ['flush_scheduled_work'],
      ['schedule_timeout', 4],
    ];
    expect(told(historyOf([calls]))).toEqual([
      '0 mod_timer 0',
      '0 mod_timer 1',
      '0 del_timer 1',
      '0 del_timer_sync 0',
      '0 try_to_del_timer_sync 0',
      '0 mod_timer 0',
      '0 schedule_delayed_work 1',
      '0 schedule_delayed_work 0',
      '0 mod_delayed_work 1',
      '0 cancel_delayed_work 1',
      '0 cancel_delayed_work_sync 0',
      '0 schedule_delayed_work 1',
      'ran',
      '0 flush_scheduled_work undefined',
      'fired',
      '0 schedule_timeout 0',
    ]);
  });

  it('tells the jiffies of a call and of what came of it', () => {
    const events = historyOf([
      [
        ['schedule_timeout', 2],
        ['mod_timer', 0, 3],
      ],
    ]);
    const [slept, armed, fired] = events.map((event) => event.atJiffies);
    expect([armed! - slept!, fired! - armed!]).toEqual([2, 3]);
  });

  it('lets a schedule decide who comes first', () => {
    const tasks: KernelCall[][] = [[['mod_timer', 0, 1]], [['del_timer', 0]]];
    expect(told(historyOf(tasks))).toEqual(['0 mod_timer 0', '1 del_timer 1']);
    expect(told(historyOf(tasks, [1]))).toEqual(['1 del_timer 0', '0 mod_timer 0', 'fired']);
  });

  it('can have more beside it, and fails as its check does', () => {
    const program = workloadProgram([[['mod_timer', 0, 0]]], {
      setUp: (p) => p.invariant('no timer fires', () => p.machineKernel.machine.ticks === 0),
      check: () => {
        throw new Error('not like this');
      },
    });
    expect(runSchedule(program, []).failure).toMatchObject({
      message: expect.stringMatching(/no timer fires|not like this/),
    });
  });
});
