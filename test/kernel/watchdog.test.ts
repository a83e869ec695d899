import { describe, expect, it } from 'vitest';
import { kernelVersions } from '../../src/kernel/era.js';
import type { Kernel, KernelOptions } from '../../src/kernel/kernel.js';
import { SpinLock, spin_lock_bh, spin_unlock_bh } from '../../src/kernel/spinlock.js';
import { mod_timer, Timer } from '../../src/kernel/timer.js';
import { spawn_softlockup_task } from '../../src/kernel/watchdog.js';
import { schedule_work, Work } from '../../src/kernel/workqueue.js';
import { busy, local_bh_disable, local_bh_enable, schedule } from '../../src/smp/basic-ops.js';
import { DefaultScheduler } from '../../src/smp/default-scheduler.js';
import type { K } from '../../src/smp/op.js';
import { boot, kinds, logTexts, note, start } from './boot.js';

const second = 1e9;
const tick = 4_000_000;

function watched(kernel: string, options: Partial<KernelOptions> = {}): Kernel {
  const made = boot({ kernel, ...options });
  spawn_softlockup_task(made);
  return made;
}

/** A CPU that keeps its kernel busy for some seconds from a time on; answers what is said and when, s since boot. */
function stuck(kernel: Kernel, seconds: number, fromNs = 5 * second, cpu = 0): string[] {
  kernel.machine.runUntil(fromNs);
  start(kernel, cpu, () => busyFor(seconds * second), 'hog');
  kernel.machine.runUntil(fromNs + (seconds + 30) * second);
  return kernel.log.entries
    .filter(({ text }) => text.includes('lockup'))
    .map(({ text, timeNs, cpu: on }) => `${((timeNs - fromNs) / second).toFixed(3)} ${on}: ${text}`);
}

function* busyFor(ns: number): K {
  yield busy(ns);
}

