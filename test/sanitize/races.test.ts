import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explore, replay } from '../../src/explore/explore.js';
import type { Program, ProgramSetup } from '../../src/explore/program.js';
import {
  type Atomic,
  atomic_dec_and_test,
  atomic_inc,
  atomic_inc_return,
  atomic_read,
  atomic_set,
  cmpxchg,
  xchg,
} from '../../src/kernel/atomic.js';
import { cancel_delayed_work_sync, flush_scheduled_work } from '../../src/kernel/cancel-work.js';
import { Completion, complete, mutex_lock, mutex_unlock, wait_for_completion } from '../../src/kernel/mutex.js';
import { open_softirq, raise_softirq } from '../../src/kernel/softirq.js';
import { softirqs } from '../../src/kernel/softirq-vectors.js';
import {
  spin_lock,
  spin_lock_bh,
  spin_lock_irqsave,
  spin_trylock,
  spin_unlock,
  spin_unlock_bh,
  spin_unlock_irqrestore,
} from '../../src/kernel/spinlock.js';
import { del_timer_sync, mod_timer } from '../../src/kernel/timer.js';
import { schedule_delayed_work, schedule_work } from '../../src/kernel/workqueue.js';
import {
  local_bh_disable,
  local_bh_enable,
  local_irq_restore,
  local_irq_save,
  preempt_disable,
  preempt_enable,
  schedule,
  setCurrentState,
  smp_call_function,
  wake_up_process,
} from '../../src/smp/basic-ops.js';
import type { Cell } from '../../src/smp/cell.js';
import type { K } from '../../src/smp/op.js';
import { sb } from '../explore/programs.js';
import { blockOf, kindsOf } from './blocks.js';

const races = (program: Program): boolean => kindsOf(program).includes('data-race');

/** A task writes `x` and does `first`; another does `second`, and reads `x` if that answers anything but false. */
const passed =
  (
    make: (p: ProgramSetup) => { first: () => K<unknown>; second: () => K<unknown> },
    placed: { one?: number; two?: number } = {},
  ): Program =>
  (p) => {
    const x = p.cell('x');
    const { first, second } = make(p);
    p.task(
      'one',
      function* () {
        yield x.write(1);
        yield* first();
      },
      placed.one === undefined ? {} : { cpu: placed.one },
    );
    p.task(
      'two',
      function* () {
        if ((yield* second()) !== false) yield x.read;
      },
      placed.two === undefined ? {} : { cpu: placed.two },
    );
  };

/** By way of an atomic that is 1 once `x` is written. */
const flag = (set: (flag: Atomic) => K<unknown>, look: (flag: Atomic) => K<unknown>): Program =>
  passed((p) => {
    const done = p.atomic('done');
    return { first: () => set(done), second: () => look(done) };
  });

