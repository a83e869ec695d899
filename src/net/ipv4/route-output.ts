/**
 * Looking routes up and making them: what ip_route_output_key and ip_route_output_slow do to the cache (net/ipv4/route.c,
 * 2.6.12–2.6.29), and ip_rt_init, which arms its timers.
 *
 * Ordering rule: the lookup walks the chain without a lock, with bottom halves off, so that what it finds is not freed
 * meanwhile; then it takes its reference.
 *
 * Divergence from Linux: walking the chain is one operation. There is no fib: every flow has a route, through the device that
 * is given.
 */
import { kernelFunction, replaceable } from '../../kernel/function.js';
import { add_timer } from '../../kernel/timer.js';
import { schedule_delayed_work } from '../../kernel/workqueue.js';
import { disableBottomHalves, local_bh_enable } from '../../smp/basic-ops.js';
import type { Context } from '../../smp/context.js';
import { type Access, type K, Op } from '../../smp/op.js';
import { dst_alloc, dst_hold } from '../dst/dst-alloc.js';
import { forward } from '../dst/dst-entry.js';
import { dev_hold, type NetDevice } from '../netdevice.js';
import type { RouteCache } from './route-cache.js';
import { ENOBUFS, rt_intern_hash } from './rt-intern-hash.js';
import { type RouteType, type Rtable, routeTypes } from './rtable.js';

/** A flow: what a route is looked up by. */
export interface Flow {
  /** Destination and source: any whole number below 2^53. */
  readonly key: number;
  /** Index of the input interface; 0 if absent: an output route. */
  readonly iif?: number;
}

/** What a new entry is given. */
export interface RouteSpec extends Flow {
  readonly dev?: NetDevice | null;
  /** RTCF_ bits. */
  readonly flags?: number;
  readonly type?: RouteType;
  /** Absolute jiffies; 0: never. */
  readonly expires?: number;
  /** Absolute jiffies; now if absent. */
  readonly lastuse?: number;
  readonly label?: string;
}

/** ip_route_output_key: the cached entry of a flow, with one more reference for the caller; null if there is none. */
export const ip_route_output_key = replaceable(
  'ip_route_output_key',
  function* (rc: RouteCache, flow: Flow): K<Rtable | null> {
    const { stack } = rc.kernel.context;
    stack.push('ip_route_output_key');
    const rt: Rtable | null = yield new ChainWalk(rc, flow.key, flow.iif ?? 0);
    if (rt !== null) {
      rt.lastuse = rc.kernel.now;
      yield dst_hold(rt);
      rc.stats.hits++;
      yield local_bh_enable();
    } else rc.stats.misses++;
    stack.pop();
    return rt;
  },
);

/** A look at a chain without its lock. Where it finds something, bottom halves stay off until the caller holds that. */
class ChainWalk extends Op {
  private readonly rc: RouteCache;
  private readonly key: number;
  private readonly iif: number;
  private readonly bucket: number;

  constructor(rc: RouteCache, key: number, iif: number) {
    const bucket = rc.table.hash(key, iif);
    super(rc.table.lock(bucket));
    this.rc = rc;
    this.key = key;
    this.iif = iif;
    this.bucket = bucket;
  }

  override get access(): Access {
    return 'read';
  }

  override get field(): string {
    return 'chain';
  }

  override perform(context: Context): Rtable | null {
    const { rc, key, iif } = this;
    if (!rc.table.mayHold(this.bucket, key)) return null;
    const chain = rc.table.chain(this.bucket);
    for (let i = chain.length - 1; i >= 0; i--) {
      const rt = chain[i]!;
      if (rt.key !== key || rt.iif !== iif || rc.rt_is_expired(rt)) continue;
      disableBottomHalves(context);
      return rt;
    }
    return null;
  }
}

