/**
 * A scenario as what is explored, at one revision. Its `schedule:`, costs, watchdog and samples are left out: actors keep
 * the order of their steps and the times before which these do not come, and any actor may be ahead of any other. A step
 * that uses what another actor is yet to make waits for it.
 *
 * A run fails by a violation of a kind that the scenario does not `allow` (the kernel's own warnings are none), or by its
 * `bug:` where that is asked: where it consists of violations, log lines, calls and callbacks. A metric is mostly of time
 * or of what was left undone, and some lines of the log say no more than that time has passed. Schedules decide that
 * here: any CPU may stall, so that a bug of that kind would be found in a sound kernel, too.
 */
import { invariantErrors } from '../net/holders.js';
import type { Condition } from '../scenario/conditions.js';
import type { Scenario } from '../scenario/load.js';
import { defaultRevision, type PreparedRun, prepareRun, type RunOptions, startActors } from '../scenario/prepare.js';
import { askBug } from '../scenario/run.js';
import type { Outcome } from '../smp/stepwise.js';
import { faultsOf, type Stage, type Subject } from './subject.js';
import { WorldSetup } from './world-program.js';

export type ScenarioOptions = Pick<RunOptions, 'revision' | 'kernel' | 'seed' | 'variant' | 'with'>;

/** Lines that the kernel prints because something has taken long. */
const timed = /unregister_netdevice|soft lockup/i;

/** Whether a run may be judged by a condition: see above. */
export function canJudge(condition: Condition): boolean {
  switch (condition.kind) {
    case 'log':
      return !timed.test(condition.text);
    case 'metric':
    case 'series':
      return false;
    case 'all':
    case 'any':
      return condition.value.every(canJudge);
    case 'not':
      return canJudge(condition.value);
    default:
      return true;
  }
}

/** Makes a scenario into what `explore` and `replay` take. Throws InputError for a variant or kernel there is not. */
export function scenarioProgram(scenario: Scenario, options: ScenarioOptions = {}): Subject {
  const revision = options.revision ?? defaultRevision(scenario, options.variant);
  const fixed = { ...options, revision };
  const asIs = { family: 'stepwise', pick: () => 0, choose: () => 0 } as const;
  const { identity } = prepareRun(scenario, fixed, asIs);
  return {
    name: scenario.name,
    revision: identity.revision,
    era: identity.kernel,
    stage: (scheduler) => new ScenarioStage(scenario, prepareRun(scenario, fixed, scheduler)),
  };
}

class ScenarioStage implements Stage {
  readonly machine;
  readonly setup: WorldSetup;
  readonly untilNs: number;
  private readonly scenario: Scenario;
  private readonly prepared: PreparedRun;

  constructor(scenario: Scenario, prepared: PreparedRun) {
    this.scenario = scenario;
    this.prepared = prepared;
    this.setup = new WorldSetup(prepared.world);
    // Its actions are plain code, and wait for each other.
    this.setup.opaque = true;
    this.machine = prepared.world.kernel.machine;
    this.untilNs = prepared.untilNs;
  }

  enter(): void {
    startActors(this.prepared.world, this.scenario);
  }

  judge(outcome: Outcome): void {
    const { scenario, prepared, machine } = this;
    if (outcome === 'stopped' || outcome === 'horizon') return;
    if (outcome === 'complete' && scenario.invariants) {
      for (const message of invariantErrors(prepared.world.net)) machine.violate('invariant', message);
    }
    // What has gone wrong already says more than the symptom.
    if (scenario.bug === null || !canJudge(scenario.bug) || this.faults().length > 0) return;
    const { reproduced, shownBy } = askBug(scenario.bug, prepared.log.result(prepared.identity));
    if (reproduced) machine.violate('symptom', `the bug of the scenario: ${shownBy}`);
  }

  faults() {
    return faultsOf(this.machine, ['warning', ...this.scenario.allow]);
  }
}
