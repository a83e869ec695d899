/** Every variant that a shipped scenario declares is as it expects, where it is run. */
import { describe, expect, it } from 'vitest';
import { defaultRevision, runScenario } from '../../src/scenario/run.js';
import { shippedNames } from './helpers.js';
import { smaller } from './smaller.js';

const all = shippedNames.flatMap((name) => smaller(name).variants.map((variant) => [name, variant] as const));

describe('a variant', () => {
  it.each(all)('of %s: %s', (name, variant) => {
    const scenario = smaller(name);
    const report = runScenario(scenario, { variant, revision: defaultRevision(scenario, variant) });
    expect(report.expectations.filter((expectation) => !expectation.held)).toEqual([]);
    expect(report.unexpected).toEqual([]);
    expect(report.ok).toBe(true);
    // Where it says nothing of a variant, that one must at least do something of its own.
    const spoken = scenario.expect.some((expectation) => expectation.variant === variant);
    if (!spoken) {
      const plain = runScenario(scenario, { revision: defaultRevision(scenario, variant) });
      expect(report.result.fingerprint).not.toBe(plain.result.fingerprint);
    }
  });
});
