/** The exported workloads against the naive models: each task has a CPU, and they take turns, call by call. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cancel_delayed_work, mod_delayed_work } from '../../src/kernel/cancel-work.js';
import { del_timer, mod_timer, Timer, try_to_del_timer_sync } from '../../src/kernel/timer.js';
import { DelayedWork, schedule_delayed_work } from '../../src/kernel/workqueue.js';
import type { K } from '../../src/smp/op.js';
import {
  type KernelCall,
  timerCall,
  type WaitCall,
  type Workload,
  workCall,
  workload,
} from '../../src/testing/fast-check.js';
import { advance, lockstepKernel, onCpu } from '../kernel/lockstep.js';
import { ModelTimer, ModelTimers, ModelWork, ModelWorks } from '../kernel/model.js';

const objects = 3;
const initialJiffies = 2 ** 32 - 300;

const delayJiffies = fc.oneof(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 700 }));
const sync = (call: KernelCall): boolean => call[0] !== 'del_timer_sync' && call[0] !== 'cancel_delayed_work_sync';
const pass = delayJiffies.map((jiffies): WaitCall => ['schedule_timeout', jiffies]);
const calls: fc.Arbitrary<KernelCall> = fc.oneof(
  timerCall({ timers: objects, delayJiffies }).filter(sync),
  workCall({ works: objects, delayJiffies }).filter(sync),
  pass,
);

/** Calls in the order of turns, each with its task's CPU. */
function turns(tasks: Workload): { readonly call: KernelCall; readonly cpu: number }[] {
  const longest = Math.max(...tasks.map((task) => task.length));
  return Array.from({ length: longest }, (_, at) =>
    tasks.flatMap((task, cpu) => (at < task.length ? [{ call: task[at]!, cpu }] : [])),
  ).flat();
}

type History = unknown[];

function onModel(tasks: Workload): History {
  const history: History = [];
  const timers = new ModelTimers(tasks.length, initialJiffies, true);
  const model = new ModelWorks(timers);
  const list = Array.from(
    { length: objects },
    (_, id) => new ModelTimer((cpu) => void history.push(['fired', id, cpu, timers.jiffies])),
  );
  const works = Array.from(
    { length: objects },
    (_, id) => new ModelWork(model, (cpu) => void history.push(['ran', id, cpu, timers.jiffies])),
  );
  const perform = (call: KernelCall, cpu: number): number | boolean => {
    switch (call[0]) {
      case 'mod_timer':
        return timers.mod(list[call[1]]!, (timers.jiffies + call[2]) >>> 0, cpu);
      case 'schedule_delayed_work':
        return model.queue(works[call[1]]!, call[2], cpu, null, true);
      case 'mod_delayed_work':
        return model.modify(works[call[1]]!, call[2], cpu, true);
      case 'cancel_delayed_work':
        return model.cancel(works[call[1]]!);
      default:
        return timers.del(list[call[1] as number]!);
    }
  };
  for (const { call, cpu } of turns(tasks)) {
    if (call[0] === 'schedule_timeout') for (let i = 0; i < call[1]; i++) model.tick();
    else {
      history.push([call[0], perform(call, cpu)]);
      model.passes();
    }
  }
  return history;
}

function onKernel(tasks: Workload): History {
  const history: History = [];
  const plan = { cpus: tasks.length, initialJiffies, name: '', hz: 250, behaviours: [], ops: [], final: null };
  const kernel = lockstepKernel(plan, { kernel: '2.6.24' });
  const seen = (what: string, id: number) => void history.push([what, id, kernel.cpuId, kernel.jiffies()]);
  const list = Array.from({ length: objects }, (_, id) => new Timer(kernel, `t${id}`, () => seen('fired', id)));
  const works = Array.from({ length: objects }, (_, id) => new DelayedWork(kernel, `w${id}`, () => seen('ran', id)));
  function* perform(call: KernelCall): K<unknown> {
    switch (call[0]) {
      case 'mod_timer':
        return yield mod_timer(list[call[1]]!, kernel.addJiffies(kernel.jiffies(), call[2]));
      case 'try_to_del_timer_sync':
        return yield try_to_del_timer_sync(list[call[1]]!);
      case 'schedule_delayed_work':
        return yield* schedule_delayed_work(kernel, works[call[1]]!, call[2]);
      case 'mod_delayed_work':
        return yield* mod_delayed_work(kernel, works[call[1]]!, call[2]);
      case 'cancel_delayed_work':
        return yield* cancel_delayed_work(works[call[1]]!);
      default:
        return yield del_timer(list[call[1] as number]!);
    }
  }
  for (const { call, cpu } of turns(tasks)) {
    if (call[0] === 'schedule_timeout') advance(kernel, call[1]);
    else {
      onCpu(kernel, cpu, function* () {
        const place = history.push([call[0]]) - 1;
        const answer = yield* perform(call);
        history[place] = [call[0], answer];
      });
    }
  }
  return history;
}

describe('any workload of timers and works', () => {
  it('has the answers, firings and runs of the naive model', () => {
    let fired = 0;
    let ran = 0;
    fc.assert(
      fc.property(workload({ calls, tasksMax: 4, callsMax: 15 }), (tasks) => {
        const history = onKernel(tasks);
        expect(history).toEqual(onModel(tasks));
        for (const [what] of history as [string][]) {
          if (what === 'fired') fired++;
          if (what === 'ran') ran++;
        }
      }),
      { numRuns: 300 },
    );
    expect(fired).toBeGreaterThan(100);
    expect(ran).toBeGreaterThan(100);
  });
});
