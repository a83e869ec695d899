/** Scenarios for tests: the shipped ones, and small ones written in place. */
import { readdirSync, readFileSync } from 'node:fs';
import { parseRevision } from '../../src/history/revision.js';
import { loadScenario, type Scenario } from '../../src/scenario/load.js';
import { InputErrors } from '../../src/scenario/read/validate.js';
import type { RunReport } from '../../src/scenario/result.js';
import { type RunOptions, runScenario } from '../../src/scenario/run.js';
import { InputError } from '../../src/sim/errors.js';

const folder = new URL('../../scenarios/', import.meta.url);

/** Names of the shipped scenarios, in order. */
export const shippedNames: readonly string[] = readdirSync(folder)
  .filter((file) => file.endsWith('.yaml'))
  .map((file) => file.replace(/\.yaml$/, ''))
  .sort();

export function shippedText(name: string): string {
  return readFileSync(new URL(`${name}.yaml`, folder), 'utf8');
}

const loaded = new Map<string, Scenario>();

export function shipped(name: string): Scenario {
  let scenario = loaded.get(name);
  if (scenario === undefined) {
    scenario = load(shippedText(name), `scenarios/${name}.yaml`);
    loaded.set(name, scenario);
  }
  return scenario;
}

export function load(text: string, file = 'f.yaml'): Scenario {
  return loadScenario(new TextEncoder().encode(text), file);
}

const head = 'title: t\nstory: s\n';

/** A scenario of one machine and the given rest; ends after a second unless it says `until:`. */
export function small(rest: string, machine = '{hz: 250, cpus: 2}'): Scenario {
  const until = /^until:/m.test(rest) ? '' : 'until: 1s\n';
  return load(`${head}machine: ${machine}\n${until}${rest}`);
}

/** One actor on CPU 0 that does this (a list in flow style), with what else the scenario needs. */
export function script(steps: string, rest = ''): Scenario {
  return small(`actors: [{name: script, do: ${steps}}]\n${rest}`);
}

export function run(scenario: Scenario, at = 'newest', options: Omit<RunOptions, 'revision'> = {}): RunReport {
  return runScenario(scenario, { ...options, revision: parseRevision(at) });
}

/** Kinds of the violations of a run, in order. */
export function kindsOf(report: RunReport): string[] {
  return report.result.violations.map((violation) => violation.kind);
}

/** Return values of the calls of a run, in order. */
export function returns(report: RunReport): string[] {
  return report.result.calls.map((call) => `${call.call} ${String(call.ret)}`);
}

/** What is wrong with a file, as the command line prints it: file:line:column: message, one a line. */
export function refusals(text: string): string[] {
  try {
    load(text);
  } catch (error) {
    if (error instanceof InputErrors) return error.all.map(printed);
    if (error instanceof InputError) return [printed(error)];
    throw error;
  }
  return [];
}

function printed({ place, message }: InputError): string {
  return place === undefined ? message : `${place.file}:${place.line}:${place.column}: ${message}`;
}