describe('a race', () => {
  it('is reported with both sides, though the run ends well', () => {
    const program: Program = (p) => {
      const x = p.cell('x', 7);
      p.task('writer', function* () {
        yield x.write(8);
      });
      p.task('reader', function* () {
        yield x.read;
      });
    };
    const { failure, totals, exhaustive } = explore(program, { strategy: 'optimal-dpor' });
    expect(totals).toMatchObject({ runs: 2, traces: 2, failing: 0 });
    expect(exhaustive).toBe(true);
    expect(failure).toMatchObject({
      kind: 'data-race',
      message: 'data race on x: read in reader, write in writer, and nothing orders them',
      preemptions: 0,
    });
    expect(blockOf(program, { strategy: 'optimal-dpor' })).toMatchSnapshot();
    expect(replay(program, failure!.token).failure).toMatchObject({ kind: 'data-race', message: failure!.message });
  });

  it('leaves the counts of a search alone, and is but told if that is asked', () => {
    for (const sanitize of ['fail', 'report', 'off'] as const) {
      const result = explore(sb, { strategy: 'optimal-dpor', sanitize });
      expect(result.totals).toMatchObject({ runs: 3, traces: 3, complete: 3, failing: 0 });
      expect(result.failure?.kind ?? null).toBe(sanitize === 'fail' ? 'data-race' : null);
      expect(result.findings.map(({ message }) => message.split(':')[0])).toEqual(
        sanitize === 'off' ? [] : ['data race on y', 'data race on x'],
      );
      expect(result.findings.every(({ report }) => report.includes('BUG: KCSAN: data-race in t0 / t1'))).toBe(true);
    }
  });

  it('is told after what really went wrong', () => {
    const program: Program = (p) => {
      const n = p.cell('n');
      for (const name of ['a', 'b']) {
        p.task(name, function* () {
          const seen: number = yield n.read;
          yield n.write(seen + 1);
        });
      }
      p.finally(() => p.check(n.value === 2, 'an update was lost'));
    };
    const { failure } = explore(program);
    expect(failure).toMatchObject({ kind: 'check', message: 'an update was lost' });
    expect(failure!.report).toMatchSnapshot();
  });

  it('names the interrupt and what it came upon', () => {
    const program: Program = (p) => {
      const x = p.cell('x');
      const timer = p.timer('t', function* () {
        yield x.write(1);
      });
      p.task('a', function* () {
        yield mod_timer(timer, p.kernel.addJiffies(p.kernel.now, 1));
        yield x.read;
      });
    };
    expect(blockOf(program, { strategy: 'dfs', shrink: false })).toMatchSnapshot();
  });
});

describe('marks', () => {
  const two = (one: (x: Cell) => K<unknown>, other: (x: Cell) => K<unknown>): boolean =>
    races((p) => {
      const x = p.cell('x');
      p.task('a', () => one(x));
      p.task('b', () => other(x));
    });
  const read = function* (x: Cell): K {
    yield x.read;
  };
  const write = function* (x: Cell): K {
    yield x.write(1);
  };
  const readOnce = function* (x: Cell): K {
    yield x.readOnce;
  };
  const writeOnce = function* (x: Cell): K {
    yield x.writeOnce(1);
  };
  const inc = function* (x: Cell): K {
    yield atomic_inc(x);
  };

  it.each([
    ['two reads', read, read, false],
    ['two marked writes', writeOnce, writeOnce, false],
    ['a marked read and a marked write', readOnce, writeOnce, false],
    ['an atomic and a marked read', inc, readOnce, false],
    ['two atomics', inc, inc, false],
    ['a plain write and a marked read', write, readOnce, true],
    ['a plain read and a marked write', read, writeOnce, true],
    ['a plain read and an atomic', read, inc, true],
    ['a plain and a marked read', read, readOnce, false],
  ] as const)('%s', (_name, one, other, expected) => {
    expect(two(one, other)).toBe(expected);
  });
});

