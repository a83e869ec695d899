import { describe, expect, it } from 'vitest';
import { atomic_inc } from '../../src/kernel/atomic.js';
import { msleep } from '../../src/kernel/sleep.js';
import { SpinLock, spin_lock, spin_lock_bh, spin_unlock, spin_unlock_bh } from '../../src/kernel/spinlock.js';
import { del_timer, mod_timer, Timer } from '../../src/kernel/timer.js';
import { schedule_work, Work } from '../../src/kernel/workqueue.js';
import {
  busy,
  cond_resched,
  local_bh_disable,
  local_bh_enable,
  local_irq_restore,
  local_irq_save,
  SpinUntilTimeOp,
  schedule,
  setCurrentState,
  smp_call_function,
  wake_up_process,
} from '../../src/smp/basic-ops.js';
import { type Cell, RmwOp } from '../../src/smp/cell.js';
import { DefaultScheduler } from '../../src/smp/default-scheduler.js';
import type { K } from '../../src/smp/op.js';
import { RandomScheduler } from '../../src/smp/random-scheduler.js';
import { RecordingScheduler } from '../../src/smp/recording-scheduler.js';
import { ReplayScheduler, ScheduleMismatch } from '../../src/smp/replay-scheduler.js';
import { type Choice, choiceKey, describeChoice, type Scheduler } from '../../src/smp/scheduler.js';
import { cells, enumerate, type Program, runOnce, tasks } from './programs.js';

const compareAndSwap = (cell: Cell, expected: number, value: number): RmwOp =>
  new RmwOp(
    cell,
    (old) => (old === expected ? value : old),
    (old) => old,
    (old) => old !== expected,
  );

/** Notes the choices offered at each step. */
class Watching extends DefaultScheduler {
  readonly offered: string[][] = [];
  readonly done: string[] = [];

  override pick(enabled?: readonly Choice[]): number {
    this.offered.push(enabled!.map(describeChoice));
    return 0;
  }

  executed(choice: Choice, effect: string): void {
    this.done.push(choice.kind === 'step' ? `${choice.op.object?.name} ${effect}` : choiceKey(choice));
  }
}

const watch = (program: Program): Watching => {
  const scheduler = new Watching();
  runOnce(program, scheduler);
  return scheduler;
};

describe('a stepwise scheduler', () => {
  it('sees each operation before it runs, whoever runs first, and is told what it was', () => {
    const watched = watch((kernel) => {
      const { x, y } = cells(kernel, 'x', 'y');
      function* a(): K {
        yield x.write(1);
        yield compareAndSwap(x, 5, 6);
        yield compareAndSwap(x, 1, 1);
      }
      function* b(): K {
        yield y.read;
      }
      tasks(kernel, a(), b());
      return () => '';
    });
    const [t0, t1] = ['t0 on CPU 0: ', 't1 on CPU 1: '];
    expect(watched.offered).toEqual([
      [`${t0}write x`, `${t1}read y`],
      [`${t0}rmw x`, `${t1}read y`],
      [`${t0}rmw x`, `${t1}read y`],
      [`${t1}read y`],
    ]);
    expect(watched.done).toEqual(['x write', 'x read', 'x rmw', 'y read']);
  });

  it('is not asked about what nobody else can see', () => {
    const watched = watch((kernel) => {
      const { x } = cells(kernel, 'x');
      function* body(): K {
        yield local_bh_disable();
        yield busy(1e9);
        yield x.write(1);
        yield local_bh_enable();
        const flags = (yield local_irq_save()) as number;
        yield x.write(2);
        yield local_irq_restore(flags);
      }
      tasks(kernel, body());
      return () => '';
    });
    expect(watched.done).toEqual(['x write', 'x write']);
  });

  it('ends the run by a negative answer', () => {
    const stop: Scheduler = { family: 'stepwise', pick: () => -1, choose: () => 0 };
    const program: Program = (kernel) => {
      const { x } = cells(kernel, 'x');
      tasks(
        kernel,
        (function* (): K {
          yield x.write(1);
        })(),
      );
      return () => String(x.value);
    };
    expect(runOnce(program, stop)).toMatchObject({ outcome: 'stopped', seen: '0' });
  });
});

