/**
 * Small configurations of the same workload, which can be searched to their end. What each task does is laid down; left open
 * are the order of everything, where time stands, and which entry is meant. And the story that R5's message tells.
 *
 *     explore(freedObjects.at('R2'), { strategy: 'dfs' })
 */
import { atomic_dec, atomic_inc_return, DstOps, dst_free, dst_run_gc, newDst, worldProgram } from 'jiffies';
import { hurriedRuns, promptRuns, warnedCounts } from './promises.mjs';
import { workload } from './workload.mjs';

const ms = 1_000_000;

/** After a BUG the machine goes on. A run is over when its time is. */
const until = (untilNs, cpus = 1) => ({ machine: { cpus, onBug: 'continue' }, untilNs });

/** An entry, and a bundle above it; when they are freed, the bundle's last reference may be the entry's last too. */
export const freedObjects = worldProgram(until(1000 * ms), (p) => {
  workload(p, { script: [['alloc', 'bundle']], devices: 1 });
});

/** Two entries are freed while they are held. */
export const promptGc = worldProgram(until(1000 * ms), (p) => {
  workload(p, { script: [['alloc', 'alloc', 'free', 'free']], devices: 0 });
  promptRuns(p);
});

/** One entry is freed while it is held, and the collector is called directly. */
export const noBug = worldProgram(until(150 * ms, 2), (p) => {
  workload(p, { script: [['alloc', 'free'], ['collect']], devices: 0 });
});

/** Two entries are freed while they are held, the second after a sleep. */
export const hurriedGc = worldProgram(until(1000 * ms), (p) => {
  workload(p, { script: [['alloc', 'alloc', 'free', 'sleep', 'free']], devices: 0 });
  hurriedRuns(p);
});

/** One makes an entry, and another finds it and gives it back twice. */
export const warnings = worldProgram({ machine: { cpus: 2 } }, (p) => {
  const script = [['alloc'], ['find', 'releaseAndForget']];
  warnedCounts(p, workload(p, { script, devices: 0, frees: false }));
});

/** Two CPUs free an entry each that stays held. */
function twoFrees(p) {
  const ops = new DstOps(p.dst, { name: 'IP' });
  for (const cpu of [0, 1]) {
    p.task(`free/${cpu}`, function* () {
      yield* dst_free(p.dst, yield* newDst(p.dst, ops, `dst${cpu}`));
    });
  }
}

/** Counts the runs of dst_run_gc that are under way, as an operation: so their order matters to a search. */
function mindOverlap(p) {
  const running = p.atomic('runs under way');
  p.tolerate('bug');
  p.kernel.machine.replacements = new Map([
    [
      'dst_run_gc',
      function* (original, args) {
        p.check((yield atomic_inc_return(running)) < 2, 'a run begins while another one is under way');
        yield* original(...args);
        yield atomic_dec(running);
      },
    ],
  ]);
}

/** The second run comes after 0.7 s; one that is set for 0.1 s after a free may come meanwhile, on the other CPU. */
const story = until(850 * ms, 2);

/** R5's story, first half: a second run begins while one is under way. */
export const overlap = worldProgram(story, (p) => {
  mindOverlap(p);
  twoFrees(p);
});

/** R5's story: it ends in a BUG. */
export const overlapBug = worldProgram(story, twoFrees);

const direct = until(150 * ms, 2);

function freeAndCall(p) {
  const ops = new DstOps(p.dst, { name: 'IP' });
  p.task('free', function* () {
    yield* dst_free(p.dst, yield* newDst(p.dst, ops, 'dst'));
  });
  p.task('call', () => dst_run_gc(p.dst, 0));
}

/** The same with one free, and a direct call on another CPU. */
export const directOverlap = worldProgram(direct, (p) => {
  mindOverlap(p);
  freeAndCall(p);
});

export const directBug = worldProgram(direct, freeAndCall);
