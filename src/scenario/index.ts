/** The scenario room's public face. */

export { actions } from './actions/index.js';
export { type BisectOptions, bisectScenario } from './bisect.js';
export { type ConformFile, runConformance } from './conform/index.js';
export { checkDeterminism } from './determinism.js';
export { type DiffOptions, diffRevisions } from './diff.js';
export { type Fix, type FixName, fixOf, type OwnFunction } from './fix.js';
export { loadScenario, type Scenario } from './load.js';
export { metricDocs } from './meter.js';
export { newScenarioText } from './new.js';
export { defaultRevision, type PreparedRun, prepareRun, startActors } from './prepare.js';
export { parseDuration, toNs } from './read/duration.js';
export { escapeControl, escapeControlInLines } from './read/escape.js';
export { eraOfComparison, replayScenario } from './replay.js';
export type * from './result.js';
export { type RunOptions, runScenario } from './run.js';
export { scenarioJsonSchema } from './schema.js';
