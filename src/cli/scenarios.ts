/** Finding and loading scenarios: a name in the folder of scenarios, or a path. */
import { readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Scenario } from '../scenario/index.js';
import { FILE_BYTES_MAX } from '../scenario/read/decode.js';
import { didYouMean, InputError } from '../sim/errors.js';
import type { Cli } from './command.js';
import { isDirectory, isMissing, nameOfFile, pathFrom, readBytes, shownPath } from './files.js';

/** What scenarios are called: the form of their file names. */
export const SCENARIO_NAME = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** Whether an argument is a path rather than a name. */
export function isPath(text: string): boolean {
  return /[/\\]|\.ya?ml$/.test(text);
}

/** The folder in which names are looked up: `scenarios` of the current directory, or else this package's own. */
export function scenarioFolder({ io }: Pick<Cli, 'io'>): string {
  const own = join(io.cwd, 'scenarios');
  return isDirectory(own) ? own : join(io.packageRoot, 'scenarios');
}

/** Names of all scenarios of a folder, sorted by code unit; none if it cannot be read. */
export function scenarioNames(folder: string): readonly string[] {
  try {
    const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => !entry.isDirectory());
    const names = files.map((entry) => entry.name).filter((name) => name.endsWith('.yaml'));
    return names.map((name) => name.slice(0, -'.yaml'.length)).sort();
  } catch {
    return [];
  }
}

/** A scenario, and the text that it was made from. */
export interface ScenarioText {
  readonly scenario: Scenario;
  readonly bytes: Uint8Array;
}

/** The scenario that an argument means. Throws InputError if it is missing, unreadable or wrong. */
export function openScenario(text: string, cli: Cli): Scenario {
  return readScenario(text, cli).scenario;
}

/** The same, with its text. */
export function readScenario(text: string, cli: Cli): ScenarioText {
  return isPath(text) ? openPath(text, cli) : openName(text, cli);
}

/** Every scenario of the folder, by name. */
export function openAll(cli: Cli): readonly Scenario[] {
  return scenarioNames(scenarioFolder(cli)).map((name) => openName(name, cli).scenario);
}

function openName(name: string, cli: Cli): ScenarioText {
  const folder = scenarioFolder(cli);
  const file = pathFrom(cli.io.cwd, join(folder, `${name}.yaml`));
  try {
    if (name.includes('\0')) throw new InputError('a name has no zero byte', { cause: { code: 'ENOENT' } });
    return load(file, cli);
  } catch (error) {
    if (!isMissing(error)) throw error;
    const near = didYouMean(name, scenarioNames(folder)) || '; jiffies list names them all';
    throw new InputError(`no scenario ${shownPath(name)} in ${shownPath(pathFrom(cli.io.cwd, folder))}${near}`);
  }
}

function openPath(path: string, cli: Cli): ScenarioText {
  try {
    return load(path, cli);
  } catch (error) {
    if (!isMissing(error)) throw error;
    const there = scenarioNames(dirname(resolve(cli.io.cwd, path)));
    const near = didYouMean(nameOfFile(path), there);
    throw new InputError(`${(error as InputError).message}${near}`);
  }
}

function load(path: string, cli: Cli): ScenarioText {
  const bytes = readBytes(path, cli.io.cwd, FILE_BYTES_MAX);
  return { scenario: cli.engine.loadScenario(bytes, path), bytes };
}
