/** All programs that fail, for what is to hold of every failure: how it is shrunk, told and made again. */
import { readFileSync } from 'node:fs';
import { rows } from '../../docs/examples/rediscovery/table.mjs';
import type { ExploreOptions, ReplayRunOptions } from '../../src/explore/explore.js';
import type { Program, ProgramSetup } from '../../src/explore/program.js';
import type { Explorable } from '../../src/explore/runner.js';
import { scenarioProgram } from '../../src/explore/scenario-program.js';
import type { StrategyName } from '../../src/explore/strategies.js';
import { justBefore } from '../../src/history/revision.js';
import { atomic_dec_and_test, atomic_inc, atomic_read } from '../../src/kernel/atomic.js';
import { mutex_lock, mutex_unlock } from '../../src/kernel/mutex.js';
import { kmem_cache_free } from '../../src/kernel/slab.js';
import { type SpinLock, spin_lock, spin_unlock } from '../../src/kernel/spinlock.js';
import { del_timer, mod_timer } from '../../src/kernel/timer.js';
import { schedule_delayed_work, schedule_work } from '../../src/kernel/workqueue.js';
import { eraOfComparison, loadScenario } from '../../src/scenario/index.js';
import { smp_call_function } from '../../src/smp/basic-ops.js';
import type { K } from '../../src/smp/op.js';
import { litmus, lostUpdate, oneAgainst25, philosophers } from './programs.js';

export interface FailingProgram {
  readonly name: string;
  readonly program: Explorable;
  /** The fewest preemptions under which it fails, where that is known beforehand. */
  readonly preemptions?: number;
  /** So small that a search sees all its schedules; `searched` with these options. */
  readonly searched?: ExploreOptions;
  readonly options?: ExploreOptions;
  /** Who finds it soon; `random` if absent. */
  readonly strategy?: StrategyName;
}

const soon = (p: ProgramSetup, jiffies = 1): number => p.kernel.addJiffies(p.kernel.now, jiffies);

const twoLocks: Program = (p) => {
  const [a, b] = [p.lock('a'), p.lock('b')];
  p.task('one', () => both(a, b));
  p.task('two', () => both(b, a));
};

function* both(first: SpinLock, second: SpinLock): K {
  yield spin_lock(first);
  yield spin_lock(second);
  yield spin_unlock(second);
  yield spin_unlock(first);
}

const lockOrder: Program = (p) => {
  const [a, b] = [p.lock('a'), p.lock('b')];
  p.task('one', () => both(a, b), { cpu: 0 });
  p.task('two', () => both(b, a), { cpu: 0 });
};

const useAfterFree: Program = (p) => {
  const thing = p.object('thing');
  const [x, busy] = [p.part(thing, 'x'), p.atomic('busy')];
  p.task('user', function* () {
    yield atomic_inc(busy);
    yield x.readOnce;
    yield x.writeOnce(1);
  });
  p.task('owner', function* () {
    // Looks whether anybody uses it, but not before he does.
    if (((yield atomic_read(busy)) as number) === 0) yield kmem_cache_free(thing);
  });
};

const doubleFree: Program = (p) => {
  const thing = p.object('thing');
  const gone = p.atomic('gone');
  for (const name of ['a', 'b']) {
    p.task(name, function* () {
      if (((yield atomic_read(gone)) as number) > 0) return;
      yield atomic_inc(gone);
      yield kmem_cache_free(thing);
    });
  }
};

const leak: Program = (p) => {
  p.noLeaks();
  const thing = p.object('thing');
  const refs = p.atomic('refs', 2);
  for (const name of ['a', 'b']) {
    p.task(name, function* () {
      const left: number = yield atomic_read(refs);
      yield refs.writeOnce(left - 1);
      if (left === 1) yield kmem_cache_free(thing);
    });
  }
};

const belowZero: Program = (p) => {
  const refs = p.refcount('refs', 2);
  const extra = p.atomic('extra');
  for (const name of ['a', 'b']) {
    p.task(name, function* () {
      const first = ((yield atomic_read(extra)) as number) === 0;
      yield atomic_inc(extra);
      yield atomic_dec_and_test(refs);
      if (first) yield atomic_dec_and_test(refs);
    });
  }
};

const upFromZero: Program = (p) => {
  const refs = p.refcount('refs', 1);
  p.task('getter', function* () {
    if (((yield atomic_read(refs)) as number) > 0) yield atomic_inc(refs);
  });
  p.task('putter', function* () {
    yield atomic_dec_and_test(refs);
  });
};

const irqSafety: Program = (p) => {
  const lock = p.lock('l');
  const section = function* (): K {
    yield spin_lock(lock);
    yield spin_unlock(lock);
  };
  p.task('a', section);
  p.task('b', function* () {
    yield* smp_call_function(p.kernel.machine, 0, 'ipi', section);
  });
};

