/**
 * In how many orders the steps of an executed trace may come: its linearisations, counted prefix by prefix, each prefix once
 * however it was come by. Summed over the traces of a program these are its interleavings, without one run for each.
 *
 * The number of prefixes grows exponentially with the number of contexts: for small programs, whose tasks have a CPU each.
 */
import type { Step } from './dpor-step.js';
import { Prefixes } from './prefixes.js';

export function linearisations(steps: readonly Step[]): bigint {
  const prefixes = new Prefixes(steps);
  let now = new Map([[prefixes.empty.join(), { taken: prefixes.empty, ways: 1n }]]);
  for (let length = 0; length < steps.length; length++) {
    const longer: typeof now = new Map();
    for (const { taken, ways } of now.values()) {
      for (const a of prefixes.next(taken)) {
        const next = taken.with(a, taken[a]! + 1);
        const key = next.join();
        const known = longer.get(key);
        if (known === undefined) longer.set(key, { taken: next, ways });
        else known.ways += ways;
      }
    }
    now = longer;
  }
  return now.values().next().value!.ways;
}
