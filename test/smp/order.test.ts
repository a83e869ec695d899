import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atomic_inc } from '../../src/kernel/atomic.js';
import { add_timer_on, mod_timer, Timer } from '../../src/kernel/timer.js';
import { busy, LocalOp } from '../../src/smp/basic-ops.js';
import { Cell } from '../../src/smp/cell.js';
import type { K } from '../../src/smp/op.js';
import { timedKernel } from './programs.js';

const note = (log: string[], text: string): LocalOp => new LocalOp(() => log.push(text));

describe('at one nanosecond', () => {
  it('timer interrupts, softirqs, threads, scenario actions; then the lower CPU; then first come first served', () => {
    const kernel = timedKernel({ cpus: 3 });
    const { machine } = kernel;
    const log: string[] = [];
    const tick = 4 * machine.tickNs;
    // Everything is asked for in the wrong order.
    for (const name of ['action a', 'action b']) machine.at(tick, () => log.push(name));
    for (const cpu of [2, 0, 1]) {
      machine.spawn(`thread ${cpu}`, cpu, waits(cpu));
      machine.at(tick, () => log.push(`interrupt ${cpu}`), 0, cpu);
    }
    function* waits(cpu: number): K {
      const timer = new Timer(kernel, 't', () => void log.push(`softirq ${cpu}`));
      yield mod_timer(timer, kernel.addJiffies(kernel.now, 4));
      yield busy(tick);
      yield note(log, `thread ${cpu}`);
    }
    machine.runUntil(tick);
    const each = (what: string): string[] => [0, 1, 2].map((cpu) => `${what} ${cpu}`);
    expect(log).toEqual([...each('interrupt'), ...each('softirq'), ...each('thread'), 'action a', 'action b']);
  });

  it('a thread that goes on without a queue round trip does not pass an equal that was there before', () => {
    const { machine } = timedKernel({ cpus: 1 });
    const log: string[] = [];
    machine.spawn('t', 0, body());
    machine.at(100, () => log.push('first'), 2, 0);
    function* body(): K {
      yield busy(100);
      yield note(log, 'thread');
    }
    machine.runUntil(1000);
    expect(log).toEqual(['first', 'thread']);
  });

  it.each([1, 2])('a timer that a thread arms at a tick fires at a later one, with %i CPUs', (cpus) => {
    const kernel = timedKernel({ cpus });
    const { machine } = kernel;
    const fired: number[] = [];
    const timer = new Timer(kernel, 't', () => void fired.push(machine.ticks));
    machine.spawn('t', 0, body());
    function* body(): K {
      yield busy(3 * machine.tickNs);
      yield mod_timer(timer, kernel.now);
    }
    // The second CPU makes the first one go through the queue; it must not matter.
    if (cpus > 1) machine.at(3 * machine.tickNs, () => {}, 2, 1);
    machine.runUntil(10 * machine.tickNs);
    expect(fired).toEqual([4]);
  });

  it('a timer armed in a softirq on a CPU whose turn is to come fires in that tick', () => {
    const kernel = timedKernel({ cpus: 2 });
    const { machine } = kernel;
    const fired: string[] = [];
    const later = new Timer(kernel, 'later', () => void fired.push(`${kernel.cpuId} at ${machine.ticks}`));
    const first = new Timer(kernel, 'first', function* () {
      yield add_timer_on(later, kernel.now, 1);
    });
    machine.spawn('t', 0, arm());
    function* arm(): K {
      yield mod_timer(first, kernel.addJiffies(kernel.now, 3));
    }
    machine.runUntil(10 * machine.tickNs);
    expect(fired).toEqual(['1 at 3']);
  });
});

describe('idle time', () => {
  /** Random timers that arm each other, threads that keep CPUs busy, bottom halves and interrupts off. */
  function run(skipIdle: boolean, seeds: readonly number[], observe: boolean): { print: string; ops: number } {
    const kernel = timedKernel({ cpus: 3, skipIdle });
    const { machine } = kernel;
    const cell = new Cell(machine, 'count');
    const timers = seeds.map((seed, i) => {
      const timer: Timer = new Timer(kernel, `t${i}`, function* () {
        yield atomic_inc(cell);
        if (cell.value > 200) return;
        if (seed % 3 === 0) yield mod_timer(timer, kernel.addJiffies(kernel.now, 1 + (seed % 700)));
        if (seed % 5 === 0) yield mod_timer(timers[(i + 1) % timers.length]!, kernel.addJiffies(kernel.now, seed % 20));
        if (seed % 7 === 0) yield busy((seed % 9) * 1e6);
      });
      return timer;
    });
    function* body(i: number, seed: number): K {
      yield busy((seed % 1000) * 1e5);
      const before = seed % 4;
      if (before === 1) yield bhOff;
      if (before === 2) yield irqOff;
      yield mod_timer(timers[i]!, kernel.addJiffies(kernel.now, seed % 300));
      yield busy((seed % 77) * 1e6);
      if (before === 1) yield bhOn;
      if (before === 2) yield irqOn;
    }
    for (const [i, seed] of seeds.entries()) machine.spawn(`s${i}`, i % 3, body(i, seed));
    if (observe) machine.trace.listen(() => {});
    if (observe) machine.onAccess = (): void => {};
    machine.runUntil(20e9);
    return { print: machine.trace.fingerprint(), ops: machine.ops };
  }
  const bhOff = new LocalOp((c) => void c.bhCount++);
  const bhOn = new LocalOp((c) => {
    c.bhCount--;
    c.cpu.machine.softirqCheck(c.cpu);
  });
  const irqOff = new LocalOp((c) => {
    c.cpu.irqsOff = true;
  });
  const irqOn = new LocalOp((c) => {
    c.cpu.irqsOff = false;
    c.cpu.machine.interruptCheck(c.cpu);
  });

  it('is skipped without changing what happens, and so is watching', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100_000), { minLength: 1, maxLength: 8 }), (seeds) => {
        const plain = run(true, seeds, false);
        expect(run(false, seeds, false)).toEqual(plain);
        expect(run(true, seeds, true)).toEqual(plain);
      }),
      { numRuns: 60 },
    );
  });

  it('has one fingerprint in every process; if it changes, every recorded one does: say so in CHANGELOG.md', () => {
    expect(run(true, [15, 22, 30, 101, 210], false)).toMatchInlineSnapshot(`
      {
        "ops": 643,
        "print": "ffa73ea8339dbf42",
      }
    `);
  });
});
