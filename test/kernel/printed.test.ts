/**
 * The table of facts about messages (by release) against what runs print: each message is provoked on every release, and the whole
 * kernel log is held against the table. Beside it messages.test.ts, which holds the texts alone.
 */
import { describe, expect, it } from 'vitest';
import { kernelVersions } from '../../src/kernel/era.js';
import { mod_timer } from '../../src/kernel/timer.js';
import { DelayedWork, schedule_delayed_work } from '../../src/kernel/workqueue.js';
import { unregister_netdev } from '../../src/net/dev.js';
import { in_dev_put } from '../../src/net/ipv4/devinet.js';
import type { Scenario } from '../../src/scenario/load.js';
import type { K } from '../../src/smp/op.js';
import { readFiles } from '../house/source.js';
import { TestWorld } from '../net/world.js';
import { run, script, small } from '../scenario/helpers.js';
import { boot, logTexts, start } from './boot.js';

/** Lines by the release they begin with. */
type Runs = readonly (readonly [from: number, lines: readonly string[]])[];
type Lines = readonly (readonly [from: number, line: number])[];

interface Provocation {
  /** The functions of messages.ts that print here. */
  readonly of: readonly string[];
  /** What is run, or answers the kernel log of a release. */
  readonly scenario: Scenario | ((kernel: string) => readonly string[]);
  readonly prints: Runs;
}

const cut = '------------[ cut here ]------------';
const end = '---[ end trace 0000000000000001 ]---';
const panic = 'Kernel panic - not syncing: Fatal exception in interrupt';
const rule = '='.repeat(77);
const line = '-'.repeat(77);

const releases = kernelVersions.map((_, index) => 12 + index);

/** The end of an oops: through 2.6.15 the trap is an operand's; the end marker is there from 2.6.24 on. */
function oops(release: number, ...stack: readonly string[]): readonly string[] {
  return [`invalid ${release < 16 ? 'operand' : 'opcode'}: 0000 [#1]`, ...stack, ...(release < 24 ? [] : [end])];
}

/** A BUG by the line it stands in. */
function bugs(file: string, lines: Lines, ...stack: readonly string[]): Runs {
  const known = releases.filter((release) => release >= lines[0]![0]);
  return known.map((release) => {
    const at = lines.filter(([from]) => from <= release).at(-1)![1];
    return [release, [cut, `kernel BUG at ${file}:${at}!`, ...oops(release, ...stack)]];
  });
}

const addTimerOn: Lines = [
  [12, 236],
  [13, 285],
  [15, 263],
  [16, 264],
  [17, 250],
  [19, 245],
  [20, 377],
  [21, 398],
  [22, 437],
  [23, 451],
  [24, 452],
  [25, 450],
  [26, 583],
  [28, 652],
];

const queueDelayedWork: Lines = [
  [12, 131],
  [15, 133],
  [18, 138],
  [20, 252],
  [22, 220],
  [24, 224],
  [25, 223],
  [27, 240],
  [28, 241],
];

const onRtnl = 'network: {devices: {eth0: {}}}\nactors: [{name: a, do: ';
const timers = 'timers: {t: {}, u: {}}';

