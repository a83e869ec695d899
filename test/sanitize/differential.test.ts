/**
 * The race detector against the definition of happens-before, on random programs: per run, each race it tells is one, and
 * where there is one it tells one. The environment's RUNS and SEED make more of it.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RandomWalk } from '../../src/explore/random.js';
import { Recorder } from '../../src/explore/recorder.js';
import { Runner } from '../../src/explore/runner.js';
import { Sanitizer } from '../../src/sanitize/sanitizer.js';
import { type Event, racesIn } from './naive-races.js';
import { type Plan, plans, programOf } from './random-program.js';

function* runsOf(plan: Plan, runs: number): Iterable<{ events: readonly Event[]; told: readonly string[] }> {
  let events: readonly Event[] = [];
  const runner = new Runner(
    programOf(plan, (all) => {
      events = all;
    }),
  );
  runner.sanitizer = new Sanitizer();
  const strategy = new RandomWalk(1);
  const recorder = new Recorder(strategy, 10_000, false);
  for (let run = 0; run < runs; run++) {
    strategy.begin(run);
    recorder.reset();
    const { faults } = runner.run(recorder);
    yield { events, told: faults.filter(({ kind }) => kind === 'data-race').map(({ message }) => message) };
  }
}

const cellOf = (message: string): string => /^data race on (\w+):/.exec(message)![1]!;

it('tells races, and tells one wherever there is one', { timeout: 60_000 }, () => {
  let [racy, clean] = [0, 0];
  fc.assert(
    fc.property(plans, (plan) => {
      for (const run of runsOf(plan, 4)) {
        const { messages, cells } = racesIn(run.events);
        expect(run.told.filter((message) => !messages.has(message))).toEqual([]);
        expect([...new Set(run.told.map(cellOf))].toSorted()).toEqual(cells);
        if (cells.length > 0) racy++;
        else clean++;
      }
    }),
    { seed: Number(process.env['SEED'] ?? 11), numRuns: Number(process.env['RUNS'] ?? 400) },
  );
  // The programs are worth something: many race, many don't.
  expect(Math.min(racy, clean) / (racy + clean)).toBeGreaterThan(0.1);
});
