import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atomic_dec, atomic_read } from '../../src/kernel/atomic.js';
import { SpinLock, spin_lock, spin_unlock } from '../../src/kernel/spinlock.js';
import { busy } from '../../src/smp/basic-ops.js';
import { CacheLines, type LineState, type Transaction } from '../../src/smp/cache-lines.js';
import { Cell } from '../../src/smp/cell.js';
import { DefaultScheduler } from '../../src/smp/default-scheduler.js';
import type { Access, K } from '../../src/smp/op.js';
import { cells, TestKernel, tasks, timedKernel } from './programs.js';

/** The textbook: one state per CPU and line, kept in full. */
class NaiveMesi {
  readonly states: LineState[][];
  readonly counts: Record<Transaction, number> = { reads: 0, upgrades: 0, owns: 0 };

  constructor(lines: number, cpus: number) {
    this.states = Array.from({ length: lines }, () => new Array<LineState>(cpus).fill('I'));
  }

  touch(cpu: number, line: number, writes: boolean): Transaction | null {
    const states = this.states[line]!;
    const mine = states[cpu]!;
    const others = states.some((state, other) => other !== cpu && state !== 'I');
    if (!writes) {
      if (mine !== 'I') return null;
      this.states[line] = states.map((state, other) =>
        other === cpu ? (others ? 'S' : 'E') : state === 'I' ? 'I' : 'S',
      );
      return this.count('reads');
    }
    this.states[line] = states.map((_, other) => (other === cpu ? 'M' : 'I'));
    if (mine === 'M' || mine === 'E') return null;
    return this.count(mine === 'S' ? 'upgrades' : 'owns');
  }

  private count(kind: Transaction): Transaction {
    this.counts[kind]++;
    return kind;
  }
}

const writing: readonly Access[] = ['write', 'rmw', 'lock', 'trylock', 'unlock'];
const anyAccess = fc.constantFrom<Access>('read', 'read', 'read', ...writing);
const costs = { readNs: 60, upgradeNs: 40, ownNs: 80 };
const costOf = { reads: 60, upgrades: 40, owns: 80 } as const;

describe('the model of cache lines', () => {
  it('is the textbook one, for any accesses by up to 64 CPUs', () => {
    const touches = fc.integer({ min: 1, max: 64 }).chain((cpus) => {
      const touch = fc.tuple(fc.nat(cpus - 1), fc.nat(2), anyAccess);
      return fc.record({ cpus: fc.constant(cpus), list: fc.array(touch, { maxLength: 200 }) });
    });
    fc.assert(
      fc.property(touches, ({ cpus, list }) => {
        const kernel = timedKernel();
        const lines = new CacheLines(costs);
        const objects = Object.values(cells(kernel, 'a', 'b', 'c'));
        const naive = new NaiveMesi(3, cpus);
        for (const [cpu, which, access] of list) {
          const took = naive.touch(cpu, which, access !== 'read');
          expect(lines.touch(cpu, objects[which]!, access)).toBe(took === null ? 0 : costOf[took]);
          for (const [i, object] of objects.entries()) {
            expect(Array.from({ length: cpus }, (_, c) => lines.state(object, c))).toEqual(naive.states[i]);
          }
        }
        expect(lines.counts).toEqual(naive.counts);
        expect(lines.transactions).toBe(naive.counts.reads + naive.counts.upgrades + naive.counts.owns);
      }),
      { numRuns: 200, seed: 5 },
    );
  });

  it('has one owner at most, and nobody beside an owner', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(7), anyAccess)), (list) => {
        const lines = new CacheLines();
        const { a } = cells(timedKernel(), 'a');
        for (const [cpu, access] of list) {
          lines.touch(cpu, a, access);
          const states = Array.from({ length: 8 }, (_, c) => lines.state(a, c)).filter((state) => state !== 'I');
          if (states.some((state) => state === 'M' || state === 'E')) expect(states).toHaveLength(1);
        }
      }),
      { seed: 5 },
    );
  });

  it('counts by object, and by line where two share one', () => {
    const lines = new CacheLines(costs);
    const { a, b, c } = cells(timedKernel(), 'a', 'b', 'c');
    lines.place(b, a);
    lines.touch(0, a, 'write');
    expect(lines.touch(1, b, 'read')).toBe(60);
    expect(lines.touch(1, a, 'read')).toBe(0);
    expect(lines.touch(0, b, 'rmw')).toBe(40);
    expect(lines.state(a, 0)).toBe('M');
    expect(lines.state(c, 0)).toBe('I');
    expect(lines.countsOf(a)).toEqual({ reads: 0, upgrades: 0, owns: 1 });
    expect(lines.countsOf(b)).toEqual({ reads: 1, upgrades: 1, owns: 0 });
    expect(lines.countsOf(c)).toEqual({ reads: 0, upgrades: 0, owns: 0 });
  });

  it('tells of every access', () => {
    const lines = new CacheLines();
    const { a } = cells(timedKernel(), 'a');
    const seen: string[] = [];
    lines.onTouch = (object, access, took) => seen.push(`${access} ${object.name} ${took}`);
    lines.touch(0, a, 'none');
    lines.touch(0, a, 'read');
    lines.touch(0, a, 'rmw');
    lines.touch(1, a, 'lock');
    expect(seen).toEqual(['read a reads', 'rmw a null', 'lock a owns']);
  });
});