/** The timer's handler wants the lock that the task holds, on the same CPU. */
const deadlockWithTimer: Program = (p) => {
  const lock = p.lock('l');
  const timer = p.timer('t', function* () {
    yield spin_lock(lock);
    yield spin_unlock(lock);
  });
  p.task('a', function* () {
    yield mod_timer(timer, soon(p));
    yield spin_lock(lock);
    yield spin_unlock(lock);
  });
};

const timerChangesValue: Program = (p) => {
  const x = p.cell('x', 1);
  const timer = p.timer('t', function* () {
    yield x.write(0);
  });
  p.task('a', function* () {
    yield mod_timer(timer, soon(p, 5));
    const first: number = yield x.read;
    const second: number = yield x.read;
    p.check(first === second, 'the value changed under our feet');
  });
};

/** del_timer does not wait for a handler that runs. */
const handlerAfterFree: Program = (p) => {
  const thing = p.object('thing');
  const x = p.part(thing, 'x');
  const timer = p.timer('t', function* () {
    yield x.readOnce;
    yield x.writeOnce(1);
  });
  p.task(
    'owner',
    function* () {
      yield mod_timer(timer, soon(p));
    },
    { cpu: 0 },
  );
  p.task(
    'closer',
    function* () {
      yield del_timer(timer);
      yield kmem_cache_free(thing);
    },
    { cpu: 1 },
  );
};

const workTooLate: Program = (p) => {
  const done = p.atomic('done');
  const work = p.work('w', function* () {
    yield atomic_inc(done);
  });
  p.task('a', function* () {
    yield* schedule_work(p.kernel, work);
    yield p.atomic('other').read;
    p.check(((yield atomic_read(done)) as number) === 0, 'the work ran before we looked');
  });
};

const delayedWorkEarly: Program = (p) => {
  const ready = p.atomic('ready');
  const work = p.delayedWork('w', function* () {
    p.check(((yield atomic_read(ready)) as number) === 1, 'the work came before all was ready');
  });
  p.task('a', function* () {
    yield* schedule_delayed_work(p.kernel, work, 2);
    yield atomic_inc(ready);
  });
};

const lateHandler: Program = (p) => {
  const x = p.cell('x');
  let due = 0;
  const timer = p.timer('t', () => {
    p.check(p.kernel.distance(due, p.kernel.now) < 12, 'the handler came late');
  });
  p.task('a', function* () {
    due = soon(p, 5);
    yield mod_timer(timer, due);
    yield x.write(1);
  });
};

const timeout: Program = (p) => {
  const answered = p.atomic('answered');
  p.task('asker', function* () {
    const end = soon(p, 30);
    for (let looks = 0; looks < 3; looks++) {
      if (((yield atomic_read(answered)) as number) === 1) return;
      p.check(p.kernel.distance(end, p.kernel.now) < 0, 'gave up, though the answer was under way');
    }
  });
  p.task('answerer', function* () {
    yield p.atomic('thinks').read;
    yield atomic_inc(answered);
  });
};

const lateLook: Program = (p) => {
  const promise = p.promise('an answer comes', { within: 3 });
  p.task('asker', function* () {
    promise.begin();
    yield mod_timer(
      p.timer('t', () => promise.keep()),
      soon(p, 9),
    );
  });
};

const withData: Program = (p) => {
  const x = p.cell('x');
  p.task('a', function* () {
    yield x.write(p.choose('amount', 10));
  });
  p.task('b', function* () {
    p.check(((yield x.read) as number) < 3, 'b saw three or more');
  });
};

/** Each task does some operations of a kind; what they are is data. */
const workload: Program = (p) => {
  const [x, y] = [p.cell('x'), p.cell('y')];
  const operations: (() => K<unknown>)[] = [
    function* () {
      const seen: number = yield x.read;
      yield x.write(seen + 1);
    },
    function* () {
      yield y.write(p.choose('to', 5));
    },
    function* () {
      const [first, second] = [(yield x.read) as number, (yield y.read) as number];
      p.check(first < 2 || second < 2, 'both were large');
    },
  ];
  for (const name of ['a', 'b']) {
    p.task(name, function* () {
      for (let i = 0; i < 4; i++) {
        const which = p.choose('operation', operations.length + 1);
        if (which > 0) yield* operations[which - 1]!();
      }
    });
  }
};

const invariant: Program = (p) => {
  const [x, y] = [p.cell('x'), p.cell('y')];
  p.invariant('x and y are not both 1', () => x.value + y.value < 2);
  p.task('a', function* () {
    if (((yield y.read) as number) === 0) yield x.write(1);
  });
  p.task('b', function* () {
    if (((yield x.read) as number) === 0) yield y.write(1);
  });
};

