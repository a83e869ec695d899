/** The IPv4 route cache of a scenario, from what its file says. */
import type { Kernel } from '../kernel/kernel.js';
import type { RouteCache, RouteSetup } from '../net/ipv4/route-cache.js';
import { type FirstRuns, ip_rt_init, randomFirstRuns } from '../net/ipv4/route-output.js';
import type { RouteParams } from '../net/ipv4/route-params.js';
import type { K } from '../smp/op.js';
import { type Duration, toJiffies } from './read/duration.js';
import type { RouteSpec } from './route-schema.js';

/** Sysctls that are numbers as they are; the others are times. */
const counts = ['gcThresh', 'maxSize', 'gcElasticity'] as const;
const times = ['gcMinInterval', 'gcTimeout', 'gcInterval', 'minDelay', 'maxDelay', 'secretInterval'] as const;

export function routeSetup(spec: RouteSpec, hz: number): RouteSetup {
  const params: Partial<RouteParams> = {};
  for (const name of counts) if (spec[name] !== undefined) params[name] = spec[name];
  for (const name of times) if (spec[name] !== undefined) params[name] = toJiffies(spec[name], hz);
  return {
    memoryBytes: spec.memoryMiB === undefined ? undefined : spec.memoryMiB * 2 ** 20,
    buckets: spec.buckets,
    params,
  };
}

/** Arms the timers of the cache, in a task at boot. */
export function bootRoutes(kernel: Kernel, rc: RouteCache, spec: RouteSpec): void {
  const first = (when: Duration | 'never' | undefined, drawn: () => number | null): number | null =>
    when === undefined ? drawn() : when === 'never' ? null : toJiffies(when, kernel.hz);
  function* boot(): K {
    let drawn: FirstRuns | null = null;
    const draw = (): FirstRuns => {
      drawn ??= randomFirstRuns(rc);
      return drawn;
    };
    yield* ip_rt_init(rc, {
      periodic: first(spec.firstScan, () => draw().periodic),
      secret: first(spec.firstRebuild, () => draw().secret),
    });
  }
  kernel.machine.spawn('init', 0, boot());
}
