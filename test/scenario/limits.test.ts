import { describe, expect, it } from 'vitest';
import { replayScenario } from '../../src/scenario/replay.js';
import { kindsOf, run, script } from './helpers.js';

const counting = script('[{repeat: {count: 1000, do: [{atomic_inc: {cell: x}}]}}]', 'cells: {x: 0}');

describe('limits', () => {
  it('on operations', () => {
    const { result, ok } = run(counting, 'newest', { maxOps: 100 });
    expect(result.limit).toBe('the limit of 100 operations was reached (--max-ops)');
    expect(result.calls.length).toBeLessThanOrEqual(100);
    expect(ok).toBe(false);
    expect(run(counting, 'newest', { maxOps: 10_000 }).result).not.toHaveProperty('limit');
  });

  it('on virtual time', () => {
    const scenario = script('[{at: 200ms, mark: early}, {at: 500ms, mark: late}]');
    const { result } = run(scenario, 'newest', { maxVirtualNs: 300_000_000 });
    expect(result.limit).toBe('the limit of 300000000 ns of virtual time was reached (--max-virtual)');
    expect(result.metrics).toHaveProperty(['mark.early_s']);
    expect(result.metrics).not.toHaveProperty(['mark.late_s']);
    expect(run(scenario, 'newest', { maxVirtualNs: 1_000_000_000 }).result.limit).toBeUndefined();
  });

  it.each(['{read: {cell: x}}', '{mark: m}', '{write: {cell: x, value: 0}}'])('on going round for ever: %s', (step) => {
    const round = `{repeat: {count: 1000000, do: [${step}]}}`;
    const report = run(script(`[{repeat: {count: 1000000, do: [${round}]}}]`, 'cells: {x: 0}'), 'newest', {
      maxOps: 1_100_000,
    });
    expect(report.result.limit).toMatch(/^(endless loop: script on CPU 0|the limit of 1100000 operations)/);
    expect(report.ok).toBe(false);
  });

  it('and an endless loop is a violation', () => {
    const report = run(script('[{repeat: {count: 1000000, do: [{read: {cell: x}}]}}]', 'cells: {x: 0}'));
    expect(kindsOf(report)).toEqual(['endless-loop']);
    expect(report.result.limit).toBe(
      'endless loop: script on CPU 0 performed 1000000 operations while neither time, a wake-up nor any cell changed',
    );
    expect(report.result.virtualNs).toBe(0);
  });

  it('a replay that meets one is no success', () => {
    const scenario = script(
      '[{repeat: {count: 1000000, do: [{read: {cell: x}}]}}]',
      'cells: {x: 0}\nallow: [endless-loop]',
    );
    expect(replayScenario(scenario).verdict).toBe('expectation failed');
  });
});
