/**
 * Counts the bus transactions of a run with cache lines, those of dst_release apart, and the share of CPU time that goes
 * there. Listens; changes nothing.
 *
 * A release is the locked operation on an entry's count inside dst_release. Time is what operations charge: a function's
 * share is that charged while it is the innermost modelled one, as a profiler that samples the program counter has it.
 */
import type { Transaction } from '../smp/cache-lines.js';
import type { Machine } from '../smp/machine.js';

export const lineMetricDocs: Readonly<Record<string, string>> = {
  'lines.transactions': 'bus transactions for cache lines (with `cacheLines:`, as all of these)',
  'lines.reads': 'of these, fetching a copy',
  'lines.upgrades': 'of these, making a shared copy one’s own',
  'lines.owns': 'of these, fetching a line to own it',
  'lines.releases': 'references dropped by dst_release',
  'lines.per_release': 'bus transactions of dst_release on the count, for each reference dropped',
  'lines.reads_per_release': 'of these, fetching a copy',
  'lines.upgrades_per_release': 'of these, making a shared copy one’s own',
  'lines.owns_per_release': 'of these, fetching a line to own it',
  'time.dst_release_percent': 'share of all CPU time spent in dst_release, percent',
};

export class LineMeter {
  private readonly machine: Machine;
  private readonly inRelease: Record<Transaction, number> = { reads: 0, upgrades: 0, owns: 0 };
  private releases = 0;
  private chargedNs = 0;
  private releaseNs = 0;

  constructor(machine: Machine) {
    this.machine = machine;
    machine.lines!.onTouch = (_object, access, took): void => {
      if (machine.current?.function !== 'dst_release') return;
      if (access === 'rmw') this.releases++;
      if (took !== null) this.inRelease[took]++;
    };
    machine.onCost = (context, costNs): void => {
      this.chargedNs += costNs;
      if (context.function === 'dst_release') this.releaseNs += costNs;
    };
  }

  metrics(): Record<string, number> {
    const { inRelease, releases } = this;
    const { counts, transactions } = this.machine.lines!;
    const metrics: Record<string, number> = {
      'lines.transactions': transactions,
      'lines.reads': counts.reads,
      'lines.upgrades': counts.upgrades,
      'lines.owns': counts.owns,
      'lines.releases': releases,
    };
    if (this.chargedNs > 0) metrics['time.dst_release_percent'] = (100 * this.releaseNs) / this.chargedNs;
    if (releases === 0) return metrics;
    const { reads, upgrades, owns } = inRelease;
    metrics['lines.per_release'] = (reads + upgrades + owns) / releases;
    metrics['lines.reads_per_release'] = reads / releases;
    metrics['lines.upgrades_per_release'] = upgrades / releases;
    metrics['lines.owns_per_release'] = owns / releases;
    return metrics;
  }
}
