/** Every kind of operation of the golden work files as a scenario's action. */
import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../src/scenario/load.js';
import { returns, run, small } from './helpers.js';

const machine = '{hz: 250, cpus: 2, kernel: 2.6.24, initialJiffies: 1000, wheel: steady}';

function works(declared: string, steps: string): Scenario {
  return small(`works: ${declared}\nactors: [{name: script, do: ${steps}}]`, machine);
}

/** Each execution as `jiffy cpu work`. */
function executed(scenario: Scenario): string[] {
  return run(scenario).result.work.map((w) => `${w.jiffies} ${w.cpu} ${w.work}`);
}

describe('schedule_delayed_work', () => {
  it('does nothing for a pending work, whatever the delay', () => {
    const scenario = works(
      '{w: {}}',
      '[{schedule_delayed_work: {work: w, delay: 5 jiffies}}, {schedule_delayed_work: {work: w, delay: 1 jiffy}}, {schedule_work: {work: w}}]',
    );
    expect(returns(run(scenario))).toEqual(['schedule_delayed_work 1', 'schedule_delayed_work 0', 'schedule_work 0']);
    expect(executed(scenario)).toEqual(['1005 0 w']);
  });

  it('may be called by the work itself, whose pending bit is clear', () => {
    const scenario = works(
      '{w: {function: [{schedule_delayed_work: {work: w, delay: 2 jiffies}, times: 2}]}}',
      '[{schedule_delayed_work: {work: w, delay: 0 jiffies}}]',
    );
    expect(executed(scenario)).toEqual(['1000 0 w', '1002 0 w', '1004 0 w']);
    expect(returns(run(scenario))).toEqual([
      'schedule_delayed_work 1',
      'schedule_delayed_work 1',
      'schedule_delayed_work 1',
    ]);
  });

  it('on another CPU runs there', () => {
    const scenario = works(
      '{w: {}, v: {}}',
      '[{schedule_delayed_work_on: {work: w, delay: 3 jiffies, on: 1}}, {cpu: 1, schedule_delayed_work: {work: v, delay: 3 jiffies}}]',
    );
    expect(executed(scenario)).toEqual(['1003 1 w', '1003 1 v']);
  });
});

describe('cancelling', () => {
  it('cancel_delayed_work takes back the timer only', () => {
    const scenario = works(
      '{w: {}, v: {}}',
      '[{hold_worker: 0}, {schedule_delayed_work: {work: w, delay: 5 jiffies}}, {schedule_work: {work: v}}, {cancel_delayed_work: {work: w}}, {cancel_delayed_work: {work: v}}, {cancel_delayed_work: {work: w}}, {release_worker: 0}]',
    );
    expect(returns(run(scenario)).filter((text) => text.startsWith('cancel'))).toEqual([
      'cancel_delayed_work 1',
      'cancel_delayed_work 0',
      'cancel_delayed_work 0',
    ]);
    expect(executed(scenario)).toEqual(['1000 0 v']);
  });

  it('cancel_delayed_work_sync takes it off the list too', () => {
    const scenario = works(
      '{v: {}}',
      '[{hold_worker: 0}, {schedule_work: {work: v}}, {cancel_delayed_work_sync: {work: v}}, {release_worker: 0}]',
    );
    expect(returns(run(scenario))).toEqual(['schedule_work 1', 'cancel_delayed_work_sync 1']);
    expect(executed(scenario)).toEqual([]);
  });

  it('mod_delayed_work starts it anew', () => {
    const scenario = works(
      '{w: {}}',
      '[{mod_delayed_work: {work: w, delay: 5 jiffies}}, {mod_delayed_work: {work: w, delay: 2 jiffies}}]',
    );
    expect(returns(run(scenario))).toEqual(['mod_delayed_work 0', 'mod_delayed_work 1']);
    expect(executed(scenario)).toEqual(['1002 0 w']);
  });
});

describe('workers', () => {
  it('held ones take nothing from their list; the others go on', () => {
    const scenario = works(
      '{w: {}, v: {}}',
      '[{hold_worker: 1}, {cpu: 1, schedule_work: {work: w}}, {schedule_work: {work: v}}, {after: 5 jiffies, release_worker: 1}]',
    );
    expect(executed(scenario)).toEqual(['1000 0 v', '1005 1 w']);
  });

  it('run_worker makes another one drain its list inside a work function', () => {
    const scenario = works(
      '{w: {function: [{run_worker: 1}, {run_worker: 1}]}, q: {function: [{schedule_work: {work: v}, times: 1}]}, v: {}}',
      '[{hold_worker: 1}, {cpu: 1, schedule_work: {work: q}}, {release_worker: 1}, {schedule_work: {work: w}}]',
    );
    // w comes first on CPU 0 and has q and v run on CPU 1 before it goes on.
    expect(executed(scenario)).toEqual(['1000 0 w', '1000 1 q', '1000 1 v']);
    const rets = run(scenario)
      .result.calls.filter((call) => call.call === 'run_worker')
      .map((call) => call.ret);
    expect(rets).toEqual([2, 0]);
  });

  it('run_worker is refused by a worker that is held, or inside a work', () => {
    const scenario = works(
      '{w: {function: [{run_worker: 0}, {run_worker: 1}]}}',
      '[{hold_worker: 1}, {schedule_work: {work: w}}]',
    );
    expect(returns(run(scenario)).slice(1)).toEqual(['run_worker -3', 'run_worker -3']);
  });

  it('flush_scheduled_work waits until what is queued has run', () => {
    const scenario = works(
      '{w: {function: [{wait: 20ms}]}}',
      '[{schedule_work: {work: w}}, {flush_scheduled_work:}, {schedule_work: {work: w}}]',
    );
    expect(executed(scenario)).toEqual(['1000 0 w', '1005 0 w']);
    expect(run(scenario).result.calls.map((call) => call.jiffies)).toEqual([1000, 1000, 1005]);
  });
});
