/**
 * The kernel's own words: the exact text of each message a run can print, for the era's release.
 *
 * Every function returns the lines in the order the kernel prints them, without the newline; none where the release
 * has no such message. They only format: who rate-limits, when a check fires and what follows it is the caller's.
 * Levels: 0 emergency, 1 alert, 2 critical, 3 error, 4 warning (and printk without a level), 7 debug. Levels the
 * sources read do not give are marked [unverified].
 * Divergence from Linux: register dumps, stacks and module lists that follow some of these are left out.
 */
import type { Era, SourceLine } from './era.js';

/** A printk level, 0 (emergency) to 7 (debug). */
export type LogLevel = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** One line for the kernel log. */
export interface LogLine {
  readonly level: LogLevel;
  readonly text: string;
}

/** Word size and oops layout of the machine. */
export type Arch = 'i386' | 'x86_64';

/** A task as messages name it: its `comm` and pid. */
export interface TaskName {
  readonly comm: string;
  readonly pid: number;
}

const emergency = 0;
const alert = 1;
const error = 3;
const warning = 4;
const debug = 7;

function line(level: LogLevel, text: string): LogLine {
  return { level, text };
}

/** `%08x` of an int: two's complement for negative values. */
function hex8(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}

/** `file:line`, or the file alone where the line is not known. */
function place(file: string, lineNumber: number | null): string {
  return lineNumber === null ? file : `${file}:${lineNumber}`;
}

/** `%p`: zero-padded hexadecimal of the machine's word, no prefix (lib/vsprintf.c, all releases here). */
export function formatPointer(arch: Arch, address: number | bigint): string {
  return BigInt.asUintN(arch === 'i386' ? 32 : 64, BigInt(address))
    .toString(16)
    .padStart(arch === 'i386' ? 8 : 16, '0');
}

// --- BUG and WARN -------------------------------------------------------------------------------------------------

const cutHere = '------------[ cut here ]------------';

/**
 * The opening of a BUG report. i386: arch/i386/kernel/traps.c (2.6.18), lib/bug.c from 2.6.20. x86_64 had a wording
 * of its own; that it ended with 2.6.20 is [unverified]. Level [unverified].
 */
export function bugAt(era: Era, arch: Arch, file: string, lineNumber: number | null): readonly LogLine[] {
  if (arch === 'x86_64' && !era.texts.genericBug) {
    return [
      line(emergency, '----------- [cut here ] --------- [please bite here ] ---------'),
      line(emergency, `Kernel BUG at ${place(file, lineNumber)}`),
    ];
  }
  return [line(emergency, cutHere), line(emergency, `kernel BUG at ${place(file, lineNumber)}!`)];
}

/** `bugAt` for a place taken from the era. */
export function bugAtLine(era: Era, arch: Arch, where: SourceLine): readonly LogLine[] {
  return bugAt(era, arch, where.file, where.line);
}

/** The trap line after a BUG on i386; `dieCount` is 1 for the first oops (2.6.15 and 2.6.16 logs, 2.6.18 source). */
export function invalidOpcode(era: Era, dieCount: number): readonly LogLine[] {
  return [line(emergency, `${era.texts.bugTrap}: 0000 [#${dieCount}]`)];
}

/**
 * WARN_ON (include/asm-generic/bug.h; kernel/panic.c from 2.6.25). The frame's first line was read in 2.6.28; that
 * 2.6.25 … 2.6.27 go without it is [unverified]. No level in the kernel's call before 2.6.25, so the default one.
 */
export function warnOn(era: Era, fn: string, file: string, lineNumber: number | null): readonly LogLine[] {
  const at = place(file, lineNumber);
  switch (era.texts.warnOn) {
    case 'badness':
      return [line(warning, `Badness in ${fn} at ${at}`)];
    case 'bug-warning':
      return [line(warning, `BUG: warning at ${at}/${fn}()`)];
    case 'bug-at':
      return [line(warning, `BUG: at ${at} ${fn}()`)];
    case 'warning':
      return [line(warning, `WARNING: at ${at} ${fn}()`)];
    case 'warning-framed':
      return [line(warning, cutHere), line(warning, `WARNING: at ${at} ${fn}()`)];
  }
}

