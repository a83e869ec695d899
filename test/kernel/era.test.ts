import { describe, expect, test } from 'vitest';
import { dstReleaseOutOfLine, type Era, eraOf, kernelVersions } from '../../src/kernel/era.js';
import { InputError } from '../../src/sim/errors.js';

/** One value per release 2.6.12 … 2.6.29, written as `from: value` runs. */
function perRelease<T>(runs: readonly (readonly [from: number, value: T])[]): readonly T[] {
  return kernelVersions.map((_, i) => runs.filter(([from]) => from <= i + 12).at(-1)![1]);
}

function read<T>(field: (era: Era) => T): readonly T[] {
  return kernelVersions.map((version) => field(eraOf(version)));
}

function at(place: { file: string; line: number | null } | null): string | null {
  return place === null ? null : `${place.file}:${place.line}`;
}

describe('eraOf', () => {
  test('knows 2.6.12 … 2.6.29, in order', () => {
    expect(kernelVersions).toHaveLength(18);
    expect(kernelVersions[0]).toBe('2.6.12');
    expect(kernelVersions.at(-1)).toBe('2.6.29');
    expect(read((era) => era.version)).toEqual(kernelVersions);
    expect(read((era) => era.ordinal)).toEqual(kernelVersions.map((_, i) => 12 + i));
  });

  test('gives one object per version', () => {
    expect(eraOf('2.6.18')).toBe(eraOf('2.6.18'));
  });

  test.each([
    ['2.6.30', '2.6.29'],
    ['2.6.39.4', '2.6.29'],
    ['2.6.9', '2.6.12'],
    ['2.6.24-rc3', '2.6.24'],
    ['v2.6.12.1', '2.6.12'],
    ['2.6,24', '2.6.24'],
  ])('refuses %s and names %s', (asked, nearest) => {
    expect(() => eraOf(asked)).toThrow(InputError);
    expect(() => eraOf(asked)).toThrow(
      `unknown kernel version '${asked}': expected 2.6.12 … 2.6.29; did you mean '${nearest}'?`,
    );
  });

  test.each(['', '__proto__', 'constructor', 'linux'])('refuses %j without a guess', (asked) => {
    expect(() => eraOf(asked)).toThrow(/expected 2\.6\.12 … 2\.6\.29$/);
  });
});

test('a very long version is shown shortened', () => {
  expect(() => eraOf('7'.repeat(5000))).toThrow(`unknown kernel version '${'7'.repeat(40)}…': expected`);
});

describe('pending-timer checks (facts, kernel-messages 3.4)', () => {
  test('add_timer', () => {
    expect(read((era) => at(era.timerCore.addTimerBug))).toEqual([
      null,
      null,
      null,
      'include/linux/timer.h:83',
      'include/linux/timer.h:83',
      'include/linux/timer.h:83',
      'include/linux/timer.h:82',
      'include/linux/timer.h:82',
      'include/linux/timer.h:82',
      'include/linux/timer.h:146',
      'include/linux/timer.h:153',
      'include/linux/timer.h:145',
      'include/linux/timer.h:145',
      'include/linux/timer.h:143',
      'include/linux/timer.h:165',
      'include/linux/timer.h:165',
      'include/linux/timer.h:165',
      'include/linux/timer.h:165',
    ]);
    expect(read((era) => era.timerCore.addTimerChecksPending)).toEqual(
      perRelease([
        [12, false],
        [15, true],
      ]),
    );
    expect(read((era) => era.timerCore.addTimerBug?.exact ?? true)).not.toContain(false);
  });

  test('add_timer_on', () => {
    expect(read((era) => at(era.timerCore.addTimerOnBug))).toEqual(
      [236, 285, 285, 263, 264, 250, 250, 245, 377, 398, 437, 451, 452, 450, 583, 583, 652, 652].map(
        (line) => `kernel/timer.c:${line}`,
      ),
    );
    expect(read((era) => era.timerCore.addTimerOnBug.exact)).not.toContain(false);
  });

  test.each([
    ['2.6.12', 131, 408],
    ['2.6.15', 133, 409],
    ['2.6.18', 138, 160],
    ['2.6.20', 252, 284],
    ['2.6.22', 220, 220],
    ['2.6.23', 220, 220],
    ['2.6.24', 224, 224],
    ['2.6.25', 223, 223],
    ['2.6.27', 240, 240],
    ['2.6.28', 241, 241],
  ])('delayed work, %s', (version, queue, on) => {
    const { timerPendingBug, timerPendingOnBug } = eraOf(version).workqueue;
    expect(timerPendingBug).toEqual({ file: 'kernel/workqueue.c', line: queue, exact: true });
    expect(timerPendingOnBug).toEqual({ file: 'kernel/workqueue.c', line: on, exact: true });
  });

  test('a release that was not read says so and takes its predecessor’s line', () => {
    expect(eraOf('2.6.17').workqueue.timerPendingBug).toEqual({ file: 'kernel/workqueue.c', line: 133, exact: false });
    expect(eraOf('2.6.29').workqueue.timerPendingBug).toEqual({ file: 'kernel/workqueue.c', line: 241, exact: false });
  });
});