describe('time', () => {
  const sleeper: Program = (kernel) => {
    function* body(): K {
      yield* msleep(kernel, 8);
    }
    tasks(kernel, body());
    return () => String(kernel.machine.ticks);
  };

  it('is a choice while a timer is pending, moves to when it is due, and no further', () => {
    // Arm, sleep; time; the softirq; wake, delete.
    expect(enumerate(sleeper)).toEqual({ complete: 1, deadlocked: 0, seen: { 3: 1 } });
  });

  it('is none for a timer that was deleted', () => {
    const program: Program = (kernel) => {
      const timer = new Timer(kernel, 't', () => {});
      function* body(): K {
        yield mod_timer(timer, kernel.addJiffies(kernel.now, 5));
        yield del_timer(timer);
      }
      tasks(kernel, body());
      return () => String(kernel.machine.ticks);
    };
    // At once; or time moves in between, and then either the deletion or the timer comes first.
    expect(enumerate(program).seen).toEqual({ 0: 1, 5: 2 });
  });

  it('lets scenario actions happen when it gets there', () => {
    const program: Program = (kernel) => {
      const { machine } = kernel;
      const { x } = cells(kernel, 'x');
      machine.at(1000, () =>
        machine.spawn(
          'late',
          1,
          (function* (): K {
            yield x.write(1);
          })(),
        ),
      );
      tasks(
        kernel,
        (function* (): K {
          yield x.read;
        })(),
      );
      return () => `${x.value} at ${machine.nowNs}`;
    };
    expect(enumerate(program)).toEqual({ complete: 3, deadlocked: 0, seen: { '1 at 1000': 3 } });
  });

  it('ends a wait for it', () => {
    const program: Program = (kernel) => {
      tasks(
        kernel,
        (function* (): K {
          yield new SpinUntilTimeOp(kernel.machine, 12_345);
        })(),
      );
      return () => String(kernel.machine.nowNs);
    };
    expect(enumerate(program)).toEqual({ complete: 1, deadlocked: 0, seen: { 12345: 1 } });
  });

  it('stops at the horizon', () => {
    const program: Program = (kernel) => {
      kernel.machine.at(1000, () => {});
      return () => '';
    };
    const { kernel } = runOnce(program, new DefaultScheduler());
    kernel.machine.at(5000, () => {});
    expect(kernel.machine.stepper.run(4999)).toBe('horizon');
    expect(kernel.machine.nowNs).toBe(1000);
  });
});

describe('a timer softirq', () => {
  /** A timer that is due, and a task whose three writes it may interrupt; answers where it saw the task. */
  const interrupts =
    (body: (x: ReturnType<typeof cells<'x'>>['x']) => K): Program =>
    (kernel) => {
      const { machine } = kernel;
      const { x } = cells(kernel, 'x');
      let seen = 'never';
      const timer = new Timer(kernel, 't', function* (): K {
        seen = String(yield x.read);
      });
      function* task(): K {
        yield mod_timer(timer, kernel.addJiffies(kernel.now, 1));
        machine.advance(machine.tickNs);
        yield* body(x);
      }
      machine.spawn('task', 0, task());
      return () => seen;
    };
  const places = (body: Parameters<typeof interrupts>[0]): string[] => Object.keys(enumerate(interrupts(body)).seen);

  it('comes in anywhere', () => {
    expect(
      places(function* (x) {
        for (let i = 1; i <= 3; i++) yield x.write(i);
      }),
    ).toEqual(['0', '1', '2', '3']);
  });

  it('keeps out of where bottom halves are off, but comes right before and after', () => {
    expect(
      places(function* (x) {
        yield x.write(1);
        yield local_bh_disable();
        yield x.write(2);
        yield x.write(3);
        yield local_bh_enable();
        yield x.write(4);
      }),
    ).toEqual(['0', '1', '3', '4']);
  });

  it('keeps out of where interrupts are off', () => {
    expect(
      places(function* (x) {
        yield x.write(1);
        const flags = (yield local_irq_save()) as number;
        yield x.write(2);
        yield local_irq_restore(flags);
        yield x.write(3);
      }),
    ).toEqual(['0', '1', '2', '3']);
    expect(
      places(function* (x) {
        const flags = (yield local_irq_save()) as number;
        yield x.write(1);
        yield x.write(2);
        yield local_irq_restore(flags);
      }),
    ).toEqual(['0', '2']);
  });

  it('deadlocks with the plain lock it interrupts the holder of, and not with a _bh one', () => {
    const program =
      (bh: boolean): Program =>
      (kernel) => {
        const lock = new SpinLock(kernel, 'lock');
        const timer = new Timer(kernel, 't', function* () {
          yield spin_lock(lock);
          yield spin_unlock(lock);
        });
        function* task(): K {
          yield mod_timer(timer, kernel.addJiffies(kernel.now, 1));
          yield bh ? spin_lock_bh(lock) : spin_lock(lock);
          yield bh ? spin_unlock_bh(lock) : spin_unlock(lock);
        }
        kernel.machine.spawn('task', 0, task());
        return () => kernel.machine.violations.map((v) => `${v.kind}: ${v.message}`).join();
      };
    const plain = enumerate(program(false), { cpus: 1 });
    expect(plain.deadlocked).toBeGreaterThan(0);
    expect(plain.seen).toHaveProperty([
      'self-deadlock: softirq on CPU 0 waits for spinlock lock, which it holds itself on that CPU',
    ]);
    expect(enumerate(program(true), { cpus: 1 }).deadlocked).toBe(0);
  });
});

