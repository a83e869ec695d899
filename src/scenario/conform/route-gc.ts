/** route-gc.json: the route cache under pressure, as 2.6.12 and 2.6.24 had it, on the services of 2.6.24. */
import { parseRevision } from '../../history/revision.js';
import { eraOf } from '../../kernel/era.js';
import type { RcuBh } from '../../kernel/rcu.js';
import { ImmediateRcuBh, ManualRcuBh, TickRcuBh } from '../../kernel/rcu-scripted.js';
import { dst_hold } from '../../net/dst/dst-alloc.js';
import type { GcRecord } from '../../net/dst/gc-run.js';
import type { RouteCache } from '../../net/ipv4/route-cache.js';
import type { RouteGcRecord, RouteObserver } from '../../net/ipv4/route-observer.js';
import { dst_set_expires, ip_rt_init, rt_alloc } from '../../net/ipv4/route-output.js';
import type { RouteParams } from '../../net/ipv4/route-params.js';
import { routeRulesOf } from '../../net/ipv4/route-rules.js';
import { rt_check_expire } from '../../net/ipv4/rt-check-expire.js';
import { rt_cache_flush } from '../../net/ipv4/rt-flush.js';
import { ip_rt_put, rt_drop } from '../../net/ipv4/rt-free.js';
import { rt_garbage_collect } from '../../net/ipv4/rt-garbage-collect.js';
import { rt_intern_hash } from '../../net/ipv4/rt-intern-hash.js';
import * as rtable from '../../net/ipv4/rtable.js';
import { local_bh_disable, local_bh_enable } from '../../smp/basic-ops.js';
import type { K } from '../../smp/op.js';
import { type CaseRunner, type GoldenCase, type GoldenOp, type Observed, Unsupported } from './golden.js';
import { Lockstep, numberOf } from './lockstep.js';

type Rtable = rtable.Rtable;

const flagBits: Readonly<Record<string, number>> = {
  REDIRECTED: rtable.RTCF_REDIRECTED,
  NOTIFY: rtable.RTCF_NOTIFY,
  BROADCAST: rtable.RTCF_BROADCAST,
  MULTICAST: rtable.RTCF_MULTICAST,
  LOCAL: rtable.RTCF_LOCAL,
};

const versions = ['2.6.12', '2.6.24'];

export class RouteGcRunner implements CaseRunner {
  private readonly lockstep: Lockstep;
  private readonly rc: RouteCache;
  private readonly rcu: RcuBh;
  private readonly byWork: boolean;
  private readonly entries = new Map<number, Rtable>();
  private records: Record<string, unknown[]> = {};
  /** Results that arp_bind_neighbour still has to give, and how often it was called. */
  private binds: number[] = [];
  private bindCalls = 0;

  constructor(golden: GoldenCase) {
    const version = String(golden['version']);
    if (!versions.includes(version)) throw new Unsupported(`route cache of ${version}`);
    this.byWork = version === '2.6.24';
    this.lockstep = new Lockstep(golden, {
      traits: parseRevision(version).traits,
      wheel: 'steady',
      ratelimit: golden['ratelimit'] === 'real' ? 'real' : 'always',
      ipv4: {
        buckets: golden['buckets'] as number,
        params: golden['params'] as Partial<RouteParams>,
        rules: routeRulesOf(eraOf(version)),
      },
    });
    const { kernel, net } = this.lockstep.world;
    this.rcu = rcuOf(String(golden['rcu']), kernel);
    kernel.rcuBh = this.rcu;
    this.rc = net.ipv4;
    this.listen();
    const { periodicFirst, secretFirst } = golden['timers'] as Record<string, number | null>;
    this.run(ip_rt_init(this.rc, { periodic: periodicFirst ?? null, secret: secretFirst ?? null }));
  }

  private listen(): void {
    const { dst } = this.lockstep.world.net;
    const { rc } = this;
    const freedIds = (count: number): number[] => {
      const all = (this.records['freed'] ?? []) as [number, number][];
      return all.slice(all.length - count).map(([, id]) => id);
    };
    const observer: RouteObserver = {
      freed: (rt) => this.note('freed', [this.lockstep.jiffies, idOf(rt)]),
      gc: (record) => this.note('gc', shown(record, freedIds(record.freed))),
      checkExpire: (record) => this.note('checkExpire', { ...record, freed: freedIds(record.freed) }),
      flush: (record) => this.note('runFlush', { ...record, freed: freedIds(record.freed) }),
      secret: (record) => this.note('secret', { ...record }),
    };
    rc.observer = observer;
    rc.arp_bind_neighbour = (): K<number> => this.bind();
    dst.onDestroy = (entry, jiffies) => this.note('destroyed', [jiffies, idOf(entry)]);
    const previous = dst.onGc;
    dst.onGc = (record) => {
      previous?.(record);
      this.note('dstGc', shownDstGc(record));
    };
  }

