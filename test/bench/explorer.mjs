/**
 * Rows about the explorer, by processor time: runs and operations a second, what the sanitizers cost, reduction, memory. How
 * much a second worker is worth is measured by workers.mjs.
 */
import { apart } from './apart.mjs';
import { programs, timed } from './explorer-loads.mjs';
import { median } from './measure.mjs';

const pairs = 9;

/** The same search with the sanitizers off and on, pair by pair after warm-up: what is told is the median of each. */
function sideBySide(program, runs) {
  const off = [];
  const on = [];
  for (let pair = -2; pair < pairs; pair++) {
    const [without, watched] = ['off', 'fail'].map((sanitize) =>
      timed(program, { strategy: 'random', runs, sanitize }),
    );
    if (pair < 0) continue;
    off.push(without);
    on.push(watched);
  }
  const perSecond = (count) => (all) => median(all.map(({ seconds, totals }) => totals[count] / seconds));
  return {
    runs: [off, on].map(perSecond('runs')),
    operations: [off, on].map(perSecond('steps')),
    ratio: median(on.map(({ seconds }, pair) => seconds / off[pair].seconds)),
  };
}

/** Measured once, for all rows that tell of it. */
function once(measured) {
  let known = null;
  return () => {
    known ??= measured();
    return known;
  };
}

const figures = {
  short: once(() => sideBySide(programs.short, 20_000)),
  locked: once(() => sideBySide(programs.locked, 20_000)),
  long: once(() => sideBySide(programs.long, 200)),
};

const withoutThem = (figure) => ({ note: `without sanitizers ${figure}` });

function runsOf(name) {
  const [off, on] = figures[name]().runs;
  return { took: on, ...withoutThem(off.toFixed(0)) };
}

function operations() {
  const [off, on] = figures.long().operations;
  return { took: on / 1e6, ...withoutThem((off / 1e6).toFixed(2)) };
}

/** @type {readonly import('./scale.mjs').ScaleRow[]} */
export const explorerRows = [
  {
    name: 'explorer: 2 tasks × 4 operations, random, runs',
    unit: '/s',
    atLeast: 100_000,
    run: () => runsOf('short'),
  },
  { name: 'explorer: the same under a lock', unit: '/s', atLeast: 100_000, run: () => runsOf('locked') },
  { name: 'explorer: visible operations, random', unit: 'M/s', atLeast: 2, run: operations },
  {
    name: 'explorer: sanitizers, on : off, 2 × 4 operations',
    unit: '×',
    target: 2,
    run: () => ({ took: figures.short().ratio }),
  },
  {
    name: 'explorer: sanitizers, on : off, under a lock',
    unit: '×',
    target: 2,
    run: () => ({ took: figures.locked().ratio }),
  },
  {
    name: 'explorer: sanitizers, on : off, operations',
    unit: '×',
    target: 2,
    run: () => ({ took: figures.long().ratio }),
  },
  {
    name: 'explorer: lastzero(10) by optimal DPOR',
    unit: 'CPU s',
    target: 0.5,
    run: () => apart('allTraces', 10, 5),
  },
  { name: 'explorer: lastzero(15) by optimal DPOR', unit: 'CPU s', target: 20, run: () => apart('allTraces', 15, 1) },
  {
    name: 'explorer: heap after 10^6 runs, more than after 10^5',
    unit: 'MB',
    target: 1,
    run: () => apart('memory', 'short', 1e6, 'no traces'),
  },
  {
    name: 'explorer: the same, traces told apart',
    unit: 'MB',
    target: 1,
    run: () => apart('memory', 'short', 1e6, 'traces'),
  },
];
