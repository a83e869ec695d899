import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { heldCpus, holdCpu, releaseCpu, timerJiffiesOf } from '../../src/kernel/hold.js';
import type { Kernel } from '../../src/kernel/kernel.js';
import {
  add_timer,
  add_timer_on,
  del_timer,
  del_timer_sync,
  mod_timer,
  Timer,
  try_to_del_timer_sync,
} from '../../src/kernel/timer.js';
import type { K, Op } from '../../src/smp/op.js';
import { advance, baseOf, type GoldenCase, lockstepKernel, onCpu, once, onOtherCpu } from './lockstep.js';

const load = (name: string): GoldenCase[] =>
  JSON.parse(readFileSync(new URL(`../golden/${name}.json`, import.meta.url), 'utf8'));

/** One call on a timer: 0 or -1 (skipped, for it is pending) for the adds, else what the call answers. */
function* call(timer: Timer, op: any, expires: number): K<number> {
  const answer = (yield operation(timer, op, expires)) as number | boolean;
  return typeof answer === 'boolean' ? (answer ? 0 : -1) : answer;
}

function operation(timer: Timer, op: any, expires: number): Op {
  switch (op.op) {
    case 'add':
      return add_timer(timer, expires);
    case 'addOn':
      return add_timer_on(timer, expires, op.on);
    case 'mod':
      return mod_timer(timer, expires);
    case 'del':
      return del_timer(timer);
    case 'tryDelSync':
      return try_to_del_timer_sync(timer);
    case 'delSync':
      return del_timer_sync(timer);
    default:
      throw new Error(`no such op: ${op.op}`);
  }
}

class Replay {
  readonly kernel: Kernel;
  readonly timers: Timer[] = [];
  private readonly smp: boolean;
  private fired: unknown[] = [];
  private actRets: unknown[] = [];

  constructor(recorded: GoldenCase, smp: boolean, options = {}) {
    this.kernel = lockstepKernel(recorded, options);
    this.smp = smp;
    const behaviours = new Map(recorded.behaviours.map((b) => [b.timer, b.onFire]));
    for (let i = 0; i < recorded.timers!; i++) {
      this.timers.push(new Timer(this.kernel, `t${i}`, () => this.handler(i, behaviours.get(i) ?? [])));
    }
  }

  private *handler(timer: number, actions: readonly any[]): K {
    const { kernel } = this;
    const now = kernel.jiffies();
    const where = this.smp ? [now, kernel.cpuId, timer] : [now, timer];
    this.fired.push(where);
    if (actions.length === 0) return;
    const record: unknown[] = [...where];
    this.actRets.push(record);
    for (const action of actions) {
      const target = this.timers[action.timer]!;
      const expires = kernel.addJiffies(now, action.delta ?? 0);
      const ret = yield* onOtherCpu(kernel, action.cpu, () => call(target, action, expires));
      record.push(this.smp ? [ret, baseOf(target)] : ret);
    }
  }

  /** Performs an op; answers it with the results observed. */
  perform(op: any): unknown {
    const { kernel } = this;
    const { ret, bug, base, fired, actRets, ...inputs } = op;
    if (op.op === 'advance') {
      this.fired = [];
      this.actRets = [];
      advance(kernel, op.ticks);
      return { ...inputs, fired: this.fired, ...(this.actRets.length > 0 ? { actRets: this.actRets } : {}) };
    }
    if (op.op === 'holdCpu' || op.op === 'releaseCpu') {
      const action = op.op === 'holdCpu' ? holdCpu : releaseCpu;
      onCpu(kernel, 0, () => once(() => action(kernel, op.cpu)));
      return inputs;
    }
    const timer = this.timers[op.timer]!;
    const bugs = kernel.machine.violations.length;
    const answer = onCpu(kernel, op.cpu ?? 0, () => call(timer, op, op.expires));
    const result: Record<string, unknown> = { ...inputs };
    if (op.op === 'add' || op.op === 'addOn') {
      if (answer === -1) result['bug'] = true;
      expect(kernel.machine.violations.length - bugs).toBe(answer === -1 ? 1 : 0);
    } else result['ret'] = answer;
    if (this.smp) result['base'] = baseOf(timer);
    return result;
  }

  final(): unknown {
    const { kernel } = this;
    const pending = this.timers.flatMap((timer, i) => (timer.pending ? [[i, timer.expires, timer.on.cpu.id]] : []));
    if (!this.smp) return { jiffies: kernel.jiffies(), pending: pending.map(([i, expires]) => [i, expires]) };
    return {
      jiffies: kernel.jiffies(),
      pending,
      timerJiffies: kernel.machine.cpus.map((cpu) => timerJiffiesOf(kernel, cpu.id)),
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
  return replay;
}

describe.each([
  ['timers', false],
  ['timers-smp', true],
] as const)('%s', (file, smp) => {
  const cases = load(file);

  it('has its cases', () => expect(cases.length).toBeGreaterThan(25));

  it.each(cases.map((recorded) => [recorded.name, recorded] as const))('%s', (_name, recorded) => {
    run(recorded, smp);
  });

  it.each(cases.filter((c: any) => c.totalTicks < 40_000).map((recorded) => [recorded.name, recorded] as const))(
    '%s: the same with every idle tick taken',
    (_name, recorded) => {
      const skipping = run(recorded, smp).kernel.machine.trace;
      const ticking = run(recorded, smp, { skipIdle: false }).kernel.machine.trace;
      expect(ticking.fingerprint()).toBe(skipping.fingerprint());
      expect(ticking.count).toBe(skipping.count);
    },
  );
});
