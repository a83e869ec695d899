import { describe, expect, it } from 'vitest';
import type { Kernel } from '../../src/kernel/kernel.js';
import type { RcuHead } from '../../src/kernel/rcu.js';
import { ImmediateRcuBh, ManualRcuBh, TickRcuBh } from '../../src/kernel/rcu-scripted.js';
import { busy, local_bh_disable, local_bh_enable } from '../../src/smp/basic-ops.js';
import type { K } from '../../src/smp/op.js';
import { boot, note, pass, start } from './boot.js';

const tickNs = 4_000_000;

/** A head whose callback writes down the tick it ran in. */
function head(kernel: Kernel, ran: number[]): RcuHead {
  return {
    rcuNext: null,
    *rcuFunc(): K {
      ran.push(kernel.machine.ticks);
    },
  };
}

/** Calls `count` callbacks on a CPU, now. */
function call(kernel: Kernel, cpu: number, count: number, ran: number[]): void {
  start(kernel, cpu, function* (): K {
    for (let i = 0; i < count; i++) {
      const code = kernel.rcuBh.call(head(kernel, ran));
      if (code !== undefined) yield* code;
    }
  });
}

describe('call_rcu_bh', () => {
  it('runs callbacks at the third tick on one CPU', () => {
    const kernel = boot({ cpus: 1 });
    const ran: number[] = [];
    pass(kernel, 5);
    call(kernel, 0, 2, ran);
    pass(kernel, 2);
    expect(ran).toEqual([]);
    pass(kernel, 1);
    expect(ran).toEqual([8, 8]);
    expect(kernel.machine.nextEventNs()).toBeUndefined();
  });

  it('lets a callback that comes during a batch wait for the next one', () => {
    const kernel = boot({ cpus: 1 });
    const ran: number[] = [];
    call(kernel, 0, 1, ran);
    pass(kernel, 1);
    call(kernel, 0, 1, ran);
    pass(kernel, 9);
    expect(ran).toEqual([3, 5]);
  });

  it('waits for a CPU with bottom halves off', () => {
    const kernel = boot({ cpus: 2, kernel: '2.6.18' });
    const ran: number[] = [];
    start(kernel, 1, function* (): K {
      yield local_bh_disable();
      yield busy(10.5 * tickNs);
      yield local_bh_enable();
    });
    call(kernel, 0, 1, ran);
    pass(kernel, 10);
    expect(ran).toEqual([]);
    pass(kernel, 10);
    expect(ran).toEqual([12]);
  });

  it('asks idle CPUs while they tick, and leaves them alone when they do not', () => {
    const ticking = boot({ cpus: 2, kernel: '2.6.18' });
    const tickless = boot({ cpus: 2, kernel: '2.6.24' });
    for (const kernel of [ticking, tickless]) {
      const ran: number[] = [];
      const busyTicks = new Set<number>();
      kernel.tickHooks.push((cpu) => {
        if (cpu.id === 1) busyTicks.add(kernel.machine.ticks);
      });
      call(kernel, 0, 1, ran);
      pass(kernel, 20);
      expect(ran.length).toBe(1);
      expect(busyTicks.size > 0).toBe(kernel === ticking);
    }
  });

  it.each([
    ['2.6.12', 25, [10, 10, 5]],
    ['2.6.14', 25, [25]],
    ['2.6.16', 25, [10, 10, 5]],
    ['2.6.16', 10_001, [10_001]],
  ])('runs as many callbacks a pass as %s allows', (version, count, passes) => {
    const kernel = boot({ cpus: 1, kernel: version });
    const ran: number[] = [];
    const seen: number[] = [];
    let before = 0;
    kernel.softirqActionHooks.push(() => {
      if (ran.length > before) seen.push(ran.length - before);
      before = ran.length;
    });
    call(kernel, 0, count, ran);
    pass(kernel, 20);
    expect(ran.length).toBe(count);
    expect(seen).toEqual(passes);
  });

  it('starves behind a busy task at 10 a pass once ksoftirqd has to finish', () => {
    const kernel = boot({ cpus: 1, kernel: '2.6.12' });
    const ran: number[] = [];
    call(kernel, 0, 1000, ran);
    start(kernel, 0, function* (): K {
      for (let i = 0; i < 200; i++) yield busy(tickNs / 10);
    });
    pass(kernel, 3);
    expect(ran.length).toBe(100);
    pass(kernel, 1);
    expect(ran.length).toBe(200);
    pass(kernel, 40);
    expect(ran.length).toBe(1000);
  });

  it.each(['2.6.12', '2.6.18', '2.6.24'])('comes to the same with idle time skipped (%s)', (version) => {
    const run = (skipIdle: boolean): { prints: string; ran: number[] } => {
      const kernel = boot({ cpus: 3, kernel: version, skipIdle });
      const ran: number[] = [];
      kernel.machine.spawn(
        'a',
        0,
        (function* (): K {
          for (let i = 0; i < 5; i++) {
            kernel.rcuBh.call(head(kernel, ran));
            yield busy(0.7 * tickNs);
          }
        })(),
      );
      kernel.machine.spawn(
        'b',
        2,
        (function* (): K {
          yield local_bh_disable();
          yield busy(3.2 * tickNs);
          kernel.rcuBh.call(head(kernel, ran));
          yield local_bh_enable();
        })(),
      );
      pass(kernel, 100);
      call(kernel, 1, 3, ran);
      pass(kernel, 100);
      return { prints: kernel.machine.trace.fingerprint(), ran };
    };
    const skipped = run(true);
    expect(skipped.ran.length).toBe(9);
    expect(run(false)).toEqual(skipped);
  });
});

describe('RCU-bh of the recordings', () => {
  it('runs by hand', () => {
    const kernel = boot({ cpus: 1 });
    const rcu = new ManualRcuBh();
    kernel.rcuBh = rcu;
    const ran: number[] = [];
    call(kernel, 0, 3, ran);
    pass(kernel, 10);
    expect(ran).toEqual([]);
    let count = 0;
    start(kernel, 0, function* (): K {
      count = yield* rcu.run(2);
    });
    expect(count).toBe(2);
    expect([...rcu.waiting()].length).toBe(1);
  });

  it('runs at the end of the tick, after the workers', () => {
    const kernel = boot({ cpus: 1 });
    kernel.rcuBh = new TickRcuBh(kernel);
    const ran: number[] = [];
    call(kernel, 0, 3, ran);
    expect(ran).toEqual([]);
    pass(kernel, 2);
    expect(ran).toEqual([1, 1, 1]);
  });

  it('runs at once', () => {
    const kernel = boot({ cpus: 1 });
    kernel.rcuBh = new ImmediateRcuBh();
    const ran: number[] = [];
    call(kernel, 0, 1, ran);
    expect(ran).toEqual([0]);
    start(kernel, 0, function* (): K {
      yield note(() => undefined);
    });
  });
});
