/** What is detected and never silently survived, written as scenarios. */
import { describe, expect, it } from 'vitest';
import type { Scenario } from '../../src/scenario/load.js';
import { kindsOf, run, script, small } from './helpers.js';

function messages(scenario: Scenario): string[] {
  return run(scenario, 'newest', { kernel: '2.6.26' }).result.violations.map((v) => `${v.kind}: ${v.message}`);
}

/** A timer's handler that does this, on CPU 0. */
const inHandler = (steps: string): Scenario =>
  small(`timers: {t: {handler: ${steps}}}\nactors: [{name: a, do: [{mod_timer: {timer: t, expires: 1 jiffy}}]}]`);

const inWork = (steps: string): Scenario =>
  small(`works: {w: {function: ${steps}}}\nactors: [{name: a, do: [{schedule_work: {work: w}}]}]`);

describe('sleeping in atomic context', () => {
  it.each([
    ['mutex_lock in a handler', inHandler('[{mutex_lock: {mutex: m}}, {mutex_unlock: {mutex: m}}]')],
    ['msleep in a handler', inHandler('[{msleep: 5}]')],
    [
      'mutex_lock under a spinlock',
      script(
        '[{spin_lock: {lock: l}}, {mutex_lock: {mutex: m}}, {mutex_unlock: {mutex: m}}, {spin_unlock: {lock: l}}]',
      ),
    ],
    ['msleep with bottom halves off', script('[{local_bh_disable:}, {msleep: 5}, {local_bh_enable:}]')],
    ['might_sleep with interrupts off', script('[{local_irq_disable:}, {might_sleep:}, {local_irq_enable:}]')],
    ['flushing in a handler', inHandler('[{flush_scheduled_work:}]')],
  ])('%s', (_, scenario) => {
    const report = run(scenario);
    expect(new Set(kindsOf(report))).toEqual(new Set(['sleep-in-atomic']));
    expect(report.ok).toBe(false);
    expect(report.unexpected).toEqual(report.result.violations);
    expect(report.result.kernelLog[0]!.text).toMatch(
      /^BUG: (sleeping function called from invalid context|scheduling while atomic)/,
    );
  });

  it('is fine where nothing forbids it', () => {
    expect(messages(script('[{mutex_lock: {mutex: m}}, {msleep: 5}, {mutex_unlock: {mutex: m}}]'))).toEqual([]);
    expect(messages(inWork('[{mutex_lock: {mutex: m}}, {msleep: 5}, {mutex_unlock: {mutex: m}}]'))).toEqual([]);
  });
});

describe('locks', () => {
  it('unlocked by somebody who does not hold them', () => {
    expect(messages(script('[{spin_unlock: {lock: l}}, {mutex_unlock: {mutex: m}}]'))).toEqual([
      'unlock-not-held: script unlocks l, which nobody holds',
      'unlock-not-held: script unlocks mutex m, which nobody holds',
    ]);
    const others = small(`
actors:
  - {name: a, cpu: 0, do: [{mutex_lock: {mutex: m}}, {wait: 20ms}]}
  - {name: b, cpu: 1, do: [{at: 10ms, mutex_unlock: {mutex: m}}]}
`);
    expect(messages(others)).toEqual(['unlock-not-held: b unlocks mutex m, which a holds']);
  });

  it.each([
    ['spinlock', 'spinlock l', script('[{spin_lock: {lock: l}}, {spin_lock: {lock: l}}]')],
    ['mutex', 'mutex l', script('[{mutex_lock: {mutex: l}}, {mutex_lock: {mutex: l}}]')],
  ])('taken twice by one: %s', (_, what, scenario) => {
    expect(messages(scenario)).toEqual([
      `self-deadlock: script on CPU 0 waits for ${what}, which it holds itself on that CPU`,
    ]);
  });

  it('taken by a handler that came in on top of who holds it', () => {
    const scenario = small(`
timers: {t: {handler: [{spin_lock: {lock: l}}, {spin_unlock: {lock: l}}]}}
actors:
  - {name: a, do: [{mod_timer: {timer: t, expires: 1 jiffy}}, {spin_lock: {lock: l}}, {busy: 20ms}, {spin_unlock: {lock: l}}]}
`);
    expect(messages(scenario)).toEqual([
      'self-deadlock: softirq on CPU 0 waits for spinlock l, which it holds itself on that CPU',
    ]);
    const bh = small(`
timers: {t: {handler: [{spin_lock: {lock: l}}, {spin_unlock: {lock: l}}]}}
actors:
  - {name: a, do: [{mod_timer: {timer: t, expires: 1 jiffy}}, {spin_lock_bh: {lock: l}}, {busy: 20ms}, {spin_unlock_bh: {lock: l}}]}
`);
    expect(messages(bh)).toEqual([]);
  });

  it.each([
    ['mutexes', 'mutex', '{wait: 1ms}'],
    ['spinlocks', 'spin', '{busy: 1ms}'],
  ])('taken in opposite order: two %s, with who waits for what', (_, kind, pause) => {
    const name = kind === 'mutex' ? 'mutex' : 'lock';
    const both = (first: string, second: string): string =>
      `[{${kind}_lock: {${name}: ${first}}}, ${pause}, {${kind}_lock: {${name}: ${second}}}]`;
    const scenario = small(`
actors:
  - {name: a, cpu: 0, do: ${both('m', 'n')}}
  - {name: b, cpu: 1, do: ${both('n', 'm')}}
`);
    const what = kind === 'mutex' ? 'mutex' : 'spinlock';
    expect(messages(scenario)).toEqual([`deadlock: b on CPU 1 waits for ${what} m; a on CPU 0 waits for ${what} n`]);
  });

  it('waited for in vain', () => {
    expect(messages(script('[{spin_until: {cell: x, value: 3}}]', 'cells: {x: 0}'))).toEqual([
      'deadlock: nothing can happen any more: script on CPU 0 waits for a change of x',
    ]);
  });
});

