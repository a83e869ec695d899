/** Runs a scenario twice and says where the two runs part, if they do. */
import type { Scenario } from './load.js';
import { describeParting } from './parting.js';
import { type RunOptions, runScenario } from './run.js';

/** The first diverging event, in words; null when both runs are the same. */
export function checkDeterminism(scenario: Scenario, options: RunOptions = {}): string | null {
  const parting = describeParting(
    (listener) => void runScenario(scenario, { ...options, listener }),
    (listener) => void runScenario(scenario, { ...options, listener }),
  );
  return parting === null ? null : `two runs differ ${parting}`;
}
