import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cancel_delayed_work } from '../../src/kernel/cancel-work.js';
import { heldCpus, holdCpu, releaseCpu, run_worker_now } from '../../src/kernel/hold.js';
import type { Kernel } from '../../src/kernel/kernel.js';
import {
  type CpuWorkqueue,
  DelayedWork,
  schedule_delayed_work,
  schedule_delayed_work_on,
} from '../../src/kernel/workqueue.js';
import type { K } from '../../src/smp/op.js';
import { advance, baseOf, type GoldenCase, lockstepKernel, onCpu, once, onOtherCpu } from './lockstep.js';

const load = (name: string): GoldenCase[] =>
  JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8'));

const timesUp = -2;

class Replay {
  readonly kernel: Kernel;
  readonly works: DelayedWork[] = [];
  private readonly smp: boolean;
  private executed: unknown[] = [];
  private actRets: unknown[] = [];
  private readonly reached = new Map<object, number>();

  constructor(recorded: GoldenCase, smp: boolean, options = {}) {
    this.kernel = lockstepKernel(recorded, options);
    this.smp = smp;
    const behaviours = new Map(recorded.behaviours.map((b) => [b.work, b.onRun]));
    for (let i = 0; i < recorded.works!; i++) {
      const work: DelayedWork = new DelayedWork(this.kernel, `w${i}`, () => this.run(work, i, behaviours.get(i) ?? []));
      this.works.push(work);
    }
  }

  private *run(work: DelayedWork, id: number, actions: readonly any[]): K {
    const { kernel } = this;
    const where = this.smp ? [kernel.jiffies(), kernel.cpuId, id] : [kernel.jiffies(), id];
    this.executed.push(work.activeOn > 1 ? [...where, { overlap: true }] : where);
    if (actions.length === 0) return;
    const record: unknown[] = [...where];
    this.actRets.push(record);
    for (const action of actions) {
      const reached = (this.reached.get(action) ?? 0) + 1;
      this.reached.set(action, reached);
      record.push(reached > (action.times ?? reached) ? timesUp : yield* this.act(action));
    }
  }

  private *act(action: any): K<number> {
    if (action.op === 'runWorker') return yield* run_worker_now(this.kernel, action.cpu);
    return yield* onOtherCpu(this.kernel, action.cpu, () => this.call(action));
  }

  private call(op: any): K<number> {
    const work = this.works[op.work]!;
    switch (op.op) {
      case 'queue':
        return schedule_delayed_work(this.kernel, work, op.delay);
      case 'queueOn':
        return schedule_delayed_work_on(this.kernel, op.on, work, op.delay);
      case 'cancel':
        return cancel_delayed_work(work);
      default:
        throw new Error(`no such op: ${op.op}`);
    }
  }

  private worker(cpu = 0): CpuWorkqueue {
    return this.kernel.events.of(this.kernel.machine.cpus[cpu]!);
  }

  /** Performs an op; answers it with the results observed. */
  perform(op: any): unknown {
    const { kernel } = this;
    const { ret, executed, actRets, pending, timerPending, base, queuedOn, ...inputs } = op;
    this.executed = [];
    this.actRets = [];
    const logged = (always: boolean): object => ({
      ...(always || this.executed.length > 0 ? { executed: this.executed } : {}),
      ...(this.actRets.length > 0 ? { actRets: this.actRets } : {}),
    });
    switch (op.op) {
      case 'advance':
        advance(kernel, op.ticks);
        return { ...inputs, ...logged(true) };
      case 'holdWorker':
      case 'releaseWorker':
        onCpu(kernel, 0, () => once(() => this.worker(op.cpu).setHeld(op.op === 'holdWorker')));
        return { ...inputs, ...logged(op.op === 'releaseWorker') };
      case 'holdCpu':
      case 'releaseCpu': {
        const action = op.op === 'holdCpu' ? holdCpu : releaseCpu;
        onCpu(kernel, 0, () => once(() => action(kernel, op.cpu)));
        return inputs;
      }
    }
    const answer = onCpu(kernel, op.cpu ?? 0, () => this.call(op));
    const work = this.works[op.work]!;
    return {
      ...inputs,
      ret: answer,
      ...logged(false),
      pending: work.pending ? 1 : 0,
      timerPending: work.timer.pending ? 1 : 0,
      ...(this.smp ? { base: baseOf(work.timer), queuedOn: work.list?.cpu.id ?? null } : {}),
    };
  }

  final(): unknown {
    const { kernel } = this;
    const { cpus } = kernel.machine;
    const pending = this.works.flatMap((work, i) => {
      if (!work.pending) return [];
      const cpu = work.list?.cpu.id ?? work.timer.on.cpu.id;
      return [[i, work.timer.pending ? work.timer.expires : null, ...(this.smp ? [cpu] : [])]];
    });
    const worklists = cpus.map((cpu) => this.worker(cpu.id).worklist.map((w) => this.works.indexOf(w as DelayedWork)));
    if (!this.smp) {
      return { jiffies: kernel.jiffies(), pending, worklist: worklists[0], workerHeld: this.worker().held };
    }
    return {
      jiffies: kernel.jiffies(),
      pending,
      worklists,
      workersHeld: cpus.filter((cpu) => this.worker(cpu.id).held).map((cpu) => cpu.id),
      held: heldCpus(kernel),
    };
  }
}

function run(recorded: GoldenCase, smp: boolean, options = {}): Replay {
  const replay = new Replay(recorded, smp, options);
  for (const [index, op] of recorded.ops.entries()) {
    expect({ index, ...(replay.perform(op) as object) }).toEqual({ index, ...op });
  }
  expect(replay.final()).toEqual(recorded.final);
  expect(replay.kernel.machine.violations).toEqual([]);
  return replay;
}

describe.each([
  ['delayed-work', false],
  ['delayed-work-smp', true],
] as const)('%s', (file, smp) => {
  const cases = load(file);

  it('has its cases', () => expect(cases.length).toBeGreaterThan(15));

  it.each(cases.map((recorded) => [recorded.name, recorded] as const))('%s', (_name, recorded) => {
    run(recorded, smp);
  });

  it.each(cases.map((recorded) => [recorded.name, recorded] as const))(
    '%s: the same with every idle tick taken',
    (_name, recorded) => {
      const skipping = run(recorded, smp).kernel.machine.trace;
      const ticking = run(recorded, smp, { skipIdle: false }).kernel.machine.trace;
      expect(ticking.fingerprint()).toBe(skipping.fingerprint());
      expect(ticking.count).toBe(skipping.count);
    },
  );
});