describe('a preempt count that is not given back', () => {
  it('by a handler stops the machine', () => {
    const report = run(inHandler('[{preempt_disable:}]'), 'newest', { kernel: '2.6.26' });
    expect(kindsOf(report)).toEqual(['preempt-leak', 'bug']);
    expect(report.result.violations[0]!.message).toMatch(
      /^huh, entered .* with preempt_count 00000100, exited with 00000101\? \(t\)$/,
    );
    expect(report.result.notes).toEqual([
      'the machine stopped: Kernel panic - not syncing: Fatal exception in interrupt',
    ]);
  });

  it('by a work is complained about', () => {
    expect(messages(inWork('[{preempt_disable:}]'))[0]).toMatch(
      /^preempt-leak: BUG: workqueue leaked lock or atomic: events\/0/,
    );
  });

  it.each([
    ['[{preempt_disable:}]', 'preempt_count 00000001'],
    ['[{local_bh_disable:}]', 'preempt_count 00000100'],
    ['[{spin_lock: {lock: l}}]', 'preempt_count 00000001 holding l'],
  ])('by an actor: %s', (steps, what) => {
    expect(messages(script(steps))).toEqual([`preempt-leak: script ended with ${what}`]);
  });

  it('or given back twice', () => {
    expect(messages(script('[{preempt_enable:}]'))).toEqual([
      'preempt-underflow: script: preempt_enable without preempt_disable',
    ]);
    expect(messages(script('[{local_bh_enable:}]'))).toEqual([
      'bh-underflow: script: local_bh_enable without local_bh_disable',
    ]);
  });
});

describe('memory', () => {
  it('freed twice', () => {
    const scenario = script('[{dst_alloc: {dst: d, dev: eth0}}, {dst_destroy: {dst: d}}, {dst_destroy: {dst: d}}]');
    expect(messages(scenario)[0]).toBe('double-free: d (ip_dst_cache) is freed twice, in dst_destroy');
    expect(messages(scenario).slice(-2)).toEqual([
      'invariant: eth0: usage count -1, but 0 hold it',
      'invariant: ipv4 has 0 entries, but counts -1',
    ]);
  });

  it('used after it was freed', () => {
    expect(messages(script('[{dst_alloc: {dst: d}}, {dst_destroy: {dst: d}}, {dst_release: {dst: d}}]'))).toEqual([
      'use-after-free: rmw of d.__refcnt in dst_release: d (ip_dst_cache) is already freed',
    ]);
  });

  it('checked for references at the end, unless the scenario says not to', () => {
    const steps = '[{dst_alloc: {dst: d, dev: eth0}}, {dst_destroy: {dst: d}}, {dst_destroy: {dst: d}}]';
    expect(kindsOf(run(script(steps)))).toContain('invariant');
    expect(kindsOf(run(script(steps, 'invariants: false')))).not.toContain('invariant');
  });
});

describe('a violation is no surprise', () => {
  const steps = '[{dst_alloc: {dst: d}}, {dst_release: {dst: d}}, {dst_release: {dst: d}}]';

  it.each([
    ['where an expectation speaks of it', 'expect: [{that: {violation: {of: warning}}}]', true],
    ['where it is allowed', 'allow: [warning]', true],
    ['where it is the bug, reproduced', 'bug: {violation: {of: warning}}', true],
    ['where it is part of the bug', 'bug: {all: [{violation: {of: warning}}, {metric: {name: gc.runs, is: 0}}]}', true],
    ['but not where nobody speaks of it', '', false],
    ['nor where another revision is meant', 'expect: [{at: R1, that: {violation: {of: warning}}}]', false],
    ['nor where another kind is', 'allow: [bug]', false],
  ])('%s', (_, rest, ok) => {
    expect(run(script(steps, rest)).ok).toBe(ok);
  });

  it('at a mixed revision, where the file speaks of it anywhere', () => {
    const scenario = script(steps, 'expect: [{at: R1, that: {violation: {of: warning}}}]');
    expect(run(scenario, 'newest+mod-delayed-work').ok).toBe(true);
    expect(run(scenario, 'newest-R9').ok).toBe(true);
  });
});
