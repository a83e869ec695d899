import { describe, expect, it } from 'vitest';
import { explore } from '../../src/explore/explore.js';
import type { Program } from '../../src/explore/program.js';
import { type SearchOptions, search } from '../../src/explore/search.js';
import { atomic_inc } from '../../src/kernel/atomic.js';
import { Completion, complete, mutex_lock, mutex_unlock, wait_for_completion } from '../../src/kernel/mutex.js';
import { schedule_work } from '../../src/kernel/workqueue.js';

const all = (program: Program, options: SearchOptions) => {
  const { totals, exhaustive, deadlockTraces } = search(program, { runs: 1e6, keepGoing: true, ...options });
  const { traces, complete: runs, failing, sleepSetBlocked } = totals;
  return { traces, complete: runs, deadlocks: deadlockTraces, failing, sleepSetBlocked, exhaustive };
};

const reducing = ['optimal-dpor', 'source-dpor'] as const;
const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));

describe('a mutex that is held is not enabled, as a lock', () => {
  const count =
    (n: number): Program =>
    (p) => {
      const mutex = p.mutex('m');
      const x = p.cell('x');
      for (let i = 0; i < n; i++) {
        p.task(`t${i}`, function* () {
          yield* mutex_lock(mutex);
          yield atomic_inc(x);
          yield mutex_unlock(mutex);
        });
      }
      p.finally(() => p.check(x.value === n, 'an increment was lost'));
    };

  it.each([2, 3, 4])(
    '%i tasks that count under it: n! interleavings, as many traces, all without a preemption',
    (n) => {
      const expected = { traces: factorial(n), complete: factorial(n), failing: 0, exhaustive: true };
      expect(all(count(n), { strategy: 'dfs' })).toMatchObject(expected);
      for (const strategy of reducing) {
        expect(all(count(n), { strategy })).toMatchObject({ ...expected, sleepSetBlocked: 0 });
      }
      expect(all(count(n), { strategy: 'bounded-dfs', preemptionBound: 0 })).toMatchObject({ traces: factorial(n) });
    },
  );

  const philosophers =
    (n: number): Program =>
    (p) => {
      const forks = Array.from({ length: n }, (_, i) => p.mutex(`f${i}`));
      for (let i = 0; i < n; i++) {
        p.task(`p${i}`, function* () {
          const [left, right] = [forks[i]!, forks[(i + 1) % n]!];
          yield* mutex_lock(left);
          yield* mutex_lock(right);
          yield mutex_unlock(right);
          yield mutex_unlock(left);
        });
      }
    };

  it.each([
    [2, 4, 2],
    [3, 162, 6],
  ])('philosophers(%i) with mutexes: %i interleavings, 2^n - 2 traces and a deadlock', (n, complete) => {
    expect(all(philosophers(n), { strategy: 'dfs' })).toMatchObject({ complete, traces: 2 ** n - 2, deadlocks: 1 });
    for (const strategy of reducing) {
      expect(all(philosophers(n), { strategy })).toMatchObject({
        complete: 2 ** n - 2,
        deadlocks: 1,
        exhaustive: true,
      });
    }
    const { failure } = explore(philosophers(n), { sanitize: 'off' });
    expect(failure).toMatchObject({ kind: 'deadlock', preemptions: 1 });
  });

  it('lets another task have the CPU of one that has to sleep', () => {
    const program: Program = (p) => {
      const mutex = p.mutex('m');
      const flag = new Completion(p.kernel, 'flag');
      p.task('holds', function* () {
        yield* mutex_lock(mutex);
        yield* wait_for_completion(flag);
        yield mutex_unlock(mutex);
      });
      p.task('sleeps', () => mutex_then(mutex), { cpu: 1 });
      p.task(
        'shares its CPU',
        function* () {
          yield complete(flag);
        },
        { cpu: 1 },
      );
    };
    function* mutex_then(mutex: ReturnType<Parameters<Program>[0]['mutex']>) {
      yield* mutex_lock(mutex);
      yield mutex_unlock(mutex);
    }
    for (const strategy of ['dfs', ...reducing] as const) {
      expect(all(program, { strategy })).toMatchObject({ deadlocks: 0, failing: 0, exhaustive: true });
    }
  });
});

describe('who waits for a completion', () => {
  /** The reader's write may come after the increment of the one that was waited for. */
  const missed: Program = (p) => {
    const done = new Completion(p.kernel, 'done');
    const [x, y] = [p.atomic('x'), p.atomic('y')];
    p.task('writes', function* () {
      yield y.read;
      yield x.write(2);
    });
    p.task('waits', function* () {
      yield* wait_for_completion(done);
      yield atomic_inc(x);
    });
    p.task('completes', function* () {
      yield y.read;
      yield complete(done);
    });
    p.finally(() => p.check(x.value !== 2, 'the write came after the one that waited'));
  };

  it.each(['dfs', 'random', ...reducing] as const)('goes on behind whoever completes it: %s', (strategy) => {
    expect(explore(missed, { strategy, sanitize: 'off' }).failure?.message).toBe(
      'the write came after the one that waited',
    );
  });

  it('may be looked at before it is completed', () => {
    const program: Program = (p) => {
      const done = new Completion(p.kernel, 'done');
      const x = p.atomic('x');
      let seen = -1;
      p.task('completes', function* () {
        yield x.write(1);
        yield complete(done);
      });
      p.task('looks', function* () {
        const value: number = yield x.read;
        if (value === 1) seen = done.done;
      });
      p.finally(() => p.check(seen !== 0, 'written, and not completed yet'));
    };
    expect(explore(program, { strategy: 'dfs', sanitize: 'off' }).failure?.message).toMatch(/^written/);
  });
});

describe('a work', () => {
  it('is looked for by its worker before and after it is queued', () => {
    const program: Program = (p) => {
      const x = p.atomic('x');
      const work = p.work('w', function* () {
        yield x.write(1);
      });
      p.task('queues', () => schedule_work(p.kernel, work));
      p.task('looks', function* () {
        const seen: number = yield x.read;
        p.check(seen === 0, 'the work has run');
      });
    };
    for (const strategy of ['dfs', ...reducing] as const) {
      const { failing, complete: runs, exhaustive } = all(program, { strategy });
      expect({ strategy, some: failing > 0 && failing < runs, exhaustive }).toEqual({
        strategy,
        some: true,
        exhaustive: true,
      });
    }
  });
});
