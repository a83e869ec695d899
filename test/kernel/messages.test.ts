import { describe, expect, test } from 'vitest';
import { dstReleaseOutOfLine, type Era, eraOf, kernelVersions } from '../../src/kernel/era.js';
import * as messages from '../../src/kernel/messages.js';
import { formatPointer, type LogLine } from '../../src/kernel/messages.js';
import { messageTable } from './message-samples.js';

const cutHere = '------------[ cut here ]------------';

function texts(lines: readonly LogLine[]): readonly string[] {
  return lines.map(({ text }) => text);
}

/** Holds `print` against what is expected of every release, written as runs `from release: lines`. */
function expectRuns(
  print: (era: Era) => readonly LogLine[],
  runs: readonly (readonly [from: number, expected: readonly string[]])[],
): void {
  for (const version of kernelVersions) {
    const era = eraOf(version);
    const expected = runs.filter(([from]) => from <= era.ordinal).at(-1)![1];
    expect(texts(print(era)), version).toEqual(expected);
  }
}

describe('soft lockup (facts 3.1)', () => {
  test('text by release', () => {
    expectRuns(
      (era) => messages.softLockup(era, 1, 11, 'events/1', 6),
      [
        [12, []],
        [14, ['BUG: soft lockup detected on CPU#1!']],
        [22, []],
        [24, ['BUG: soft lockup - CPU#1 stuck for 11s! [events/1:6]']],
      ],
    );
    expect(messages.softLockup(eraOf('2.6.20'), 0, 11, 'a', 1)[0]?.level).toBe(3);
  });

  test('hung task, from 2.6.25', () => {
    expectRuns(
      (era) => messages.hungTask(era, 'ip', 412, 120),
      [
        [12, []],
        [
          25,
          [
            'INFO: task ip:412 blocked for more than 120 seconds.',
            '"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.',
          ],
        ],
      ],
    );
  });
});

describe('network (facts 3.2, 3.3)', () => {
  test('texts and levels', () => {
    expect(messages.waitingForDevice('eth0', 2)).toEqual([
      { level: 0, text: 'unregister_netdevice: waiting for eth0 to become free. Usage count = 2' },
    ]);
    expect(messages.dstCacheOverflow()).toEqual([{ level: 4, text: 'dst cache overflow' }]);
    expect(messages.neighbourTableOverflow()).toEqual([{ level: 4, text: 'Neighbour table overflow.' }]);
    expect(texts(messages.messagesSuppressed(12))).toEqual(['printk: 12 messages suppressed.']);
    expect(messages.neverRegistered(eraOf('2.6.28'), 'eth0', 'f7c00000')).toEqual([
      { level: 7, text: 'unregister_netdevice: device eth0/f7c00000 never was registered' },
    ]);
    expect(messages.neverRegistered(eraOf('2.6.24'), 'eth0', 'f7c00000')).toEqual([]);
  });

  test('dst debug lines', () => {
    expect(texts(messages.dstTotalOfTimer(10, 7, 150))).toEqual(['dst_total: 10/7 150']);
    expect(messages.dstTotalOfWork('i386', 75469, 74109, 141, 150, 8092)).toEqual([
      { level: 7, text: 'dst_total: 75469 delayed: 74109 work_perf: 141 expires: 150 elapsed: 8092 us' },
    ]);
    expect(texts(messages.dstTotalOfWork('i386', 0, 0, 1, null, 3))).toEqual([
      'dst_total: 0 delayed: 0 work_perf: 1 expires: 4294967295 elapsed: 3 us',
    ]);
    expect(texts(messages.dstTotalOfWork('x86_64', 0, 0, 1, null, 3))).toEqual([
      'dst_total: 0 delayed: 0 work_perf: 1 expires: 18446744073709551615 elapsed: 3 us',
    ]);
  });
});