describe('dst_release warning (facts, kernel-messages 3.3)', () => {
  test.each([
    ['2.6.12', 154, true],
    ['2.6.15', 153, true],
    ['2.6.17', 153, false],
    ['2.6.18', 153, true],
    ['2.6.20', 154, true],
    ['2.6.22', 159, true],
    ['2.6.23', 158, true],
    ['2.6.24', 165, true],
    ['2.6.25', 170, true],
    ['2.6.29', 170, false],
  ])('inline, %s', (version, line, exact) => {
    expect(eraOf(version).dstReleaseInline).toEqual({ file: 'include/net/dst.h', line, exact });
  });

  test('out of line', () => {
    expect(Object.entries(dstReleaseOutOfLine).map(([name, place]) => [name, at(place)])).toEqual([
      ['r24', 'net/core/dst.c:265'],
      ['r25', 'net/core/dst.c:266'],
      ['r26', 'net/core/dst.c:270'],
    ]);
  });
});

describe('soft lockup (facts, kernel-messages 3.1 and dst-history 3.3)', () => {
  test.each<[string, (era: Era) => unknown, readonly unknown[]]>([
    [
      'exists',
      (era) => era.softLockup.exists,
      perRelease([
        [12, false],
        [14, true],
      ]),
    ],
    [
      'works',
      (era) => era.softLockup.works,
      perRelease([
        [12, false],
        [14, true],
        [22, false],
        [24, true],
      ]),
    ],
    [
      'threshold',
      (era) => era.softLockup.thresholdSeconds,
      perRelease<number | null>([
        [12, null],
        [14, 10],
        [25, 60],
      ]),
    ],
    [
      'text',
      (era) => era.softLockup.text,
      perRelease([
        [12, 'none'],
        [14, 'detected'],
        [24, 'stuck'],
      ]),
    ],
    [
      'clock',
      (era) => era.softLockup.clock,
      perRelease([
        [12, 'none'],
        [14, 'jiffies'],
        [22, 'sched_clock_30'],
        [24, 'cpu_clock_30'],
      ]),
    ],
    [
      'second',
      (era) => era.softLockup.secondNs,
      perRelease<number | null>([
        [12, null],
        [22, 1_073_741_824],
      ]),
    ],
    [
      'checked in',
      (era) => era.softLockup.checkedIn,
      perRelease([
        [12, 'none'],
        [14, 'do_timer'],
        [17, 'every-tick'],
      ]),
    ],
    [
      'refreshed by',
      (era) => era.softLockup.refreshedBy,
      perRelease([
        [12, 'none'],
        [14, 'sleep-1s'],
        [17, 'tick-after-1s'],
        [27, 'tick-after-half-threshold'],
      ]),
    ],
    [
      'tunable',
      (era) => era.softLockup.tunable,
      perRelease([
        [12, false],
        [24, true],
      ]),
    ],
    [
      'zero disables',
      (era) => era.softLockup.zeroDisables,
      perRelease([
        [12, false],
        [27, true],
      ]),
    ],
  ])('%s', (_name, field, expected) => {
    expect(read(field)).toEqual(expected);
  });
});

