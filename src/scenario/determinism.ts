/** Runs a scenario twice and says where the two runs part, if they do. */
import { formatEvent } from '../trace/text.js';
import { whereTheyPart } from './event-streams.js';
import type { Scenario } from './load.js';
import { type RunOptions, runScenario } from './run.js';

/** The first diverging event, in words; null when both runs are the same. */
export function checkDeterminism(scenario: Scenario, options: RunOptions = {}): string | null {
  const parting = whereTheyPart(
    (listener) => void runScenario(scenario, { ...options, listener }),
    (listener) => void runScenario(scenario, { ...options, listener }),
    1,
  );
  if (parting === null) return null;
  const [first] = parting.left;
  const [second] = parting.right;
  const show = (event: typeof first): string =>
    event === undefined ? 'the end of the run' : formatEvent(event).trim();
  return `two runs differ from event ${parting.at} on: ${show(first)} / ${show(second)}`;
}
