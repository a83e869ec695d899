/**
 * `npm run bench`: figures of this machine, side by side with others in the same run. Medians of several rounds after
 * warm-up; nothing is asserted. `npm run bench -- WORD` runs the rows whose name holds WORD, `--scale` those about scale,
 * `--explorer` those about the explorer.
 */
import { explorerRows } from './explorer.mjs';
import { machineRows } from './machine.mjs';
import { measure, ratio } from './measure.mjs';
import { scaleRows } from './scale.mjs';
import { timerRows } from './timers.mjs';

const rounds = 5;
const others = ['fake-timers', 'simscript', 'heap', 'jiffies random'];
const wanted = (process.argv[2] ?? '').replace(/^--/, '');
const chosen = ({ name }) => name.includes(wanted);

const number = (value) =>
  value >= 100 ? value.toFixed(0) : Math.abs(value) >= 0.01 ? value.toPrecision(3) : value.toExponential(1);
const line = (...columns) => {
  const [name, ...rest] = columns;
  return `${name.padEnd(56)}${rest.map((text) => String(text).padStart(17)).join('')}`.trimEnd();
};
const notes = [];

async function sideBySide(rows) {
  console.log(`node ${process.version}, median of ${rounds} rounds; in brackets: how many times better ours is\n`);
  console.log(line('', 'jiffies', 'wanted', ...others));
  for (const row of rows) {
    const figures = await measure(row, rounds);
    const ours = figures.jiffies;
    const sign = row.unit === 'M/s' ? '≥' : '≤';
    const cells = others.map((other) => {
      const theirs = figures[other];
      return theirs === undefined ? '' : `${number(theirs)} (${number(ratio(row.unit, ours, theirs))})`;
    });
    const target = row.target === undefined ? '' : `${sign} ${row.target}`;
    console.log(line(`${row.name}, ${row.unit}`, number(ours), target, ...cells));
    if (row.note !== undefined) notes.push(`${row.name}: ${row.note}`);
  }
  console.log(`\npeak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
}

function alone(rows, how) {
  console.log(`\nnode ${process.version}, ${how}\n`);
  console.log(line('', 'jiffies', 'wanted', 'CPU s', 'peak MB'));
  for (const { name, unit, target, atLeast, run } of rows) {
    const { took, cpu, peakMb, note } = run();
    const limit = target === undefined ? '' : `≤ ${target}`;
    const sign = atLeast === undefined ? limit : `≥ ${atLeast}`;
    console.log(line(`${name}, ${unit}`, number(took), sign, cpu === undefined ? '' : number(cpu), peakMb ?? ''));
    if (note !== undefined) notes.push(`${name}: ${note}`);
  }
}

const compared = [...machineRows, ...timerRows].filter(chosen);
const explored = explorerRows.filter(chosen);
const large = scaleRows.filter(chosen);
if (compared.length > 0) await sideBySide(compared);
if (explored.length > 0) alone(explored, 'processor time after warm-up');
if (large.length > 0) alone(large, 'one round each, in a process of its own');
if (notes.length > 0) console.log('');
for (const note of notes) console.log(note);
if (compared.length + explored.length + large.length === 0) {
  console.error(`no row's name holds '${wanted}'`);
  process.exitCode = 2;
}
