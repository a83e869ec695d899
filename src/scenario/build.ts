/** Builds the world of a run: machine, kernel, network at a revision, and everything that listens. */
import { lastReleaseOf, type Revision, withCommits } from '../history/revision.js';
import { Kernel } from '../kernel/kernel.js';
import { spawn_softlockup_task } from '../kernel/watchdog.js';
import type { DstTraits } from '../net/dst/traits.js';
import type { RouteSetup } from '../net/ipv4/route-cache.js';
import { Net } from '../net/net.js';
import { IFF_UP } from '../net/netdevice.js';
import type { NetTraits } from '../net/surroundings.js';
import type { LineCosts } from '../smp/cache-lines.js';
import type { Scheduler } from '../smp/scheduler.js';
import { TimedScheduler } from '../smp/timed-scheduler.js';
import { DeviceWaits } from './device-waits.js';
import { Groups } from './groups.js';
import type { Scenario } from './load.js';
import { Meter } from './meter.js';
import { type Duration, toNs } from './read/duration.js';
import { bootRoutes, routeSetup } from './route-setup.js';
import type { MachineSpec, NetworkSpec } from './schema.js';
import type { Step } from './steps.js';
import { Workload } from './workload.js';
import { World } from './world.js';

/** What a world is made of. */
export interface WorldSpec {
  readonly machine: MachineSpec;
  readonly network: NetworkSpec;
  readonly timers: Readonly<Record<string, readonly Step[]>>;
  readonly works: Readonly<Record<string, readonly Step[]>>;
  readonly cells: Readonly<Record<string, number>>;
  readonly traits: DstTraits;
  /** What the code around dst.c does; none of the commits outside it if absent. */
  readonly surroundings?: NetTraits | undefined;
  readonly kernel: string;
  readonly seed: number;
  /** Decides; the timed scheduler with this seed if absent. */
  readonly scheduler?: Scheduler | undefined;
  readonly ipv4?: RouteSetup | undefined;
  readonly maxOps?: number | undefined;
  readonly maxVirtualNs?: number | undefined;
  readonly skipIdle?: boolean | undefined;
}

/** The revision a scenario is run at: with the commits it assumes. */
export function effectiveRevision(scenario: Scenario, revision: Revision): Revision {
  return withCommits(revision, scenario.assuming);
}

/** The kernel of a run: pinned, chosen, or the last release that shipped the revision. */
export function kernelFor(machine: MachineSpec, revision: Revision, chosen?: string): string {
  return chosen ?? machine.kernel ?? lastReleaseOf(revision);
}

function lineCosts(costs: NonNullable<MachineSpec['cacheLines']>, hz: number): LineCosts {
  const ns = (cost: Duration | undefined): number => (cost === undefined ? 0 : toNs(cost, hz));
  return { readNs: ns(costs.read), upgradeNs: ns(costs.upgrade), ownNs: ns(costs.own) };
}

export function buildWorld(spec: WorldSpec): World {
  const { machine } = spec;
  const costs = Object.fromEntries(
    Object.entries(machine.costs).map(([key, d]) => [key, d === undefined ? 0 : toNs(d, machine.hz)]),
  );
  const accessCosts = Object.entries(machine.accessCosts).filter(([, d]) => d !== undefined);
  const kernel = new Kernel(
    {
      cpus: machine.cpus,
      hz: machine.hz,
      kernel: spec.kernel,
      arch: machine.arch,
      preempt: machine.preempt,
      onBug: machine.onBug,
      wheel: machine.wheel,
      ratelimit: machine.ratelimit,
      threadOrder: machine.profile === 'lockstep' ? 'passes' : 'by-cpu',
      ...(machine.initialJiffies === undefined ? {} : { initialJiffies: machine.initialJiffies }),
      ...(accessCosts.length === 0
        ? {}
        : { accessCostsNs: Object.fromEntries(accessCosts.map(([key, d]) => [key, toNs(d!, machine.hz)])) }),
      ...(machine.cacheLines === undefined ? {} : { cacheLines: lineCosts(machine.cacheLines, machine.hz) }),
      ...(spec.maxOps === undefined ? {} : { maxOps: spec.maxOps }),
      ...(spec.maxVirtualNs === undefined ? {} : { maxVirtualNs: spec.maxVirtualNs }),
      ...(spec.skipIdle === undefined ? {} : { skipIdle: spec.skipIdle }),
    },
    spec.scheduler ?? new TimedScheduler(spec.seed),
    costs,
  );
  const { route } = spec.network;
  const ipv4 = spec.ipv4 ?? (route === undefined ? undefined : routeSetup(route, machine.hz));
  if (machine.watchdog) spawn_softlockup_task(kernel);
  const net = new Net(kernel, {
    traits: spec.traits,
    debug: spec.network.debug,
    inDevices: spec.network.inDevices ?? false,
    neighbours: spec.network.neighbours ?? false,
    openvz: spec.network.openvz ?? false,
    ...(spec.surroundings === undefined ? {} : { surroundings: spec.surroundings }),
    ...(ipv4 === undefined ? {} : { ipv4 }),
  });
  const meter = new Meter(kernel, net);
  const waits = new DeviceWaits(net);
  meter.more.push(() => waits.metrics());
  const world = new World(kernel, net, meter, new Groups(kernel.machine), new Workload(net, meter, spec.network));
  net.dst.onGc = (record) => meter.gcEnded(record, kernel.current?.kind === 'softirq');
  net.dst.onGarbage = (entry) => meter.becameGarbage(entry);
  if (route !== undefined) bootRoutes(kernel, meter.routeCache(), route);
  for (const [name, value] of Object.entries(spec.cells)) world.defineCell(name, value);
  for (const [name, steps] of Object.entries(spec.timers)) world.defineTimer(name, steps);
  for (const [name, steps] of Object.entries(spec.works)) world.defineWork(name, steps);
  for (const [name, device] of Object.entries(spec.network.devices)) {
    const dev = world.names.device(name);
    if (!device.up) dev.flags &= ~IFF_UP;
  }
  return world;
}