const provocations: Readonly<Record<string, Provocation>> = {
  'a release too many (3.3, 3.5)': {
    of: ['warnOnLine', 'endTrace'],
    scenario: script('[{dst_alloc: {dst: d}}, {dst_release: {dst: d}}, {dst_release: {dst: d}}]'),
    prints: [
      [12, ['Badness in dst_release at include/net/dst.h:154']],
      [15, ['Badness in dst_release at include/net/dst.h:153']],
      [17, ['BUG: warning at include/net/dst.h:153/dst_release()']],
      [20, ['BUG: at include/net/dst.h:154 dst_release()']],
      [22, ['WARNING: at include/net/dst.h:159 dst_release()']],
      [23, ['WARNING: at include/net/dst.h:158 dst_release()']],
      [24, ['WARNING: at include/net/dst.h:165 dst_release()']],
      [25, ['WARNING: at include/net/dst.h:170 dst_release()', end]],
      [26, ['WARNING: at net/core/dst.c:265 dst_release()', end]],
      [28, [cut, 'WARNING: at net/core/dst.c:266 dst_release()', end]],
      [29, [cut, 'WARNING: at net/core/dst.c:270 dst_release()', end]],
    ],
  },
  'add_timer of a pending timer (3.4)': {
    of: ['bugAtLine', 'invalidOpcode', 'endTrace'],
    scenario: script('[{add_timer: {timer: t, expires: 1s}}, {add_timer: {timer: t, expires: 1s}}]', timers),
    prints: [
      [12, []],
      ...bugs('include/linux/timer.h', [
        [15, 83],
        [18, 82],
        [21, 146],
        [22, 153],
        [23, 145],
        [25, 143],
        [26, 165],
      ]),
    ],
  },
  'add_timer_on of a pending timer (3.4)': {
    of: ['bugAtLine', 'invalidOpcode', 'endTrace'],
    scenario: script(
      '[{add_timer_on: {timer: t, expires: 1s, on: 0}}, {add_timer_on: {timer: t, expires: 1s, on: 0}}]',
      timers,
    ),
    prints: bugs('kernel/timer.c', addTimerOn),
  },
  'a timer that changes the preempt count (3.6), which is fatal in interrupt': {
    of: ['preemptLeak', 'bugAtLine', 'invalidOpcode', 'endTrace', 'fatalInInterrupt'],
    scenario: script('[{add_timer: {timer: t, expires: 1 jiffies}}]', 'timers: {t: {handler: [{preempt_disable: }]}}'),
    prints: releases.map((release) => {
      const names = release < 13 ? '' : 'preempt_count ';
      const huh = `huh, entered POINTER with ${names}00000100, exited with 00000101?`;
      // Which line the BUG stands in nobody has read.
      return [release, [huh, cut, 'kernel BUG at kernel/timer.c!', ...oops(release), panic]];
    }),
  },
  'the functions an oops was in': {
    of: ['bugAtLine', 'invalidOpcode', 'endTrace', 'calledFrom'],
    scenario: script(
      '[{schedule_work: {work: w}}]',
      `${timers}
works: {w: {function: [{add_timer_on: {timer: t, expires: 1s, on: 0}}, {add_timer_on: {timer: t, expires: 1s, on: 0}}]}}`,
    ),
    prints: bugs('kernel/timer.c', addTimerOn, ' [<w>]'),
  },
  'sleeping with a lock held (3.6)': {
    of: ['schedulingWhileAtomic'],
    scenario: script('[{spin_lock: {lock: l}}, {schedule_timeout: 1 jiffies}, {spin_unlock: {lock: l}}]'),
    prints: [
      [12, ['scheduling while atomic: script/0x00000001/1']],
      [17, ['BUG: scheduling while atomic: script/0x00000001/1']],
      [24, ['BUG: scheduling while atomic: script/1/0x00000001']],
    ],
  },
  'offering to sleep with a lock held (3.6), once a second': {
    of: ['sleepingFunctionCalled'],
    scenario: script('[{spin_lock: {lock: l}}, {might_sleep: }, {might_sleep: }, {spin_unlock: {lock: l}}]'),
    prints: [
      [12, ['Debug: sleeping function called from invalid context at scenario', 'in_atomic():1, irqs_disabled():0']],
      [17, ['BUG: sleeping function called from invalid context at scenario', 'in_atomic():1, irqs_disabled():0']],
    ],
  },
  'a work that keeps the preempt count up (3.6)': {
    of: ['workqueueLeaked', 'schedulingWhileAtomic'],
    scenario: script('[{schedule_work: {work: w}}]', 'works: {w: {function: [{preempt_disable: }]}}'),
    prints: [
      [12, ['scheduling while atomic: events/0/0x00000001/2']],
      [17, ['BUG: scheduling while atomic: events/0/0x00000001/2']],
      [
        20,
        [
          'BUG: workqueue leaked lock or atomic: events/0/0x00000001/2',
          '    last function: w',
          'BUG: scheduling while atomic: events/0/0x00000001/2',
        ],
      ],
      [
        24,
        [
          'BUG: workqueue leaked lock or atomic: events/0/0x00000001/2',
          '    last function: w',
          'BUG: scheduling while atomic: events/0/2/0x00000001',
        ],
      ],
    ],
  },
  'a spinlock taken twice (3.6)': {
    of: ['spinlockBug'],
    scenario: script('[{spin_lock: {lock: l}}, {spin_lock: {lock: l}}]'),
    prints: [
      [
        12,
        [
          'BUG: spinlock recursion on CPU#0, script/1',
          ' lock: POINTER, .magic: dead4ead, .owner: script/1, .owner_cpu: 0',
        ],
      ],
    ],
  },
  'a device that is held for 21 s (3.2)': {
    of: ['waitingForDevice'],
    scenario: small(`${onRtnl}[{dst_alloc: {dst: d, dev: eth0, refs: 2}}, {unregister: {dev: eth0}}]}]\nuntil: 21s`),
    prints: [[12, Array(2).fill('unregister_netdevice: waiting for eth0 to become free. Usage count = 1')]],
  },
  'a device that is no longer registered (3.2)': {
    of: ['neverRegistered', 'warnOnLine', 'bugAtLine', 'endTrace'],
    scenario: (kernel) => {
      const world = new TestWorld('newest', { kernel });
      const eth0 = world.net.device('eth0');
      for (let i = 0; i < 2; i++) world.run(unregister_netdev(world.net, eth0));
      return world.log;
    },
    prints: [
      [12, [cut, 'kernel BUG at net/core/dev.c!']],
      [
        28,
        [
          'unregister_netdevice: device eth0/POINTER never was registered',
          cut,
          'WARNING: at net/core/dev.c rollback_registered()',
          end,
        ],
      ],
    ],
  },
  'the last reference to an in_device that is on its device': {
    of: ['freeingAliveInDevice'],
    scenario: (kernel) => {
      const world = new TestWorld('newest', { kernel, net: { inDevices: true } });
      world.run(in_dev_put(world.net, world.net.device('eth0').ip_ptr!));
      return world.log;
    },
    prints: [[12, ['Freeing alive in_device POINTER']]],
  },
  'a work that is not pending, but its timer is (3.4)': {
    of: ['bugAtLine'],
    scenario: (kernel) => {
      const made = boot({ kernel, onBug: 'continue' });
      const work = new DelayedWork(made, 'w', function* (): K {});
      start(made, 0, function* (): K {
        yield mod_timer(work.timer, 1100);
        yield* schedule_delayed_work(made, work, 5);
      });
      return logTexts(made);
    },
    prints: queueDelayedWork.map(([from, at]) => [from, [cut, `kernel BUG at kernel/workqueue.c:${at}!`]]),
  },
  'no room for a route (3.3), ten times and then each five seconds': {
    of: ['dstCacheOverflow', 'messagesSuppressed'],
    scenario: small(`network: {gcThresh: 1, maxSize: 2}
actors: [{name: a, do: [{alloc: {group: g, count: 20}}, {wait: 10s}, {alloc: {group: g, count: 1}}]}]
until: 12s`),
    prints: [
      [12, [...Array<string>(10).fill('dst cache overflow'), 'printk: 8 messages suppressed.', 'dst cache overflow']],
    ],
  },
  'no room for a neighbour (3.3)': {
    of: ['neighbourTableOverflow'],
    scenario:
      small(`network: {route: {buckets: 1024, firstScan: never, firstRebuild: never}, neighbours: true, devices: {eth0: {}}}
actors: [{name: a, do: [{route_connections: {count: 1025, dev: eth0, group: g}}]}]`),
    prints: [[12, ['Neighbour table overflow.']]],
  },
  'the debug line of the collector (3.3)': {
    of: ['dstTotalOfTimer', 'dstTotalOfWork'],
    scenario: small(`network: {debug: 2}
actors: [{name: a, do: [{alloc: {group: g, count: 3}}, {free: {group: g}}]}]`),
    prints: [
      [12, ['dst_total: 3/3 150', 'dst_total: 3/3 400']],
      [
        24,
        [
          'dst_total: 3 delayed: 3 work_perf: 0 expires: 150 elapsed: 0 us',
          'dst_total: 3 delayed: 3 work_perf: 0 expires: 400 elapsed: 0 us',
        ],
      ],
    ],
  },
  'the last reference to a neighbour that is not dead': {
    of: ['destroyingAliveNeighbour'],
    scenario: small(
      `${onRtnl}[{neigh_create: {neigh: n, dev: eth0}}, {neigh_release: {neigh: n}}, {neigh_release: {neigh: n}}]}]`,
    ),
    prints: [[12, ['Destroying alive neighbour POINTER']]],
  },
  'an object touched after it was freed (3.8)': {
    of: ['useAfterFree'],
    scenario: script('[{dst_alloc: {dst: d, refs: 0}}, {dst_destroy: {dst: d}}, {dst_hold: {dst: d}}]'),
    prints: [
      [12, ['Slab corruption: start=POINTER, len=256']],
      [23, [rule, 'BUG ip_dst_cache: Poison overwritten', line]],
    ],
  },
  'an object freed twice (3.8)': {
    of: ['doubleFree'],
    scenario: script('[{dst_alloc: {dst: d, refs: 0}}, {dst_destroy: {dst: d}}, {dst_destroy: {dst: d}}]'),
    prints: [
      [12, ["slab error in verify_redzone_free(): cache `ip_dst_cache': double free detected"]],
      [23, [rule, 'BUG ip_dst_cache: Object already free', line, 'INFO: Object 0xPOINTER']],
    ],
  },
  'a CPU that is stuck for 12 s (3.1)': {
    of: ['softLockup', 'calledFrom'],
    scenario: small('actors: [{name: hog, do: [{busy: 13s}]}]\nuntil: 14s', '{hz: 250, cpus: 1, watchdog: true}'),
    prints: [
      [12, []],
      [14, ['BUG: soft lockup detected on CPU#0!']],
      [22, []],
      [24, ['BUG: soft lockup - CPU#0 stuck for 11s! [hog:2]']],
      [25, []],
    ],
  },
};

