/**
 * The collection of cached IPv6 routes (net/ipv6/ip6_fib.c, 2.6.12–2.6.29).
 *
 * Ordering rule: in the order in which the entries came. The timer runs while there are cached entries; when it finds
 * another collection going on it comes back in a second.
 *
 * Divergence from Linux: one table; routes with a lifetime and the neighbour discovery's own entries are not modelled.
 */
import { atomic_read } from '../../kernel/atomic.js';
import { kernelFunction } from '../../kernel/function.js';
import { spin_lock_bh, spin_trylock, spin_unlock, spin_unlock_bh } from '../../kernel/spinlock.js';
import { del_timer, mod_timer } from '../../kernel/timer.js';
import type { K } from '../../smp/op.js';
import type { DstEntry } from '../dst/dst-entry.js';
import { dst_free } from '../dst/dst-free.js';
import type { Ip6Table } from './ip6-routes.js';

/** Enters a clone that a lookup made; the timer starts if it does not run. */
export const ip6_ins_rt = kernelFunction('ip6_ins_rt', function* (table: Ip6Table, rt: DstEntry): K {
  yield spin_lock_bh(table.lock);
  table.cached.add(rt);
  yield* fib6_start_gc(table);
  yield spin_unlock_bh(table.lock);
});

function* fib6_start_gc(table: Ip6Table): K {
  const { kernel, ip6_fib_timer, params } = table;
  if (!ip6_fib_timer.pending) yield mod_timer(ip6_fib_timer, kernel.addJiffies(kernel.now, params.gcInterval));
}

/** fib6_run_gc as ip6_dst_gc calls it: gives up entries not used for `timeout` jiffies. Answers how many. */
export const fib6_run_gc = kernelFunction('fib6_run_gc', function* (table: Ip6Table, timeout: number): K<number> {
  yield spin_lock_bh(table.fib6_gc_lock);
  const freed = yield* clean(table, timeout);
  yield spin_unlock_bh(table.fib6_gc_lock);
  return freed;
});

/** fib6_run_gc as its timer calls it. */
export function* periodicGc(table: Ip6Table): K {
  const { kernel } = table;
  const locked: boolean = yield spin_trylock(table.fib6_gc_lock);
  if (!locked) {
    yield mod_timer(table.ip6_fib_timer, kernel.addJiffies(kernel.now, kernel.hz));
    return;
  }
  yield* clean(table, table.params.gcInterval);
  yield spin_unlock(table.fib6_gc_lock);
}

/** Walks the table, then sees to the timer: it is needed while something may grow old. */
function* clean(table: Ip6Table, timeout: number): K<number> {
  const { kernel, cached, ip6_fib_timer, params } = table;
  yield spin_lock_bh(table.lock);
  let freed = 0;
  for (const rt of [...cached]) {
    if (!(yield* fib6_age(table, rt, timeout))) continue;
    cached.delete(rt);
    if (rt.freed || rt.obsolete > 1) continue;
    freed++;
    yield* dst_free(table.ip6.net.dst, rt);
  }
  yield spin_unlock_bh(table.lock);
  if (cached.size > 0) yield mod_timer(ip6_fib_timer, kernel.addJiffies(kernel.now, params.gcInterval));
  else yield del_timer(ip6_fib_timer);
  return freed;
}

/** fib6_age: is it to go? Unused, and not used for that long. */
function* fib6_age(table: Ip6Table, rt: DstEntry, timeout: number): K<boolean> {
  if (rt.freed || rt.obsolete > 1) return true;
  const count: number = yield atomic_read(rt.refcnt);
  const { kernel } = table;
  return count === 0 && kernel.distance(kernel.addJiffies(rt.lastuse, timeout), kernel.now) >= 0;
}