  private note(field: string, record: unknown): void {
    this.records[field] ??= [];
    this.records[field].push(record);
  }

  private *bind(): K<number> {
    this.bindCalls++;
    return this.binds.shift() ?? 0;
  }

  /** Runs code in a task of its own on CPU 0, and all that comes of it now. */
  private run<R>(code: K<R>, softirq = false): R {
    let answer: R | undefined;
    function* body(): K {
      if (softirq) yield local_bh_disable();
      answer = yield* code;
      if (softirq) yield local_bh_enable();
    }
    const { machine } = this.lockstep.world.kernel;
    machine.spawn('op', 0, body());
    machine.settle();
    return answer as R;
  }

  perform(op: GoldenOp): Observed {
    this.records = {};
    this.binds = Array.isArray(op['bind']) ? [...(op['bind'] as number[])] : [];
    this.bindCalls = 0;
    const results = this.observe(op);
    const recorded = Object.fromEntries(recordFields.map((field) => [field, this.records[field]]));
    return { ...recorded, ...results, entries: this.rc.entries };
  }

  private observe(op: GoldenOp): Observed {
    const { rc } = this;
    const softirq = op['ctx'] === 'softirq';
    switch (op.op) {
      case 'add':
        return this.add(op, softirq);
      case 'alloc':
        return { alloc: this.alloc(op, softirq) !== null };
      case 'drop':
        this.run(rt_drop(rc, this.entry(op)), softirq);
        return {};
      case 'hold':
      case 'use':
        return this.hold(this.entry(op), op.op === 'use');
      case 'release':
        this.run(ip_rt_put(rc, this.entry(op)), softirq);
        return { refcnt: this.entry(op).refcnt.value };
      case 'setExpires': {
        const rt = this.entry(op);
        dst_set_expires(rc, rt, numberOf(op, 'timeout'));
        return { expires: rt.expires };
      }
      case 'sysctl':
        if (!(String(op['name']) in rc.params)) throw new Unsupported(`sysctl ${op['name']}`);
        rc.sysctl(op['name'] as keyof RouteParams, numberOf(op, 'value'));
        return {};
      case 'gc':
        return { ret: this.run(rt_garbage_collect(rc, 'direct'), softirq) };
      case 'flush':
        this.run(rt_cache_flush(rc, numberOf(op, 'delay')), softirq);
        return { flushTimer: rc.nextFlush, deadline: rc.rt_deadline };
      case 'checkExpire':
        this.run(rt_check_expire(rc), softirq);
        return {};
      case 'rcu':
        if (!(this.rcu instanceof ManualRcuBh)) return { ran: 0 };
        return { ran: this.run(this.rcu.run(op['max'] === undefined ? undefined : numberOf(op, 'max')), true) };
      case 'advance':
        this.advance(numberOf(op, 'ticks'));
        return { jiffies: this.lockstep.jiffies };
      case 'dump':
        return { chains: this.chains() };
    }
    throw new Unsupported(op.op);
  }

  private entry(op: GoldenOp): Rtable {
    const rt = this.entries.get(numberOf(op, 'id'));
    if (rt === undefined) throw new Unsupported(`entry ${op['id']}, which does not exist`);
    return rt;
  }

  private advance(ticks: number): void {
    const { rcu } = this;
    if (rcu instanceof TickRcuBh) rcu.inTick = true;
    this.lockstep.advance(ticks);
    if (rcu instanceof TickRcuBh) rcu.inTick = false;
  }

  private hold(rt: Rtable, use: boolean): Observed {
    this.run(
      (function* (): K {
        yield dst_hold(rt);
      })(),
    );
    if (use) rt.lastuse = this.lockstep.jiffies;
    return { refcnt: rt.refcnt.value };
  }

