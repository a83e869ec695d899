/**
 * `npm run bench`: figures of this machine, side by side with others in the same run. Medians of several rounds after
 * warm-up; nothing is asserted. `npm run bench -- WORD` runs the rows whose name holds WORD.
 */
import { machineRows } from './machine.mjs';
import { measure, ratio } from './measure.mjs';
import { scenarioRows } from './scenarios.mjs';
import { timerRows } from './timers.mjs';

const rounds = 5;
const others = ['fake-timers', 'simscript', 'heap', 'jiffies random'];
const wanted = process.argv[2] ?? '';

const number = (value) =>
  value >= 100 ? value.toFixed(0) : value >= 0.01 ? value.toPrecision(3) : value.toExponential(1);
const line = (...columns) => {
  const [name, ...rest] = columns;
  return `${name.padEnd(56)}${rest.map((text) => String(text).padStart(17)).join('')}`.trimEnd();
};

console.log(`node ${process.version}, median of ${rounds} rounds; in brackets: how many times better ours is\n`);
console.log(line('', 'jiffies', 'wanted', ...others));
const notes = [];
for (const row of [...machineRows, ...timerRows, ...scenarioRows].filter(({ name }) => name.includes(wanted))) {
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
for (const note of notes) console.log(note);
