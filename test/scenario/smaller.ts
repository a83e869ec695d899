/** Smaller forms of shipped scenarios that are large, for tests that run each many times. */
import type { Scenario } from '../../src/scenario/load.js';
import { load, shipped, shippedText } from './helpers.js';

/**
 * What is replaced in a file, all occurrences. The soft lockup: a tenth of the routes, an eighth of the buckets, each at ten times
 * the cost; the same happens at the same time.
 */
const replacements: Readonly<Record<string, readonly (readonly [from: string, to: string])[]>> = {
  '2007-10-soft-lockup': [
    [': 3us', ': 30us'],
    [': 300ns', ': 3us'],
    ['count: 200000', 'count: 20000'],
    ['count: 250000', 'count: 25000'],
    ['buckets: 262144', 'buckets: 32768'],
  ],
};

export function smallerText(name: string): string {
  let text = shippedText(name);
  for (const [from, to] of replacements[name] ?? []) {
    if (!text.includes(from)) throw new Error(`${name} has no '${from}' any more`);
    text = text.replaceAll(from, to);
  }
  return text;
}

const made = new Map<string, Scenario>();

/** The shipped scenario itself, where it has no smaller form. */
export function smaller(name: string): Scenario {
  if (replacements[name] === undefined) return shipped(name);
  let scenario = made.get(name);
  if (scenario === undefined) {
    scenario = load(smallerText(name), `scenarios/${name}.yaml`);
    made.set(name, scenario);
  }
  return scenario;
}
