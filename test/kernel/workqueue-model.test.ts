import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cancel_delayed_work, mod_delayed_work } from '../../src/kernel/cancel-work.js';
import { holdCpu, releaseCpu, run_worker_now } from '../../src/kernel/hold.js';
import { DelayedWork, schedule_delayed_work, schedule_delayed_work_on } from '../../src/kernel/workqueue.js';
import type { K } from '../../src/smp/op.js';
import { advance, baseOf, lockstepKernel, onCpu, once, onOtherCpu } from './lockstep.js';
import { ModelTimers, ModelWork, ModelWorks } from './model.js';

const workCount = 6;
const used = -2;

interface Call {
  readonly op: 'queue' | 'queueOn' | 'cancel' | 'mod';
  readonly work: number;
  readonly delay: number;
  readonly on: number;
  readonly cpu: number;
}

interface Action {
  readonly call: Call | { readonly op: 'runWorker'; readonly cpu: number };
  /** The function's own CPU performs it. */
  readonly own: boolean;
  readonly times: number;
}

type Step =
  | { readonly op: 'call'; readonly call: Call }
  | { readonly op: 'pass'; readonly ticks: number }
  | { readonly op: 'holdCpu'; readonly cpu: number }
  | { readonly op: 'releaseCpu'; readonly cpu: number }
  | { readonly op: 'holdWorker'; readonly cpu: number }
  | { readonly op: 'releaseWorker'; readonly cpu: number };

interface Plan {
  readonly version: string;
  readonly cpus: number;
  readonly initialJiffies: number;
  readonly functions: readonly (readonly Action[])[];
  readonly steps: readonly Step[];
}

const plan: fc.Arbitrary<Plan> = fc.integer({ min: 1, max: 4 }).chain((cpus) => {
  const cpu = fc.integer({ min: 0, max: cpus - 1 });
  const call = fc.record({
    op: fc.constantFrom('queue', 'queue', 'queue', 'queueOn', 'cancel', 'mod'),
    work: fc.integer({ min: 0, max: workCount - 1 }),
    delay: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 700 })),
    on: cpu,
    cpu,
  }) as fc.Arbitrary<Call>;
  const action: fc.Arbitrary<Action> = fc.record({
    call: fc.oneof(
      { weight: 3, arbitrary: call },
      { weight: 2, arbitrary: fc.record({ op: fc.constant('runWorker' as const), cpu }) },
    ),
    own: fc.boolean(),
    times: fc.integer({ min: 1, max: 4 }),
  });
  const of = <O extends Step['op']>(op: O) => fc.record({ op: fc.constant(op), cpu }) as fc.Arbitrary<any>;
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 8, arbitrary: fc.record({ op: fc.constant('call' as const), call }) },
    { weight: 4, arbitrary: fc.record({ op: fc.constant('pass' as const), ticks: fc.integer({ min: 1, max: 8 }) }) },
    {
      weight: 1,
      arbitrary: fc.record({ op: fc.constant('pass' as const), ticks: fc.integer({ min: 100, max: 800 }) }),
    },
    { weight: 1, arbitrary: of('holdCpu') },
    { weight: 1, arbitrary: of('releaseCpu') },
    { weight: 2, arbitrary: of('holdWorker') },
    { weight: 2, arbitrary: of('releaseWorker') },
  );
  return fc.record({
    version: fc.constantFrom('2.6.12', '2.6.18', '2.6.20', '2.6.24', '2.6.29'),
    cpus: fc.constant(cpus),
    initialJiffies: fc.constantFrom(4294892296, 2 ** 32 - 300, 256, 12345),
    functions: fc.array(fc.array(action, { maxLength: 4 }), { minLength: workCount, maxLength: workCount }),
    steps: fc.array(step, { maxLength: 50 }),
  });
});

type History = unknown[];

/** Is a delay of 0 a place on the list? */
const isDirect = (version: string): boolean => !['2.6.12', '2.6.18'].includes(version);

