/**
 * The families of destination entries that a scenario can have besides IPv4: IPv6, DECnet, bundles of IPsec. Each is made
 * when first used, or as `network.families` says: then in the order of the file, instances with names of their own.
 */
import { DnRoute, DnRoutes, dn_insert_route, dn_rt_bug, dnRejectedInput } from '../net/decnet/dn-route.js';
import type { DstEntry, DstHandler } from '../net/dst/dst-entry.js';
import type { DstOps } from '../net/dst/dst-ops.js';
import { ip6_ins_rt } from '../net/ipv6/ip6-fib.js';
import { Ip6Routes } from '../net/ipv6/ip6-routes.js';
import { ip6_pkt_discard, ip6Blackhole } from '../net/ipv6/route.js';
import type { Net } from '../net/net.js';
import { Xfrm } from '../net/xfrm/xfrm.js';
import { InputError } from '../sim/errors.js';
import type { K } from '../smp/op.js';
import type { NetworkSpec } from './schema.js';

/** Names that mean a family, declared or not. */
export const familyNames = ['ipv6', 'decnet', 'xfrm4'] as const;
export type FamilyName = (typeof familyNames)[number];
type FamilySpec = NonNullable<NetworkSpec['families']>[string];

/** What a family does with packets for a destination that it rejects. */
export interface Rejection {
  readonly input: DstHandler;
  readonly output: DstHandler;
}

export class Families {
  private readonly net: Net;
  private readonly made = new Map<string, DstOps>();
  private ip6Routes: Ip6Routes | null = null;
  private dnRoutes: DnRoutes | null = null;
  private bundles: Xfrm | null = null;

  constructor(net: Net, specs: NonNullable<NetworkSpec['families']> = {}) {
    this.net = net;
    for (const [name, spec] of Object.entries(specs)) this.made.set(name, this.make(name, spec));
  }

  /** The ops of this name: declared, or the family's own if it is the name of one; null if neither. */
  ops(name: string): DstOps | null {
    let ops = this.made.get(name) ?? null;
    if (ops === null && isFamily(name)) {
      ops = this.make(name, { family: name });
      this.made.set(name, ops);
    }
    return ops;
  }

  /** The bundles, made when first used. */
  get xfrm(): Xfrm {
    if (this.bundles === null) this.ops('xfrm4');
    return this.bundles!;
  }

  /** Metrics of the families that there are. */
  metrics(): Readonly<Record<string, number>> {
    const { ip6Routes } = this;
    if (ip6Routes === null) return {};
    return { 'ip6.collected': ip6Routes.collected, 'ip6.collected_elsewhere': ip6Routes.collectedElsewhere };
  }

  /** Enters a new entry into its family's cache, if that has one. */
  cache(entry: DstEntry): K | undefined {
    if (entry instanceof DnRoute) return dn_insert_route(this.dnRoutes!, entry);
    const table = this.ip6Routes?.tableOf(entry.ops);
    return table === undefined ? undefined : ip6_ins_rt(table, entry);
  }

  /** The handlers of a route of `ops` that rejects packets. */
  rejection(ops: DstOps, type: 'unreachable' | 'blackhole'): Rejection {
    const { traits } = this.net;
    if (ops === this.dnRoutes?.ops) return { input: dnRejectedInput(traits), output: dn_rt_bug };
    if (this.ip6Routes?.tableOf(ops) !== undefined) {
      const handler = type === 'blackhole' ? ip6Blackhole(traits) : ip6_pkt_discard;
      return { input: handler, output: handler };
    }
    throw new InputError(`${ops.family} has no routes that reject; ipv6 and decnet have`);
  }

  private make(name: string, { family, gcThresh, maxSize }: FamilySpec): DstOps {
    switch (family) {
      case 'ipv6': {
        this.ip6Routes ??= new Ip6Routes(this.net);
        const params = {
          ...(gcThresh === undefined ? {} : { gcThresh }),
          ...(maxSize === undefined ? {} : { maxSize }),
        };
        return this.ip6Routes.register(name, params).ops;
      }
      case 'decnet':
        this.dnRoutes = new DnRoutes(this.net, { gcThresh });
        return this.dnRoutes.ops;
      case 'xfrm4':
        this.bundles = new Xfrm(this.net, gcThresh);
        return this.bundles.xfrm4;
    }
  }
}

function isFamily(name: string): name is FamilyName {
  return (familyNames as readonly string[]).includes(name);
}
