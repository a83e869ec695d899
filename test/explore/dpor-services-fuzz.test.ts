import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Program, ProgramSetup } from '../../src/explore/program.js';
import { search } from '../../src/explore/search.js';
import type { StrategyName } from '../../src/explore/strategies.js';
import { cancel_delayed_work, flush_scheduled_work } from '../../src/kernel/cancel-work.js';
import { mutex_lock, mutex_unlock } from '../../src/kernel/mutex.js';
import { schedule_timeout } from '../../src/kernel/sleep.js';
import { spin_lock_bh, spin_unlock_bh } from '../../src/kernel/spinlock.js';
import { del_timer, del_timer_sync, mod_timer } from '../../src/kernel/timer.js';
import { schedule_delayed_work, schedule_work } from '../../src/kernel/workqueue.js';
import { local_bh_disable, local_bh_enable, local_irq_restore, local_irq_save } from '../../src/smp/basic-ops.js';
import type { Preempt } from '../../src/smp/machine-options.js';
import type { K } from '../../src/smp/op.js';

const kinds = [
  'read',
  'write',
  'mod',
  'del',
  'del-sync',
  'work',
  'delayed',
  'cancel',
  'flush',
  'mutex',
  'sleep',
  'bh',
  'irq',
  'lock-bh',
  'now',
] as const;

interface Act {
  readonly kind: (typeof kinds)[number];
  readonly value: number;
}

interface Plan {
  readonly tasks: readonly { readonly cpu: number; readonly acts: readonly Act[] }[];
  /** What the handler of each timer and the function of the work do. */
  readonly handlers: readonly (readonly Act[])[];
  readonly preempt: Preempt;
  readonly kernel: string;
}

const act = fc.record({ kind: fc.constantFrom(...kinds), value: fc.nat({ max: 3 }) });
const inHandler = fc.record({
  kind: fc.constantFrom('read', 'write', 'mod', 'now', 'work'),
  value: fc.nat({ max: 3 }),
});
const plan: fc.Arbitrary<Plan> = fc.record({
  tasks: fc.array(fc.record({ cpu: fc.nat({ max: 1 }), acts: fc.array(act, { minLength: 1, maxLength: 3 }) }), {
    minLength: 1,
    maxLength: 3,
  }),
  handlers: fc.array(fc.array(inHandler, { maxLength: 2 }), { minLength: 3, maxLength: 3 }),
  preempt: fc.constantFrom('none' as const, 'full' as const),
  kernel: fc.constantFrom('2.6.12', '2.6.24'),
});

/** What every context saw, in its own order; and what was left. */
type Histories = Map<string, unknown[]>;

