import { describe, expect, it } from 'vitest';
import {
  SpinLock,
  spin_lock,
  spin_lock_irqsave,
  spin_unlock,
  spin_unlock_irqrestore,
} from '../../src/kernel/spinlock.js';
import { mod_timer, Timer } from '../../src/kernel/timer.js';
import {
  busy,
  LocalOp,
  local_bh_disable,
  local_bh_enable,
  local_irq_restore,
  local_irq_save,
  SpinUntilTimeOp,
  schedule,
  setCurrentState,
  smp_call_function,
} from '../../src/smp/basic-ops.js';
import { Cell, SpinUntilOp } from '../../src/smp/cell.js';
import { Machine } from '../../src/smp/machine.js';
import type { K } from '../../src/smp/op.js';
import { TimedScheduler } from '../../src/smp/timed-scheduler.js';
import { type TestKernel, timedKernel } from './programs.js';

const note = (log: string[], kernel: TestKernel, text: string): LocalOp =>
  new LocalOp(() => log.push(`${text} ${kernel.machine.nowNs}`));

describe('costs', () => {
  it('are charged per access, and keep the CPU busy afterwards', () => {
    const kernel = timedKernel({ cpus: 1, accessCostsNs: { write: 30, read: 7 } });
    const { machine } = kernel;
    const x = new Cell(machine, 'x');
    const log: string[] = [];
    machine.spawn(
      't',
      0,
      (function* (): K {
        yield note(log, kernel, 'start');
        yield x.write(1);
        yield note(log, kernel, 'written');
        yield x.read;
        yield note(log, kernel, 'read');
      })(),
    );
    machine.runUntil(1000);
    expect(log).toEqual(['start 0', 'written 30', 'read 37']);
  });

  it('are whole nanoseconds', () => {
    const kernel = timedKernel({ cpus: 1, accessCostsNs: { write: 0.3 } });
    const x = new Cell(kernel.machine, 'x');
    function* body(): K {
      for (let i = 0; i < 5; i++) {
        yield busy(10.4);
        yield x.write(i);
      }
    }
    kernel.machine.spawn('t', 0, body());
    kernel.machine.runUntil(1e6, true);
    expect(kernel.machine.nowNs).toBe(50);
  });

  it('are put off by an interrupt that comes in while they run', () => {
    const kernel = timedKernel({ cpus: 2 });
    const { machine } = kernel;
    const log: string[] = [];
    function* worker(): K {
      yield busy(100);
      yield note(log, kernel, 'worked');
    }
    function* handler(): K {
      yield note(log, kernel, 'interrupt');
      yield busy(40);
    }
    machine.spawn('t', 0, worker());
    machine.at(60, () => machine.interrupt(0, 'irq', handler()));
    machine.at(70, () => machine.interrupt(0, 'irq', handler()));
    machine.runUntil(1000);
    expect(log).toEqual(['interrupt 60', 'interrupt 100', 'worked 180']);
  });

  it('of the operation that lets a softirq in are paid after it', () => {
    const kernel = timedKernel({ cpus: 1 });
    const { machine } = kernel;
    const log: string[] = [];
    const timer = new Timer(kernel, 't', function* () {
      yield note(log, kernel, 'timer');
      yield busy(50);
    });
    function* body(): K {
      yield mod_timer(timer, kernel.addJiffies(kernel.now, 1));
      yield local_bh_disable();
      yield busy(machine.tickNs + 10);
      yield note(log, kernel, 'late');
      yield local_bh_enable();
      yield note(log, kernel, 'enabled');
    }
    machine.spawn('t', 0, body());
    machine.runUntil(1e9);
    const at = machine.tickNs + 10;
    expect(log).toEqual([`late ${at}`, `timer ${at}`, `enabled ${at + 50}`]);
  });
});

