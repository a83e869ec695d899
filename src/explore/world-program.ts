/**
 * A program around dst.c: like any other, but its machine has the network and the destination cache at a chosen
 * revision, and the surroundings of a chosen kernel.
 */
import { netTraitsOf, parseRevision, type Revision } from '../history/revision.js';
import type { DstCache } from '../net/dst/dst-cache.js';
import type { Net } from '../net/net.js';
import { buildWorld, kernelFor, type WorldSpec } from '../scenario/build.js';
import { type MachineSpec, machineSchema, type NetworkSpec, networkSchema } from '../scenario/schema.js';
import type { World } from '../scenario/world.js';
import { InputError } from '../sim/errors.js';
import type { Scheduler } from '../smp/scheduler.js';
import type { Outcome } from '../smp/stepwise.js';
import { checkOptions } from './check-options.js';
import { refuseLater } from './mistakes.js';
import { ProgramSetup } from './program.js';
import { faultsOf, type Stage, type Subject } from './subject.js';

export interface WorldOptions {
  /** A revision, or an expression such as `R4`, `backoff-fix^`, `2.6.24+mod-delayed-work`; the newest if absent. */
  readonly revision?: Revision | string;
  /** '2.6.12' … '2.6.29'; the last release that shipped the revision if absent. */
  readonly kernel?: string;
  /** As in a scenario: `hz` (250 if absent), `cpus` (2 if absent), `preempt`, `onBug`. */
  readonly machine?: Partial<MachineSpec>;
  /** As in a scenario: devices, thresholds, families. */
  readonly network?: Partial<NetworkSpec>;
  /** Virtual ns at which a run is over, whatever would still come; never if absent. */
  readonly untilNs?: number;
}

/** Sets up a run at a revision. */
export class WorldSetup extends ProgramSetup {
  readonly net: Net;
  readonly dst: DstCache;
  /** What scenarios have: entries and groups by name, the meter. */
  readonly world: World;

  constructor(world: World) {
    super(world.kernel);
    this.world = world;
    this.net = world.net;
    this.dst = world.net.dst;
    this.sharesCpus = true;
  }
}

export type WorldProgram = (p: WorldSetup) => void;

/** A program around dst.c, as what is explored. */
export interface WorldSubject extends Subject {
  /** The same program at another revision, and on another kernel: the last that shipped the revision if absent. */
  at(revision: Revision | string, kernel?: string): WorldSubject;
}

/** Makes a program around dst.c into what `explore` and `replay` take. Throws InputError for what is no such world. */
export function worldProgram(options: WorldOptions, program: WorldProgram): WorldSubject {
  checkOptions('worldProgram', options);
  if (typeof program !== 'function') throw new InputError('worldProgram: its program is no function: (p) => { … }');
  const { revision: wanted = 'newest', untilNs = Number.POSITIVE_INFINITY } = options;
  const revision = typeof wanted === 'string' ? parseRevision(wanted) : wanted;
  const machine = checked(() => machineSchema.parse({ hz: 250, cpus: 2, ...options.machine }));
  const network = checked(() => networkSchema.parse(options.network ?? {}));
  const kernel = kernelFor(machine, revision, options.kernel);
  const spec: WorldSpec = {
    machine,
    network,
    timers: {},
    works: {},
    cells: {},
    traits: revision.traits,
    surroundings: netTraitsOf(revision, kernel),
    kernel,
    seed: 1,
  };
  return {
    name: null,
    revision: revision.name,
    era: kernel,
    at: (other, on) => {
      const { kernel: _, ...rest } = options;
      return worldProgram({ ...rest, revision: other, ...(on === undefined ? {} : { kernel: on }) }, program);
    },
    stage: (scheduler: Scheduler): Stage => {
      const world = buildWorld({ ...spec, scheduler });
      const setup = new WorldSetup(world);
      return {
        machine: world.kernel.machine,
        setup,
        untilNs,
        enter: () => refuseLater('the program', program(setup)),
        judge: (outcome: Outcome) => {
          if (outcome === 'complete') setup.checkAll();
        },
        faults: () => faultsOf(world.kernel.machine, setup.tolerated),
      };
    },
  };
}

function checked<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const issue = (error as { issues?: readonly { path: readonly PropertyKey[]; message: string }[] }).issues?.[0];
    if (issue === undefined) throw error;
    throw new InputError(`a world's ${issue.path.map(String).join('.')}: ${issue.message}`);
  }
}
