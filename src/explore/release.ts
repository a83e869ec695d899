/**
 * Takes a machine apart when its run is over. A program makes its generator functions anew for each run, and V8 keeps such
 * functions, and what they see, until its next full collection: without this every run would be copied several times by
 * the collector, which costs more than the run.
 */
import type { Run } from './runner.js';

const nothing = {
  queue: null,
  cpus: null,
  trace: null,
  driver: null,
  scheduler: null,
  hooks: null,
  blockedTasks: null,
  violations: null,
  current: null,
  watcher: null,
};

/** The run's cells keep their values; nothing else of it can be used afterwards. */
export function release({ machine, setup }: Run): void {
  Object.assign(machine, nothing);
  for (const object of setup.objects) Object.assign(object, { machine: null, readOp: null });
  Object.assign(setup, { machineKernel: null, objects: null, finalChecks: null, invariants: null });
}
