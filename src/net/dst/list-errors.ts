/**
 * What is always so of the garbage, its back-off and the counts of entries, while nobody is at work on them (net/core/dst.c,
 * R1–R26): the observer's check at the end of a run.
 *
 * - An entry is on one of the lists, once, if and only if it is dead and not yet destroyed.
 * - `entries` of a family counts its entries, garbage included.
 * - timer_inc is DST_GC_MAX where there is no garbage, or a multiple of DST_GC_INC; and garbage has a run to come.
 * - After a free that found the back-off grown, that run comes within DST_GC_MIN; not in R14–R24 (see R25).
 *
 * Divergence from Linux: no kernel checks this.
 */
import type { DstCache } from './dst-cache.js';
import { DST_DEAD, type DstEntry } from './dst-entry.js';
import type { DstOps } from './dst-ops.js';

/** One line for each thing that is not so; none while a CPU is busy or somebody has the lock or mutex of the lists. */
export function listErrors(dc: DstCache): readonly string[] {
  const { machine } = dc;
  if (machine.cpus.some(({ top }) => top !== null) || dc.taken) return [];
  const lists = new Set<DstEntry>();
  const errors = [...walk(dc.list, 'garbage list', lists), ...walk(dc.busy_list, 'busy list', lists)];
  const counts = new Map<DstOps, number>(dc.families.map((ops) => [ops, 0]));
  for (const dst of dc.liveEntries()) {
    counts.set(dst.ops, (counts.get(dst.ops) ?? 0) + 1);
    if (dst.obsolete === DST_DEAD && !lists.has(dst)) errors.push(`${dst.name} is dead and on no list`);
  }
  for (const [ops, count] of counts) {
    const { value } = ops.entries;
    if (value !== count) errors.push(`${ops.family} has ${count} entries, but counts ${value}`);
  }
  return [...errors, ...backOffErrors(dc, lists.size > 0)];
}

/** Follows a list as far as it goes without coming back to where it, or the one before, has been. */
function walk(head: DstEntry | null, list: string, seen: Set<DstEntry>): readonly string[] {
  const errors: string[] = [];
  for (let dst = head; dst !== null; dst = dst.next) {
    if (seen.has(dst)) return [...errors, `${dst.name} is on the ${list} for a second time`];
    seen.add(dst);
    if (dst.freed) errors.push(`${dst.name} is on the ${list}, and freed`);
    else if (dst.obsolete !== DST_DEAD) errors.push(`${dst.name} is on the ${list}, and not dead`);
  }
  return errors;
}

function backOffErrors(dc: DstCache, garbage: boolean): readonly string[] {
  const { timer_inc, gcInc, gcMax, gcMin, gcPending, gcExpires, kernel, traits } = dc;
  const errors: string[] = [];
  if (timer_inc !== gcMax && (timer_inc <= 0 || timer_inc % gcInc !== 0)) errors.push(`timer_inc is ${timer_inc}`);
  if (!garbage) return errors;
  if (!gcPending) errors.push('there is garbage, and no run to come');
  const stale = traits.gcInWorkqueue && !traits.cancelBeforeSchedule && !traits.modDelayedWork;
  const wait = gcExpires === null ? 0 : kernel.distance(kernel.jiffies(), gcExpires);
  if (timer_inc === gcInc && !stale && wait > gcMin)
    errors.push(`the back-off is reset, and the next run ${wait} jiffies away`);
  return errors;
}