describe('BUG (facts 3.4)', () => {
  test('i386', () => {
    expectRuns(
      (era) => messages.bugAt(era, 'i386', 'kernel/timer.c', 250),
      [[12, [cutHere, 'kernel BUG at kernel/timer.c:250!']]],
    );
  });

  test('x86_64', () => {
    expectRuns(
      (era) => messages.bugAt(era, 'x86_64', 'include/linux/timer.h', 83),
      [
        [
          12,
          ['----------- [cut here ] --------- [please bite here ] ---------', 'Kernel BUG at include/linux/timer.h:83'],
        ],
        [20, [cutHere, 'kernel BUG at include/linux/timer.h:83!']],
      ],
    );
  });

  test('add_timer of a pending timer, as each release reports it', () => {
    const reports = kernelVersions.map((version) => {
      const era = eraOf(version);
      const where = era.timerCore.addTimerBug;
      return where === null ? null : messages.bugAtLine(era, 'i386', where)[1]?.text;
    });
    const lines = [null, null, null, 83, 83, 83, 82, 82, 82, 146, 153, 145, 145, 143, 165, 165, 165, 165];
    expect(reports).toEqual(
      lines.map((line) => (line === null ? null : `kernel BUG at include/linux/timer.h:${line}!`)),
    );
  });

  test('an unknown line is not invented', () => {
    const era = eraOf('2.6.18');
    expect(texts(messages.bugAtLine(era, 'i386', era.timerCore.preemptLeakBug))).toEqual([
      cutHere,
      'kernel BUG at kernel/timer.c!',
    ]);
  });

  test('the trap line', () => {
    expectRuns(
      (era) => messages.invalidOpcode(era, 1),
      [
        [12, ['invalid operand: 0000 [#1]']],
        [16, ['invalid opcode: 0000 [#1]']],
      ],
    );
  });
});

describe('WARN_ON (facts 3.5)', () => {
  test('text by release', () => {
    expectRuns(
      (era) => messages.warnOn(era, 'dst_release', 'include/net/dst.h', 153),
      [
        [12, ['Badness in dst_release at include/net/dst.h:153']],
        [17, ['BUG: warning at include/net/dst.h:153/dst_release()']],
        [20, ['BUG: at include/net/dst.h:153 dst_release()']],
        [22, ['WARNING: at include/net/dst.h:153 dst_release()']],
        [28, [cutHere, 'WARNING: at include/net/dst.h:153 dst_release()']],
      ],
    );
  });

  test('dst_release as 2.6.26 prints it', () => {
    expect(texts(messages.warnOnLine(eraOf('2.6.26'), 'dst_release', dstReleaseOutOfLine.r24))).toEqual([
      'WARNING: at net/core/dst.c:265 dst_release()',
    ]);
  });

  test('end marker', () => {
    expectRuns(
      (era) => messages.endTrace(era, 0xabcn),
      [
        [12, []],
        [24, ['---[ end trace 0000000000000abc ]---']],
      ],
    );
  });
});

