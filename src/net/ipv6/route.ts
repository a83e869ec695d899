/**
 * What IPv6 tells the destination cache: ip6_dst_gc, and the handlers of routes that reject (net/ipv6/route.c,
 * 2.6.12–2.6.29).
 *
 * Ordering rule: a collection that would come within the minimum interval is left out unless there are too many entries.
 *
 * Divergence from Linux: no inet6_devs, so destroy and ifdown have nothing to do. The collector uses the ops it is given if
 * it is given any, as it does since there are instances to choose from; at the commit that added the argument (R21) it
 * still ignored it.
 */
import { atomic_read } from '../../kernel/atomic.js';
import { kernelFunction } from '../../kernel/function.js';
import type { K } from '../../smp/op.js';
import { type DstHandler, dst_discard } from '../dst/dst-entry.js';
import type { DstOps } from '../dst/dst-ops.js';
import type { DstTraits } from '../dst/traits.js';
import { fib6_run_gc } from './ip6-fib.js';
import type { Ip6Routes, Ip6Table } from './ip6-routes.js';

/** What one collection did, for observers. */
export interface GcTally {
  table: Ip6Table | null;
  freed: number;
}

/** ip6_dst_gc: gives up old unused entries; 1 if there are still more than the maximum. */
export const ip6_dst_gc = kernelFunction(
  'ip6_dst_gc',
  function* (ip6: Ip6Routes, ops: DstOps | undefined, tally: GcTally): K<number> {
    const table = (ops === undefined ? undefined : ip6.tableOf(ops)) ?? ip6.instances[0]!;
    const { kernel, params } = table;
    const { now } = kernel;
    const { entries } = table.ops;
    tally.table = table;
    const tooSoon = kernel.distance(now, kernel.addJiffies(table.last_gc, params.gcMinInterval)) > 0;
    const enough = tooSoon && ((yield atomic_read(entries)) as number) <= params.maxSize;
    if (!enough) {
      table.expire++;
      tally.freed = yield* fib6_run_gc(table, table.expire);
      table.last_gc = now;
      const left: number = yield atomic_read(entries);
      if (left < table.ops.gc_thresh) table.expire = params.gcTimeout >> 1;
    }
    table.expire -= table.expire >> params.gcElasticity;
    const count: number = yield atomic_read(entries);
    return count > params.maxSize ? 1 : 0;
  },
);

/** Packets to where there is no route: thrown away, and the sender told. */
export function ip6_pkt_discard(): number {
  return 0;
}

/** Packets into a black hole: before R18 a function of IPv6's own, then dst_discard. Both answer 0. */
export function ip6Blackhole(traits: DstTraits): DstHandler {
  return traits.discardShared ? dst_discard : ip6_pkt_blk_hole;
}

function ip6_pkt_blk_hole(): number {
  return 0;
}
