/** Every message of kernel/messages.ts with fixed arguments, to hold tables of facts against. */
import type { Era } from '../../src/kernel/era.js';
import {
  bugAt,
  calledFrom,
  destroyingAliveNeighbour,
  doubleFree,
  dstCacheOverflow,
  dstTotalOfTimer,
  dstTotalOfWork,
  endTrace,
  fatalInInterrupt,
  formatPointer,
  freeingAliveInDevice,
  hungTask,
  invalidOpcode,
  type LogLine,
  messagesSuppressed,
  neighbourTableOverflow,
  netdevWatchdog,
  neverRegistered,
  nohzLocalSoftirqPending,
  preemptLeak,
  type SpinlockState,
  schedulingWhileAtomic,
  sleepingFunctionCalled,
  softLockup,
  spinlockBug,
  spinlockLockup,
  type TaskName,
  unableToHandle,
  useAfterFree,
  waitingForDevice,
  warnOn,
  workqueueLeaked,
} from '../../src/kernel/messages.js';

/** One message with fixed arguments, to hold a table of facts against. */
export interface MessageSample {
  /** The function's name here. */
  readonly name: string;
  /** What the message is about. */
  readonly topic: 'bug' | 'context' | 'watchdog' | 'network' | 'slab';
  /** Its lines in an era; none where the release does not have it. */
  readonly sample: (era: Era) => readonly LogLine[];
}

const sampleTask: TaskName = { comm: 'events/0', pid: 5 };
const samplePointer = formatPointer('i386', 0xc02a1b2c);
const sampleLock: SpinlockState = { pointer: samplePointer, magic: 0xdead4ead, owner: { ...sampleTask, cpu: 1 } };

/** Every message, once, with fixed arguments. */
export const messageTable: readonly MessageSample[] = [
  { name: 'bugAt', topic: 'bug', sample: (era) => bugAt(era, 'i386', 'kernel/timer.c', 250) },
  { name: 'bugAt (x86_64)', topic: 'bug', sample: (era) => bugAt(era, 'x86_64', 'kernel/timer.c', 250) },
  { name: 'invalidOpcode', topic: 'bug', sample: (era) => invalidOpcode(era, 1) },
  { name: 'warnOn', topic: 'bug', sample: (era) => warnOn(era, 'dst_release', 'include/net/dst.h', 153) },
  { name: 'endTrace', topic: 'bug', sample: (era) => endTrace(era, 0x123n) },
  { name: 'calledFrom', topic: 'bug', sample: () => calledFrom('dst_run_gc', 4) },
  { name: 'fatalInInterrupt', topic: 'bug', sample: fatalInInterrupt },
  { name: 'unableToHandle', topic: 'bug', sample: () => unableToHandle(0x6b6b6b6b, 0) },
  {
    name: 'schedulingWhileAtomic',
    topic: 'context',
    sample: (era) => schedulingWhileAtomic(era, 'events/0', 0x101, 5),
  },
  {
    name: 'sleepingFunctionCalled',
    topic: 'context',
    sample: (era) => sleepingFunctionCalled(era, 'mm/slab.c', 2126, true, false),
  },
  { name: 'preemptLeak', topic: 'context', sample: (era) => preemptLeak(era, samplePointer, 0x100, 0x101) },
  {
    name: 'workqueueLeaked',
    topic: 'context',
    sample: (era) => workqueueLeaked(era, 'events/0', 1, 5, 'dst_gc_task'),
  },
  {
    name: 'spinlockBug',
    topic: 'context',
    sample: () => spinlockBug('recursion', 1, sampleTask, sampleLock),
  },
  { name: 'spinlockLockup', topic: 'context', sample: () => spinlockLockup(1, sampleTask, samplePointer) },
  { name: 'softLockup', topic: 'watchdog', sample: (era) => softLockup(era, 1, 11, 'events/0', 5) },
  { name: 'hungTask', topic: 'watchdog', sample: (era) => hungTask(era, 'events/0', 5, 120) },
  { name: 'nohzLocalSoftirqPending', topic: 'watchdog', sample: (era) => nohzLocalSoftirqPending(era, 2) },
  { name: 'netdevWatchdog', topic: 'watchdog', sample: () => netdevWatchdog('eth0') },
  { name: 'waitingForDevice', topic: 'network', sample: () => waitingForDevice('eth0', 3) },
  { name: 'neverRegistered', topic: 'network', sample: (era) => neverRegistered(era, 'eth0', samplePointer) },
  { name: 'dstCacheOverflow', topic: 'network', sample: dstCacheOverflow },
  { name: 'neighbourTableOverflow', topic: 'network', sample: neighbourTableOverflow },
  { name: 'destroyingAliveNeighbour', topic: 'network', sample: () => destroyingAliveNeighbour(samplePointer) },
  { name: 'freeingAliveInDevice', topic: 'network', sample: () => freeingAliveInDevice(samplePointer) },
  { name: 'messagesSuppressed', topic: 'network', sample: () => messagesSuppressed(7) },
  { name: 'dstTotalOfTimer', topic: 'network', sample: () => dstTotalOfTimer(75469, 74109, 150) },
  { name: 'dstTotalOfWork', topic: 'network', sample: () => dstTotalOfWork('i386', 75469, 74109, 141, 150, 8092) },
  { name: 'useAfterFree', topic: 'slab', sample: (era) => useAfterFree(era, 'ip_dst_cache', samplePointer, 256) },
  { name: 'doubleFree', topic: 'slab', sample: (era) => doubleFree(era, 'ip_dst_cache', samplePointer) },
];
