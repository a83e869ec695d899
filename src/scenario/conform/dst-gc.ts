/** dst-gc.json: the destination cache and its collector at six revisions. */
import { parseRevision } from '../../history/revision.js';
import { InputError } from '../../sim/errors.js';
import type { GcRecord } from '../result.js';
import { type CaseRunner, type GoldenCase, type GoldenOp, type Observed, Unsupported } from './golden.js';
import { Lockstep, numberOf } from './lockstep.js';

export class DstGcRunner implements CaseRunner {
  private readonly lockstep: Lockstep;
  private readonly devices = new Set(['lo']);
  private readonly byWork: boolean;
  private gc: unknown[] = [];
  private destroyed: [number, number][] = [];

  constructor(golden: GoldenCase) {
    this.lockstep = new Lockstep(golden, { traits: traitsOf(String(golden['revision'])) });
    const { dst } = this.lockstep.world.net;
    this.byWork = dst.traits.gcInWorkqueue;
    const previous = dst.onGc;
    dst.onGc = (record) => {
      previous?.(record);
      this.gc.push(shown(record));
    };
    dst.onDestroy = (entry, jiffies) => {
      this.destroyed.push([jiffies, Number(entry.name.slice(1))]);
    };
  }

  perform(op: GoldenOp): Observed {
    this.gc = [];
    this.destroyed = [];
    const observed = this.observe(op);
    if (op.op === 'inspect') return observed;
    const { dst } = this.lockstep.world.net;
    return { ...observed, gcPending: dst.gcPending, gcExpires: dst.gcExpires };
  }

  private observe(op: GoldenOp): Observed {
    const { lockstep } = this;
    switch (op.op) {
      case 'advance':
        lockstep.advance(numberOf(op, 'ticks'));
        return { gc: this.gc, destroyed: this.destroyed };
      case 'alloc': {
        const dev = typeof op['dev'] === 'string' ? op['dev'] : undefined;
        if (dev !== undefined) this.devices.add(dev);
        lockstep.act(0, 'dst_alloc', {
          dst: nameOf(numberOf(op, 'id')),
          dev,
          refs: numberOf(op, 'refs'),
          child: typeof op['child'] === 'number' ? nameOf(op['child']) : undefined,
          flags: typeof op['flags'] === 'number' ? op['flags'] : 0,
        });
        return {};
      }
      case 'hold':
      case 'release':
        return { refcnt: lockstep.act(0, `dst_${op.op}`, { dst: nameOf(numberOf(op, 'id')) }).ret };
      case 'free':
        lockstep.act(0, 'dst_free', { dst: nameOf(numberOf(op, 'id')) });
        return { destroyed: this.destroyed };
      case 'devDown':
      case 'devUp':
      case 'devUnregister': {
        const dev = String(op['dev']);
        this.devices.add(dev);
        const kind = op.op === 'devDown' ? 'dev_down' : op.op === 'devUp' ? 'dev_up' : 'dev_unregister_event';
        lockstep.act(0, kind, { dev });
        return { devRefs: op['devRefs'] === undefined ? undefined : this.devRefs() };
      }
      case 'inspect':
        return this.inspect(numberOf(op, 'id'));
    }
    throw new Unsupported(op.op);
  }

  private inspect(id: number): Observed {
    const entry = this.lockstep.world.workload.entry(nameOf(id));
    if (entry.freed) return { destroyed: true };
    return {
      refcnt: entry.refcnt.value,
      obsolete: entry.obsolete,
      dev: entry.dev?.name ?? null,
      discard: entry.discards,
    };
  }

  private devRefs(): Record<string, number> {
    const refs: Record<string, number> = {};
    for (const name of this.devices) refs[name] = this.lockstep.world.net.device(name).refcnt.value;
    return refs;
  }

  final(): Observed {
    const { net, workload } = this.lockstep.world;
    const ids = (entries: readonly { readonly name: string }[]): number[] =>
      entries.map((e) => Number(e.name.slice(1)));
    return {
      jiffies: this.lockstep.jiffies,
      entries: workload.family('ipv4').entries.value,
      garbage: ids(net.dst.garbage),
      busy: this.byWork ? ids(net.dst.busy) : undefined,
      devRefs: this.devRefs(),
      timerInc: net.dst.timer_inc,
      timerExpires: net.dst.timer_expires,
      gcPending: net.dst.gcPending,
      gcExpires: net.dst.gcExpires,
    };
  }
}

function nameOf(id: number): string {
  return `d${id}`;
}

function traitsOf(revision: string): ReturnType<typeof parseRevision>['traits'] {
  try {
    return parseRevision(revision).traits;
  } catch (error) {
    if (error instanceof InputError) throw new Unsupported(`revision ${revision}`);
    throw error;
  }
}

function shown(r: GcRecord): Observed {
  const { jiffies, delayed, workPerformed, expires, nextExpiry, timerInc, timerExpires } = r;
  return { jiffies, delayed, workPerformed, expires, nextExpiry, timerInc, timerExpires };
}
