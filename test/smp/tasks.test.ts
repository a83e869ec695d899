import { describe, expect, it } from 'vitest';
import {
  busy,
  cond_resched,
  LocalOp,
  local_irq_save,
  preempt_disable,
  preempt_enable,
  schedule,
  setCurrentState,
  userMode,
  wake_up_process,
} from '../../src/smp/basic-ops.js';
import { Cell, SpinUntilOp } from '../../src/smp/cell.js';
import type { K } from '../../src/smp/op.js';
import { type TestKernel, timedKernel } from './programs.js';

const ms = 1e6;

/** Notes the virtual time in ms at which each step is reached. */
function diary(kernel: TestKernel): { note: (text: string) => LocalOp; log: string[] } {
  const log: string[] = [];
  return { log, note: (text) => new LocalOp(() => log.push(`${text} ${kernel.machine.nowNs / ms}`)) };
}

function* work(note: (text: string) => LocalOp, name: string, pieces: number, pieceNs: number): K {
  for (let i = 0; i < pieces; i++) yield busy(pieceNs);
  yield note(name);
}

describe('equal tasks on one CPU', () => {
  const two = (preempt: 'none' | 'voluntary' | 'full', body: (note: (text: string) => LocalOp) => K): string[] => {
    const kernel = timedKernel({ cpus: 1, preempt });
    const { note, log } = diary(kernel);
    for (let i = 0; i < 2; i++) kernel.machine.spawn(`t${i}`, 0, body(note));
    kernel.machine.runUntil(10e9);
    return log;
  };

  it('take turns of 100 ms under full preemption', () => {
    // 0: 0–100, 200–300, 400–450; 1: 100–200, 300–400, 450–500.
    expect(two('full', (note) => work(note, 'done', 1, 250 * ms))).toEqual(['done 450', 'done 500']);
  });

  it('run one after the other without', () => {
    expect(two('none', (note) => work(note, 'done', 1, 250 * ms))).toEqual(['done 250', 'done 500']);
    expect(two('voluntary', (note) => work(note, 'done', 1, 250 * ms))).toEqual(['done 250', 'done 500']);
  });

  it('take turns in user mode whatever the kernel does', () => {
    function* user(note: (text: string) => LocalOp): K {
      yield* userMode(150 * ms);
      yield note('done');
    }
    expect(two('none', user)).toEqual(['done 250', 'done 300']);
  });

  it('give way at cond_resched when their slice is over, where the kernel is voluntary', () => {
    function* polite(note: (text: string) => LocalOp): K {
      for (let i = 0; i < 3; i++) {
        yield busy(60 * ms);
        yield cond_resched();
      }
      yield note('done');
    }
    expect(two('voluntary', polite)).toEqual(['done 300', 'done 360']);
    expect(two('none', polite)).toEqual(['done 180', 'done 360']);
  });

  it('are not preempted where preemption is disabled', () => {
    function* selfish(note: (text: string) => LocalOp): K {
      yield preempt_disable();
      yield busy(150 * ms);
      yield note('done');
      yield preempt_enable();
    }
    expect(two('full', selfish)).toEqual(['done 150', 'done 300']);
  });
});

describe('a better task that wakes', () => {
  const wakes = (preempt: 'none' | 'voluntary' | 'full', polite: boolean): string[] => {
    const kernel = timedKernel({ cpus: 1, preempt });
    const { machine } = kernel;
    const { note, log } = diary(kernel);
    function* better(): K {
      setCurrentState(machine, 'sleeping');
      yield schedule();
      yield note('better');
    }
    const task = machine.spawn('better', 0, better(), 110);
    function* worse(): K {
      for (let i = 0; i < 4; i++) {
        yield busy(10 * ms);
        if (polite) yield cond_resched();
      }
      yield note('worse');
    }
    machine.spawn('worse', 0, worse());
    machine.at(15 * ms, () => machine.wake(task));
    machine.runUntil(1e9);
    return log;
  };

  it('gets the CPU at once, at the next voluntary point, or when the other is done', () => {
    expect(wakes('full', false)).toEqual(['better 15', 'worse 40']);
    expect(wakes('voluntary', true)).toEqual(['better 20', 'worse 40']);
    expect(wakes('none', true)).toEqual(['better 20', 'worse 40']);
    expect(wakes('none', false)).toEqual(['worse 40', 'better 40']);
  });
});

describe('sleeping and waking', () => {
  it('a wake-up between saying it and doing it is not lost', () => {
    const { machine } = timedKernel();
    const log: string[] = [];
    function* sleeper(): K {
      setCurrentState(machine, 'sleeping');
      yield busy(100);
      yield schedule();
      log.push(`went on at ${machine.nowNs}`);
    }
    const task = machine.spawn('sleeper', 0, sleeper());
    function* waker(): K {
      yield busy(50);
      log.push(`was asleep: ${yield wake_up_process(task)}`);
    }
    machine.spawn('waker', 1, waker());
    machine.runUntil(1000);
    expect(log).toEqual(['was asleep: false', 'went on at 100']);
  });

  it('cond_resched does not put a task to sleep that has only said it would', () => {
    const kernel = timedKernel({ cpus: 1 });
    const { machine } = kernel;
    const { note, log } = diary(kernel);
    function* sleeper(): K {
      setCurrentState(machine, 'sleeping');
      yield busy(2 * ms);
      yield cond_resched();
      setCurrentState(machine, 'running');
      yield note('awake');
    }
    machine.spawn('sleeper', 0, sleeper());
    machine.at(ms, () => machine.spawn('better', 0, work(note, 'better', 1, ms), 110));
    machine.runUntil(1e9);
    expect(log).toEqual(['better 3', 'awake 3']);
  });

  it('a task that ends with interrupts off leaves them on for the next', () => {
    const { machine } = timedKernel({ cpus: 1 });
    function* rude(): K {
      yield local_irq_save();
    }
    machine.spawn('rude', 0, rude());
    machine.settle();
    expect(machine.violations[0]?.message).toContain('interrupts off');
    expect(machine.cpus[0]!.irqsOff).toBe(false);
  });
});

describe('a preempted task', () => {
  it('keeps the rest of its cost and its place before its equals', () => {
    const kernel = timedKernel({ cpus: 1, preempt: 'full' });
    const { note, log } = diary(kernel);
    kernel.machine.spawn('a', 0, work(note, 'a', 1, 20 * ms));
    kernel.machine.spawn('b', 0, work(note, 'b', 1, 20 * ms));
    kernel.machine.at(5 * ms, () => kernel.machine.spawn('best', 0, work(note, 'best', 1, 7 * ms), 50));
    kernel.machine.runUntil(1e9);
    expect(log).toEqual(['best 12', 'a 27', 'b 47']);
  });

  it('looks again if what it spun for has come meanwhile', () => {
    const kernel = timedKernel({ cpus: 1, preempt: 'full' });
    const { machine } = kernel;
    const { note, log } = diary(kernel);
    const flag = new Cell(machine, 'flag');
    function* spinner(): K {
      yield new SpinUntilOp(flag, (value) => value === 1);
      yield note('spun');
    }
    function* setter(): K {
      yield busy(ms);
      yield flag.write(1);
      yield busy(ms);
    }
    machine.spawn('spinner', 0, spinner());
    machine.at(ms, () => machine.spawn('setter', 0, setter(), 110));
    machine.runUntil(1e9);
    expect(log).toEqual(['spun 3']);
  });
});
