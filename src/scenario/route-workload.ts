/** What a scenario does to the IPv4 route cache: lookups by connections, sockets that become active again, routes there before. */
import { callNamed } from '../kernel/function.js';
import type { DstEntry } from '../net/dst/dst-entry.js';
import { dst_release } from '../net/dst/dst-release.js';
import type { RouteCache } from '../net/ipv4/route-cache.js';
import { fillRoutes } from '../net/ipv4/route-fill.js';
import { ip_route_output_key, ip_route_output_slow, type RouteSpec } from '../net/ipv4/route-output.js';
import { Rtable } from '../net/ipv4/rtable.js';
import type { Net } from '../net/net.js';
import type { K } from '../smp/op.js';
import type { Groups } from './groups.js';
import type { Meter } from './meter.js';
import { deviceNamed } from './net-names.js';

/** Keys of one workload: others have other ones. */
const keysPerName = 2 ** 32;

/** What a lookup came to. */
export interface Lookup {
  /** With a reference for the caller; null if there was no room. */
  readonly route: Rtable | null;
  /** 1: it was there, 0: it was made, -105: neither. */
  readonly ret: number;
}

export class RouteWorkload {
  private readonly net: Net;
  private readonly meter: Meter;
  private readonly groups: Groups;
  private readonly names = new Map<string, number>();

  constructor(net: Net, meter: Meter, groups: Groups) {
    this.net = net;
    this.meter = meter;
    this.groups = groups;
  }

  get cache(): RouteCache {
    return this.meter.routeCache();
  }

  /** The first key of a workload's own. */
  firstKey(name: string): number {
    let index = this.names.get(name);
    if (index === undefined) {
      index = this.names.size;
      this.names.set(name, index);
    }
    return index * keysPerName;
  }

  /** Looks a route up, and makes it if it is not there. */
  *lookup(spec: RouteSpec): K<Lookup> {
    const { cache, meter } = this;
    const found = yield* ip_route_output_key(cache, spec);
    if (found !== null) return { route: found, ret: 1 };
    const made = yield* ip_route_output_slow(cache, spec);
    if (!(made instanceof Rtable)) {
      meter.allocFailed++;
      return { route: null, ret: made };
    }
    meter.allocated++;
    return { route: made, ret: 0 };
  }

  /** connect(): the route of a new connection; null: -ENOBUFS. */
  *connect(spec: RouteSpec): K<Rtable | null> {
    const { context } = this.net.kernel;
    let route: Rtable | null = null;
    const lookup = this.lookup(spec);
    yield* callNamed(context, 'sys_connect', () =>
      callNamed(context, 'tcp_v4_connect', function* (): K {
        route = (yield* lookup).route;
      }),
    );
    return route;
  }

  /** sendmsg() on a socket with a route: a dead one is looked up anew, and given back. Answers the route it has then. */
  *send(old: DstEntry): K<DstEntry | null> {
    if (!(old instanceof Rtable) || old.obsolete === 0) return old;
    const { context } = this.net.kernel;
    const { key, iif, dev } = old;
    let route: DstEntry | null = null;
    const self = this;
    yield* callNamed(context, 'tcp_sendmsg', () =>
      callNamed(context, 'ip_queue_xmit', function* (): K {
        yield* self.release(old);
        route = (yield* self.lookup({ key, iif, dev })).route;
      }),
    );
    return route;
  }

  /** Gives a reference back. */
  *release(entry: DstEntry): K {
    yield* dst_release(this.net.dst, entry);
    this.meter.released(entry);
  }

  /** So many routes are there already, each with a holder, who is in the group; or without. */
  *fill(group: string, count: number, dev: string | undefined, held: boolean): K {
    const routes = yield* fillRoutes(this.cache, {
      count,
      dev: dev === undefined ? null : deviceNamed(this.net, dev),
      held,
      firstKey: this.firstKey(group),
    });
    this.meter.allocated += count;
    if (!held) return;
    const members = this.groups.group(group);
    for (const route of routes) members.add(route);
  }
}