/** dst_alloc for a route, filled in: one reference, device, flow. Null if there is no room. */
export function* rt_alloc(rc: RouteCache, spec: RouteSpec): K<Rtable | null> {
  const rt = (yield* dst_alloc(rc.net.dst, rc.ops, spec.label ?? '')) as Rtable | null;
  if (rt === null) return null;
  rc.stats.allocations++;
  // Nobody else knows the entry yet: no operations.
  rt.refcnt.value = 1;
  rt.key = spec.key;
  rt.iif = spec.iif ?? 0;
  rt.rt_flags = spec.flags ?? 0;
  rt.rt_type = routeTypes[spec.type ?? 'unicast'];
  rt.rt_genid = rc.rt_genid;
  rt.expires = spec.expires ?? 0;
  if (spec.lastuse !== undefined) rt.lastuse = spec.lastuse;
  rt.input = forward;
  rt.output = forward;
  const dev = spec.dev ?? null;
  if (dev === null) return rt;
  rt.dev = dev;
  yield dev_hold(dev);
  const idev = rc.inDevices?.of(dev) ?? null;
  if (idev !== null) {
    rt.idev = idev;
    yield rc.inDevices!.hold(idev);
  }
  return rt;
}

/**
 * ip_route_output_slow, less the fib: makes an entry for a flow and puts it into the cache. Answers what is cached then, with
 * a reference for the caller, or a negative error.
 */
export const ip_route_output_slow = replaceable('ip_route_output_slow', function* (rc: RouteCache, spec: RouteSpec): K<
  Rtable | number
> {
  const { stack } = rc.kernel.context;
  stack.push('ip_route_output_slow');
  const rt = yield* rt_alloc(rc, spec);
  const answer = rt === null ? ENOBUFS : yield* rt_intern_hash(rc, rc.table.hash(rt.key, rt.iif), rt);
  if (typeof answer === 'number') rc.stats.failures++;
  stack.pop();
  return answer;
});

/** The entry of a flow, found or made, with a reference for the caller (ip_rt_put gives it back); or a negative error. */
export function* rtLookupOrCreate(rc: RouteCache, spec: RouteSpec): K<Rtable | number> {
  const found = yield* ip_route_output_key(rc, spec);
  if (found !== null) return found;
  return yield* ip_route_output_slow(rc, spec);
}

/** When the first periodic scan and the first rebuild come, jiffies from now; null for never. */
export interface FirstRuns {
  readonly periodic: number | null;
  readonly secret: number | null;
}

/** First runs as the kernel draws them: each at random between one and two of its intervals. */
export function randomFirstRuns(rc: RouteCache): FirstRuns {
  const { gcInterval, secretInterval } = rc.params;
  return {
    periodic: gcInterval + rc.machine.choose('rt_periodic_first', gcInterval),
    secret: secretInterval + rc.machine.choose('rt_secret_first', secretInterval),
  };
}

/** The end of ip_rt_init: arms the periodic scan, then the rebuild. Drawn at random unless given. */
export const ip_rt_init = kernelFunction('ip_rt_init', function* (rc: RouteCache, first?: FirstRuns): K {
  const { kernel } = rc;
  const { periodic, secret } = first ?? randomFirstRuns(rc);
  if (periodic !== null) {
    if (rc.rules.expireInWorker) yield* schedule_delayed_work(kernel, rc.expires_work, periodic);
    else yield add_timer(rc.periodic_timer, kernel.addJiffies(kernel.now, periodic));
  }
  if (secret !== null) yield add_timer(rc.secret_timer, kernel.addJiffies(kernel.now, secret));
});

/** dst_set_expires (include/net/dst.h): the entry expires in `timeout` jiffies, if not before. */
export function dst_set_expires(rc: RouteCache, rt: Rtable, timeout: number): void {
  const { kernel } = rc;
  const expires = kernel.addJiffies(kernel.now, timeout) || 1;
  if (rt.expires === 0 || kernel.distance(rt.expires, expires) < 0) rt.expires = expires;
}
