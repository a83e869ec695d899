/** Every kind of operation of the golden timer files as a scenario's action, on a machine like theirs. */
import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../src/scenario/load.js';
import { kindsOf, returns, run, small } from './helpers.js';

/** From jiffy 1000; a BUG is noted and the caller goes on. */
const machine = '{hz: 250, cpus: 2, kernel: 2.6.24, initialJiffies: 1000, wheel: steady, onBug: continue}';

function timers(declared: string, steps: string): Scenario {
  return small(`timers: ${declared}\nactors: [{name: script, do: ${steps}}]`, machine);
}

/** Each firing as `jiffy cpu timer`. */
function fired(scenario: Scenario): string[] {
  return run(scenario).result.timers.map((t) => `${t.jiffies} ${t.cpu} ${t.timer}`);
}

describe('add_timer', () => {
  const twice = timers(
    '{t: {}}',
    '[{add_timer: {timer: t, expires: 5 jiffies}}, {add_timer: {timer: t, expires: 9 jiffies}}, {timer_pending: {timer: t}}]',
  );

  it('is a BUG if the timer is pending, and then does nothing', () => {
    expect(returns(run(twice))).toEqual(['add_timer 0', 'add_timer -1', 'timer_pending 1']);
    expect(kindsOf(run(twice))).toEqual(['bug']);
    expect(run(twice).result.kernelLog.at(-1)!.text).toBe('kernel BUG at include/linux/timer.h:145!');
    expect(fired(twice)).toEqual(['1005 0 t']);
  });

  it('ends the caller where a BUG dies', () => {
    const dies = small(
      'timers: {t: {}}\nactors: [{name: a, do: [{add_timer: {timer: t, expires: 5 jiffies}}, {add_timer: {timer: t, expires: 9 jiffies}}, {timer_pending: {timer: t}}]}]',
      '{hz: 250, kernel: 2.6.24}',
    );
    expect(returns(run(dies))).toEqual(['add_timer 0', 'add_timer null']);
    expect(run(dies).result.timers).toHaveLength(1);
  });

  it('has no such check before 2.6.15', () => {
    expect(kindsOf(run(twice, 'newest', { kernel: '2.6.14' }))).toEqual([]);
  });
});

describe('mod_timer', () => {
  it('answers whether it was pending, and moves it', () => {
    const scenario = timers(
      '{t: {}}',
      '[{mod_timer: {timer: t, expires: 5 jiffies}}, {mod_timer: {timer: t, expires: 1009}}, {mod_timer: {timer: t, expires: -3 jiffies}}, {mod_timer: {timer: t, expires: 7 jiffies}}]',
    );
    expect(returns(run(scenario))).toEqual(['mod_timer 0', 'mod_timer 1', 'mod_timer 1', 'mod_timer 1']);
    expect(run(scenario).result.calls.map((call) => call.args['expires'])).toEqual([1005, 1009, 997, 1007]);
    expect(fired(scenario)).toEqual(['1007 0 t']);
  });

  it('takes the timer to the CPU that calls it', () => {
    const scenario = timers(
      '{t: {}}',
      '[{mod_timer: {timer: t, expires: 5 jiffies}}, {cpu: 1, mod_timer: {timer: t, expires: 6 jiffies}}]',
    );
    expect(fired(scenario)).toEqual(['1006 1 t']);
    expect(run(scenario).result.calls.map((call) => call.cpu)).toEqual([0, 1]);
  });
});

describe('add_timer_on', () => {
  it('puts it on another CPU, and is a BUG on a pending one', () => {
    const scenario = timers(
      '{t: {}}',
      '[{add_timer_on: {timer: t, expires: 5 jiffies, on: 1}}, {add_timer_on: {timer: t, expires: 5 jiffies, on: 0}}]',
    );
    expect(returns(run(scenario))).toEqual(['add_timer_on 0', 'add_timer_on -1']);
    expect(run(scenario).result.kernelLog.at(-1)!.text).toBe('kernel BUG at kernel/timer.c:452!');
    expect(fired(scenario)).toEqual(['1005 1 t']);
  });
});