describe('mechanisms (facts, dst-history 2.5 and 3)', () => {
  test.each<[string, (era: Era) => unknown, readonly unknown[]]>([
    [
      'self-serialised timers',
      (era) => era.timerCore.selfSerialised,
      perRelease([
        [12, false],
        [13, true],
      ]),
    ],
    [
      'del_timer_sync scans',
      (era) => era.timerCore.delTimerSyncScansAllCpus,
      perRelease([
        [12, true],
        [13, false],
      ]),
    ],
    [
      'pending',
      (era) => era.timerCore.pendingMeans,
      perRelease([
        [12, 'has-base'],
        [13, 'is-listed'],
      ]),
    ],
    [
      'round_jiffies',
      (era) => era.hasRoundJiffies,
      perRelease([
        [12, false],
        [20, true],
      ]),
    ],
    [
      'split work',
      (era) => era.workqueue.splitDelayedWork,
      perRelease([
        [12, false],
        [20, true],
      ]),
    ],
    [
      'zero delay',
      (era) => era.workqueue.directQueueWhenDelayZero,
      perRelease([
        [12, false],
        [20, true],
      ]),
    ],
    [
      'cancel sync',
      (era) => era.workqueue.hasCancelDelayedWorkSync,
      perRelease([
        [12, false],
        [23, true],
      ]),
    ],
    [
      'no-auto-release',
      (era) => era.workqueue.hasNoAutoRelease,
      perRelease([
        [12, false],
        [20, true],
        [22, false],
      ]),
    ],
    [
      'leak check',
      (era) => era.workqueue.leakedAtomicCheck,
      perRelease([
        [12, false],
        [20, true],
      ]),
    ],
    [
      'devinet knows only the initial namespace',
      (era) => era.netns.devinetInitialOnly,
      perRelease([
        [12, false],
        [24, true],
        [26, false],
      ]),
    ],
    ['restart limit', (era) => era.softirq.maxSoftirqRestart, perRelease([[12, 10]])],
    [
      'ksoftirqd nice',
      (era) => era.softirq.ksoftirqdNice,
      perRelease([
        [12, 19],
        [23, -5],
      ]),
    ],
    ['events nice', (era) => era.workqueue.workerNice, perRelease([[12, -5]])],
    [
      'RCU batch',
      (era) => era.rcuBatch.callbacksPerPass,
      perRelease([
        [12, 10],
        [14, 10000],
        [16, 10],
      ]),
    ],
    [
      'RCU flood',
      (era) => era.rcuBatch.unlimitedAbove,
      perRelease<number | null>([
        [12, null],
        [16, 10000],
      ]),
    ],
    [
      'RCU calm',
      (era) => era.rcuBatch.limitedAgainAt,
      perRelease<number | null>([
        [12, null],
        [16, 100],
      ]),
    ],
    [
      'default HZ',
      (era) => era.hz.default,
      perRelease([
        [12, 1000],
        [13, 250],
      ]),
    ],
    [
      'allocator',
      (era) => era.slab.allocator,
      perRelease([
        [12, 'SLAB'],
        [23, 'SLUB'],
      ]),
    ],
  ])('%s', (_name, field, expected) => {
    expect(read(field)).toEqual(expected);
  });

  test('HZ can be chosen from 2.6.13', () => {
    expect(eraOf('2.6.12').hz.choices).toEqual([1000]);
    expect(eraOf('2.6.13').hz.choices).toEqual([100, 250, 1000]);
    expect(eraOf('2.6.24').hz.choices).toEqual([100, 250, 300, 1000]);
  });
});