/** CPU 1 has the count; CPU 0 drops a reference, looking first or not. Answers when it was done, ns. */
function drop(kernel: TestKernel, looks: boolean): number {
  const count = new Cell(kernel.machine, 'count', 2);
  let doneNs = -1;
  function* other(): K {
    yield atomic_dec(count);
  }
  function* dropper(): K {
    yield busy(1000);
    if (looks) yield atomic_read(count);
    yield atomic_dec(count);
    yield busy(0);
    doneNs = kernel.machine.nowNs;
  }
  tasks(kernel, dropper(), other());
  kernel.machine.runUntil(1e6);
  return doneNs;
}

describe('a machine with cache lines', () => {
  const cacheLines = { readNs: 60, upgradeNs: 40, ownNs: 70 };

  it('charges each transaction', () => {
    expect(drop(timedKernel({ cacheLines }), true)).toBe(1100);
    expect(drop(timedKernel({ cacheLines }), false)).toBe(1070);
    expect(drop(timedKernel(), true)).toBe(1000);
  });

  it('charges it beside what the access itself costs', () => {
    const kernel = timedKernel({ cacheLines, accessCostsNs: { read: 1, rmw: 10 } });
    expect(drop(kernel, true)).toBe(1111);
    expect(kernel.machine.lines?.counts).toEqual({ reads: 1, upgrades: 1, owns: 1 });
  });

  it('tells what each operation costs', () => {
    const kernel = timedKernel({ cacheLines });
    const told: string[] = [];
    kernel.machine.onCost = (context, ns) => told.push(`${context.name} ${ns}`);
    drop(kernel, true);
    expect(told).toEqual(['t0 1000', 't1 70', 't0 60', 't0 40']);
  });

  it('lets nothing be done in one go', () => {
    for (const [kernel, quiet] of [
      [timedKernel({ cacheLines }), false],
      [timedKernel(), true],
    ] as const) {
      let ahead: boolean | null = null;
      function* look(): K {
        yield busy(10);
        ahead = kernel.machine.quietUntilNs() > kernel.machine.nowNs;
      }
      tasks(kernel, look());
      kernel.machine.runUntil(1000);
      expect(ahead).toBe(quiet);
    }
  });

  it('has a spinning CPU try once, then look each time the lock changes', () => {
    const kernel = timedKernel({ cacheLines, cpus: 3 });
    const lock = new SpinLock(kernel, 'lock');
    function* user(startNs: number): K {
      yield busy(startNs);
      yield spin_lock(lock);
      yield busy(1000);
      yield spin_unlock(lock);
    }
    tasks(kernel, user(0), user(100), user(200));
    kernel.machine.runUntil(1e6);
    // CPU 0 takes it, 1 and 2 fail; 0 gives it back; 1 takes it while 2 reads that it is taken; 1 gives it back; 2 takes it.
    expect(kernel.machine.lines?.countsOf(lock)).toEqual({ reads: 1, upgrades: 1, owns: 6 });
  });

  it('counts in stepwise runs, too', () => {
    const kernel = new TestKernel(new DefaultScheduler(), { cacheLines });
    drop(kernel, true);
    expect(kernel.machine.lines?.counts).toEqual({ reads: 1, upgrades: 0, owns: 1 });
    expect(kernel.machine.nowNs).toBe(0);
  });
});
