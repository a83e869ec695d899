/** The scenario room's public face. */
export { scenarioJsonSchema } from './schema.js';
export { type Scenario, loadScenario } from './load.js';
export { type RunOptions, defaultRevision, runScenario } from './run.js';
export { eraOfComparison, replayScenario } from './replay.js';
export { type BisectOptions, bisectScenario } from './bisect.js';
export { type DiffOptions, diffRevisions } from './diff.js';
export { checkDeterminism } from './determinism.js';
export { newScenarioText } from './new.js';
export { type ConformFile, runConformance } from './conform/index.js';
export { actions } from './actions/index.js';
export { metricDocs } from './meter.js';
export { escapeControl, escapeControlInLines } from './read/escape.js';
export { parseDuration, toNs } from './read/duration.js';
export type * from './result.js';