function onModel(plan: Plan): History {
  const history: History = [];
  const timers = new ModelTimers(plan.cpus, plan.initialJiffies, plan.version !== '2.6.12');
  const model = new ModelWorks(timers);
  const direct = isDirect(plan.version);
  const reached = new Map<Action, number>();
  const call = (c: Call, cpu: number): number => {
    const work = works[c.work]!;
    if (c.op === 'queue') return model.queue(work, c.delay, cpu, null, direct);
    if (c.op === 'queueOn') return model.queue(work, c.delay, cpu, c.on, direct);
    if (c.op === 'mod') return model.modify(work, c.delay, cpu, direct);
    return model.cancel(work);
  };
  const works = plan.functions.map((actions, id) => {
    const work: ModelWork = new ModelWork(model, (here) => {
      const entry: unknown[] = [timers.jiffies, here, id, work.active > 1];
      history.push(entry);
      for (const action of actions) {
        const times = (reached.get(action) ?? 0) + 1;
        reached.set(action, times);
        if (times > action.times) entry.push(used);
        else if (action.call.op === 'runWorker') entry.push(model.drain(action.call.cpu));
        else entry.push(call(action.call, action.own ? here : action.call.cpu));
      }
    });
    return work;
  });
  for (const step of plan.steps) {
    if (step.op === 'pass') for (let i = 0; i < step.ticks; i++) model.tick();
    else if (step.op === 'holdCpu' || step.op === 'releaseCpu') timers.cpus[step.cpu]!.held = step.op === 'holdCpu';
    else if (step.op === 'call') {
      const record: unknown[] = [step.call.op];
      history.push(record);
      record.push(call(step.call, step.call.cpu));
      model.passes();
    } else {
      model.held[step.cpu] = step.op === 'holdWorker';
      model.passes();
    }
    for (const work of works) {
      history.push([work.pending, work.timer.list === null ? null : work.timer.cpu, work.queuedOn]);
    }
  }
  history.push(timers.jiffies);
  return history;
}

function onKernel(plan: Plan, options = {}): { history: History; fingerprint: string } {
  const history: History = [];
  const kernel = lockstepKernel(
    { ...plan, name: '', hz: 250, behaviours: [], ops: [], final: null },
    { kernel: plan.version, ...options },
  );
  const reached = new Map<Action, number>();
  const call = (c: Call): K<number> => {
    const work = works[c.work]!;
    if (c.op === 'queue') return schedule_delayed_work(kernel, work, c.delay);
    if (c.op === 'queueOn') return schedule_delayed_work_on(kernel, c.on, work, c.delay);
    if (c.op === 'mod') return mod_delayed_work(kernel, work, c.delay);
    return cancel_delayed_work(work);
  };
  const works = plan.functions.map((actions, id) => {
    const work: DelayedWork = new DelayedWork(kernel, `w${id}`, function* () {
      const entry: unknown[] = [kernel.jiffies(), kernel.cpuId, id, work.activeOn > 1];
      history.push(entry);
      for (const action of actions) {
        const times = (reached.get(action) ?? 0) + 1;
        reached.set(action, times);
        const c = action.call;
        if (times > action.times) entry.push(used);
        else if (c.op === 'runWorker') entry.push(yield* run_worker_now(kernel, c.cpu));
        else entry.push(yield* onOtherCpu(kernel, action.own ? undefined : c.cpu, () => call(c)));
      }
    });
    return work;
  });
  for (const step of plan.steps) {
    if (step.op === 'pass') advance(kernel, step.ticks);
    else if (step.op === 'call') {
      const record: unknown[] = [step.call.op];
      history.push(record);
      onCpu(kernel, step.call.cpu, function* () {
        record.push(yield* call(step.call));
      });
    } else {
      const cpu = kernel.machine.cpus[step.cpu]!;
      onCpu(kernel, 0, () =>
        once(() => {
          if (step.op === 'holdCpu') holdCpu(kernel, step.cpu);
          else if (step.op === 'releaseCpu') releaseCpu(kernel, step.cpu);
          else kernel.events.of(cpu).setHeld(step.op === 'holdWorker');
        }),
      );
    }
    for (const work of works) history.push([work.pending, baseOf(work.timer), work.list?.cpu.id ?? null]);
  }
  history.push(kernel.jiffies());
  expect(kernel.machine.violations).toEqual([]);
  return { history, fingerprint: kernel.machine.trace.fingerprint() };
}

describe('any sequence of workqueue calls', () => {
  it('has the results and runs of a naive model', { timeout: 120_000 }, () => {
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
