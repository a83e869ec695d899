/**
 * Takes a machine apart when its run is over. A program makes its generator functions anew for each run, and V8 keeps such
 * functions, and what they see, until its next full collection: without this every run would be copied several times by
 * the collector, which costs more than the run.
 */
import { Cell } from '../smp/cell.js';
import type { Run } from './runner.js';

/** What leads from a machine, its program and what that shares to all the rest; those who made it say it is never null. */
interface Machine {
  queue: null;
  cpus: null;
  trace: null;
  driver: null;
  scheduler: null;
  hooks: null;
  blockedTasks: null;
  violations: null;
  current: null;
  watcher: null;
}

interface Setup {
  machineKernel: null;
  objects: null;
  finalChecks: null;
  invariants: null;
}

interface Shared {
  machine: null;
}

interface Lock extends Shared {
  kernel: null;
}

/** The run's cells keep their values; nothing else of it can be used afterwards. */
export function release(run: Run): void {
  for (const object of run.setup.objects) {
    (object as unknown as Shared).machine = null;
    if (!(object instanceof Cell)) (object as unknown as Lock).kernel = null;
  }
  // One by one: Object.assign() would take as long as a step of the run.
  const machine = run.machine as unknown as Machine;
  machine.queue = null;
  machine.cpus = null;
  machine.trace = null;
  machine.driver = null;
  machine.scheduler = null;
  machine.hooks = null;
  machine.blockedTasks = null;
  machine.violations = null;
  machine.current = null;
  machine.watcher = null;
  const setup = run.setup as unknown as Setup;
  setup.machineKernel = null;
  setup.objects = null;
  setup.finalChecks = null;
  setup.invariants = null;
}