describe('order is made by', () => {
  const clean: [string, Program][] = [
    [
      'a lock',
      (p) => {
        const [x, lock] = [p.cell('x'), p.lock('l')];
        for (const name of ['a', 'b']) {
          p.task(name, function* () {
            yield spin_lock(lock);
            yield x.write(1);
            yield spin_unlock(lock);
          });
        }
      },
    ],
    [
      'a trylock that succeeds',
      passed((p) => {
        const [lock, done] = [p.lock('l'), p.atomic('done')];
        return {
          *first() {
            yield spin_lock(lock);
            yield atomic_set(done, 1);
            yield spin_unlock(lock);
          },
          *second() {
            if (!((yield spin_trylock(lock)) as boolean)) return false;
            const seen: number = yield atomic_read(done);
            yield spin_unlock(lock);
            return seen === 1;
          },
        };
      }),
    ],
    [
      'a mutex',
      (p) => {
        const [x, mutex] = [p.cell('x'), p.mutex('m')];
        for (const name of ['a', 'b']) {
          p.task(name, function* () {
            yield* mutex_lock(mutex);
            yield x.write(1);
            yield mutex_unlock(mutex);
          });
        }
      },
    ],
    [
      'atomics that return a value',
      flag(
        function* (done) {
          yield atomic_inc_return(done);
        },
        function* (done) {
          return ((yield xchg(done, 5)) as number) === 1;
        },
      ),
    ],
    [
      'the last of two references',
      (p) => {
        const [x, refs] = [p.cell('x'), p.atomic('refs', 2)];
        for (const name of ['a', 'b']) {
          p.task(name, function* () {
            if ((yield atomic_dec_and_test(refs)) as boolean) yield x.write(1);
          });
        }
      },
    ],
    [
      'a cmpxchg that succeeds',
      flag(
        function* (done) {
          yield cmpxchg(done, 0, 1);
        },
        function* (done) {
          return ((yield cmpxchg(done, 1, 2)) as number) === 1;
        },
      ),
    ],
    [
      'a wake-up',
      (p) => {
        const x = p.cell('x');
        const sleeper = p.task('sleeper', function* () {
          setCurrentState(p.machineKernel.machine, 'sleeping');
          yield schedule();
          yield x.read;
        });
        p.task('waker', function* () {
          yield x.write(1);
          yield wake_up_process(sleeper);
          while (!sleeper.over) {
            yield x.readOnce;
            yield wake_up_process(sleeper);
          }
        });
      },
    ],
    [
      'a completion',
      passed((p) => {
        const done = new Completion(p.kernel, 'done');
        return {
          *first() {
            yield complete(done);
          },
          *second() {
            yield* wait_for_completion(done);
          },
        };
      }),
    ],
    [
      'arming a timer, and waiting for its handler',
      (p) => {
        const x = p.cell('x');
        const timer = p.timer('t', function* () {
          yield x.write(2);
        });
        p.task('a', function* () {
          yield x.write(1);
          yield mod_timer(timer, p.kernel.addJiffies(p.kernel.now, 1));
          yield del_timer_sync(timer);
          yield x.read;
        });
      },
    ],
    [
      'queueing a work, and flushing it',
      (p) => {
        const x = p.cell('x');
        const work = p.work('w', function* () {
          yield x.write(2);
        });
        p.task('a', function* () {
          yield x.write(1);
          yield* schedule_work(p.kernel, work);
          yield* flush_scheduled_work(p.kernel);
          yield x.read;
        });
      },
    ],
    [
      'queueing a delayed work, and cancelling it',
      (p) => {
        const x = p.cell('x');
        const work = p.delayedWork('w', function* () {
          yield x.write(2);
        });
        p.task('a', function* () {
          yield x.write(1);
          yield* schedule_delayed_work(p.kernel, work, 1);
          yield* cancel_delayed_work_sync(p.kernel, work);
          yield x.read;
        });
      },
    ],
    [
      'raising a softirq',
      (p) => {
        const x = p.cell('x');
        open_softirq(p.kernel, softirqs.NET_RX, function* () {
          yield x.write(2);
        });
        p.task('a', function* () {
          yield local_bh_disable();
          yield x.write(1);
          yield raise_softirq(p.kernel, softirqs.NET_RX);
          yield local_bh_enable();
        });
      },
    ],
    [
      'a call on another CPU, there and back',
      (p) => {
        const x = p.cell('x');
        p.task('b', function* () {
          yield p.atomic('other').read;
        });
        p.task('a', function* () {
          yield x.write(1);
          yield* smp_call_function(p.kernel.machine, 0, 'ipi', function* () {
            yield x.write(2);
          });
          yield x.read;
        });
      },
    ],
  ];

  it.each(clean)('%s', (_name, program) => {
    expect(kindsOf(program, { strategy: 'portfolio', runs: 400 })).toEqual([]);
  });
});