describe('an interrupt from another CPU', () => {
  it('comes in where interrupts are on, and its sender waits', () => {
    const program: Program = (kernel) => {
      const { x } = cells(kernel, 'x');
      const seen: number[] = [];
      function* sender(): K {
        yield* smp_call_function(kernel.machine, 1, 'ipi', function* (): K {
          seen.push((yield x.read) as number);
        });
      }
      function* target(): K {
        yield x.write(1);
        const flags = (yield local_irq_save()) as number;
        yield x.write(2);
        yield x.write(3);
        yield local_irq_restore(flags);
      }
      tasks(kernel, sender(), target());
      return () => seen.join();
    };
    const { seen, deadlocked } = enumerate(program);
    expect(Object.keys(seen)).toEqual(['0', '1', '3']);
    expect(deadlocked).toBe(0);
  });
});

describe('wake-ups', () => {
  it('are scheduling points only if they make somebody runnable', () => {
    const program: Program = (kernel) => {
      const { machine } = kernel;
      const { x } = cells(kernel, 'x');
      function* sleeper(): K {
        setCurrentState(machine, 'sleeping');
        yield schedule();
        yield x.write(1);
      }
      const task = machine.spawn('sleeper', 0, sleeper());
      function* waker(): K {
        yield wake_up_process(task);
        yield wake_up_process(task);
        yield x.write(2);
      }
      machine.spawn('waker', 1, waker());
      return () => String(x.value);
    };
    // The wake-up, then the two writes in either order.
    expect(enumerate(program)).toEqual({ complete: 2, deadlocked: 0, seen: { 1: 1, 2: 1 } });
  });

  it('a task nobody wakes is a deadlock', () => {
    const program: Program = (kernel) => {
      function* body(): K {
        setCurrentState(kernel.machine, 'sleeping');
        yield schedule();
      }
      tasks(kernel, body());
      return () => kernel.machine.violations.map((v) => v.message).join();
    };
    expect(enumerate(program)).toEqual({
      complete: 0,
      deadlocked: 1,
      seen: { 'nothing can happen any more: t0 on CPU 0 waits for a wake-up': 1 },
    });
  });

  it('work runs, and its idle worker is no deadlock', () => {
    const program: Program = (kernel) => {
      const { x } = cells(kernel, 'x');
      const work = new Work(kernel, 'work', function* () {
        yield atomic_inc(x);
      });
      function* body(): K {
        yield* schedule_work(kernel, work);
        yield x.read;
      }
      kernel.machine.spawn('t', 0, body());
      return () => String(x.value);
    };
    expect(enumerate(program, { preempt: 'full' })).toMatchObject({ deadlocked: 0, seen: { 1: expect.any(Number) } });
  });
});

