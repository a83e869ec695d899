/** The large one: both sides of 2007-10-soft-lockup in full. Elsewhere its smaller form is run. */
import { beforeAll, describe, expect, it } from 'vitest';
import { toNs } from '../../src/scenario/read/duration.js';
import type { RunReport } from '../../src/scenario/result.js';
import { run, shipped } from './helpers.js';

describe('2007-10-soft-lockup', () => {
  const scenario = shipped('2007-10-soft-lockup');
  let before: RunReport;
  let after: RunReport;

  beforeAll(() => {
    before = run(scenario, 'R13');
    after = run(scenario, 'R14');
  }, 120_000);

  it('charges 0.1 to 3 µs for each thing looked at', () => {
    const { dst_scan_kept, dst_scan_destroyed, rt_scan, rt_bucket, rt_flush } = scenario.machine.costs;
    for (const cost of [dst_scan_kept, dst_scan_destroyed, rt_scan, rt_bucket, rt_flush]) {
      expect(toNs(cost!, 250)).toBeGreaterThanOrEqual(100);
      expect(toNs(cost!, 250)).toBeLessThanOrEqual(3000);
    }
  });

  it('prints the message of 2.6.21 once, with the call chain as its trace', () => {
    expect(before.result.kernel).toBe('2.6.21');
    expect(before.result.kernelLog.map(({ text }) => text)).toEqual([
      'BUG: soft lockup detected on CPU#0!',
      ' [<dst_run_gc>]',
      ' [<run_timer_softirq>]',
      ' [<__do_softirq>]',
      ' [<spin_unlock_bh>]',
      ' [<rt_garbage_collect>]',
      ' [<dst_alloc>]',
      ' [<ip_route_output_slow>]',
      ' [<tcp_v4_connect>]',
      ' [<sys_connect>]',
    ]);
  });

  it('comes more than ten seconds after the scan that the last system call followed', () => {
    const { series, kernelLog, metrics } = before.result;
    const [first, ...others] = series.gc;
    const end = first!.jiffies + Math.floor((first!.elapsedUs * 250) / 1e6);
    expect(kernelLog[0]!.jiffies - end).toBeGreaterThan(10 * 250);
    expect(kernelLog[0]!.jiffies - end).toBeLessThan(10.1 * 250);
    expect(others).toHaveLength(metrics['routes.gc_interrupted']!);
    for (const row of series.gc) {
      expect(row.elapsedUs).toBeLessThan(5e6);
      expect(row).toMatchObject({ workPerformed: 1, expires: 25 });
      expect(row.delayed).toBeGreaterThan(199_000);
    }
  });

  it('is not there after the change, and the figures beside it are small', () => {
    expect(after.result.kernelLog).toEqual([]);
    const figures = ['bh_off.longest_us', 'spin.dst_free_us', 'cpu.softirq_percent'].map((name) => [
      before.result.metrics[name]!,
      after.result.metrics[name]!,
    ]);
    for (const [large, little] of figures) expect(little!).toBeLessThan(large! / 9);
    expect([before.ok, after.ok]).toEqual([true, true]);
  });
});
