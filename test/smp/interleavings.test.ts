import { describe, expect, it } from 'vitest';
import { atomic_inc, cmpxchg } from '../../src/kernel/atomic.js';
import { SpinLock, spin_lock, spin_unlock } from '../../src/kernel/spinlock.js';
import type { Cell } from '../../src/smp/cell.js';
import type { K } from '../../src/smp/op.js';
import { cells, enumerate, type Program, tasks } from './programs.js';

// Exact counts: "Exact counts for testing a DPOR implementation", column interleavings.

const sb: Program = (kernel) => {
  const { x, y } = cells(kernel, 'x', 'y');
  const seen = ['', ''];
  function* side(i: number, mine: Cell, other: Cell): K {
    yield mine.write(1);
    seen[i] = String(yield other.read);
  }
  tasks(kernel, side(0, x, y), side(1, y, x));
  return () => seen.join('');
};

const lostUpdate: Program = (kernel) => {
  const { n } = cells(kernel, 'n');
  function* increment(): K {
    const r = (yield n.read) as number;
    yield n.write(r + 1);
  }
  tasks(kernel, increment(), increment());
  return () => String(n.value);
};

const lockinc =
  (count: number): Program =>
  (kernel) => {
    const { n } = cells(kernel, 'n');
    const lock = new SpinLock(kernel, 'lock');
    function* body(): K {
      yield spin_lock(lock);
      yield atomic_inc(n);
      yield spin_unlock(lock);
    }
    tasks(kernel, ...Array.from({ length: count }, body));
    return () => String(n.value);
  };

const philosophers =
  (count: number): Program =>
  (kernel) => {
    const forks = Array.from({ length: count }, (_, i) => new SpinLock(kernel, `f${i}`));
    function* body(i: number): K {
      const left = forks[i]!;
      const right = forks[(i + 1) % count]!;
      yield spin_lock(left);
      yield spin_lock(right);
      yield spin_unlock(right);
      yield spin_unlock(left);
    }
    tasks(kernel, ...Array.from({ length: count }, (_, i) => body(i)));
    return () => kernel.machine.violations.map((v) => v.kind).join();
  };

const privateWrites =
  (count: number, each: number): Program =>
  (kernel) => {
    function* body(i: number): K {
      const mine = cells(kernel, `c${i}`)[`c${i}`]!;
      for (let k = 1; k <= each; k++) yield mine.write(k);
    }
    tasks(kernel, ...Array.from({ length: count }, (_, i) => body(i)));
    return () => '';
  };

const wcas =
  (count: number): Program =>
  (kernel) => {
    const { x } = cells(kernel, 'x');
    function* writer(): K {
      yield x.write(2);
    }
    function* swapper(): K {
      yield cmpxchg(x, 2, 3);
    }
    tasks(kernel, writer(), ...Array.from({ length: count }, swapper));
    return () => String(x.value);
  };

const at = (cpus: number): { cpus: number } => ({ cpus });

describe('every interleaving of', () => {
  it('store buffering: six, and never 0 0', () => {
    expect(enumerate(sb)).toEqual({ complete: 6, deadlocked: 0, seen: { '01': 1, '10': 1, '11': 4 } });
  });

  it.each([100, 250, 1000])('store buffering: no time choices at HZ=%i', (hz) => {
    expect(enumerate(sb, { hz }).complete).toBe(6);
  });

  it('a lost update: six, of which four lose', () => {
    expect(enumerate(lostUpdate)).toEqual({ complete: 6, deadlocked: 0, seen: { 1: 4, 2: 2 } });
  });

  it.each([
    [2, 2],
    [3, 6],
    [4, 24],
  ])('lockinc(%i): %i, a blocked acquire is no choice', (count, expected) => {
    expect(enumerate(lockinc(count), at(count))).toEqual({
      complete: expected,
      deadlocked: 0,
      seen: { [count]: expected },
    });
  });

  it('two locks in opposite order: four complete, two deadlock', () => {
    expect(enumerate(philosophers(2))).toEqual({ complete: 4, deadlocked: 2, seen: { '': 4, deadlock: 2 } });
  });

  it('three philosophers: 162 complete, six deadlock', () => {
    expect(enumerate(philosophers(3), at(3))).toEqual({ complete: 162, deadlocked: 6, seen: { '': 162, deadlock: 6 } });
  });

  it.each([
    [2, 5, 252],
    [3, 3, 1680],
    [3, 2, 90],
  ])('%i threads of %i private writes: %i', (count, each, expected) => {
    expect(enumerate(privateWrites(count, each), at(count)).complete).toBe(expected);
  });

  it.each([2, 3, 4])('wcas(%i): (n + 1)!', (count) => {
    expect(enumerate(wcas(count), at(count + 1)).complete).toBe([0, 0, 6, 24, 120][count]);
  });
});

describe('tasks that share a CPU', () => {
  const shared =
    (...code: (() => K)[]): Program =>
    (kernel) => {
      for (const body of code) kernel.machine.spawn('t', 0, body());
      return () => '';
    };

  it('interleave as on CPUs of their own under full preemption', () => {
    const two = (kernel: Parameters<Program>[0]): (() => K) => {
      const { c } = cells(kernel, 'c');
      return function* (): K {
        for (let i = 0; i < 3; i++) yield c.write(i);
      };
    };
    const program: Program = (kernel) => shared(two(kernel), two(kernel))(kernel);
    expect(enumerate(program, { cpus: 1, preempt: 'full' }).complete).toBe(20);
    expect(enumerate(program, { cpus: 1, preempt: 'voluntary' }).complete).toBe(2);
    expect(enumerate(program, { cpus: 1, preempt: 'none' }).complete).toBe(2);
  });
});
