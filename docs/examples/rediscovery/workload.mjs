/**
 * A workload for the destination cache that knows of no bug: tasks that allocate, hold, release and free entries, build
 * bundles of them, and take devices down, up and away, at random. It keeps the rules of the kernel's interface, as all
 * users of the cache do:
 *
 * - who finds an entry takes a reference under the lock of the table it is found in, and gives it back once;
 * - who takes an entry out of the table frees it, once;
 * - an element of a bundle (NOHASH) is in no table and has one parent; a parent has a reference to its child;
 * - who takes a device away takes it out of the list first, and gives back what he holds before he waits for the others.
 *
 * In the end everybody gives back what he has and empties the table: so every run comes to an end.
 */
import {
  DST_NOHASH,
  DstOps,
  dev_close,
  dev_open,
  dst_free,
  dst_gc_task,
  dst_hold,
  dst_release,
  dst_run_gc,
  mod_timer,
  msleep,
  newDst,
  rtnl_lock,
  rtnl_unlock,
  spin_lock,
  spin_unlock,
  Timer,
  unregister_netdev,
} from 'jiffies';

/** What the tasks share. */
class World {
  constructor(p, devices) {
    this.p = p;
    this.net = p.net;
    this.kernel = p.kernel;
    this.dst = p.dst;
    this.ops = new DstOps(p.dst, { name: 'IP' });
    /** What can be found; the devices that new entries may be on. Both under the lock. */
    this.lock = p.lock('table');
    this.table = [];
    this.devices = Array.from({ length: devices }, (_, n) => p.net.device(`eth${n}`));
    /** Entries made so far, in order. */
    this.entries = [];
    /** Tasks that are not over. */
    this.busy = 0;
  }

  /** One of a list, as the search likes; undefined if it is empty. */
  pick(what, list) {
    return list.length < 2 ? list[0] : list[this.p.choose(what, list.length)];
  }

  /** 1, 2, 4 … jiffies. */
  delay() {
    return 2 ** this.p.choose('delay', 12);
  }

  *locked(code) {
    yield spin_lock(this.lock);
    const answer = yield* code();
    yield spin_unlock(this.lock);
    return answer;
  }

  /** A new entry with one reference, which the task has. */
  *make(kind, setup) {
    const entry = yield* newDst(this.dst, this.ops, `${kind}${this.entries.length + 1}`, setup);
    this.entries.push(entry);
    return entry;
  }
}

function take(list, one) {
  if (one !== undefined) list.splice(list.indexOf(one), 1);
  return one;
}

