import { describe, expect, it } from 'vitest';
import { returns, run, script } from './helpers.js';

describe('cells', () => {
  it.each([
    ['{read: {cell: x}}', 'read 5', 5],
    ['{write: {cell: x, value: 7}}', 'write null', 7],
    ['{atomic_read: {cell: x}}', 'atomic_read 5', 5],
    ['{atomic_set: {cell: x, value: -1}}', 'atomic_set null', -1],
    ['{atomic_inc: {cell: x}}', 'atomic_inc null', 6],
    ['{atomic_dec: {cell: x}}', 'atomic_dec null', 4],
    ['{atomic_inc_return: {cell: x}}', 'atomic_inc_return 6', 6],
    ['{atomic_dec_return: {cell: x}}', 'atomic_dec_return 4', 4],
    ['{atomic_dec_and_test: {cell: x}}', 'atomic_dec_and_test false', 4],
    ['{atomic_add: {cell: x, value: -5}}', 'atomic_add null', 0],
    ['{atomic_add_return: {cell: x, value: 3}}', 'atomic_add_return 8', 8],
    ['{xchg: {cell: x, value: 1}}', 'xchg 5', 1],
    ['{cmpxchg: {cell: x, expected: 5, value: 9}}', 'cmpxchg 5', 9],
    ['{cmpxchg: {cell: x, expected: 4, value: 9}}', 'cmpxchg 5', 5],
    ['{spin_until: {cell: x, value: 5}}', 'spin_until 5', 5],
  ])('%s', (step, answer, value) => {
    const report = run(script(`[${step}, {read: {cell: x}}]`, 'cells: {x: 5}'));
    expect(returns(report)).toEqual([answer, `read ${value}`]);
    expect(report.unexpected).toEqual([]);
  });

  it('repeat, in rounds of equal length', () => {
    const report = run(
      script('[{repeat: {count: 3, every: 40ms, do: [{atomic_inc_return: {cell: x}}, {wait: 8ms}]}}]', 'cells: {x: 0}'),
    );
    expect(returns(report)).toEqual(['atomic_inc_return 1', 'atomic_inc_return 2', 'atomic_inc_return 3']);
    const [first, ...others] = report.result.calls.map((call) => call.jiffies);
    expect(others.map((jiffies) => jiffies - first!)).toEqual([10, 20]);
  });

  it('marks note moments', () => {
    const { metrics } = run(script('[{after: 100ms, mark: m}, {after: 100ms, mark: m}, {mark: n}]')).result;
    expect([metrics['mark.m_s'], metrics['mark.n_s']]).toEqual([0.2, 0.2]);
  });

  it('printk writes to the log', () => {
    const { kernelLog } = run(script('[{printk: {text: hello}}, {printk: {text: help, level: 1}}]')).result;
    expect(kernelLog.map((line) => [line.level, line.text, line.cpu])).toEqual([
      [6, 'hello', 0],
      [1, 'help', 0],
    ]);
  });
});