describe('watchdog/N', () => {
  it.each(kernelVersions.map((version) => [version]))(
    '%s reports what it should of a CPU stuck for 90 s',
    (version) => {
      const kernel = watched(version);
      const { softLockup } = kernel.era;
      const said = stuck(kernel, 90);
      expect(said).toHaveLength(softLockup.works ? 1 : 0);
      expect(kinds(kernel)).toEqual(softLockup.works ? ['soft-lockup'] : []);
    },
  );

  /** Stuck for so long, and not reported; for so long, and reported, in which words; and is that so on every CPU? */
  type Rule = readonly [silentS: number, toldS: number, words: string, everywhere: boolean];
  const never: Rule = [300, 300, '', true];
  const onOneCpu: Rule = [9, 12, 'detected on CPU#N!', false];
  const detected: Rule = [9, 12, 'detected on CPU#N!', true];
  const sixty: Rule = [55, 66, '- CPU#N stuck for 61s! [hog:PID]', true];
  const byRelease: Readonly<Record<string, Rule>> = {
    '2.6.12': never,
    '2.6.13': never,
    '2.6.14': onOneCpu,
    '2.6.15': onOneCpu,
    '2.6.16': onOneCpu,
    '2.6.17': detected,
    '2.6.18': detected,
    '2.6.19': detected,
    '2.6.20': detected,
    '2.6.21': detected,
    '2.6.22': never,
    '2.6.23': never,
    '2.6.24': [9, 13, '- CPU#N stuck for 11s! [hog:PID]', true],
    '2.6.25': sixty,
    '2.6.26': sixty,
    '2.6.27': sixty,
    '2.6.28': sixty,
    '2.6.29': sixty,
  };

  it.each(kernelVersions)('%s reports from its threshold on, in its words, on its CPUs', (version) => {
    const [silentS, toldS, words, everywhere] = byRelease[version]!;
    const said = (seconds: number, cpu: number): string[] =>
      stuck(watched(version), seconds, 5 * second, cpu).map((text) =>
        text.slice(text.indexOf('lockup ') + 7).replace(/hog:\d+/, 'hog:PID'),
      );
    expect([said(silentS, 0), said(silentS, 1)]).toEqual([[], []]);
    const expected = (cpu: number): string[] => (words === '' ? [] : [words.replace('#N', `#${cpu}`)]);
    expect(said(toldS, 0)).toEqual(expected(0));
    expect(said(toldS, 1)).toEqual(everywhere ? expected(1) : []);
  });

  it.each([
    // The last stamp before 5 s is that of 4.016 s (four sleeps, or four stamps that grew 251 jiffies old), or its fifth.
    ['2.6.14', 4.016 + 10.004, 'detected on CPU#0!'],
    ['2.6.18', 4.016 + 10.004, 'detected on CPU#0!'],
    ['2.6.21', 4.016 + 10.004, 'detected on CPU#0!'],
    ['2.6.24', 15 * 1.073741824, '- CPU#0 stuck for 11s! [hog:3]'],
    ['2.6.25', 65 * 1.073741824, '- CPU#0 stuck for 61s! [hog:3]'],
    // Woken only when the stamp is more than half of sixty seconds old.
    ['2.6.27', 61 * 1.073741824, '- CPU#0 stuck for 61s! [hog:3]'],
  ])('%s says its words at its time', (version, atSeconds, words) => {
    const kernel = watched(version);
    stuck(kernel, 90);
    const [first] = kernel.log.entries;
    expect(first!.text).toBe(`BUG: soft lockup ${words}`);
    expect(first!.timeNs).toBe(Math.ceil((atSeconds * second) / tick) * tick);
  });

  it('counts jiffies, and strictly', () => {
    // It stamps at jiffy 0 and whenever the stamp is 251 old: last at 1004, before 5 s (1250). 1004 + 2501 = 3505.
    expect(stuck(watched('2.6.21'), 12)).toEqual(['9.020 0: BUG: soft lockup detected on CPU#0!']);
    expect(stuck(watched('2.6.21'), (1004 + 2500.5) * 0.004 - 5)).toEqual([]);
  });

  it('counts in units of 2^30 ns from 2.6.24 on', () => {
    const kernel = watched('2.6.24');
    const said = stuck(kernel, 20);
    // Stamps 1, 3, 5 … : the fifth unit begins at 4 * 2^30 ns = 4.29 s. More than ten later is the sixteenth.
    expect(said).toEqual(['11.108 0: BUG: soft lockup - CPU#0 stuck for 11s! [hog:3]']);
  });

  it('reports a stuck period once, and the next one again', () => {
    const kernel = watched('2.6.21');
    expect(stuck(kernel, 45)).toHaveLength(1);
    expect(stuck(kernel, 45, kernel.machine.nowNs)).toHaveLength(2);
  });

  it('is content with a CPU that schedules', () => {
    const kernel = watched('2.6.21');
    start(kernel, 0, function* (): K {
      for (let i = 0; i < 60; i++) {
        yield busy(second);
        yield schedule();
      }
    });
    kernel.machine.runUntil(70 * second);
    expect(logTexts(kernel)).toEqual([]);
  });

  it('names the CPU, and looks at CPU 0 only until 2.6.16', () => {
    expect(stuck(watched('2.6.21'), 15, 5 * second, 1)[0]).toContain('1: BUG: soft lockup detected on CPU#1!');
    expect(stuck(watched('2.6.16'), 15, 5 * second, 1)).toEqual([]);
    expect(stuck(watched('2.6.16'), 15)).toHaveLength(1);
  });

  it('preempts where the kernel can be preempted', () => {
    expect(stuck(watched('2.6.21', { preempt: 'full' }), 30)).toEqual([]);
  });

  it('is starved by bottom halves that are off, even there', () => {
    const kernel = watched('2.6.21', { preempt: 'full' });
    start(kernel, 0, function* (): K {
      yield local_bh_disable();
      yield busy(15 * second);
      yield local_bh_enable();
    });
    kernel.machine.runUntil(30 * second);
    expect(kinds(kernel)).toEqual(['soft-lockup']);
  });

  it('lets itself be touched', () => {
    const kernel = boot({ kernel: '2.6.21' });
    const watchdog = spawn_softlockup_task(kernel)!;
    start(kernel, 0, function* (): K {
      for (let i = 0; i < 4; i++) {
        yield busy(8 * second);
        yield watchdog.touch();
      }
    });
    kernel.machine.runUntil(60 * second);
    expect(logTexts(kernel)).toEqual([]);
  });

  it('is not there in stepwise runs', () => {
    expect(spawn_softlockup_task(boot({ kernel: '2.6.21' }, new DefaultScheduler()))).toBeNull();
    expect(spawn_softlockup_task(boot({ kernel: '2.6.13' }))).toBeNull();
  });

  it.each(['2.6.14', '2.6.21', '2.6.23', '2.6.24', '2.6.28'])('%s: skipping idle time changes nothing', (version) => {
    const print = (skipIdle: boolean): string => {
      const kernel = watched(version, { skipIdle, cpus: 3 });
      stuck(kernel, 13, 7.3 * second, 0);
      stuck(kernel, 13, 60 * second, 2);
      return kernel.machine.trace.fingerprint();
    };
    expect(print(true)).toBe(print(false));
  });
});

