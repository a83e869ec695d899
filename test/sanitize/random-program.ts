/** Random programs of cells, atomics, locks, timers and stretches with something off; and what they do, as it happens. */
import fc from 'fast-check';
import type { Program, ProgramSetup } from '../../src/explore/program.js';
import { atomic_inc, atomic_inc_return, cmpxchg } from '../../src/kernel/atomic.js';
import { type Mutex, mutex_lock, mutex_unlock } from '../../src/kernel/mutex.js';
import {
  type SpinLock,
  spin_lock,
  spin_lock_bh,
  spin_lock_irqsave,
  spin_trylock,
  spin_unlock,
  spin_unlock_bh,
  spin_unlock_irqrestore,
} from '../../src/kernel/spinlock.js';
import { del_timer_sync, mod_timer, type Timer } from '../../src/kernel/timer.js';
import {
  local_bh_disable,
  local_bh_enable,
  local_irq_restore,
  local_irq_save,
  preempt_disable,
  preempt_enable,
} from '../../src/smp/basic-ops.js';
import type { Cell } from '../../src/smp/cell.js';
import type { Context } from '../../src/smp/context.js';
import type { K, Op } from '../../src/smp/op.js';
import type { Access, Event } from './naive-races.js';

type Touch = { readonly cell: number; readonly how: 'r' | 'w' | 'R' | 'W' | 'i' | 'n' | 'c' };
type Section = {
  readonly section: 'lock' | 'lock_bh' | 'lock_irq' | 'try' | 'bh' | 'irq' | 'preempt';
  readonly lock: number;
  readonly body: readonly Step[];
};
type Step = Touch | Section | { readonly arm: number } | { readonly sync: number };
type Top = Step | { readonly mutex: readonly Step[] };

export interface Plan {
  readonly tasks: readonly { readonly cpu: number; readonly steps: readonly Top[] }[];
  readonly handlers: readonly (readonly Step[])[];
}

const timers = 2;
/** Timers are armed so often in a run at most: handlers that arm each other would never end. */
const armsMax = 5;
/** The first is touched in all ways, the second plainly, the third never so: it can be a flag. */
const touch: fc.Arbitrary<Touch> = fc.oneof(
  fc.record({ cell: fc.constant(0), how: fc.constantFrom('r', 'w', 'R', 'W', 'i', 'n', 'c') }),
  fc.record({ cell: fc.constant(1), how: fc.constantFrom('r', 'w') }),
  fc.record({ cell: fc.constant(2), how: fc.constantFrom('R', 'W', 'i', 'n', 'c') }),
);
const { step } = fc.letrec<{ step: Step; section: Section }>((tie) => ({
  step: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { arbitrary: touch, weight: 5 },
    { arbitrary: fc.record({ arm: fc.nat(timers - 1) }), weight: 1 },
    { arbitrary: tie('section'), weight: 4 },
  ),
  section: fc.record({
    section: fc.constantFrom('lock', 'lock_bh', 'lock_irq', 'try', 'bh', 'irq', 'preempt'),
    lock: fc.nat(1),
    body: fc.array(tie('step'), { minLength: 1, maxLength: 2 }),
  }),
}));
const top: fc.Arbitrary<Top> = fc.oneof(
  { arbitrary: step, weight: 6 },
  { arbitrary: fc.record({ sync: fc.nat(timers - 1) }), weight: 1 },
  { arbitrary: fc.record({ mutex: fc.array(step, { minLength: 1, maxLength: 2 }) }), weight: 1 },
);

/** Two or three tasks on up to three CPUs, two timers. */
export const plans: fc.Arbitrary<Plan> = fc.record({
  tasks: fc.array(fc.record({ cpu: fc.nat(2), steps: fc.array(top, { minLength: 1, maxLength: 4 }) }), {
    minLength: 2,
    maxLength: 3,
  }),
  handlers: fc.array(fc.array(step, { minLength: 1, maxLength: 2 }), { minLength: timers, maxLength: timers }),
});

type Meaning = (context: Context) => Partial<Event>;

const words: Readonly<Record<Touch['how'], string>> = {
  r: 'read',
  w: 'write',
  R: 'read (marked)',
  W: 'write (marked)',
  i: 'read-write (marked)',
  n: 'read-write (marked)',
  c: 'read-write (marked)',
};

class Performance {
  readonly events: Event[] = [];
  private readonly cells: readonly Cell[];
  private readonly locks: readonly SpinLock[];
  private readonly mutex: Mutex;
  private readonly timers: readonly Timer[];
  private readonly meanings = new Map<Op, Meaning>();
  private readonly p: ProgramSetup;
  private armed = 0;
  /** Stretches that keep tasks off by intent, which a context is in. */
  private readonly stretches = new Map<Context, number>();

  constructor(p: ProgramSetup, { tasks, handlers }: Plan) {
    this.p = p;
    this.cells = [p.cell('x'), p.cell('y'), p.cell('flag')];
    this.locks = [p.lock('l'), p.lock('m')];
    this.mutex = p.mutex('mutex');
    this.timers = handlers.map((steps, i) => p.timer(`h${i}`, () => this.handler(`h${i}`, steps)));
    p.kernel.machine.onAccess = (context, op) => {
      const meaning = this.meanings.get(op);
      if (meaning !== undefined) this.note(context, meaning(context));
    };
    // A softirq that finds its timer deleted does nothing, but it was there.
    p.kernel.softirqActionHooks.push(() => this.note(p.kernel.context, {}));
    for (const [i, { cpu, steps }] of tasks.entries()) p.task(`t${i}`, () => this.all(steps), { cpu });
  }