describe('no order is made by', () => {
  const racy: [string, Program][] = [
    [
      'nothing',
      passed(() => ({
        *first() {},
        *second() {},
      })),
    ],
    [
      'atomic_set and atomic_read',
      flag(
        function* (done) {
          yield atomic_set(done, 1);
        },
        function* (done) {
          return ((yield atomic_read(done)) as number) === 1;
        },
      ),
    ],
    [
      'atomic_inc',
      flag(
        function* (done) {
          yield atomic_inc(done);
        },
        function* (done) {
          return ((yield xchg(done, 5)) as number) === 1;
        },
      ),
    ],
    [
      'a cmpxchg that fails',
      flag(
        function* (done) {
          yield xchg(done, 1);
        },
        function* (done) {
          return ((yield cmpxchg(done, 7, 8)) as number) === 1;
        },
      ),
    ],
    [
      'two locks',
      (p) => {
        const x = p.cell('x');
        for (const name of ['a', 'b']) {
          const lock = p.lock(name);
          p.task(name, function* () {
            yield spin_lock(lock);
            yield x.write(1);
            yield spin_unlock(lock);
          });
        }
      },
    ],
    [
      'sharing a CPU',
      (p) => {
        const x = p.cell('x');
        for (const name of ['a', 'b']) {
          p.task(
            name,
            function* () {
              yield x.write(1);
            },
            { cpu: 0 },
          );
        }
      },
    ],
    [
      'del_timer without sync',
      (p) => {
        const x = p.cell('x');
        const timer = p.timer('t', function* () {
          yield x.write(2);
        });
        p.task('a', function* () {
          yield mod_timer(timer, p.kernel.addJiffies(p.kernel.now, 1));
          yield x.read;
        });
      },
    ],
  ];

  it.each(racy)('%s', (_name, program) => {
    expect(kindsOf(program)).toContain('data-race');
  });
});

describe('an interrupt and what it interrupts', () => {
  const withTimer = (section: (x: Cell, p: ProgramSetup) => K<unknown>): Program => {
    return (p) => {
      const x = p.cell('x');
      const timer = p.timer('t', function* () {
        yield x.write(2);
      });
      p.task('a', function* () {
        yield mod_timer(timer, p.kernel.addJiffies(p.kernel.now, 1));
        yield* section(x, p);
      });
    };
  };
  const access = function* (x: Cell): K {
    yield x.read;
  };

  it.each([
    ['are not ordered', access, true],
    [
      'are where bottom halves are off',
      function* (x: Cell) {
        yield local_bh_disable();
        yield* access(x);
        yield local_bh_enable();
      },
      false,
    ],
    [
      'are where interrupts are off',
      function* (x: Cell) {
        const flags: number = yield local_irq_save();
        yield* access(x);
        yield local_irq_restore(flags);
      },
      false,
    ],
    [
      'are not where preemption is off',
      function* (x: Cell) {
        yield preempt_disable();
        yield* access(x);
        yield preempt_enable();
      },
      true,
    ],
  ] as const)('%s', (_name, section, expected) => {
    expect(races(withTimer(section))).toBe(expected);
  });

  it.each([
    ['spin_lock_bh', false],
    ['spin_lock', true],
  ] as const)('%s around one side of it', (name, expected) => {
    const program = withTimer(function* (x, p) {
      const lock = p.lock('l');
      yield name === 'spin_lock' ? spin_lock(lock) : spin_lock_bh(lock);
      yield* access(x);
      yield name === 'spin_lock' ? spin_unlock(lock) : spin_unlock_bh(lock);
    });
    expect(races(program)).toBe(expected);
  });

  it('are where a lock turns interrupts off', () => {
    const program = withTimer(function* (x, p) {
      const lock = p.lock('l');
      const flags: number = yield spin_lock_irqsave(lock);
      yield* access(x);
      yield spin_unlock_irqrestore(lock, flags);
    });
    expect(races(program)).toBe(false);
  });

  it('are where the one that is kept off comes in while another task runs there', () => {
    const program =
      (off: boolean): Program =>
      (p) => {
        const x = p.cell('x');
        const timer = p.timer('t', function* () {
          yield x.write(1);
        });
        p.task(
          'arms',
          function* () {
            yield mod_timer(timer, p.kernel.addJiffies(p.kernel.now, 1));
          },
          { cpu: 0 },
        );
        p.task(
          'writes',
          function* () {
            const flags: number = off ? yield local_irq_save() : 0;
            yield x.write(2);
            if (off) yield local_irq_restore(flags);
          },
          { cpu: 0 },
        );
      };
    expect(kindsOf(program(true), { strategy: 'portfolio', runs: 400 })).toEqual([]);
    expect(races(program(false))).toBe(true);
  });

  it('on another CPU are not ordered by bottom halves', () => {
    const program: Program = (p) => {
      const x = p.cell('x');
      const timer = p.timer('t', function* () {
        yield x.write(2);
      });
      p.task('a', function* () {
        yield mod_timer(timer, p.kernel.addJiffies(p.kernel.now, 1));
      });
      p.task('b', function* () {
        yield local_bh_disable();
        yield x.read;
        yield local_bh_enable();
      });
    };
    expect(races(program)).toBe(true);
  });
});