/** `warnOn` for a place taken from the era or from `dstReleaseOutOfLine`. */
export function warnOnLine(era: Era, fn: string, where: SourceLine): readonly LogLine[] {
  return warnOn(era, fn, where.file, where.line);
}

/** A function that an oops or a stack dump was in. The kernel has its address, and from kallsyms its name and an offset. */
export function calledFrom(fn: string, level: LogLevel): readonly LogLine[] {
  return [line(level, ` [<${fn}>]`)];
}

/** An oops in an interrupt is the end (arch/i386/kernel/traps.c die). Level and other architectures [unverified]. */
export function fatalInInterrupt(): readonly LogLine[] {
  return [line(emergency, 'Kernel panic - not syncing: Fatal exception in interrupt')];
}

/** The line that ends an oops from 2.6.24 (2c3b20e91fe). `id` is the oops id. Level [unverified]. */
export function endTrace(era: Era, id: bigint): readonly LogLine[] {
  if (!era.texts.endTrace) return [];
  return [line(warning, `---[ end trace ${BigInt.asUintN(64, id).toString(16).padStart(16, '0')} ]---`)];
}

/** A fault at an address (arch/i386/mm/fault.c, 2.6.18; other releases [unverified]). Below a page: NULL pointer. */
export function unableToHandle(address: number, pde: number): readonly LogLine[] {
  const what = address >>> 0 < 4096 ? 'NULL pointer dereference' : 'paging request';
  return [
    line(alert, `BUG: unable to handle kernel ${what} at virtual address ${hex8(address)}`),
    line(alert, ' printing eip:'),
    line(alert, `*pde = ${hex8(pde)}`),
  ];
}

// --- context and locks --------------------------------------------------------------------------------------------

/** schedule() with a raised preempt count (kernel/sched.c: 2.6.12, 2.6.18, 2.6.20; 838225b48ed in 2.6.24). */
export function schedulingWhileAtomic(era: Era, comm: string, preemptCount: number, pid: number): readonly LogLine[] {
  const prefix = era.texts.bugPrefix ? 'BUG: ' : '';
  const count = `0x${hex8(preemptCount)}`;
  const task = era.texts.atomicPidFirst ? `${comm}/${pid}/${count}` : `${comm}/${count}/${pid}`;
  return [line(error, `${prefix}scheduling while atomic: ${task}`)];
}

/** might_sleep() where sleeping is forbidden (kernel/sched.c __might_sleep). The kernel prints it once a second at most. */
export function sleepingFunctionCalled(
  era: Era,
  file: string,
  lineNumber: number | null,
  inAtomic: boolean,
  irqsDisabled: boolean,
): readonly LogLine[] {
  const prefix = era.texts.bugPrefix ? 'BUG' : 'Debug';
  return [
    line(error, `${prefix}: sleeping function called from invalid context at ${place(file, lineNumber)}`),
    line(error, `in_atomic():${inAtomic ? 1 : 0}, irqs_disabled():${irqsDisabled ? 1 : 0}`),
  ];
}

/**
 * A timer callback changed the preempt count (kernel/timer.c __run_timers); a BUG at `timerCore.preemptLeakBug`
 * follows. `pointer` is the callback's address as `formatPointer` gives it. Level [unverified].
 */
export function preemptLeak(era: Era, pointer: string, entered: number, exited: number): readonly LogLine[] {
  const counter = era.texts.preemptLeakNamesCount ? 'preempt_count ' : '';
  return [line(warning, `huh, entered ${pointer} with ${counter}${hex8(entered)}, exited with ${hex8(exited)}?`)];
}

/**
 * A work function returned with a preempt count (kernel/workqueue.c run_workqueue, from 2.6.20: d5abe669172).
 * `lastFunction` is its name. Level [unverified].
 */
export function workqueueLeaked(
  era: Era,
  comm: string,
  preemptCount: number,
  pid: number,
  lastFunction: string,
): readonly LogLine[] {
  if (!era.workqueue.leakedAtomicCheck) return [];
  return [
    line(error, `BUG: workqueue leaked lock or atomic: ${comm}/0x${hex8(preemptCount)}/${pid}`),
    line(error, `    last function: ${lastFunction}`),
  ];
}

