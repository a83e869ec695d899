import { parseRevision } from '../../src/history/parse-revision.js';
import { Kernel, type KernelOptions } from '../../src/kernel/kernel.js';
import { DstOps, type DstOpsOptions } from '../../src/net/dst/dst-ops.js';
import { Net } from '../../src/net/net.js';
import type { K } from '../../src/smp/op.js';
import { TimedScheduler } from '../../src/smp/timed-scheduler.js';

export interface WorldOptions extends Partial<KernelOptions> {
  readonly debug?: number;
  readonly costs?: Readonly<Record<string, number>>;
  readonly ops?: Partial<DstOpsOptions>;
}

/** A machine with a network at a revision, and the means to do one thing after another on it. */
export class TestWorld {
  readonly kernel: Kernel;
  readonly net: Net;
  readonly ops: DstOps;

  constructor(revision: string, options: WorldOptions = {}) {
    const { debug = 0, costs = {}, ops = {}, ...machine } = options;
    const settings: KernelOptions = { cpus: 1, hz: 250, kernel: '2.6.24', onBug: 'continue', ...machine };
    this.kernel = new Kernel(settings, new TimedScheduler(), costs);
    this.net = new Net(this.kernel, { traits: parseRevision(revision).traits, debug });
    this.ops = new DstOps(this.net.dst, { name: 'ipv4', ...ops });
  }

  get machine(): Kernel['machine'] {
    return this.kernel.machine;
  }

  /** Runs `code` as a task on a CPU until nothing more is due now; answers what it returned. */
  run<R>(code: K<R>, cpu = 0): R | undefined {
    let result: R | undefined;
    function* body(): K {
      result = yield* code;
    }
    this.machine.spawn('op', cpu, body());
    this.machine.settle();
    return result;
  }

  advance(ticks: number): void {
    this.machine.runUntil((this.machine.ticks + ticks) * this.machine.tickNs);
  }

  get log(): readonly string[] {
    return this.kernel.log.entries.map((entry) => entry.text);
  }

  get violations(): readonly string[] {
    return this.machine.violations.map((violation) => violation.kind);
  }
}
