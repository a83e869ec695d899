/** Runs a scenario once at one revision and says what came of it. */
import type { Commit } from '../history/commit.js';
import type { Revision } from '../history/revision.js';
import type { Kernel } from '../kernel/kernel.js';
import { invariantErrors } from '../net/holders.js';
import { LimitError, NondeterminismError } from '../sim/errors.js';
import { type Condition, describeCondition, evaluate } from './conditions.js';
import type { Expectation, Scenario } from './load.js';
import { describeParting } from './parting.js';
import { prepareRun, type RunOptions, startActors } from './prepare.js';
import type { BugAnswer, ExpectationResult, RouteSample, RunReport, RunResult } from './result.js';
import { ScheduleGate } from './schedule.js';
import type { World } from './world.js';

export { defaultRevision, type RunOptions } from './prepare.js';

/** Runs a scenario. Throws InputError, and NondeterminismError for a fix of one's own that does not repeat itself. */
export function runScenario(scenario: Scenario, options: RunOptions = {}): RunReport {
  const report = runOnce(scenario, options);
  if (options.with !== undefined) makeSure(scenario, options, report.result);
  return report;
}

/** Somebody's own code may draw on anything, so what it did once it must do again. */
function makeSure(scenario: Scenario, options: RunOptions, first: RunResult): void {
  const again = { ...options, listener: undefined };
  const second = runOnce(scenario, again).result;
  const figures = (r: RunResult): string => JSON.stringify([r.fingerprint, r.metrics, r.limit]);
  if (figures(first) === figures(second)) return;
  const parting = describeParting(
    (listener) => void runOnce(scenario, { ...again, listener }),
    (listener) => void runOnce(scenario, { ...again, listener }),
  );
  const runs = `with ${options.with?.file}, two runs of ${scenario.name} at ${first.revision} differ`;
  const why =
    parting ??
    'and two more do not; something outlives the runs: make it in a default export, which is called for each';
  throw new NondeterminismError(`${runs} ${why}`);
}

function runOnce(scenario: Scenario, options: RunOptions): RunReport {
  const prepared = prepareRun(scenario, options);
  const { world, untilNs } = prepared;
  const gate = scenario.schedule.length === 0 ? null : new ScheduleGate(scenario.schedule);
  world.kernel.machine.gate = gate;
  startActors(world, scenario);
  const samples = sampled(world, options.sampleNs ?? scenario.sampleNs, untilNs);
  const limit = drive(world, untilNs);
  const notes = [...(gate?.notes() ?? []), ...(prepared.own?.notes() ?? [])];
  if (limit === undefined) finish(world, scenario);
  const result = prepared.log.result(prepared.identity, { notes, limit, samples });
  return report(scenario, result, prepared.revision, world, options);
}

/** Takes samples of the caches, the first at boot. Changes nothing: the run never notices. */
function sampled(world: World, everyNs: number | null, untilNs: number): RouteSample[] | null {
  if (everyNs === null) return null;
  const samples: RouteSample[] = [];
  const { machine } = world.kernel;
  const take = (): void => {
    samples.push(world.meter.sample());
    if (machine.nowNs + everyNs <= untilNs) machine.at(machine.nowNs + everyNs, take, 3, samplerRank);
  };
  machine.at(0, take, 3, samplerRank);
  return samples;
}

/** Runs to the end; answers what limit stopped it, if one did. */
function drive(world: World, untilNs: number): string | undefined {
  try {
    world.kernel.machine.runUntil(untilNs);
    return undefined;
  } catch (error) {
    if (error instanceof LimitError) return error.message;
    throw error;
  }
}

/** What is checked once the run is over. */
function finish(world: World, scenario: Scenario): void {
  const { machine } = world.kernel;
  machine.checkDeadlock();
  if (scenario.invariants && machine.halted === null) {
    for (const message of invariantErrors(world.net)) machine.violate('invariant', message);
  }
}

/** After everybody else of that nanosecond. */
const samplerRank = 1e9;

/** Holds a result against the scenario's expectations. Of somebody's own code they say nothing. */
function report(
  scenario: Scenario,
  result: RunResult,
  revision: Revision,
  world: World,
  { variant, with: fix }: RunOptions,
): RunReport {
  const expectations = scenario.expect
    .filter((expectation) => fix === undefined && applies(expectation, revision, scenario.assuming, variant))
    .flatMap((expectation) => expectation.conditions.map((condition) => check(condition, result, expectation)));
  const bug = scenario.bug === null ? null : askBug(scenario.bug, result);
  const expected = expectedKinds(scenario, revision, variant, bug?.reproduced ?? false);
  const unexpected = result.violations.filter((v) => !expected.has(v.kind));
  const ok = expectations.every((e) => e.held) && unexpected.length === 0 && result.limit === undefined;
  return { result, bug, expectations, unexpected, violations: world.kernel.machine.violations, ok };
}

/** Evaluates a bug predicate. */
export function askBug(bug: Condition, result: RunResult): BugAnswer {
  const { holds, shownBy } = evaluate(bug, result);
  return { reproduced: holds, shownBy };
}

function check(condition: Condition, result: RunResult, expectation: Expectation): ExpectationResult {
  const { holds, shownBy } = evaluate(condition, result);
  const text = describeCondition(condition);
  return { text, held: holds, found: holds ? '' : shownBy, shownBy, place: expectation.place };
}

function applies(expectation: Expectation, revision: Revision, assuming: readonly Commit[], variant?: string): boolean {
  if (expectation.variant !== variant) return false;
  const number = revision.base.number ?? 26;
  if (number < expectation.from || number > expectation.to || revision.removed.length > 0) return false;
  const extras = revision.added.filter((commit) => !assuming.includes(commit));
  if (revision.base.extra === true) extras.push(revision.base);
  return extras.length === expectation.with.length && expectation.with.every((commit) => extras.includes(commit));
}

/** Kinds of violations that the scenario speaks of where it applies: those are no surprise. */
function expectedKinds(
  scenario: Scenario,
  revision: Revision,
  variant: string | undefined,
  reproduced: boolean,
): Set<string> {
  const kinds = new Set(scenario.allow);
  if (scenario.bug !== null && reproduced) collectKinds(scenario.bug, kinds);
  const applicable = scenario.expect.filter((e) => applies(e, revision, scenario.assuming, variant));
  // Of a mixed revision it may say nothing; then what it speaks of elsewhere is no surprise.
  const mixed = revision.added.length + revision.removed.length > 0;
  for (const { conditions } of applicable.length === 0 && mixed ? scenario.expect : applicable) {
    for (const condition of conditions) collectKinds(condition, kinds);
  }
  return kinds;
}

function collectKinds(condition: Condition, kinds: Set<string>): void {
  if (condition.kind === 'violation' && condition.of !== undefined) kinds.add(condition.of);
  if (condition.kind === 'all' || condition.kind === 'any')
    for (const part of condition.value) collectKinds(part, kinds);
  if (condition.kind === 'log' && /kernel BUG/i.test(condition.text)) kinds.add('bug');
}

/** For tests: the world's kernel after a run is over. */
export type { Kernel };