describe('the stack dump', () => {
  const lines = (kernel: Kernel): string[] => logTexts(kernel).filter((text) => text.startsWith(' '));

  it('goes from the softirq through what let it in to the process', () => {
    const kernel = watched('2.6.21', { cpus: 1 });
    const lock = new SpinLock(kernel, 'lock');
    const timer = new Timer(kernel, 'gc_timer', function* (): K {
      const { stack } = kernel.context;
      stack.push('run_gc');
      yield busy(20 * second);
      stack.pop();
    });
    start(kernel, 0, function* (): K {
      const { stack } = kernel.context;
      stack.push('sys_connect', 'collect');
      yield spin_lock_bh(lock);
      yield mod_timer(timer, kernel.addJiffies(kernel.now, 1));
      yield busy(2 * tick);
      yield spin_unlock_bh(lock);
      stack.pop();
      stack.pop();
    });
    kernel.machine.runUntil(30 * second);
    expect(lines(kernel)).toEqual([
      ' [<run_gc>]',
      ' [<run_timer_softirq>]',
      ' [<__do_softirq>]',
      ' [<spin_unlock_bh>]',
      ' [<collect>]',
      ' [<sys_connect>]',
    ]);
    expect(kernel.machine.violations[0]).toMatchObject({
      kind: 'soft-lockup',
      cpu: 0,
      stack: ['softirq', 'gc_timer', 'run_gc'],
    });
  });

  it('shows a softirq that a tick let in, and a handler without a function of its own by its name', () => {
    const kernel = watched('2.6.21', { cpus: 1 });
    const timer = new Timer(kernel, 'slow', () => busyFor(20 * second));
    start(kernel, 0, function* (): K {
      yield mod_timer(timer, kernel.addJiffies(kernel.now, 1));
    });
    kernel.machine.runUntil(30 * second);
    expect(lines(kernel)).toEqual([' [<slow>]', ' [<run_timer_softirq>]', ' [<__do_softirq>]', ' [<irq_exit>]']);
  });

  it('shows the worker of a work', () => {
    const kernel = watched('2.6.21', { cpus: 1 });
    const work = new Work(kernel, 'gc_work', function* (): K {
      const { stack } = kernel.context;
      stack.push('gc_task');
      yield busy(20 * second);
      stack.pop();
    });
    start(kernel, 0, () => schedule_work(kernel, work));
    kernel.machine.runUntil(30 * second);
    expect(lines(kernel)).toEqual([' [<gc_task>]', ' [<run_workqueue>]', ' [<worker_thread>]']);
  });

  it('reports at the tick, in the middle of an operation that takes long', () => {
    const kernel = watched('2.6.21', { cpus: 1 });
    const seen: number[] = [];
    start(kernel, 0, function* (): K {
      yield busy(20 * second);
      yield note(() => seen.push(kernel.machine.nowNs));
    });
    kernel.machine.runUntil(30 * second);
    expect(kernel.log.entries[0]!.timeNs).toBe(2501 * tick);
    expect(seen).toEqual([20 * second]);
  });
});
