/** A workload as a program to be explored, and the history of what its calls answered and what ran. */
import type { Program, ProgramSetup } from '../explore/program.js';
import {
  cancel_delayed_work,
  cancel_delayed_work_sync,
  flush_scheduled_work,
  mod_delayed_work,
} from '../kernel/cancel-work.js';
import { schedule_timeout } from '../kernel/sleep.js';
import { del_timer, del_timer_sync, mod_timer, type Timer, try_to_del_timer_sync } from '../kernel/timer.js';
import { type DelayedWork, schedule_delayed_work } from '../kernel/workqueue.js';
import type { K, Op } from '../smp/op.js';
import type { KernelCall, Workload } from './calls.js';

/**
 * What happened, in order. Calls on timers are single operations: they stand where they took effect. Calls on works take
 * several, and stand where they returned; they took effect somewhere since the task's event before.
 */
export type HistoryEvent =
  /** `atJiffies`: when it was called, from which delays count. `answer`: what the kernel function returned. */
  | {
      readonly event: 'called';
      readonly task: number;
      readonly call: KernelCall;
      readonly answer: unknown;
      readonly atJiffies: number;
    }
  /** A timer's handler began. */
  | { readonly event: 'fired'; readonly timer: number; readonly cpu: number; readonly atJiffies: number }
  /** A work's function began. */
  | { readonly event: 'ran'; readonly work: number; readonly cpu: number; readonly atJiffies: number };

export interface WorkloadProgramOptions {
  /** Called when a run is complete; what it throws is the failure. */
  readonly check?: (history: readonly HistoryEvent[]) => void;
  /** Sets up more: other tasks, invariants. Called first. */
  readonly setUp?: (p: ProgramSetup) => void;
}

/** The tasks of a workload on timers and works of their own, named t0, t1, … and w0, w1, … */
export function workloadProgram(tasks: Workload, options: WorkloadProgramOptions = {}): Program {
  const timersUsed = used(tasks, 'timer');
  const worksUsed = used(tasks, 'work');
  return (p) => {
    options.setUp?.(p);
    const history: HistoryEvent[] = [];
    const { kernel } = p;
    const timers = times(timersUsed, (timer) =>
      p.timer(`t${timer}`, () => {
        history.push({ event: 'fired', timer, cpu: kernel.cpuId, atJiffies: kernel.jiffies() });
      }),
    );
    const works = times(worksUsed, (work) =>
      p.delayedWork(`w${work}`, () => {
        history.push({ event: 'ran', work, cpu: kernel.cpuId, atJiffies: kernel.jiffies() });
      }),
    );
    for (const [task, calls] of tasks.entries()) {
      p.task(`task${task}`, function* () {
        for (const call of calls) {
          const atJiffies = kernel.jiffies();
          const answer = yield* perform(p, call, timers, works);
          history.push({ event: 'called', task, call, answer, atJiffies });
        }
      });
    }
    p.finally(() => options.check?.(history));
  };
}

function* perform(
  p: ProgramSetup,
  call: KernelCall,
  timers: readonly Timer[],
  works: readonly DelayedWork[],
): K<unknown> {
  const { kernel } = p;
  const did = onTimer(p, call, timers);
  if (did !== null) return yield did;
  switch (call[0]) {
    case 'schedule_delayed_work':
      return yield* schedule_delayed_work(kernel, works[call[1]]!, call[2]);
    case 'mod_delayed_work':
      return yield* mod_delayed_work(kernel, works[call[1]]!, call[2]);
    case 'cancel_delayed_work':
      return yield* cancel_delayed_work(works[call[1]]!);
    case 'cancel_delayed_work_sync':
      return yield* cancel_delayed_work_sync(kernel, works[call[1]]!);
    case 'schedule_timeout':
      return yield* schedule_timeout(kernel, call[1]);
    case 'flush_scheduled_work':
      return yield* flush_scheduled_work(kernel);
  }
  return undefined;
}

function onTimer(p: ProgramSetup, call: KernelCall, timers: readonly Timer[]): Op | null {
  const { kernel } = p;
  switch (call[0]) {
    case 'mod_timer':
      return mod_timer(timers[call[1]]!, kernel.addJiffies(kernel.now, call[2]));
    case 'del_timer':
      return del_timer(timers[call[1]]!);
    case 'try_to_del_timer_sync':
      return try_to_del_timer_sync(timers[call[1]]!);
    case 'del_timer_sync':
      return del_timer_sync(timers[call[1]]!);
  }
  return null;
}

/** How many timers or works the calls speak of. */
function used(tasks: Workload, what: 'timer' | 'work'): number {
  let count = 0;
  for (const [name, object] of tasks.flat()) {
    if (name.includes(what) && object !== undefined && object >= count) count = object + 1;
  }
  return count;
}

function times<T>(count: number, make: (i: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i));
}