describe('tasks on one CPU', () => {
  const one =
    (...bodies: ((x: ReturnType<typeof cells<'x'>>['x']) => K)[]): Program =>
    (kernel) => {
      const { x } = cells(kernel, 'x');
      for (const body of bodies) kernel.machine.spawn('t', 0, body(x));
      return () => String(x.value);
    };
  function* twoWrites(x: ReturnType<typeof cells<'x'>>['x']): K {
    yield x.write(1);
    yield cond_resched();
    yield x.write(2);
  }

  it('may go first in either order, and give way at voluntary points', () => {
    expect(enumerate(one(twoWrites, twoWrites), { cpus: 1, preempt: 'none' }).complete).toBe(6);
  });

  it('share no interrupt flag', () => {
    function* off(x: ReturnType<typeof cells<'x'>>['x']): K {
      const flags = (yield local_irq_save()) as number;
      yield x.write(1);
      yield x.write(2);
      yield local_irq_restore(flags);
    }
    function* on(x: ReturnType<typeof cells<'x'>>['x']): K {
      yield x.write(3);
      yield x.write(4);
    }
    // The two writes with interrupts off stay together: before, between, or after the others.
    expect(enumerate(one(off, on), { cpus: 1, preempt: 'full' }).complete).toBe(3);
  });

  it('run by priority if they are real time', () => {
    const program: Program = (kernel) => {
      const { x } = cells(kernel, 'x');
      for (const priority of [50, 120, 120]) kernel.machine.spawn('t', 0, twoWrites(x), priority);
      return () => '';
    };
    expect(enumerate(program, { cpus: 1, preempt: 'full' }).complete).toBe(6);
  });
});

describe('schedules', () => {
  const program: Program = (kernel) => {
    const { n } = cells(kernel, 'n');
    const timer = new Timer(kernel, 't', function* () {
      yield atomic_inc(n);
    });
    function* increment(): K {
      yield mod_timer(timer, kernel.addJiffies(kernel.now, 1 + kernel.machine.choose('delay', 20)));
      const r = (yield n.read) as number;
      yield n.write(r + 1);
    }
    tasks(kernel, increment(), increment());
    return () => `${n.value} ${kernel.machine.ticks} ${kernel.machine.trace.fingerprint()}`;
  };

  it('drawn with one seed are the same, with others not', () => {
    const seen = (seed: number): string => runOnce(program, new RandomScheduler(seed)).seen;
    expect(seen(1)).toBe(seen(1));
    expect(new Set([1, 2, 3, 4, 5, 6].map(seen)).size).toBeGreaterThan(3);
  });

  it('are replayed from their deviations', () => {
    for (let seed = 0; seed < 200; seed++) {
      const recording = new RecordingScheduler(new RandomScheduler(seed));
      const { seen } = runOnce(program, recording);
      const replay = new ReplayScheduler(recording.deviations);
      expect(runOnce(program, replay).seen).toBe(seen);
      replay.finish();
      expect(replay.decisions).toBe(recording.decisions);
    }
  });

  it('without deviations are the default one', () => {
    const recording = new RecordingScheduler(new DefaultScheduler());
    const { seen } = runOnce(program, recording);
    expect(recording.deviations).toEqual([]);
    expect(runOnce(program, new ReplayScheduler([])).seen).toBe(seen);
  });

  it('go on with another scheduler after a prefix', () => {
    const recording = new RecordingScheduler(new RandomScheduler(3));
    runOnce(program, recording);
    const again = new RecordingScheduler(
      new ReplayScheduler(recording.deviations, { prefix: 4, after: new RandomScheduler(4) }),
    );
    runOnce(program, again);
    const early = (list: readonly { at: number }[]): unknown[] => list.filter(({ at }) => at < 4);
    expect(early(again.deviations)).toEqual(early(recording.deviations));
    expect(again.deviations).not.toEqual(recording.deviations);
  });

  it.each([
    [[{ at: 1, choice: 'task:7' }], 1, 'task:7', 'delay=0'],
    [[{ at: 0, choice: 'delay=20' }], 0, 'delay=20', 'delay=0 to delay=19'],
    [[{ at: 0, choice: 'other=1' }], 0, 'other=1', 'delay=0 to delay=19'],
    [[{ at: 2, choice: 'timer:0' }], 2, 'timer:0', 'task:1 (t0 on CPU 0: rmw t), task:2 (t1 on CPU 1: rmw t)'],
    [[{ at: 99, choice: 'time' }], 99, 'time', 'nothing: the run was over after'],
  ] as const)('that do not fit are refused: %j', (deviations, step, expected, enabled) => {
    const replay = new ReplayScheduler(deviations);
    const run = (): void => {
      runOnce(program, replay);
      replay.finish();
    };
    expect(run).toThrow(ScheduleMismatch);
    const again = new ReplayScheduler(deviations);
    try {
      runOnce(program, again);
      again.finish();
    } catch (error) {
      expect(error).toMatchObject({ step, expected, exitCode: 2 });
      expect((error as ScheduleMismatch).enabled.join(', ')).toContain(enabled);
      expect((error as Error).message).toContain(`decision ${step} should be ${expected}; possible are: `);
    }
  });
});
