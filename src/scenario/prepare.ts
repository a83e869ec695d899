/**
 * Prepares a run of a scenario: chooses revision and kernel, builds the world, and begins to write down what its result
 * shows. The timed run and the explorer start here.
 */
import { netTraitsOf, parseRevision, type Revision, revisionAt } from '../history/revision.js';
import { didYouMean, InputError } from '../sim/errors.js';
import type { Scheduler } from '../smp/scheduler.js';
import type { Listener } from '../trace/trace.js';
import { buildWorld, effectiveRevision, kernelFor } from './build.js';
import { type Fix, FixAtWork, nameOfFix } from './fix.js';
import type { Scenario } from './load.js';
import { type RunIdentity, RunLog } from './run-log.js';
import type { MachineSpec } from './schema.js';
import type { World } from './world.js';

export interface RunOptions {
  /** Default: the scenario's `at:`, else its fixing commit, else the newest. */
  readonly revision?: Revision | undefined;
  readonly kernel?: string | undefined;
  readonly seed?: number | undefined;
  readonly variant?: string | undefined;
  readonly maxOps?: number | undefined;
  /** ns */
  readonly maxVirtualNs?: number | undefined;
  readonly listener?: Listener | undefined;
  readonly skipIdle?: boolean | undefined;
  /** Takes samples for the series `routes` so often, ns; as the scenario says if absent. */
  readonly sampleNs?: number | undefined;
  /** Functions of one's own in the place of the model's. The run is made twice, and both must be the same. */
  readonly with?: Fix | undefined;
}

/** A run that is ready to begin. */
export interface PreparedRun {
  readonly world: World;
  readonly log: RunLog;
  /** With the commits that the scenario assumes. */
  readonly revision: Revision;
  readonly identity: RunIdentity;
  /** Virtual ns at which it ends. */
  readonly untilNs: number;
  /** The fix of one's own, at work. */
  readonly own: FixAtWork | null;
}

/** The revision a scenario is run at if none is asked for. */
export function defaultRevision(scenario: Scenario, variant?: string): Revision {
  const own = variantOf(scenario, variant).at ?? scenario.at;
  if (own !== undefined) return own;
  return scenario.fixedBy === null ? parseRevision('newest') : revisionAt(scenario.fixedBy);
}

function variantOf(
  scenario: Scenario,
  name: string | undefined,
): Pick<Scenario, 'machine' | 'network' | 'at' | 'untilNs'> {
  if (name === undefined) return scenario;
  if (!Object.hasOwn(scenario.variantSpecs, name)) {
    throw new InputError(`${scenario.name} has no variant '${name}'${didYouMean(name, scenario.variants)}`);
  }
  return scenario.variantSpecs[name]!;
}

/**
 * What an exploration leaves out of a machine: operations take no time of their own there, so costs would say nothing, and
 * a CPU may stall for any time, which a watchdog would always see.
 */
function bare(machine: MachineSpec): MachineSpec {
  return { ...machine, costs: {}, accessCosts: {}, watchdog: false, cacheLines: undefined };
}

/** `scheduler`: decides instead of time. The machine is then without costs and watchdog. */
export function prepareRun(scenario: Scenario, options: RunOptions, scheduler?: Scheduler): PreparedRun {
  const { variant, with: fix } = options;
  const revision = effectiveRevision(scenario, options.revision ?? defaultRevision(scenario, variant));
  const { machine, network, untilNs } = variantOf(scenario, variant);
  const kernel = kernelFor(machine, revision, options.kernel);
  const seed = options.seed ?? scenario.seed;
  const world = buildWorld({
    machine: scheduler === undefined ? machine : bare(machine),
    network,
    timers: scenario.timers,
    works: scenario.works,
    cells: scenario.cells,
    traits: revision.traits,
    surroundings: netTraitsOf(revision, kernel),
    kernel,
    seed,
    scheduler,
    maxOps: options.maxOps,
    maxVirtualNs: options.maxVirtualNs,
    skipIdle: options.skipIdle,
  });
  const own = fix === undefined ? null : new FixAtWork(world.kernel.machine, fix);
  const log = new RunLog(world);
  if (options.listener !== undefined) world.kernel.machine.trace.listen(options.listener);
  const identity = {
    scenario: scenario.name,
    revision: revision.name,
    kernel,
    seed,
    ...(variant === undefined ? {} : { variant }),
    ...(fix === undefined ? {} : { with: nameOfFix(fix) }),
  };
  return { world, log, revision, identity, untilNs, own };
}

/** Starts the actors at time 0. */
export function startActors(world: World, scenario: Scenario): void {
  for (const [rank, actor] of scenario.actors.entries()) {
    world.kernel.machine.at(0, () => world.startActor(actor.name, actor.cpu, actor.do, rank), 3, rank);
  }
}