function logOf(scenario: Scenario, kernel: string): readonly string[] {
  return run(scenario, kernel, { kernel }).result.kernelLog.map(({ text }) => text);
}

/** Addresses are those of the model's objects; what they are says nothing. */
function withoutPointers(text: string): string {
  return text.replaceAll(
    /(?<=entered |neighbour |in_device |lock: |start=|Object 0x|device eth0\/)[0-9a-f]{8}\b/g,
    'POINTER',
  );
}

describe.each(Object.entries(provocations))('%s', (_, { scenario, prints }) => {
  it.each(kernelVersions)('on %s', (kernel) => {
    const release = Number(kernel.split('.')[2]);
    const expected = prints.filter(([from]) => from <= release).at(-1)![1];
    const texts = typeof scenario === 'function' ? scenario(kernel) : logOf(scenario, kernel);
    expect(texts.map(withoutPointers)).toEqual(expected);
  });
});

const messagesPath = 'src/kernel/messages.ts';

/** Functions of messages.ts that are no messages. */
const helpers = ['formatPointer'];

/** Texts of the table that nothing in the model has an occasion to print: bugAt and warnOn are what the *Line functions use. */
const neverPrinted = [
  'bugAt',
  'hungTask',
  'netdevWatchdog',
  'nohzLocalSoftirqPending',
  'spinlockLockup',
  'unableToHandle',
  'warnOn',
];