  private note(context: Context, what: Partial<Event>): void {
    const softirq = context.kind === 'softirq';
    const fn = context.function;
    this.events.push({
      strand: softirq ? `softirqs of ${context.cpu.id}` : context.name,
      fn,
      cpu: context.cpu.id,
      softirq,
      softirqsOff: softirq || context.bhCount > 0 || context.cpu.irqsOff,
      tasksOff: (this.stretches.get(context) ?? 0) > 0,
      ...what,
      ...(softirq ? { handler: fn, tasksOff: false, letsTasksIn: false } : {}),
    });
  }

  private means(op: Op, meaning: Meaning): Op {
    this.meanings.set(op, meaning);
    return op;
  }

  private *handler(name: string, steps: readonly Step[]): K {
    this.note(this.p.kernel.context, { begins: name });
    yield* this.all(steps);
  }

  private *all(steps: readonly Top[]): K {
    for (const one of steps) {
      if ('cell' in one) yield this.touching(one);
      else if ('arm' in one) {
        if (this.armed++ < armsMax) yield this.arming(this.timers[one.arm]!);
      } else if ('sync' in one) {
        const timer = this.timers[one.sync]!;
        yield this.means(del_timer_sync(timer), () => ({ waitsFor: timer.label }));
      } else if ('mutex' in one) yield* this.withMutex(one.mutex);
      else yield* this.section(one);
    }
  }

  private touching({ cell: index, how }: Touch): Op {
    const cell = this.cells[index]!;
    const access = (writes: boolean): Access => ({ cell: cell.name, words: words[how], writes });
    switch (how) {
      case 'r':
      case 'R':
        return this.means(how === 'r' ? cell.read : cell.readOnce, () => ({ access: access(false) }));
      case 'w':
      case 'W':
        return this.means(how === 'w' ? cell.write(1) : cell.writeOnce(1), () => ({ access: access(true) }));
      case 'i':
        return this.means(atomic_inc(cell), () => ({ access: access(true) }));
      case 'n':
        return this.means(atomic_inc_return(cell), () => ({ access: access(true), full: cell.name }));
      case 'c':
        return this.means(cmpxchg(cell, 0, 5), () =>
          cell.value === 0 ? { access: access(true), full: cell.name } : { access: access(false) },
        );
    }
  }

  private arming(timer: Timer): Op {
    const { kernel } = this.p;
    const expires = kernel.addJiffies(kernel.now, 1);
    return this.means(mod_timer(timer, expires), () =>
      timer.pending && timer.expires === expires ? {} : { arms: timer.label },
    );
  }

  private *withMutex(steps: readonly Step[]): K {
    const { mutex } = this;
    yield* mutex_lock(mutex);
    this.note(this.p.kernel.context, { takes: 'mutex' });
    yield* this.all(steps);
    yield this.means(mutex_unlock(mutex), () => ({ gives: 'mutex' }));
  }

  /** All of it with tasks kept off, as its own operations say. */
  private *stretch(body: readonly Step[]): K {
    const { context } = this.p.kernel;
    this.stretches.set(context, (this.stretches.get(context) ?? 0) + 1);
    yield* this.all(body);
    this.stretches.set(context, this.stretches.get(context)! - 1);
  }

  private *section({ section, lock: index, body }: Section): K {
    const lock = this.locks[index]!;
    const takes: Meaning = () => ({ takes: lock.name, softirqsOff: true });
    const gives = { gives: lock.name };
    if (section === 'lock' || section === 'try') {
      if (section === 'lock') yield this.means(spin_lock(lock), plain(lock));
      else if (!((yield this.means(spin_trylock(lock), plain(lock))) as boolean)) return;
      yield* this.all(body);
      yield this.means(spin_unlock(lock), () => gives);
    } else if (section === 'lock_bh') {
      yield this.means(spin_lock_bh(lock), takes);
      yield* this.all(body);
      yield this.means(spin_unlock_bh(lock), () => ({ ...gives, letsSoftirqsIn: true }));
    } else if (section === 'lock_irq') {
      const flags: number = yield this.means(spin_lock_irqsave(lock), takes);
      yield* this.all(body);
      yield this.means(spin_unlock_irqrestore(lock, flags), () => ({ ...gives, letsSoftirqsIn: flags === 0 }));
    } else if (section === 'irq') {
      const flags: number = yield this.means(local_irq_save(), off);
      yield* this.stretch(body);
      yield this.means(local_irq_restore(flags), flags === 0 ? on : () => ({}));
    } else if (section === 'bh') {
      yield this.means(local_bh_disable(), off);
      yield* this.stretch(body);
      yield this.means(local_bh_enable(), on);
    } else {
      yield this.means(preempt_disable(), () => ({ tasksOff: true }));
      yield* this.stretch(body);
      yield this.means(preempt_enable(), () => ({ letsTasksIn: true }));
    }
  }
}

/** Softirqs and other tasks, from this operation on; up to it. */
const off: Meaning = () => ({ tasksOff: true, softirqsOff: true });
const on: Meaning = () => ({ letsTasksIn: true, letsSoftirqsIn: true });
const plain =
  (lock: SpinLock): Meaning =>
  () =>
    lock.owner === null ? { takes: lock.name } : {};

/** The program of a plan; `performed` gets what each run of it does. */
export function programOf(plan: Plan, performed: (events: readonly Event[]) => void): Program {
  return (p) => {
    performed(new Performance(p, plan).events);
  };
}