describe('tasks of one CPU', () => {
  const two = (first: (x: Cell) => K, second: (x: Cell) => K): readonly string[] =>
    kindsOf((p) => {
      const x = p.cell('x');
      for (const [i, code] of [first, second].entries()) p.task(`t${i}`, () => code(x), { cpu: 0 });
      p.task('elsewhere', function* () {}, { cpu: 1 });
    });
  const bare = function* (x: Cell): K {
    yield x.write(1);
  };
  const alone = function* (x: Cell): K {
    yield preempt_disable();
    yield* bare(x);
    yield preempt_enable();
  };
  const withoutIrqs = function* (x: Cell): K {
    const flags: number = yield local_irq_save();
    yield* bare(x);
    yield local_irq_restore(flags);
  };
  const withoutBh = function* (x: Cell): K {
    yield local_bh_disable();
    yield* bare(x);
    yield local_bh_enable();
  };

  it.each([
    ['that both keep others off', alone, alone, []],
    ['that do so in different ways', withoutIrqs, withoutBh, []],
    ['of which one does', alone, bare, ['data-race']],
  ] as const)('%s', (_name, first, second, expected) => {
    expect(two(first, second)).toEqual(expected);
    expect(two(second, first)).toEqual(expected);
  });
});

describe('random programs', () => {
  const words = fc.array(fc.constantFrom('r', 'w', 'i'), { minLength: 1, maxLength: 4 });
  const tasks = fc.array(words, { minLength: 2, maxLength: 3 });

  const program = (texts: readonly (readonly string[])[], locked: (task: number) => boolean): Program => {
    return (p) => {
      const [x, lock] = [p.cell('x'), p.lock('l')];
      for (const [i, text] of texts.entries()) {
        p.task(`t${i}`, function* () {
          if (locked(i)) yield spin_lock(lock);
          for (const word of text) {
            if (word === 'r') yield x.read;
            else if (word === 'w') yield x.write(i);
            else yield atomic_inc_return(x);
          }
          if (locked(i)) yield spin_unlock(lock);
        });
      }
    };
  };

  it('that hold one lock around all they do never race', () => {
    fc.assert(
      fc.property(tasks, (texts) => {
        expect(kindsOf(program(texts, () => true))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('that do not, do: exactly if two of them could touch it at once, one of them plainly and one of them writing', () => {
    fc.assert(
      fc.property(tasks, (texts) => {
        const expected = texts.some((one, i) =>
          texts.some(
            (other, j) =>
              i !== j && one.some((a) => other.some((b) => (a !== 'r' || b !== 'r') && (a !== 'i' || b !== 'i'))),
          ),
        );
        // Without the order that atomics with a value could make in some runs: one trace without it is enough.
        expect(races(program(texts, () => false))).toBe(expected);
      }),
      { numRuns: 60 },
    );
  });
});