describe('context and locks (facts 3.6)', () => {
  test('scheduling while atomic', () => {
    expectRuns(
      (era) => messages.schedulingWhileAtomic(era, 'events/0', 0x10000100, 5),
      [
        [12, ['scheduling while atomic: events/0/0x10000100/5']],
        [17, ['BUG: scheduling while atomic: events/0/0x10000100/5']],
        [24, ['BUG: scheduling while atomic: events/0/5/0x10000100']],
      ],
    );
    expect(texts(messages.schedulingWhileAtomic(eraOf('2.6.24'), 'a', -1, 1))).toEqual([
      'BUG: scheduling while atomic: a/1/0xffffffff',
    ]);
  });

  test('sleeping function called', () => {
    expectRuns(
      (era) => messages.sleepingFunctionCalled(era, 'mm/slab.c', 2126, true, false),
      [
        [
          12,
          [
            'Debug: sleeping function called from invalid context at mm/slab.c:2126',
            'in_atomic():1, irqs_disabled():0',
          ],
        ],
        [
          17,
          ['BUG: sleeping function called from invalid context at mm/slab.c:2126', 'in_atomic():1, irqs_disabled():0'],
        ],
      ],
    );
  });

  test('preempt leak', () => {
    expectRuns(
      (era) => messages.preemptLeak(era, 'c02a1b2c', 0x100, 0x101),
      [
        [12, ['huh, entered c02a1b2c with 00000100, exited with 00000101?']],
        [13, ['huh, entered c02a1b2c with preempt_count 00000100, exited with 00000101?']],
      ],
    );
  });

  test('workqueue leak', () => {
    expectRuns(
      (era) => messages.workqueueLeaked(era, 'events/0', 1, 5, 'dst_gc_task'),
      [
        [12, []],
        [20, ['BUG: workqueue leaked lock or atomic: events/0/0x00000001/5', '    last function: dst_gc_task']],
      ],
    );
  });

  test('spinlocks', () => {
    const task = { comm: 'ip', pid: 412 };
    const pointer = formatPointer('i386', 0xc03d2f80);
    const held = { pointer, magic: 0xdead4ead, owner: { comm: 'ip', pid: 412, cpu: 1 } };
    expect(texts(messages.spinlockBug('recursion', 1, task, held))).toEqual([
      'BUG: spinlock recursion on CPU#1, ip/412',
      ' lock: c03d2f80, .magic: dead4ead, .owner: ip/412, .owner_cpu: 1',
    ]);
    expect(texts(messages.spinlockBug('bad magic', 0, task, { pointer, magic: 0, owner: null }))).toEqual([
      'BUG: spinlock bad magic on CPU#0, ip/412',
      ' lock: c03d2f80, .magic: 00000000, .owner: <none>/-1, .owner_cpu: -1',
    ]);
    expect(texts(messages.spinlockLockup(1, task, pointer))).toEqual([
      'BUG: spinlock lockup on CPU#1, ip/412, c03d2f80',
    ]);
  });

  test('tick and transmitter', () => {
    expectRuns(
      (era) => messages.nohzLocalSoftirqPending(era, 2),
      [
        [12, []],
        [24, ['NOHZ: local_softirq_pending 02']],
      ],
    );
    expect(texts(messages.netdevWatchdog('eth0'))).toEqual(['NETDEV WATCHDOG: eth0: transmit timed out']);
  });

  test('faults', () => {
    expect(texts(messages.unableToHandle(0x6b6b6b6b, 0))).toEqual([
      'BUG: unable to handle kernel paging request at virtual address 6b6b6b6b',
      ' printing eip:',
      '*pde = 00000000',
    ]);
    expect(messages.unableToHandle(0x14, 0)[0]?.text).toBe(
      'BUG: unable to handle kernel NULL pointer dereference at virtual address 00000014',
    );
  });
});

describe('slab (facts 3.8)', () => {
  test('use after free', () => {
    expectRuns(
      (era) => messages.useAfterFree(era, 'ip_dst_cache', 'f7a01280', 256),
      [
        [12, ['Slab corruption: start=f7a01280, len=256']],
        [23, ['='.repeat(77), 'BUG ip_dst_cache: Poison overwritten', '-'.repeat(77)]],
      ],
    );
  });

  test('double free', () => {
    expectRuns(
      (era) => messages.doubleFree(era, 'ip_dst_cache', 'f7a01280'),
      [
        [12, ["slab error in verify_redzone_free(): cache `ip_dst_cache': double free detected"]],
        [23, ['='.repeat(77), 'BUG ip_dst_cache: Object already free', '-'.repeat(77), 'INFO: Object 0xf7a01280']],
      ],
    );
  });
});

test('pointers print as a padded word', () => {
  expect(formatPointer('i386', 0x14)).toBe('00000014');
  expect(formatPointer('i386', -1)).toBe('ffffffff');
  expect(formatPointer('x86_64', 0xffff81000000n)).toBe('0000ffff81000000');
});

describe('messageTable', () => {
  test('has every message once', () => {
    const covered = new Set(messageTable.map(({ name }) => name.split(' ')[0]));
    const helpers = new Set(['formatPointer', 'bugAtLine', 'warnOnLine']);
    const functions = Object.entries(messages).filter(
      ([name, value]) => typeof value === 'function' && !helpers.has(name),
    );
    expect([...covered].sort()).toEqual(functions.map(([name]) => name).sort());
    expect(new Set(messageTable.map(({ name }) => name)).size).toBe(messageTable.length);
  });

  test.each(messageTable)('$name prints whole lines in every era', ({ sample }) => {
    for (const version of kernelVersions) {
      for (const { level, text } of sample(eraOf(version))) {
        expect(level).toBeGreaterThanOrEqual(0);
        expect(level).toBeLessThanOrEqual(7);
        expect(text).not.toMatch(/undefined|NaN|null|[\n\r]|%[a-z0-9]/);
      }
    }
  });
});
