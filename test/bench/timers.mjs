/** Rows about pending timers, a million of ours. */
import { Kernel } from '../../dist/kernel/kernel.js';
import { mod_timer, Timer } from '../../dist/kernel/timer.js';
import { TimedScheduler } from '../../dist/smp/timed-scheduler.js';
import { newClock, newHeap } from './contenders.mjs';

const million = 1_000_000;
/** The others take time quadratic in the number of timers, or cancel in linear time: they get fewer. */
const fewer = 5_000;
const spanJiffies = 100_000;

/** The same delays each time. */
function delays(count) {
  let x = 123_456_789;
  return Array.from({ length: count }, () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return 1 + ((x >>> 0) % spanJiffies);
  });
}

const first = delays(million);
const second = first.map((_, i) => first[(i + 7919) % million]);

/** A wheel and a million timers for it; each phase leaves what the next one needs. */
const wheel = (() => {
  const kernel = new Kernel({ kernel: '2.6.24', cpus: 1, hz: 250, arch: 'x86_64' }, new TimedScheduler());
  const { base } = kernel.timersOf(kernel.machine.cpus[0]);
  /** @type {Timer[] | null} */
  let timers = null;
  const all = () => {
    timers ??= first.map(() => new Timer(kernel, 't', () => {}));
    return timers;
  };
  const arm = (after) => {
    const now = base.timerJiffies;
    const list = all();
    for (let i = 0; i < million; i++) {
      const timer = list[i];
      timer.expires = now + after[i];
      base.add(timer);
    }
    return million;
  };
  return {
    arm: () => arm(first),
    modify: () => arm(second),
    remove: () => {
      for (const timer of all()) base.remove(timer);
      return million;
    },
    clear: () => {
      for (const timer of all()) if (timer.pending) base.remove(timer);
    },
    fire: () => {
      while (base.pendingCount > 0) {
        const next = base.nextEvent();
        if (base.advanceTo(next + 1)) continue;
        base.beginSlot();
        while (base.shift() !== null);
      }
      return million;
    },
  };
})();

const clocks = (() => {
  const clock = newClock();
  let ids = [];
  const some = first.slice(0, fewer);
  return {
    arm: () => {
      ids = some.map((delay) => clock.setTimeout(() => {}, delay));
      return fewer;
    },
    modify: () => {
      ids = ids.map((id, i) => {
        clock.clearTimeout(id);
        return clock.setTimeout(() => {}, second[i]);
      });
      return fewer;
    },
    remove: () => {
      for (const id of ids) clock.clearTimeout(id);
      return fewer;
    },
    fire: () => {
      clock.tick(spanJiffies);
      return fewer;
    },
  };
})();

const heap = (() => {
  let queue = newHeap();
  return {
    arm: () => {
      queue = newHeap();
      for (let i = 0; i < million; i++) queue.add({ at: first[i] });
      return million;
    },
    fire: () => {
      while (queue.poll() !== undefined);
      return million;
    },
  };
})();

/** A million timers fire in the machine: tick, softirq, handler. */
function fireInMachine() {
  const kernel = new Kernel({ kernel: '2.6.24', cpus: 1, hz: 250, arch: 'x86_64' }, new TimedScheduler());
  const now = kernel.jiffies();
  let fired = 0;
  function* start() {
    for (let i = 0; i < million; i++) {
      const timer = new Timer(kernel, 't', () => {
        fired++;
      });
      yield mod_timer(timer, now + first[i]);
    }
  }
  kernel.machine.spawn('t', 0, start());
  kernel.machine.runUntil(spanJiffies * kernel.machine.tickNs * 2, true);
  return fired;
}

const ours = { jiffies: wheel.arm, 'fake-timers': clocks.arm, heap: heap.arm };
const few = `fake-timers: ${fewer} timers`;

/** @type {import('./measure.mjs').Row[]} */
export const timerRows = [
  { name: 'a million timers: arm', target: 5, note: few, before: { jiffies: wheel.clear }, contenders: ours },
  {
    name: 'a million timers: modify',
    target: 5,
    note: few,
    before: ours,
    contenders: { jiffies: wheel.modify, 'fake-timers': clocks.modify },
  },
  {
    name: 'a million timers: delete',
    target: 5,
    note: few,
    before: ours,
    contenders: { jiffies: wheel.remove, 'fake-timers': clocks.remove },
  },
  {
    name: 'a million timers: fire',
    target: 3,
    note: few,
    before: ours,
    contenders: { jiffies: wheel.fire, 'fake-timers': clocks.fire, heap: heap.fire },
  },
  { name: 'a million timers: made, armed, fired by the softirq', contenders: { jiffies: fireInMachine } },
].map((row) => ({ unit: 'M/s', ...row }));