const asleep: Program = (p) => {
  const [lock, mutex] = [p.lock('l'), p.mutex('m')];
  p.task('a', function* () {
    yield spin_lock(lock);
    yield* mutex_lock(mutex);
    yield mutex_unlock(mutex);
    yield spin_unlock(lock);
  });
};

const endless: Program = (p) => {
  const [flag, order] = [p.atomic('flag'), p.atomic('order')];
  p.task('setter', function* () {
    if (((yield atomic_read(order)) as number) === 0) yield atomic_inc(flag);
  });
  p.task('waiter', function* () {
    yield atomic_inc(order);
    while (((yield atomic_read(flag)) as number) === 0);
  });
};

const throws: Program = (p) => {
  const x = p.cell('x');
  p.task('a', function* () {
    yield x.write(1);
    yield x.write(0);
  });
  p.task('b', function* () {
    if (((yield x.read) as number) === 1) throw new Error('saw what is between');
  });
};

/** Schedules alone: data races in them, which every schedule has, are not what is looked for. */
const off = { sanitize: 'off' } as const;
/** A worker takes the CPU from the task that gave it work. */
const preemptible = { ...off, machine: { preempt: 'full' } } as const;
const small = { runs: 100_000 } as const;

export const smallPrograms: readonly FailingProgram[] = [
  { name: 'a lost update', program: lostUpdate, preemptions: 1, searched: small, options: off },
  ...[2, 3, 4, 5].map((n) => ({
    name: `philosophers(${n})`,
    program: philosophers(n),
    preemptions: 1,
    ...(n < 4 ? { searched: small } : {}),
    options: off,
  })),
  { name: 'two locks in opposite order', program: twoLocks, preemptions: 1, searched: small, options: off },
  {
    name: 'one store against 25',
    program: oneAgainst25,
    preemptions: 0,
    searched: small,
    options: off,
    strategy: 'urw',
  },
  { name: 'a race of stores', program: litmus('Wx Ry | Wy Rx'), preemptions: 0 },
  { name: 'a lock order', program: lockOrder, searched: small },
  { name: 'a use after free', program: useAfterFree, searched: small },
  { name: 'a double free', program: doubleFree, preemptions: 1, searched: small },
  { name: 'a leak', program: leak, preemptions: 1, searched: small },
  { name: 'a reference count below zero', program: belowZero, preemptions: 0, searched: small },
  { name: 'a reference count up from zero', program: upFromZero, preemptions: 1, searched: small },
  { name: 'a lock that is not safe from interrupts', program: irqSafety },
  { name: 'a deadlock with a timer', program: deadlockWithTimer, searched: small },
  { name: 'a timer that changes a value', program: timerChangesValue, preemptions: 2, searched: small, options: off },
  { name: 'a handler after the free', program: handlerAfterFree, searched: small },
  { name: 'a work', program: workTooLate, searched: small, options: preemptible },
  { name: 'a delayed work', program: delayedWorkEarly, searched: small, options: preemptible },
  { name: 'a late handler', program: lateHandler, options: off },
  { name: 'a timeout', program: timeout, options: off },
  { name: 'a promise', program: lateLook },
  { name: 'data', program: withData, preemptions: 0, searched: small, options: off },
  { name: 'a workload', program: workload, options: off },
  { name: 'an invariant', program: invariant, preemptions: 1, searched: small, options: off },
  { name: 'sleep in atomic context', program: asleep, preemptions: 0, searched: small },
  { name: 'an endless loop', program: endless },
  { name: 'an exception', program: throws, preemptions: 1, searched: small, options: off },
];

/** What the scenarios and the workloads of the destination cache's history fail by. */
export const largePrograms: readonly FailingProgram[] = [
  ...[
    ['2005-04-dst-destroy-race', 1],
    ['2006-08-double-add-timer', 2],
    ['2008-01-neighbour-count-dip', 1],
    ['2008-11-over-release', 1],
  ].map(([name, preemptions]) => ({
    name: String(name),
    program: scenarioOf(String(name)),
    preemptions: Number(preemptions),
    strategy: 'pct' as const,
  })),
  ...rows.map(({ name, program, before }) => ({
    name: `${name} at ${before}`,
    program: program.at(before),
    options: { countTraces: false },
  })),
];

function scenarioOf(name: string): Explorable {
  const scenario = loadScenario(readFileSync(`scenarios/${name}.yaml`), `${name}.yaml`);
  const revision = scenario.fixedBy === null ? {} : { revision: justBefore(scenario.fixedBy)! };
  return scenarioProgram(scenario, { ...revision, kernel: eraOfComparison(scenario) });
}

/** What a replay may be told of the options of a search. */
export function replayOptionsOf(options: ExploreOptions = {}): ReplayRunOptions {
  const known = ['machine', 'horizonNs', 'sanitize', 'benign', 'decisionsMax'];
  return Object.fromEntries(Object.entries(options).filter(([name]) => known.includes(name)));
}