/** What spinlock debugging finds. The first three were read; the others are [unverified]. */
export type SpinlockFault =
  | 'bad magic'
  | 'recursion'
  | 'cpu recursion'
  | 'already unlocked'
  | 'wrong owner'
  | 'wrong CPU';

/** A spinlock as its debug lines show it; `owner` null while nobody holds it. */
export interface SpinlockState {
  /** Address as `formatPointer` gives it. */
  readonly pointer: string;
  readonly magic: number;
  readonly owner: (TaskName & { readonly cpu: number }) | null;
}

/**
 * A spinlock misused (lib/spinlock_debug.c). The file is younger than 2.6.12; the earliest releases' wording was not
 * read and this one is used there too [unverified], as are the level and the words for "no owner".
 */
export function spinlockBug(
  fault: SpinlockFault,
  cpu: number,
  task: TaskName,
  lock: SpinlockState,
): readonly LogLine[] {
  const owner = lock.owner === null ? '<none>/-1' : `${lock.owner.comm}/${lock.owner.pid}`;
  const ownerCpu = lock.owner?.cpu ?? -1;
  return [
    line(emergency, `BUG: spinlock ${fault} on CPU#${cpu}, ${task.comm}/${task.pid}`),
    line(emergency, ` lock: ${lock.pointer}, .magic: ${hex8(lock.magic)}, .owner: ${owner}, .owner_cpu: ${ownerCpu}`),
  ];
}

/** A spinlock not obtained for about a second (lib/spinlock_debug.c, loops_per_jiffy * HZ tries). Level [unverified]. */
export function spinlockLockup(cpu: number, task: TaskName, pointer: string): readonly LogLine[] {
  return [line(emergency, `BUG: spinlock lockup on CPU#${cpu}, ${task.comm}/${task.pid}, ${pointer}`)];
}

// --- watchdogs ----------------------------------------------------------------------------------------------------

/**
 * A CPU whose watchdog thread did not run (kernel/softlockup.c; 8446f1d391f, c4f3b63fe15). Nothing where the release
 * has no detector (2.6.12, 2.6.13) or a broken one (2.6.22, 2.6.23).
 */
export function softLockup(era: Era, cpu: number, seconds: number, comm: string, pid: number): readonly LogLine[] {
  if (!era.softLockup.works) return [];
  if (era.softLockup.text === 'detected') return [line(error, `BUG: soft lockup detected on CPU#${cpu}!`)];
  return [line(error, `BUG: soft lockup - CPU#${cpu} stuck for ${seconds}s! [${comm}:${pid}]`)];
}

/** A task asleep uninterruptibly for too long (kernel/softlockup.c, from 2.6.25: 82a1fcb9028). Level [unverified]. */
export function hungTask(era: Era, comm: string, pid: number, seconds: number): readonly LogLine[] {
  if (!era.texts.hungTask) return [];
  return [
    line(error, `INFO: task ${comm}:${pid} blocked for more than ${seconds} seconds.`),
    line(error, '"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.'),
  ];
}

/** Softirqs pending on a CPU about to stop its tick (kernel/time/tick-sched.c, from 2.6.24). Level [unverified]. */
export function nohzLocalSoftirqPending(era: Era, pending: number): readonly LogLine[] {
  if (!era.texts.nohzPending) return [];
  return [line(error, `NOHZ: local_softirq_pending ${pending.toString(16).padStart(2, '0')}`)];
}

/** A transmitter that hangs (net/sched/sch_generic.c dev_watchdog, read in 2.6.24). Level and other releases [unverified]. */
export function netdevWatchdog(device: string): readonly LogLine[] {
  return [line(6, `NETDEV WATCHDOG: ${device}: transmit timed out`)];
}

// --- network ------------------------------------------------------------------------------------------------------

/** netdev_wait_allrefs still waits (net/core/dev.c; the same in 2.6.12, .18, .24, .28). */
export function waitingForDevice(device: string, usageCount: number): readonly LogLine[] {
  const text = `unregister_netdevice: waiting for ${device} to become free. Usage count = ${usageCount}`;
  return [line(emergency, text)];
}

