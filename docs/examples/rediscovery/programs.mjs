/**
 * Five programs, each the same workload checked against one promise of the destination cache. Each is at the newest
 * revision; `freedObjects.at('R1')` is the same at another:
 *
 *     explore(freedObjects.at('R1'), { strategy: 'random' })
 */
import { worldProgram } from 'jiffies';
import { hurriedRuns, promptRuns, warnedCounts } from './promises.mjs';
import { workload } from './workload.mjs';

/** After a BUG the machine goes on, so that every run comes to its end. */
const machine = (cpus, more = {}) => ({ machine: { cpus, onBug: 'continue' }, ...more });

/** No access to a freed object, none freed twice. Kept from R2 on. */
export const freedObjects = worldProgram(machine(3), (p) => {
  workload(p);
});

/** After a run that destroyed something the next begins within DST_GC_MIN. Kept from R3 on. */
export const promptGc = worldProgram(machine(3), (p) => {
  workload(p);
  promptRuns(p);
});

/** No BUG, where device events call dst_run_gc besides its timer, as OpenVZ had it. Kept from R5 on. */
export const noBug = worldProgram(machine(3, { network: { openvz: true } }), (p) => {
  workload(p);
});

/** After a free that found the back-off grown a run begins within DST_GC_MIN. Not kept from R14 to R24. */
export const hurriedGc = worldProgram(machine(3), (p) => {
  workload(p);
  hurriedRuns(p);
});

/** No count below zero without a warning, whatever callers do. Kept from R26 on. */
export const warnings = worldProgram(machine(3), (p) => {
  const kinds = ['alloc', 'find', 'release', 'releaseLater', 'releaseAndForget', 'sleep'];
  warnedCounts(p, workload(p, { kinds, frees: false }));
});