export function program({ tasks, handlers }: Plan, tell: (outcome: string) => void): Program {
  return (p) => {
    const histories: Histories = new Map();
    const note = (who: string, what: unknown): void => {
      const list = histories.get(who) ?? [];
      histories.set(who, list);
      list.push(what);
    };
    const cells = [p.cell('x'), p.cell('y')];
    const mutex = p.mutex('m');
    const lock = p.lock('l');
    let firings = 0;
    const body = function* (who: string, acts: readonly Act[]): K {
      for (const one of acts) note(who, yield* perform(one));
    };
    const limited = (who: string, acts: readonly Act[]) =>
      function* (): K {
        // So that runs end: a timer may arm itself.
        if (++firings > 3) return;
        yield* body(who, acts);
      };
    const timers = [0, 1].map((i) => p.timer(`t${i}`, limited(`handler ${i}`, handlers[i]!)));
    const work = p.work('w', limited('work', handlers[2]!));
    const delayed = p.delayedWork('d', limited('delayed', handlers[2]!));
    const { kernel } = p;
    const perform = function* ({ kind, value }: Act): K<unknown> {
      const cell = cells[value % 2]!;
      const timer = timers[value % 2]!;
      switch (kind) {
        case 'read':
          return yield cell.read;
        case 'write':
          yield cell.write(value + 1);
          return 'written';
        case 'mod':
          return yield mod_timer(timer, kernel.addJiffies(kernel.now, 1 + (value >> 1)));
        case 'del':
          return yield del_timer(timer);
        case 'del-sync':
          return yield del_timer_sync(timer);
        case 'work':
          return yield* schedule_work(kernel, work);
        case 'delayed':
          return yield* schedule_delayed_work(kernel, delayed, 1 + (value >> 1));
        case 'cancel':
          return yield* cancel_delayed_work(delayed);
        case 'flush':
          return yield* flush_scheduled_work(kernel);
        case 'mutex':
          yield* mutex_lock(mutex);
          yield cell.write(7);
          yield mutex_unlock(mutex);
          return 'locked';
        case 'sleep':
          return yield* schedule_timeout(kernel, 1 + (value >> 1));
        case 'bh': {
          yield local_bh_disable();
          const seen: unknown = yield cell.read;
          yield local_bh_enable();
          return seen;
        }
        case 'irq': {
          const flags = (yield local_irq_save()) as number;
          const seen: unknown = yield cell.read;
          yield local_irq_restore(flags);
          return seen;
        }
        case 'lock-bh':
          yield spin_lock_bh(lock);
          yield cell.write(value);
          yield spin_unlock_bh(lock);
          return 'locked';
        case 'now':
          return kernel.now;
      }
    };
    for (const [i, { cpu, acts }] of tasks.entries()) {
      p.task(`task ${i}`, () => body(`task ${i}`, acts), { cpu });
    }
    p.finally(() => {
      const seen = [...histories].toSorted(([a], [b]) => (a < b ? -1 : 1));
      tell(JSON.stringify([seen, cells.map(({ value }) => value), messages(p)]));
    });
  };
}

function messages(p: ProgramSetup): readonly string[] {
  return p.machineKernel.machine.violations.map(({ kind, message }) => `${kind}: ${message}`).toSorted();
}

const runsMax = 3000;
const options = { runs: runsMax, keepGoing: true, shrink: false, sanitize: 'off' } as const;

function outcomesOf(code: Plan, strategy: StrategyName) {
  const outcomes = new Set<string>();
  const { preempt, kernel } = code;
  const machine = { preempt, kernel, cpus: 2 };
  const found = search(
    program(code, (outcome) => outcomes.add(outcome)),
    { ...options, strategy, machine },
  );
  return { ...found, outcomes: [...outcomes].toSorted() };
}

describe('DPOR of programs with timers, works, sleepers and shared CPUs', () => {
  it('sees every outcome that brute force sees, each trace once', () => {
    const counts = { programs: 0, brute: 0, optimal: 0, traces: 0, blocked: 0 };
    fc.assert(
      fc.property(plan, (code) => {
        const brute = outcomesOf(code, 'dfs');
        fc.pre(brute.exhaustive);
        for (const strategy of ['optimal-dpor', 'source-dpor'] as const) {
          const found = outcomesOf(code, strategy);
          expect({ strategy, exhaustive: found.exhaustive, outcomes: found.outcomes }).toEqual({
            strategy,
            exhaustive: true,
            outcomes: brute.outcomes,
          });
          expect({ strategy, traces: found.totals.traces }).toEqual({ strategy, traces: brute.totals.traces });
          expect(found.totals.deadlocked).toBe(brute.deadlockTraces);
          if (strategy === 'source-dpor') continue;
          counts.optimal += found.totals.runs;
          counts.blocked += found.totals.sleepSetBlocked;
        }
        counts.programs++;
        counts.brute += brute.totals.runs;
        counts.traces += brute.totals.traces;
      }),
      { numRuns: Number(globalThis.process.env['FUZZ'] ?? 60), seed: Number(globalThis.process.env['SEED'] ?? 1) },
    );
    if (globalThis.process.env['FUZZ'] !== undefined) console.log(counts);
  });
});