  private alloc(op: GoldenOp, softirq: boolean): Rtable | null {
    const id = numberOf(op, 'id');
    const { kernel } = this.lockstep.world;
    const flags = ((op['flags'] ?? []) as string[]).map((name) => flagBits[name]);
    if (flags.includes(undefined)) throw new Unsupported(`flags ${op['flags']}`);
    const type = (op['type'] ?? 'unicast') as rtable.RouteType;
    if (!(type in rtable.routeTypes)) throw new Unsupported(`type ${type}`);
    const rt = this.run(
      rt_alloc(this.rc, {
        label: String(id),
        key: (op['key'] as number | undefined) ?? id,
        iif: (op['iif'] as number | undefined) ?? 0,
        flags: flags.reduce<number>((sum, bit) => sum | bit!, 0),
        type,
        expires: (op['expires'] as number | undefined) ?? 0,
        lastuse: kernel.addJiffies(kernel.jiffies(), -((op['age'] as number | undefined) ?? 0)),
      }),
      softirq,
    );
    if (rt !== null) this.entries.set(id, rt);
    return rt;
  }

  private add(op: GoldenOp, softirq: boolean): Observed {
    const rt = this.alloc(op, softirq);
    if (rt === null) return { alloc: false };
    const { entries: log } = this.lockstep.world.kernel.log;
    const linesBefore = log.length;
    const answer = this.run(rt_intern_hash(this.rc, numberOf(op, 'bucket'), rt), softirq);
    const printed = log.slice(linesBefore).some((line) => line.text.startsWith('Neighbour'));
    const got = typeof answer === 'number' ? null : answer;
    if (got !== null && op['put'] !== false) this.run(ip_rt_put(this.rc, got), softirq);
    const called = op['bind'] !== undefined && this.bindCalls > 0;
    return {
      alloc: true,
      ret: typeof answer === 'number' ? answer : 0,
      res: got === null ? null : idOf(got),
      bindCalls: called ? this.bindCalls : undefined,
      // A line that the rate limit held back is recorded as false, or not at all.
      neighOverflowPrinted: printed || (op['neighOverflowPrinted'] === undefined ? undefined : false),
    };
  }

  private chains(): Record<string, number[]> {
    const { table } = this.rc;
    const chains: Record<string, number[]> = {};
    for (let bucket = 0; bucket < table.buckets; bucket++) {
      const ids = table.chain(bucket).map(idOf).reverse();
      if (ids.length > 0) chains[bucket] = ids;
    }
    return chains;
  }

  final(): Observed {
    const { rc } = this;
    const { net, kernel } = this.lockstep.world;
    const { gcState, stats } = rc;
    const referenced = [...this.entries].filter(([, rt]) => !rt.freed && rt.refcnt.value !== 0);
    return {
      jiffies: this.lockstep.jiffies,
      chains: this.chains(),
      refs: referenced.sort(([a], [b]) => a - b).map(([id, rt]) => [id, rt.refcnt.value]),
      rcuQueue: [...this.rcu.waiting()].map((head) => idOf(head as Rtable)),
      garbage: net.dst.garbage.map(idOf),
      busy: this.byWork ? net.dst.busy.map(idOf) : undefined,
      gcState: {
        expire: gcState.expire,
        lastGc: gcState.last_gc,
        rover: gcState.rover,
        equilibrium: gcState.equilibrium,
      },
      checkExpireRover: rc.expireRover,
      deadline: rc.rt_deadline,
      rehashes: stats.flushes,
      stats: [stats.gc_total, stats.gc_ignored, stats.gc_goal_miss, stats.gc_dst_overflow],
      overflowMessages: rc.overflowMessages,
      suppressedMessages: kernel.log.entries.filter((line) => line.text.endsWith('messages suppressed.')).length,
      flushTimer: rc.nextFlush,
      periodicTimer: rc.nextPeriodic,
      secretTimer: rc.nextSecret,
      dstGcTimer: net.dst.gcExpires,
      entries: rc.entries,
    };
  }
}

const recordFields = ['freed', 'destroyed', 'gc', 'checkExpire', 'runFlush', 'secret', 'dstGc'];

function rcuOf(rule: string, kernel: Lockstep['world']['kernel']): RcuBh {
  if (rule === 'manual') return new ManualRcuBh();
  if (rule === 'tick') return new TickRcuBh(kernel);
  if (rule === 'immediate') return new ImmediateRcuBh();
  throw new Unsupported(`rcu ${rule}`);
}

function idOf(entry: { readonly name: string }): number {
  return Number(entry.name);
}

function shown(record: RouteGcRecord, freed: number[]): Observed {
  const { overflowPrinted, ...rest } = record;
  return { ...rest, freed, ...(record.ret === 1 ? { overflowPrinted } : {}) };
}

function shownDstGc(r: GcRecord): Observed {
  const { jiffies, nextExpiry, timerInc, timerExpires } = r;
  return { jiffies, nextExpiry, timerInc, timerExpires };
}