describe('interrupts', () => {
  it('wait while they are off, nested or not, and then come in one after the other', () => {
    const kernel = timedKernel({ cpus: 2 });
    const { machine } = kernel;
    const log: string[] = [];
    function* body(): K {
      const outer = (yield local_irq_save()) as number;
      const inner = (yield local_irq_save()) as number;
      yield busy(100);
      yield local_irq_restore(inner);
      yield note(log, kernel, 'still off');
      yield local_irq_restore(outer);
      yield note(log, kernel, 'on');
    }
    function* handler(): K {
      yield note(log, kernel, 'interrupt');
    }
    machine.spawn('t', 0, body());
    for (const at of [20, 10]) machine.at(at, () => machine.interrupt(0, `irq${at}`, handler()));
    machine.runUntil(1000);
    expect(log).toEqual(['still off 100', 'interrupt 100', 'interrupt 100', 'on 100']);
  });

  it('come into softirqs, and softirqs not into where bottom halves are off, however deep', () => {
    const kernel = timedKernel({ cpus: 1 });
    const { machine } = kernel;
    const log: string[] = [];
    const timer = new Timer(kernel, 't', function* () {
      yield note(log, kernel, 'softirq');
      machine.interrupt(
        0,
        'irq',
        (function* (): K {
          yield note(log, kernel, `interrupt in ${machine.cpus[0]!.top!.below!.kind}`);
        })(),
      );
      yield busy(0);
      yield note(log, kernel, 'softirq ends');
    });
    function* body(): K {
      yield mod_timer(timer, kernel.addJiffies(kernel.now, 1));
      yield local_bh_disable();
      yield local_bh_disable();
      yield busy(machine.tickNs);
      yield local_bh_enable();
      yield note(log, kernel, 'one level left');
      yield local_bh_enable();
      yield note(log, kernel, 'done');
    }
    machine.spawn('t', 0, body());
    machine.runUntil(1e9);
    expect(log.map((line) => line.replace(/ \d+$/, ''))).toEqual([
      'one level left',
      'softirq',
      'interrupt in softirq',
      'softirq ends',
      'done',
    ]);
  });

  it('smp_call_function answers what ran on the other CPU, also for the own one', () => {
    const kernel = timedKernel({ cpus: 2 });
    const { machine } = kernel;
    const answers: unknown[] = [];
    function* where(): K<number> {
      yield busy(5);
      return kernel.cpuId;
    }
    machine.spawn(
      't',
      0,
      (function* (): K {
        answers.push(yield* smp_call_function(machine, 1, 'where', where));
        answers.push(yield* smp_call_function(machine, 0, 'where', where));
      })(),
    );
    machine.runUntil(1000);
    expect(answers).toEqual([1, 0]);
  });
});

describe('a spinning CPU', () => {
  it('goes on when the cell changes, without performing an operation meanwhile', () => {
    const kernel = timedKernel();
    const { machine } = kernel;
    const flag = new Cell(machine, 'flag');
    const log: string[] = [];
    function* spinner(): K {
      yield new SpinUntilOp(flag, (value) => value === 2);
      yield note(log, kernel, 'go');
    }
    function* setter(): K {
      for (let i = 1; i <= 3; i++) {
        yield busy(100);
        yield flag.write(i);
      }
    }
    machine.spawn('spinner', 0, spinner());
    machine.spawn('setter', 1, setter());
    machine.runUntil(1000);
    expect(log).toEqual(['go 200']);
    expect(machine.ops).toBe(2 + 6);
  });

  it('goes on when time has moved', () => {
    const kernel = timedKernel();
    const log: string[] = [];
    function* spinner(): K {
      yield new SpinUntilTimeOp(kernel.machine, 777);
      yield note(log, kernel, 'go');
    }
    kernel.machine.spawn('spinner', 0, spinner());
    kernel.machine.runUntil(1e6);
    expect(log).toEqual(['go 777']);
  });

  it.each([
    ['a lock', false],
    ['a lock with interrupts off', true],
  ])('that an interrupt covers when %s becomes free takes it afterwards', (_what, irqsave) => {
    const kernel = timedKernel();
    const { machine } = kernel;
    const lock = new SpinLock(kernel, 'lock');
    const log: string[] = [];
    function* holder(): K {
      yield spin_lock(lock);
      yield busy(100);
      yield spin_unlock(lock);
    }
    function* spinner(): K {
      yield busy(10);
      const flags = (yield irqsave ? spin_lock_irqsave(lock) : spin_lock(lock)) as number;
      yield note(log, kernel, 'locked');
      yield irqsave ? spin_unlock_irqrestore(lock, flags) : spin_unlock(lock);
    }
    function* handler(): K {
      yield note(log, kernel, 'interrupt');
      yield busy(200);
    }
    machine.spawn('holder', 1, holder());
    machine.spawn('spinner', 0, spinner());
    machine.at(50, () => machine.interrupt(0, 'irq', handler()));
    machine.runUntil(1000);
    expect(log).toEqual(irqsave ? ['locked 100', 'interrupt 100'] : ['interrupt 50', 'locked 250']);
    expect(lock.owner).toBeNull();
  });
});

describe('a gate', () => {
  it('holds a context before its operation until somebody else has passed a point', () => {
    const kernel = timedKernel();
    const { machine } = kernel;
    const x = new Cell(machine, 'x');
    const seen: unknown[] = [];
    let open = false;
    machine.gate = {
      holds: (context, op) => !open && context.name === 'held' && op.access === 'read',
      passed: (_context, op) => {
        open ||= op.access === 'write';
        return open;
      },
    };
    function* held(): K {
      seen.push(yield x.read);
    }
    function* other(): K {
      yield busy(100);
      yield x.write(9);
    }
    machine.spawn('held', 0, held());
    machine.spawn('other', 1, other());
    machine.runUntil(1000);
    expect(seen).toEqual([9]);
  });

  it('that never opens is no deadlock', () => {
    const { machine } = timedKernel();
    const x = new Cell(machine, 'x');
    machine.gate = { holds: () => true, passed: () => false };
    machine.spawn(
      'held',
      0,
      (function* (): K {
        yield x.read;
      })(),
    );
    machine.runUntil(1000);
    expect(machine.checkDeadlock()).toBe(false);
    expect(machine.violations).toEqual([]);
  });
});

