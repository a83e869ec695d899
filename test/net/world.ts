import { parseRevision } from '../../src/history/parse-revision.js';
import { netTraitsOf } from '../../src/history/surroundings.js';
import { Kernel, type KernelOptions } from '../../src/kernel/kernel.js';
import { type DstSetup, dst_hold, newDst } from '../../src/net/dst/dst-alloc.js';
import type { DstEntry } from '../../src/net/dst/dst-entry.js';
import { dst_free } from '../../src/net/dst/dst-free.js';
import { DstOps, type DstOpsOptions } from '../../src/net/dst/dst-ops.js';
import { dst_release } from '../../src/net/dst/dst-release.js';
import type { GcRecord } from '../../src/net/dst/gc-run.js';
import type { DstTraits } from '../../src/net/dst/traits.js';
import { Net, type NetOptions } from '../../src/net/net.js';
import type { NetTraits } from '../../src/net/surroundings.js';
import type { Context } from '../../src/smp/context.js';
import type { K, Op } from '../../src/smp/op.js';
import { TimedScheduler } from '../../src/smp/timed-scheduler.js';

export interface WorldOptions extends Partial<KernelOptions> {
  readonly debug?: number;
  readonly costs?: Readonly<Record<string, number>>;
  readonly ops?: Partial<DstOpsOptions>;
  /** Changes to the revision's traits. */
  readonly traits?: Partial<DstTraits>;
  /** Commits outside dst.c, besides those of the kernel's release. */
  readonly surroundings?: Partial<NetTraits>;
  readonly net?: Partial<NetOptions>;
}

/** A machine with a network at a revision, and the means to do one thing after another on it. */
export class TestWorld {
  readonly kernel: Kernel;
  readonly net: Net;
  readonly ops: DstOps;
  readonly gc: GcRecord[] = [];
  readonly destroyed: string[] = [];

  constructor(revision: string, options: WorldOptions = {}) {
    const { debug = 0, costs = {}, ops = {}, traits = {}, surroundings = {}, net = {}, ...machine } = options;
    const settings: KernelOptions = { cpus: 1, hz: 250, kernel: '2.6.24', onBug: 'continue', ...machine };
    this.kernel = new Kernel(settings, new TimedScheduler(), costs);
    const at = parseRevision(revision);
    this.net = new Net(this.kernel, {
      traits: { ...at.traits, ...traits },
      surroundings: { ...netTraitsOf(at, settings.kernel), ...surroundings },
      debug,
      ...net,
    });
    this.ops = new DstOps(this.net.dst, { name: 'ipv4', ...ops });
    this.net.dst.onGc = (record) => this.gc.push(record);
    this.net.dst.onDestroy = (dst) => this.destroyed.push(dst.name);
  }

  get machine(): Kernel['machine'] {
    return this.kernel.machine;
  }

  get dst(): Net['dst'] {
    return this.net.dst;
  }

  /** Starts `code` as a task on a CPU; nothing runs yet. */
  spawn(code: K<unknown>, cpu = 0): void {
    this.machine.spawn(`task${cpu}`, cpu, code);
  }

  /** Runs `code` as a task on a CPU until nothing more is due now; answers what it returned. */
  run<R>(code: K<R>, cpu = 0): R | undefined {
    let result: R | undefined;
    function* body(): K {
      result = yield* code;
    }
    this.spawn(body(), cpu);
    this.machine.settle();
    return result;
  }

  /** An entry on eth0 with one reference, unless said otherwise. */
  alloc(label: string, setup: DstSetup = {}): DstEntry {
    return this.run(newDst(this.dst, this.ops, label, { dev: this.net.device('eth0'), ...setup }))!;
  }

  hold(dst: DstEntry): void {
    this.run(
      (function* (): K {
        yield dst_hold(dst);
      })(),
    );
  }

  release(dst: DstEntry, cpu = 0): void {
    this.run(dst_release(this.dst, dst), cpu);
  }

  free(dst: DstEntry, cpu = 0): void {
    this.run(dst_free(this.dst, dst), cpu);
  }

  /** `count` entries on eth0 that are garbage and held. */
  garbage(count: number, prefix = 'g'): DstEntry[] {
    const entries = Array.from({ length: count }, (_, i) => this.alloc(`${prefix}${i}`));
    for (const entry of entries) this.free(entry);
    return entries;
  }

  advance(ticks: number): void {
    this.machine.runUntil((this.machine.ticks + ticks) * this.machine.tickNs);
  }

  /** Advances until the gc has run `count` more times. */
  advanceRuns(count: number): void {
    const target = this.gc.length + count;
    for (let ticks = 0; this.gc.length < target && ticks < 1_000_000; ticks++) this.advance(1);
  }

  get log(): readonly string[] {
    return this.kernel.log.entries.map((entry) => entry.text);
  }

  get violations(): readonly string[] {
    return this.machine.violations.map((violation) => violation.kind);
  }
}

/** Each operation as `access object.field`, by the function that performs it. */
export function trace(world: TestWorld, fn: string): string[] {
  const seen: string[] = [];
  world.machine.onAccess = (context: Context, op: Op): void => {
    if (context.function !== fn || op.object === null) return;
    seen.push(`${op.access} ${op.object.name}${op.field === '' ? '' : `.${op.field}`}`);
  };
  return seen;
}

/**
 * Lets CPUs perform operations in a given order: each entry is a CPU and which of its operations (`rmw a.__refcnt`);
 * an operation that is listed waits until those before it are done. Others are free.
 */
export function inOrder(world: TestWorld, order: readonly (readonly [cpu: number, op: string])[]): () => number {
  let done = 0;
  const matches = (context: Context, op: Op, [cpu, text]: readonly [number, string]): boolean =>
    context.cpu.id === cpu && op.describe() === text;
  world.machine.gate = {
    holds: (context, op) => {
      const at = order.findIndex((step, index) => index >= done && matches(context, op, step));
      return at > done;
    },
    passed: (context, op) => {
      const step = order[done];
      if (step === undefined || !matches(context, op, step)) return false;
      done++;
      return true;
    },
  };
  return () => done;
}
