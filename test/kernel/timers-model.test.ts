import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { holdCpu, releaseCpu, timerJiffiesOf } from '../../src/kernel/hold.js';
import { add_timer, add_timer_on, del_timer, mod_timer, Timer, try_to_del_timer_sync } from '../../src/kernel/timer.js';
import type { K } from '../../src/smp/op.js';
import { advance, baseOf, lockstepKernel, onCpu, once, onOtherCpu } from './lockstep.js';
import { ModelTimer, ModelTimers } from './model.js';

const timerCount = 8;

interface Call {
  readonly op: 'add' | 'addOn' | 'mod' | 'del' | 'tryDelSync';
  readonly timer: number;
  /** From the jiffies of the call. */
  readonly delta: number;
  readonly on: number;
  readonly cpu: number;
}

type Step =
  | Call
  | { readonly op: 'hold'; readonly cpu: number }
  | { readonly op: 'release'; readonly cpu: number }
  | { readonly op: 'pass'; readonly ticks: number };

interface Plan {
  readonly version: string;
  readonly cpus: number;
  readonly initialJiffies: number;
  readonly handlers: readonly (readonly (Call & { readonly own: boolean })[])[];
  readonly steps: readonly Step[];
}

/** Distances on both sides of every level's border. */
const delta = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: -3, max: 12 }) },
  { weight: 2, arbitrary: fc.integer({ min: 250, max: 262 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 1100 }) },
  { weight: 1, arbitrary: fc.integer({ min: 2 ** 14 - 300, max: 2 ** 14 + 300 }) },
  { weight: 1, arbitrary: fc.integer({ min: -(2 ** 31), max: 2 ** 31 }) },
);

const plan: fc.Arbitrary<Plan> = fc.integer({ min: 1, max: 4 }).chain((cpus) => {
  const cpu = fc.integer({ min: 0, max: cpus - 1 });
  const call = fc.record({
    op: fc.constantFrom('add', 'addOn', 'mod', 'mod', 'mod', 'del', 'tryDelSync'),
    timer: fc.integer({ min: 0, max: timerCount - 1 }),
    delta,
    on: cpu,
    cpu,
  }) as fc.Arbitrary<Call>;
  const inHandler = fc.tuple(call, fc.boolean()).map(([c, own]) => ({ ...c, own }));
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 10, arbitrary: call },
    { weight: 5, arbitrary: fc.record({ op: fc.constant('pass' as const), ticks: fc.integer({ min: 1, max: 20 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({ op: fc.constant('pass' as const), ticks: fc.integer({ min: 200, max: 800 }) }),
    },
    { weight: 1, arbitrary: fc.record({ op: fc.constant('hold' as const), cpu }) },
    { weight: 1, arbitrary: fc.record({ op: fc.constant('release' as const), cpu }) },
  );
  return fc.record({
    version: fc.constantFrom('2.6.12', '2.6.13', '2.6.17', '2.6.24', '2.6.29'),
    cpus: fc.constant(cpus),
    initialJiffies: fc.oneof(
      fc.constantFrom(4294892296, 2 ** 32 - 300, 0, 256, 2 ** 14 - 5),
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    ),
    handlers: fc.array(fc.array(inHandler, { maxLength: 3 }), { minLength: timerCount, maxLength: timerCount }),
    steps: fc.array(step, { maxLength: 60 }),
  });
});

/** What happened, as one list: results of calls, firings, wheels. */
type History = unknown[];

function onModel(plan: Plan): History {
  const history: History = [];
  const selfSerialised = plan.version !== '2.6.12';
  const checks = !['2.6.12', '2.6.13'].includes(plan.version);
  const model = new ModelTimers(plan.cpus, plan.initialJiffies, selfSerialised);
  const call = (c: Call, cpu: number): void => {
    const timer = timers[c.timer]!;
    const expires = (model.jiffies + c.delta) >>> 0;
    let ret: number | boolean;
    if (c.op === 'mod') ret = model.mod(timer, expires, cpu);
    else if (c.op === 'del') ret = model.del(timer);
    else if (c.op === 'tryDelSync') ret = model.runs(timer) ? -1 : model.del(timer);
    else {
      ret = timer.list === null || (c.op === 'add' && !checks);
      if (ret) model.arm(timer, expires, c.op === 'addOn' ? c.on : cpu, c.op === 'addOn');
    }
    history.push([c.op, c.timer, ret, timer.list === null ? null : timer.cpu]);
  };
  const timers = plan.handlers.map((calls, id) => {
    const timer: ModelTimer = new ModelTimer((here) => {
      history.push([model.jiffies, here, id]);
      for (const c of calls) call(c, c.own ? here : c.cpu);
    });
    return timer;
  });
  for (const step of plan.steps) {
    if (step.op === 'pass') for (let i = 0; i < step.ticks; i++) model.tick();
    else if (step.op === 'hold' || step.op === 'release') model.cpus[step.cpu]!.held = step.op === 'hold';
    else call(step, step.cpu);
  }
  history.push(...model.cpus.map((cpu) => cpu.timerJiffies), model.jiffies);
  return history;
}

function onKernel(plan: Plan, options = {}): { history: History; fingerprint: string } {
  const history: History = [];
  const kernel = lockstepKernel(
    { ...plan, name: '', hz: 250, behaviours: [], ops: [], final: null },
    { kernel: plan.version, ...options },
  );
  function* call(c: Call): K {
    const timer = timers[c.timer]!;
    const expires = kernel.addJiffies(kernel.jiffies(), c.delta);
    const ops = {
      add: () => add_timer(timer, expires),
      addOn: () => add_timer_on(timer, expires, c.on),
      mod: () => mod_timer(timer, expires),
      del: () => del_timer(timer),
      tryDelSync: () => try_to_del_timer_sync(timer),
    };
    const ret = (yield ops[c.op]()) as number | boolean;
    history.push([c.op, c.timer, ret, baseOf(timer)]);
  }
  const timers = plan.handlers.map((calls, id) => {
    return new Timer(kernel, `t${id}`, function* () {
      history.push([kernel.jiffies(), kernel.cpuId, id]);
      for (const c of calls) yield* onOtherCpu(kernel, c.own ? undefined : c.cpu, () => call(c));
    });
  });
  for (const step of plan.steps) {
    if (step.op === 'pass') advance(kernel, step.ticks);
    else if (step.op === 'hold') onCpu(kernel, 0, () => once(() => holdCpu(kernel, step.cpu)));
    else if (step.op === 'release') onCpu(kernel, 0, () => once(() => releaseCpu(kernel, step.cpu)));
    else onCpu(kernel, step.cpu, () => call(step));
  }
  history.push(...kernel.machine.cpus.map((cpu) => timerJiffiesOf(kernel, cpu.id)), kernel.jiffies());
  return { history, fingerprint: kernel.machine.trace.fingerprint() };
}

describe('any sequence of timer calls', () => {
  it('has the results, firings and wheels of a naive model', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(plan, (p) => {
        expect(onKernel(p).history).toEqual(onModel(p));
      }),
      { numRuns: 400 },
    );
  });

  it('is the same with every idle tick taken', () => {
    fc.assert(
      fc.property(plan, (p) => {
        expect(onKernel(p, { skipIdle: false })).toEqual(onKernel(p));
      }),
      { numRuns: 60 },
    );
  });
});
