/** Rows about scale: each load once, in a process of its own, with its wall time, processor time and peak of memory. */

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { apart } from './apart.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = `${root}scenarios/`;
const scenarios = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

/** Each entry at three sizes; what is printed is how much dearer it is among a million than among ten thousand. */
function growth(of) {
  const [few, some, many] = [1e4, 1e5, 1e6].map((live) => of(live));
  const text = [few, some, many].map((figure) => figure.each.toFixed(2)).join(', ');
  return { ...many, took: many.each / few.each, note: `${text} µs each at 10^4, 10^5, 10^6` };
}

function start() {
  const begin = process.hrtime.bigint();
  const { status } = spawnSync(process.execPath, [`${root}dist/cli/main.js`, 'replay'], { stdio: 'ignore' });
  if (status !== 0) throw new Error(`jiffies replay ended with status ${status}`);
  return { took: Number(process.hrtime.bigint() - begin) / 1e9 };
}

function bisectAll() {
  const all = scenarios.map((name) => apart('bisect', folder + name));
  const slowest = all.reduce((worst, one) => (one.took > worst.took ? one : worst));
  return { ...slowest, note: `of ${scenarios.length} scenarios ${slowest.what} takes longest` };
}

const lockup = '2007-10-soft-lockup.yaml';

/**
 * One line of the table: `run` answers `took` in the row's unit, and what else it knows. `target`: wanted at most; `atLeast`.
 * @typedef {{ name: string, unit: string, target?: number, atLeast?: number,
 *   run: () => { took: number, cpu?: number, peakMb?: number, note?: string } }} ScaleRow
 */

/** @type {readonly ScaleRow[]} */
export const scaleRows = [
  {
    name: 'scale: 10^6 routes, 10^5 new ones a second, 60 s',
    unit: 's',
    target: 60,
    run: () => {
      const found = apart('pressure', 1e6, 1e5, 60);
      return { ...found, note: `${found.entries} entries at the end; wanted: at most 2048 MB` };
    },
  },
  {
    name: 'scale: connections of 10 s, 10^5 a second, 60 s',
    unit: 's',
    target: 60,
    run: () => {
      const found = apart('connections', 'connections', 1e5, 60);
      return { ...found, note: `a scenario; ${found.entries} entries at the end; wanted: at most 2048 MB` };
    },
  },
  { name: 'scale: mass flush of 10^6 routes', unit: 's', target: 5, run: () => apart('flush', 1e6) },
  {
    name: 'scale: a new route, 10^6 : 10^4 there',
    unit: '×',
    run: () => growth((live) => apart('pressure', live, 1e5, 5)),
  },
  { name: 'scale: flushing a route, 10^6 : 10^4 there', unit: '×', run: () => growth((live) => apart('flush', live)) },
  {
    name: 'scale: a day of four CPUs, idle but for watchdogs',
    unit: 's',
    target: 2,
    run: () => apart('day', 4, '2.6.21'),
  },
  {
    name: 'scale: 2007-10-gc-trace, both sides',
    unit: 's',
    target: 2,
    run: () => apart('replay', `${folder}2007-10-gc-trace.yaml`),
  },
  ...(existsSync(folder + lockup)
    ? [
        {
          name: 'scale: 2007-10-soft-lockup, the longer side',
          unit: 's',
          target: 4,
          run: () => {
            const found = apart('replay', folder + lockup);
            return { ...found, took: found.side, note: `both sides ${found.took.toFixed(2)} s` };
          },
        },
      ]
    : []),
  { name: 'scale: bisect, the slowest scenario', unit: 's', target: 60, run: bisectAll },
  { name: 'scale: npm start', unit: 's', target: 30, run: start },
];