describe('the end of a run', () => {
  it('with a sleeper nobody can wake is a deadlock; with a timer that still could it is not', () => {
    const run = (pending: boolean): string[] => {
      const kernel = timedKernel();
      const { machine } = kernel;
      function* sleeper(): K {
        setCurrentState(machine, 'sleeping');
        yield schedule();
      }
      machine.spawn('sleeper', 0, sleeper());
      const timer = new Timer(kernel, 't', () => {});
      if (pending)
        machine.spawn(
          't',
          1,
          (function* (): K {
            yield mod_timer(timer, kernel.now + 1000);
          })(),
        );
      machine.runUntil(1e9);
      machine.checkDeadlock();
      return machine.violations.map((v) => `${v.kind}: ${v.message}`);
    };
    expect(run(false)).toEqual(['deadlock: nothing can happen any more: sleeper on CPU 0 waits for a wake-up']);
    expect(run(true)).toEqual([]);
  });

  it('with a spinner names the lock and who holds it', () => {
    const kernel = timedKernel();
    const { machine } = kernel;
    const lock = new SpinLock(kernel, 'the lock');
    function* holder(): K {
      yield spin_lock(lock);
      setCurrentState(machine, 'sleeping');
      yield schedule();
    }
    machine.spawn('holder', 0, holder());
    machine.spawn(
      'spinner',
      1,
      (function* (): K {
        yield spin_lock(lock);
      })(),
    );
    machine.runUntil(1e6);
    expect(machine.checkDeadlock()).toBe(true);
    expect(machine.violations.at(-1)).toMatchObject({
      kind: 'deadlock',
      message:
        'nothing can happen any more: spinner on CPU 1 waits for spinlock the lock, which holder holds; holder on CPU 0 waits for a wake-up',
    });
  });
});

describe('limits', () => {
  const machine = (options: { maxOps?: number; maxVirtualNs?: number } = {}): Machine =>
    new Machine({ cpus: 1, hz: 250, ...options }, new TimedScheduler());

  it('a loop that changes nothing is endless, and says where', () => {
    const m = machine();
    const x = new Cell(m, 'x');
    function* loop(): K {
      m.current!.stack.push('wait_for_godot');
      while (((yield x.read) as number) === 0);
    }
    m.spawn('t', 0, loop());
    expect(() => m.runUntil(1e9)).toThrow(/endless loop: t on CPU 0 performed 1000000 operations in wait_for_godot/);
    expect(m.violations.map((v) => v.kind)).toEqual(['endless-loop']);
    expect(m.ops).toBeLessThan(1_000_010);
  });

  it('a scan over two million objects is not', () => {
    const m = machine();
    function* scan(): K {
      for (let i = 0; i < 2_000_000; i++) {
        yield new Cell(m, 'x').read;
        yield busy(0);
      }
    }
    m.spawn('t', 0, scan());
    m.runUntil(1e9);
    expect(m.ops).toBe(4_000_000);
  });

  it.each([
    ['time', (): LocalOp => busy(1) as LocalOp],
    ['a changed cell', (x: Cell, i: number): LocalOp => x.write(i) as unknown as LocalOp],
  ])('nor is a long loop with %s in between', (_what, op) => {
    const m = machine();
    const x = new Cell(m, 'x');
    function* loop(): K {
      for (let i = 0; i < 1_200_000; i++) yield i % 1000 === 0 ? op(x, i + 1) : x.read;
    }
    m.spawn('t', 0, loop());
    m.runUntil(1e9);
    expect(m.ops).toBe(1_200_000);
  });

  it('end the run with exit code 3', () => {
    const forever = function* (m: Machine): K {
      for (let i = 0; ; i++) yield new Cell(m, 'x').write(i);
    };
    const byOps = machine({ maxOps: 1000 });
    byOps.spawn('t', 0, forever(byOps));
    expect(() => byOps.runUntil(1e9)).toThrow(
      expect.objectContaining({ exitCode: 3, message: expect.stringContaining('--max-ops') }),
    );
    expect(byOps.ops).toBe(1001);
    const byTime = machine({ maxVirtualNs: 5000 });
    byTime.spawn(
      't',
      0,
      (function* (): K {
        for (;;) yield busy(1000);
      })(),
    );
    expect(() => byTime.runUntil(1e9)).toThrow(/the limit of 5000 ns of virtual time was reached \(--max-virtual\)/);
    expect(byTime.nowNs).toBe(5000);
  });
});