/** What a task can do. `held`: its references. */
export const operations = {
  /** A new entry, for others to find. */
  *alloc(world, held) {
    const entry = yield* world.locked(function* () {
      const made = yield* world.make('dst', { dev: world.pick('device', world.devices) ?? null });
      world.table.push(made);
      return made;
    });
    held.push(entry);
  },

  /** A new entry above one that is held, with or without an element between them. */
  *bundle(world, held) {
    const tabled = held.filter(({ flags }) => (flags & DST_NOHASH) === 0);
    let child = world.pick('child', tabled);
    if (child === undefined) return;
    if (world.p.choose('elements', 2) > 0) {
      child = yield* world.make('element', { child, flags: DST_NOHASH, refs: 0 });
    }
    const top = yield* world.make('bundle', { child });
    yield* world.locked(function* () {
      world.table.push(top);
    });
    held.push(top);
  },

  /** Looks one up. */
  *find(world, held) {
    const found = yield* world.locked(function* () {
      const entry = world.pick('entry', world.table);
      if (entry !== undefined) yield dst_hold(entry);
      return entry;
    });
    if (found !== undefined) held.push(found);
  },

  /** From a bundle to its child, as a packet on its way down. */
  *descend(world, held) {
    const top = world.pick(
      'bundle',
      held.filter(({ child }) => child !== null),
    );
    if (top === undefined) return;
    yield dst_hold(top.child);
    held.push(top.child);
  },

  *release(world, held) {
    const entry = take(held, world.pick('held', held));
    if (entry !== undefined) yield* dst_release(world.dst, entry);
  },

  /** Leaves a reference to a timer, as a packet that waits in a queue. */
  *releaseLater(world, held) {
    const entry = take(held, world.pick('held', held));
    if (entry === undefined) return;
    const { kernel } = world;
    const timer = new Timer(kernel, 'packet', () => dst_release(world.dst, entry));
    yield mod_timer(timer, kernel.addJiffies(kernel.now, world.delay()));
  },

  /** Takes one out of the table and gives it up. Answers whether there was one. */
  *free(world) {
    const entry = yield* world.locked(function* () {
      return take(world.table, world.pick('entry', world.table));
    });
    if (entry !== undefined) yield* dst_free(world.dst, entry);
    return entry !== undefined;
  },

  /** Takes a device down, or up again. */
  *link(world) {
    const { net } = world;
    yield* rtnl_lock(net);
    const dev = world.pick(
      'device',
      [...net.init_net.devices.values()].filter(({ loopback }) => !loopback),
    );
    if (dev !== undefined) yield* dev.up ? dev_close(net, dev) : dev_open(net, dev);
    yield* rtnl_unlock(net);
  },

  /** Takes a device away, and waits until nobody has it. */
  *unregister(world, held) {
    const dev = yield* world.locked(function* () {
      return take(world.devices, world.pick('device', world.devices));
    });
    if (dev === undefined) return;
    yield* giveAllBack(world, held);
    yield* unregister_netdev(world.net, dev);
  },

  *sleep(world) {
    yield* msleep(world.kernel, 4 * world.delay());
  },

  /** Calls the collector, besides its timer or work. */
  *collect({ dst }) {
    if (dst.traits.gcInWorkqueue) yield* dst_gc_task(dst);
    else yield* dst_run_gc(dst, 0);
  },

  /** Gives a reference back and forgets that: it will be given back again. A bug of the caller's, for who wants one. */
  *releaseAndForget(world, held) {
    const entry = world.pick('held', held);
    if (entry !== undefined) yield* dst_release(world.dst, entry);
  },
};

function* giveAllBack(world, held) {
  while (held.length > 0) yield* dst_release(world.dst, held.pop());
  while (yield* operations.free(world));
}

/** What users of the cache do. */
const lawful = Object.keys(operations).filter((name) => name !== 'collect' && name !== 'releaseAndForget');

/**
 * Starts the tasks: each does `length` of `kinds`, which ones is a data choice (0 is none). `script`: what each task does
 * is laid down instead. `frees` false: what was made stays.
 */
export function workload(p, { tasks = 3, length = 5, kinds = lawful, script = null, devices = 2, frees = true } = {}) {
  for (const cpu of p.kernel.machine.cpus) p.kernel.events.of(cpu);
  const world = new World(p, devices);
  const plans = script ?? Array.from({ length: tasks }, () => new Array(length).fill(null));
  for (const [cpu, plan] of plans.entries()) {
    world.busy++;
    p.task(`task${cpu}`, () => task(world, plan, kinds, frees), { cpu });
  }
  p.finally(() => {
    const { dst } = p;
    const undecided = !frees || world.busy > 0 || dst.gcPending || dst.dst_total === 0;
    p.check(undecided, 'what everybody gave back is never destroyed');
  });
  return world;
}

function* task(world, plan, kinds, frees) {
  const held = [];
  for (const planned of plan) {
    const name = planned ?? ['nothing', ...kinds][world.p.choose('operation', kinds.length + 1)];
    if (name !== 'nothing') yield* operations[name](world, held);
  }
  if (frees) yield* giveAllBack(world, held);
  else while (held.length > 0) yield* dst_release(world.dst, held.pop());
  world.busy--;
}
