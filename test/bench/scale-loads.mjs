/**
 * The large loads: a route cache of a million entries under pressure, its flush, connections that come and go, a day of
 * nothing. Each is run in a process of its own (apart.mjs) and answers what it found, by name.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseRevision } from '../../dist/history/parse-revision.js';
import { Kernel } from '../../dist/kernel/kernel.js';
import { msleep } from '../../dist/kernel/sleep.js';
import { spawn_softlockup_task } from '../../dist/kernel/watchdog.js';
import { ip_rt_init, rtLookupOrCreate } from '../../dist/net/ipv4/route-output.js';
import { rt_cache_flush } from '../../dist/net/ipv4/rt-flush.js';
import { ip_rt_put } from '../../dist/net/ipv4/rt-free.js';
import { Net } from '../../dist/net/net.js';
import { bisectScenario } from '../../dist/scenario/bisect.js';
import { loadScenario } from '../../dist/scenario/load.js';
import { replayScenario } from '../../dist/scenario/replay.js';
import { runScenario } from '../../dist/scenario/run.js';
import { TimedScheduler } from '../../dist/smp/timed-scheduler.js';

const version = '2.6.24';
const hz = 250;
/** Longest chains that rt_intern_hash leaves alone. */
const elasticity = 8;

/** A machine whose route cache settles at about `live` entries: as many buckets as the kernel would give it. */
function router(live) {
  const kernel = new Kernel({ cpus: 1, hz, kernel: version, arch: 'x86_64', maxOps: 1e12 }, new TimedScheduler(1));
  const buckets = 2 ** Math.ceil(Math.log2(live / elasticity));
  const params = { gcThresh: live, maxSize: 4 * live, gcElasticity: elasticity };
  const net = new Net(kernel, { traits: parseRevision(version).traits, ipv4: { buckets, params } });
  const { machine } = kernel;
  const rc = net.ipv4;
  let key = 0;
  /** So many flows that nobody has seen before. */
  function* fill(count) {
    for (let i = 0; i < count; i++) {
      machine.progress();
      const rt = yield* rtLookupOrCreate(rc, { key: ++key });
      if (typeof rt !== 'number') yield* ip_rt_put(rc, rt);
    }
  }
  const run = (code) => {
    machine.spawn('load', 0, code);
    machine.settle();
  };
  return {
    rc,
    run,
    fill,
    /** Lets `seconds` pass, with so many new flows in each, a tick's worth at each tick. */
    pressure(rate, seconds) {
      function* load() {
        for (let tick = 0; tick < seconds * hz; tick++) {
          yield* fill(rate / hz);
          yield* msleep(kernel, 1000 / hz);
        }
      }
      machine.spawn('load', 0, load());
      machine.runUntil(machine.nowNs + seconds * 1e9);
    },
    /** A flush of everything, with the grace period and the callbacks behind it. */
    flush() {
      run(rt_cache_flush(rc, 0));
      machine.runUntil(machine.nowNs + 1e9);
    },
  };
}

const seconds = (startNs) => Number(process.hrtime.bigint() - startNs) / 1e9;

/** @type {Readonly<Record<string, (...args: string[]) => Record<string, number | string>>>} */
export const loads = {
  /** Fills the cache, then new flows for a time: seconds of the latter. */
  pressure(live, rate, virtualSeconds) {
    const { rc, run, fill, pressure } = router(Number(live));
    run(ip_rt_init(rc));
    run(fill(Number(live)));
    const start = process.hrtime.bigint();
    pressure(Number(rate), Number(virtualSeconds));
    const took = seconds(start);
    return { took, entries: rc.entries, each: (took * 1e6) / (Number(rate) * Number(virtualSeconds)) };
  },
  /** Seconds of a flush, and µs per entry of making and flushing them; several rounds where entries are few. */
  flush(live) {
    const count = Number(live);
    const all = [];
    let filled = 0;
    for (let round = 0; round < Math.max(1, 1e6 / count); round++) {
      const { run, fill, flush } = router(count);
      const begin = process.hrtime.bigint();
      run(fill(count));
      filled += seconds(begin);
      const start = process.hrtime.bigint();
      flush();
      all.push(seconds(start));
    }
    const took = all.reduce((sum, one) => sum + one, 0);
    const total = count * all.length;
    return { took: took / all.length, each: (took * 1e6) / total, fillEach: (filled * 1e6) / total };
  },
  /** Connections of 10 s each, by a scenario: the entries they hold are what lives. */
  connections(kind, rate, virtualSeconds) {
    const count = Number(rate) * Number(virtualSeconds);
    const action = `{count: ${count}, rate: ${rate}, hold: {exponential: 10s}}`;
    const text = `title: connections
story: as many as a busy router has
machine: {hz: ${hz}, cpus: 1, kernel: ${version}, arch: x86_64}
network: {route: {buckets: ${2 ** Math.ceil(Math.log2((10 * Number(rate)) / elasticity))}}}
actors:
  - name: clients
    cpu: 0
    do:
      - ${kind}: ${action}
until: ${virtualSeconds}s
`;
    const start = process.hrtime.bigint();
    const { metrics } = runScenario(loadScenario(Buffer.from(text), 'connections.yaml'), { maxOps: 1e12 }).result;
    return { took: seconds(start), entries: metrics['dst.total'], failed: metrics['alloc.failed'] };
  },
  /** A virtual day of CPUs with nothing to do but their watchdogs. */
  day(cpus, kernelVersion) {
    const kernel = new Kernel({ cpus: Number(cpus), hz, kernel: kernelVersion }, new TimedScheduler());
    spawn_softlockup_task(kernel);
    const start = process.hrtime.bigint();
    kernel.machine.runUntil(86_400e9);
    return { took: seconds(start) };
  },
  /** Both sides of a scenario: the longer one, and the two. */
  replay(path) {
    const scenario = load(path);
    const sides = [];
    let start = process.hrtime.bigint();
    replayScenario(scenario, () => {
      sides.push(seconds(start));
      start = process.hrtime.bigint();
    });
    return { took: sides.reduce((sum, side) => sum + side, 0), side: Math.max(...sides) };
  },
  bisect(path) {
    const scenario = load(path);
    const start = process.hrtime.bigint();
    if (scenario.bug !== null) bisectScenario(scenario);
    return { took: seconds(start), what: basename(path, '.yaml') };
  },
};

function load(path) {
  return loadScenario(readFileSync(path), path);
}