describe('del_timer and its sisters', () => {
  it('answer whether it was pending', () => {
    const arm = '{mod_timer: {timer: t, expires: 5 jiffies}}';
    const scenario = timers(
      '{t: {}}',
      `[{del_timer: {timer: t}}, ${arm}, {del_timer: {timer: t}}, ${arm}, {del_timer_sync: {timer: t}}, ${arm}, {try_to_del_timer_sync: {timer: t}}, {try_to_del_timer_sync: {timer: t}}]`,
    );
    const rets = run(scenario)
      .result.calls.filter((call) => call.call.includes('del_'))
      .map((call) => call.ret);
    expect(rets).toEqual([0, 1, 1, 1, 0]);
    expect(fired(scenario)).toEqual([]);
  });

  it('of another CPU see a handler that runs', () => {
    const scenario = timers(
      '{t: {handler: [{cpu: 1, try_to_del_timer_sync: {timer: t}}, {cpu: 1, del_timer: {timer: t}}]}}',
      '[{mod_timer: {timer: t, expires: 1 jiffy}}]',
    );
    expect(returns(run(scenario)).slice(1)).toEqual(['try_to_del_timer_sync -1', 'del_timer 0']);
  });
});

describe('handlers', () => {
  it('re-arm, cancel and arm others', () => {
    const scenario = timers(
      '{t: {handler: [{mod_timer: {timer: t, expires: 2 jiffies}, times: 2}, {del_timer: {timer: u}}, {mod_timer: {timer: v, expires: 1 jiffy}}]}, u: {}, v: {}}',
      '[{mod_timer: {timer: t, expires: 3 jiffies}}, {mod_timer: {timer: u, expires: 4 jiffies}}]',
    );
    expect(fired(scenario)).toEqual(['1003 0 t', '1004 0 v', '1005 0 t', '1006 0 v', '1007 0 t', '1008 0 v']);
    expect(returns(run(scenario)).slice(2, 5)).toEqual(['mod_timer 0', 'del_timer 1', 'mod_timer 0']);
  });

  it('are on their CPU while another one acts', () => {
    const scenario = timers(
      '{t: {handler: [{cpu: 1, mod_timer: {timer: u, expires: 2 jiffies}}, {cpu: 1, mod_timer: {timer: t, expires: 2 jiffies}, times: 1}]}, u: {}}',
      '[{mod_timer: {timer: t, expires: 3 jiffies}}]',
    );
    // What the other CPU arms is on it; but a timer whose handler runs stays where that runs.
    expect(fired(scenario)).toEqual(['1003 0 t', '1005 0 t', '1007 1 u']);
    expect(
      run(scenario)
        .result.calls.slice(1, 3)
        .map((call) => [call.call, call.cpu]),
    ).toEqual([
      ['mod_timer', 1],
      ['mod_timer', 1],
    ]);
  });

  it('may add a timer that is pending', () => {
    const scenario = timers(
      '{t: {handler: [{add_timer: {timer: u, expires: 9 jiffies}}]}, u: {}}',
      '[{mod_timer: {timer: t, expires: 1 jiffy}}, {mod_timer: {timer: u, expires: 5 jiffies}}]',
    );
    expect(returns(run(scenario)).at(-1)).toBe('add_timer -1');
    expect(fired(scenario)).toEqual(['1001 0 t', '1005 0 u']);
  });
});

describe('a held CPU', () => {
  it('runs no timers until it is released, and then all that it missed', () => {
    const scenario = timers(
      '{t: {handler: [{mod_timer: {timer: u, expires: 0 jiffies}}]}, u: {}, other: {}}',
      '[{hold_cpu: 1}, {add_timer_on: {timer: t, expires: 3 jiffies, on: 1}}, {mod_timer: {timer: other, expires: 4 jiffies}}, {after: 10 jiffies, release_cpu: 1}]',
    );
    expect(fired(scenario)).toEqual(['1004 0 other', '1011 1 t', '1011 1 u']);
  });

  it('goes on with everything else', () => {
    const scenario = timers(
      '{t: {}}',
      '[{hold_cpu: 1}, {cpu: 1, mod_timer: {timer: t, expires: 2 jiffies}}, {after: 5 jiffies, cpu: 1, timer_pending: {timer: t}}]',
    );
    expect(returns(run(scenario))).toEqual(['mod_timer 0', 'timer_pending 1']);
  });
});
