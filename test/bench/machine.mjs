/** Rows about the machine: operations, idle time, building, schedules. */
import { atomic_inc } from '../../dist/kernel/atomic.js';
import { Kernel } from '../../dist/kernel/kernel.js';
import { mod_timer, Timer } from '../../dist/kernel/timer.js';
import { Cell } from '../../dist/smp/cell.js';
import { DefaultScheduler } from '../../dist/smp/default-scheduler.js';
import { RandomScheduler } from '../../dist/smp/random-scheduler.js';
import { TimedScheduler } from '../../dist/smp/timed-scheduler.js';
import { fakeTimersChains, heapHold, newClock, newHeap, newSimulation, simscriptEntities } from './contenders.mjs';

const dayNs = 86_400e9;

function boot(cpus, scheduler = new TimedScheduler(), options = {}) {
  return new Kernel({ kernel: '2.6.24', cpus, hz: 250, ...options }, scheduler);
}

/** Every CPU increments one cell, `each` times. */
function increments(cpus, each, options = {}, scheduler = new TimedScheduler()) {
  const kernel = boot(cpus, scheduler, options);
  const cell = new Cell(kernel.machine, 'x');
  function* body() {
    for (let i = 0; i < each; i++) yield atomic_inc(cell);
  }
  for (let cpu = 0; cpu < cpus; cpu++) kernel.machine.spawn('t', cpu, body());
  kernel.machine.runUntil(dayNs);
  return kernel.machine.ops;
}

/** A virtual day; with one timer a second on each CPU, or with nothing at all. */
function idleDay(timers) {
  const kernel = boot(4);
  const { machine } = kernel;
  for (const cpu of timers ? machine.cpus : []) {
    const timer = new Timer(kernel, 'second', function* () {
      yield mod_timer(timer, kernel.addJiffies(kernel.now, 250));
    });
    function* start() {
      yield mod_timer(timer, kernel.addJiffies(kernel.now, 250));
    }
    machine.spawn('t', cpu.id, start());
  }
  machine.runUntil(dayNs);
  return 1;
}

function fakeTimersDay() {
  const clock = newClock();
  for (let cpu = 0; cpu < 4; cpu++) clock.setInterval(() => {}, 1000);
  clock.tick(86_400_000);
  return 1;
}

function fakeTimersTicks() {
  const clock = newClock();
  for (let cpu = 0; cpu < 4; cpu++) clock.setInterval(() => {}, 4);
  clock.tick(86_400);
  return 1 / 1000;
}

const repeat = (count, make) => () => {
  let kept = null;
  for (let i = 0; i < count; i++) kept = make();
  return kept === null ? 0 : count;
};

const own = (n) => [
  function* (x) {
    for (let i = 0; i < n; i++) yield x.write(i);
  },
];

/** Runs of two tasks of four operations, machine building included. */
function smallRuns(count, scheduler) {
  const [body] = own(4);
  for (let run = 0; run < count; run++) {
    const { machine } = boot(2, scheduler());
    const x = new Cell(machine, 'x');
    machine.spawn('a', 0, body(x));
    machine.spawn('b', 1, body(x));
    machine.stepper.run();
  }
  return count;
}

/** @type {import('./measure.mjs').Row[]} */
export const machineRows = [
  {
    name: 'operations, one CPU',
    unit: 'M/s',
    target: 10,
    contenders: {
      jiffies: () => increments(1, 3_000_000),
      'fake-timers': () => fakeTimersChains(1, 100_000),
      simscript: () => simscriptEntities(1, 30_000),
      heap: () => heapHold(1, 3_000_000),
    },
  },
  {
    name: 'operations, two CPUs, 100 ns each',
    unit: 'M/s',
    target: 3,
    contenders: {
      jiffies: () => increments(2, 1_000_000, { accessCostsNs: { rmw: 100 } }),
      'fake-timers': () => fakeTimersChains(2, 100_000),
      simscript: () => simscriptEntities(2, 30_000),
      heap: () => heapHold(2, 2_000_000),
    },
  },
  {
    name: 'a day of four idle CPUs',
    unit: 's',
    target: 0.1,
    note: 'fake-timers: four intervals of 4 ms for a thousandth of a day, times 1000',
    contenders: { jiffies: () => idleDay(false), 'fake-timers': fakeTimersTicks },
  },
  {
    name: 'the same, a timer a second each',
    unit: 's',
    contenders: { jiffies: () => idleDay(true), 'fake-timers': fakeTimersDay },
  },
  {
    name: 'building a kernel of two CPUs',
    unit: 'µs',
    target: 5,
    contenders: {
      jiffies: repeat(200_000, () => boot(2)),
      'fake-timers': repeat(2_000, newClock),
      simscript: repeat(20_000, newSimulation),
      heap: repeat(1_000_000, newHeap),
    },
  },
  {
    name: 'stepwise runs of 2 tasks × 4 operations',
    unit: 'µs',
    target: 10,
    contenders: {
      jiffies: () => smallRuns(20_000, () => new DefaultScheduler()),
      'jiffies random': () => smallRuns(20_000, () => new RandomScheduler(1)),
    },
  },
  {
    name: 'stepwise operations, two CPUs, random',
    unit: 'M/s',
    target: 2,
    contenders: { jiffies: () => increments(2, 300_000, {}, new RandomScheduler(1)) },
  },
];
