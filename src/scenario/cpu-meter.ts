/** What the CPUs' time went into, and how long they kept others waiting. Reads the machine's books; changes nothing. */
import { figuresOf, longestSpinIn } from '../smp/accounting.js';
import type { Machine } from '../smp/machine.js';

export const cpuMetricDocs: Readonly<Record<string, string>> = {
  'cpu.busy_us': 'time the CPUs were not idle, all together',
  'cpu.softirq_us': 'of that, in softirqs',
  'cpu.hardirq_us': 'of that, in hard interrupts',
  'cpu.softirq_percent': 'share of the run that softirqs took on the CPU that had the most of them, percent',
  'bh_off.longest_us': 'longest time that a CPU kept bottom halves off or was in one softirq',
  'spin.longest_us': 'longest time that a CPU spun for a lock',
  'spin.dst_free_us': 'the same in __dst_free',
};

export function cpuMetrics({ cpus, nowNs }: Machine): Record<string, number> {
  const figures = cpus.map(figuresOf);
  const us = (all: readonly number[]): number => Math.floor(all.reduce((sum, ns) => sum + ns, 0) / 1000);
  const most = (all: readonly number[]): number => Math.max(...all);
  return {
    'cpu.busy_us': us(figures.map((cpu) => cpu.busyNs)),
    'cpu.softirq_us': us(figures.map((cpu) => cpu.softirqNs)),
    'cpu.hardirq_us': us(figures.map((cpu) => cpu.hardirqNs)),
    'cpu.softirq_percent': Math.round((1e4 * most(figures.map((cpu) => cpu.softirqNs))) / Math.max(1, nowNs)) / 100,
    'bh_off.longest_us': Math.floor(most(figures.map((cpu) => cpu.bhOffLongestNs)) / 1000),
    'spin.longest_us': Math.floor(most(figures.map((cpu) => cpu.spinLongestNs)) / 1000),
    'spin.dst_free_us': Math.floor(most(cpus.map((cpu) => longestSpinIn(cpu, '__dst_free'))) / 1000),
  };
}