/** A device unregistered that never was registered (net/core/dev.c, read in 2.6.28); a warning follows. */
export function neverRegistered(era: Era, device: string, pointer: string): readonly LogLine[] {
  if (!era.texts.neverRegistered) return [];
  return [line(debug, `unregister_netdevice: device ${device}/${pointer} never was registered`)];
}

/** rt_garbage_collect gave up (net/ipv4/route.c). Subject to net_ratelimit. */
export function dstCacheOverflow(): readonly LogLine[] {
  return [line(warning, 'dst cache overflow')];
}

/** neigh_destroy of a neighbour that nobody has marked dead (net/core/neighbour.c). */
export function destroyingAliveNeighbour(pointer: string): readonly LogLine[] {
  return [line(warning, `Destroying alive neighbour ${pointer}`)];
}

/** in_dev_finish_destroy of an in_device that is still on its device (net/ipv4/devinet.c). */
export function freeingAliveInDevice(pointer: string): readonly LogLine[] {
  return [line(warning, `Freeing alive in_device ${pointer}`)];
}

/** No neighbour to be had for a route (net/ipv4/route.c rt_intern_hash, 2.6.18). Subject to net_ratelimit. */
export function neighbourTableOverflow(): readonly LogLine[] {
  return [line(warning, 'Neighbour table overflow.')];
}

/** printk resumes after its rate limit held messages back (kernel/printk.c, 2.6.18). Level [unverified]. */
export function messagesSuppressed(count: number): readonly LogLine[] {
  return [line(warning, `printk: ${count} messages suppressed.`)];
}

/**
 * dst_run_gc's debug line, only with RT_CACHE_DEBUG 2 (net/core/dst.c through 2.6.23, i.e. before 86bba269d08).
 * `expiresJiffies` is the stored interval, unrounded. Level [unverified].
 */
export function dstTotalOfTimer(total: number, delayed: number, expiresJiffies: number): readonly LogLine[] {
  return [line(warning, `dst_total: ${total}/${delayed} ${expiresJiffies}`)];
}

/**
 * dst_gc_task's debug line, only with RT_CACHE_DEBUG 2 (net/core/dst.c from 86bba269d08, 2.6.24). `expiresJiffies`
 * is the delay after rounding; null where nothing was scheduled, which prints as a word of all ones.
 */
export function dstTotalOfWork(
  arch: Arch,
  total: number,
  delayed: number,
  workPerformed: number,
  expiresJiffies: number | null,
  elapsedUs: number,
): readonly LogLine[] {
  const allOnes = arch === 'i386' ? '4294967295' : '18446744073709551615';
  const counts = `dst_total: ${total} delayed: ${delayed} work_perf: ${workPerformed}`;
  return [line(debug, `${counts} expires: ${expiresJiffies ?? allOnes} elapsed: ${elapsedUs} us`)];
}

// --- slab ---------------------------------------------------------------------------------------------------------

/**
 * The poison of a freed object was written over, as the release's default allocator opens its report: one line from
 * SLAB (mm/slab.c 2.6.18), a headed line with the cache's name from SLUB (mm/slub.c 2.6.24; 2.6.23 [unverified]).
 * `sizeBytes` is the object's size.
 */
export function useAfterFree(era: Era, cache: string, pointer: string, sizeBytes: number): readonly LogLine[] {
  if (era.slab.allocator === 'SLAB') {
    return [line(error, `Slab corruption: start=${pointer}, len=${sizeBytes}`)];
  }
  return [line(error, '='.repeat(77)), line(error, `BUG ${cache}: Poison overwritten`), line(error, '-'.repeat(77))];
}

/**
 * An object is freed that is free already, as debugging of the release's default allocator says it: mm/slab.c (2.6.18)
 * or mm/slub.c (2.6.24). Text and level of both [unverified].
 */
export function doubleFree(era: Era, cache: string, pointer: string): readonly LogLine[] {
  if (era.slab.allocator === 'SLAB') {
    return [line(error, `slab error in verify_redzone_free(): cache \`${cache}': double free detected`)];
  }
  return [
    line(error, '='.repeat(77)),
    line(error, `BUG ${cache}: Object already free`),
    line(error, '-'.repeat(77)),
    line(error, `INFO: Object 0x${pointer}`),
  ];
}
