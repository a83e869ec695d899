/** Random programs that use the kernel's services, whose runs tell what every context saw. */
import fc from 'fast-check';
import type { Program, ProgramSetup } from '../../src/explore/program.js';
import {
  cancel_delayed_work,
  cancel_delayed_work_sync,
  flush_scheduled_work,
  mod_delayed_work,
} from '../../src/kernel/cancel-work.js';
import {
  Completion,
  complete,
  mutex_lock,
  mutex_trylock,
  mutex_unlock,
  wait_for_completion,
} from '../../src/kernel/mutex.js';
import { schedule_timeout } from '../../src/kernel/sleep.js';
import { spin_lock, spin_lock_bh, spin_unlock, spin_unlock_bh } from '../../src/kernel/spinlock.js';
import { del_timer, del_timer_sync, mod_timer } from '../../src/kernel/timer.js';
import { schedule_delayed_work, schedule_work } from '../../src/kernel/workqueue.js';
import {
  local_bh_disable,
  local_bh_enable,
  local_irq_restore,
  local_irq_save,
  smp_call_function,
} from '../../src/smp/basic-ops.js';
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
  'complete',
  'wait',
  'cancel-sync',
  'mod-delayed',
  'ipi',
  'try-mutex',
  'two-mutexes',
  'two-locks',
] as const;

interface Act {
  readonly kind: (typeof kinds)[number];
  readonly value: number;
}

export interface Plan {
  readonly tasks: readonly { readonly cpu: number; readonly acts: readonly Act[] }[];
  /** What the handler of each timer and the function of the work do. */
  readonly handlers: readonly (readonly Act[])[];
  readonly preempt: Preempt;
  readonly kernel: string;
}

const act = fc.record({ kind: fc.constantFrom(...kinds), value: fc.nat({ max: 3 }) });
const inHandler = fc.record({
  kind: fc.constantFrom('read', 'write', 'mod', 'now', 'work', 'complete'),
  value: fc.nat({ max: 3 }),
});
export const plan: fc.Arbitrary<Plan> = fc.record({
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
    const mutexes = [mutex, p.mutex('n')];
    const locks = [p.lock('a'), p.lock('b')];
    const lock = p.lock('l');
    const done = new Completion(p.kernel, 'c');
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
        case 'complete':
          return yield complete(done);
        case 'wait':
          return yield* wait_for_completion(done);
        case 'cancel-sync':
          return yield* cancel_delayed_work_sync(kernel, delayed);
        case 'mod-delayed':
          return yield* mod_delayed_work(kernel, delayed, value >> 1);
        case 'ipi':
          return yield* smp_call_function(p.machineKernel.machine, value % 2, 'ipi', function* () {
            return yield cell.read;
          });
        case 'two-mutexes':
          yield* mutex_lock(mutexes[value % 2]!);
          yield* mutex_lock(mutexes[1 - (value % 2)]!);
          yield mutex_unlock(mutexes[1 - (value % 2)]!);
          yield mutex_unlock(mutexes[value % 2]!);
          return 'locked';
        case 'two-locks':
          yield spin_lock(locks[value % 2]!);
          yield spin_lock(locks[1 - (value % 2)]!);
          yield spin_unlock(locks[1 - (value % 2)]!);
          yield spin_unlock(locks[value % 2]!);
          return 'locked';
        case 'try-mutex':
          if (!((yield mutex_trylock(mutex)) as boolean)) return 'busy';
          yield mutex_unlock(mutex);
          return 'locked';
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
