/** What the explorer's rows run: programs, searches of them, and those that need a process of their own (apart.mjs). */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SearchLoop, search, strategyOf } from '../../dist/explore/search.js';
import { atomic_inc } from '../../dist/kernel/atomic.js';
import { spin_lock, spin_unlock } from '../../dist/kernel/spinlock.js';

/** Two tasks that do the same, each on a CPU of its own; the function is made anew for each run, as people write it. */
const two = (code) => (p) => {
  const own = code(p);
  p.task('a', own);
  p.task('b', own);
};

export const programs = {
  /** Four operations each. */
  short: two((p) => {
    const x = p.cell('x');
    return function* () {
      for (let i = 0; i < 4; i++) yield x.write(i);
    };
  }),
  /** The same number, two of which are those of a lock. */
  locked: two((p) => {
    const lock = p.lock('lock');
    const x = p.cell('x');
    return function* () {
      yield spin_lock(lock);
      const value = yield x.read;
      yield x.write(value + 1);
      yield spin_unlock(lock);
    };
  }),
  /** So many that building the machine does not matter. */
  long: two((p) => {
    const x = p.atomic('x');
    return function* () {
      for (let i = 0; i < 1000; i++) yield atomic_inc(x);
    };
  }),
};

/** The example of the papers: a reader looks for the last zero of an array into which `n` writers write. */
const lastzero = (n) => (p) => {
  const a = Array.from({ length: n + 1 }, (_, i) => p.cell(`a${i}`));
  p.task('reader', function* () {
    let i = n;
    while ((yield a[i].read) !== 0) i--;
  });
  for (let j = 1; j <= n; j++) {
    p.task(`w${j}`, function* () {
      const value = yield a[j - 1].read;
      yield a[j].write(value + 1);
    });
  }
};

const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** A search, with its processor time, garbage collection included. */
export function timed(program, options) {
  const start = cpuSeconds();
  const { totals } = search(program, { keepGoing: true, ...options });
  return { seconds: cpuSeconds() - start, totals };
}

const optimal = { strategy: 'optimal-dpor', runs: 1e9 };

/** All traces of lastzero(n), `times` times, the fastest of which counts: the first ones are warm-up. */
function allTraces(n, times) {
  const all = Array.from({ length: Number(times) }, () => timed(lastzero(Number(n)), optimal));
  const took = Math.min(...all.map(({ seconds }) => seconds));
  return { took, note: `${all[0].totals.complete} traces, sanitizers on` };
}

/** How much more of the heap is taken, collected, after all runs than after a tenth of them, MB. */
function memory(name, count, countTraces) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const heap = () => {
    collect();
    collect();
    return process.memoryUsage().heapUsed / 1e6;
  };
  const runs = Number(count);
  const options = { strategy: 'random', runs, keepGoing: true, countTraces: countTraces === 'traces' };
  const loop = new SearchLoop(programs[name], options, strategyOf(options));
  const heaps = [];
  for (let made = 1; loop.next(); made++) if ([runs / 10, runs / 2, runs].includes(made)) heaps.push(heap());
  const [first, , last] = heaps;
  return { took: last - first, note: `${heaps.map((mb) => mb.toFixed(2)).join(', ')} MB after 10 %, 50 %, 100 %` };
}

export const loads = { allTraces, memory };