describe('what the model prints', () => {
  const sources = readFiles((path) => path.startsWith('src/') && path.endsWith('.ts'));
  const texts = sources.find(({ path }) => path === messagesPath)!.text;
  const known = [...texts.matchAll(/^export function (\w+)/gm)].map(([, name]) => name!);
  const others = sources.filter(({ path }) => path !== messagesPath);
  const used = known.filter((name) => others.some(({ text }) => new RegExp(`\\b${name}\\(`).test(text)));

  it('is all provoked above', () => {
    const provoked = new Set(Object.values(provocations).flatMap(({ of }) => of));
    expect([...provoked, ...helpers].sort()).toEqual([...used].sort());
    expect(known.filter((name) => !used.includes(name)).sort()).toEqual(neverPrinted);
  });

  it('has its words from the table: nobody else gives the log a text', () => {
    const printing = others.flatMap(({ path, text }) =>
      [...text.matchAll(/\blog\.print(?:All)?\(([^()]*)/g)].map(([, argument]) => `${path}: ${argument}`),
    );
    const own = printing.filter((call) => !/: (?:lines|last|[a-z]\w+)(?:, cpu\.id)?$/i.test(call));
    // The printk of scenarios prints what they say.
    expect(own).toEqual(['src/kernel/printk.ts: level, text']);
    const called = printing.map((call) => call.split(': ')[1]!).filter((argument) => /^\w+$/.test(argument));
    const named = called.filter((argument) => argument !== 'lines' && argument !== 'last');
    expect(named.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('comes in lines that only the table makes', () => {
    const made = others.filter(({ text }) => /\btext: [`'"]/.test(text) && /\blevel: \d/.test(text));
    expect(made.map(({ path }) => path)).toEqual([]);
  });
});
