import { describe, expect, it } from 'vitest';
import { run, shipped, small } from './helpers.js';

const load = (steps: string, machine = '{hz: 250, cpus: 2, cacheLines: {read: 60ns, upgrade: 40ns, own: 50ns}}') =>
  small(`actors: [{name: a, do: [{dst_alloc: {dst: r}}, ${steps}]}]`, machine);

describe('metrics of cache lines', () => {
  it('are there where a machine has lines, and only there', () => {
    const steps = '{requests: {dst: r, count: 10, work: 0ns}}';
    const without = run(load(steps, '{hz: 250, cpus: 2}')).result.metrics;
    expect(Object.keys(without).filter((name) => /^lines\.|^time\.dst/.test(name))).toEqual([]);
    const metrics = run(load(steps)).result.metrics;
    // One CPU: the line came with the first write to the count and stays.
    expect(metrics).toMatchObject({ 'lines.releases': 10, 'lines.per_release': 0, 'time.dst_release_percent': 0 });
  });

  it('are exact for a release after another CPU has touched the count', () => {
    const steps = '{dst_hold: {dst: r}, cpu: 1}, {dst_release: {dst: r}}';
    const before = run(load(steps), 'R25').result.metrics;
    expect(before).toMatchObject({
      'lines.releases': 1,
      'lines.per_release': 2,
      'lines.reads_per_release': 1,
      'lines.upgrades_per_release': 1,
      'lines.owns_per_release': 0,
    });
    const after = run(load(steps), 'R26').result.metrics;
    expect(after).toMatchObject({ 'lines.per_release': 1, 'lines.owns_per_release': 1 });
    expect(after['lines.transactions']).toBe(before['lines.transactions']! - 1);
    // 50 ns each for the first write to three lines and for CPU 1's hold; then the release.
    expect(after['lines.owns']).toBe(before['lines.owns']! + 1);
    const rest = 50 * before['lines.owns']! + 60 * (before['lines.reads']! - 1);
    expect(before['time.dst_release_percent']).toBeCloseTo((100 * 100) / (rest + 100), 10);
    expect(after['time.dst_release_percent']).toBeCloseTo((100 * 50) / (rest + 50), 10);
  });

  it('change nothing when the transactions cost nothing', () => {
    const steps = '{requests: {dst: r, count: 50, work: 1us, on: every-cpu}}';
    const prints = ['{hz: 250, cpus: 2}', '{hz: 250, cpus: 2, cacheLines: {}}'].map(
      (machine) => run(load(steps, machine)).result.fingerprint,
    );
    expect(prints[0]).toBe(prints[1]);
  });
});

describe('2008-11-dst-release-cache-line', () => {
  const scenario = shipped('2008-11-dst-release-cache-line');

  it.each(scenario.variants)('%s: what it expects, before and after', (variant) => {
    for (const at of ['R25', 'R26']) {
      const report = run(scenario, at, { variant });
      expect(report.expectations.filter((e) => !e.held)).toEqual([]);
      expect(report.ok).toBe(true);
    }
  });

  it('halves the transactions for any number of CPUs', () => {
    for (const variant of ['cpus-2', 'cpus-5', undefined]) {
      const [before, after] = ['R25', 'R26'].map((at) => run(scenario, at, { variant }).result.metrics);
      const ratio = after!['lines.per_release']! / before!['lines.per_release']!;
      expect(ratio).toBeGreaterThan(0.48);
      expect(ratio).toBeLessThan(0.52);
    }
  });

  it('has shares whose ratio is near that of the message', () => {
    const [before, after] = ['R25', 'R26'].map((at) => run(scenario, at).result.metrics['time.dst_release_percent']!);
    expect(after! / before!).toBeCloseTo(2.2543 / 3.458, 1);
  });
});
