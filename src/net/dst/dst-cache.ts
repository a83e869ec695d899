/**
 * The state of net/core/dst.c: the garbage, its lock, the back-off, and the timer or work that scans it.
 *
 * Ordering rule: frees push on the head of `list` under `lock`. A run in a timer walks that list under the lock; a run
 * in a worker walks `busy_list` under the mutex and detaches `list` when it is through.
 *
 * Divergence from Linux: dst_total is counted always, not only in debug builds, and is not an atomic.
 */
import type { Kernel } from '../../kernel/kernel.js';
import { Mutex } from '../../kernel/mutex.js';
import { SpinLock } from '../../kernel/spinlock.js';
import { Timer } from '../../kernel/timer.js';
import { DelayedWork } from '../../kernel/workqueue.js';
import type { Machine } from '../../smp/machine.js';
import type { Net } from '../net.js';
import type { DstEntry } from './dst-entry.js';
import { dst_run_gc } from './dst-gc-timer.js';
import { dst_gc_task } from './dst-gc-work.js';
import type { DstOps } from './dst-ops.js';
import type { GcRecord } from './gc-run.js';
import { LiveEntries } from './live-entries.js';
import type { DstTraits } from './traits.js';

export class DstCache {
  readonly net: Net;
  readonly kernel: Kernel;
  readonly machine: Machine;
  readonly traits: DstTraits;
  /** DST_GC_MIN, DST_GC_INC, DST_GC_MAX: 0.1 s, 0.5 s and 120 s in jiffies (include/net/dst.h). */
  readonly gcMin: number;
  readonly gcInc: number;
  readonly gcMax: number;
  /** dst_lock; from R14 dst_garbage.lock. */
  readonly lock: SpinLock;
  /** dst_garbage_list; from R14 dst_garbage.list. The entry freed last is the head. */
  list: DstEntry | null = null;
  /** The next back-off step, jiffies; DST_GC_MAX also means that there is no garbage. */
  timer_inc: number;
  /** The present interval, jiffies, not rounded. */
  timer_expires = 0;
  /** R14: what runs have looked at and found referenced. */
  busy_list: DstEntry | null = null;
  /** Entries of all families not yet destroyed. */
  dst_total = 0;
  /** Every family, and every instance of one. For observers. */
  readonly families: DstOps[] = [];
  /** Told of every gc run that scanned; observers only. */
  onGc: ((record: GcRecord) => void) | null = null;
  /** Told of every entry that goes on the garbage list; observers only. */
  onGarbage: ((dst: DstEntry) => void) | null = null;
  /** Told of every entry destroyed, with jiffies; observers only. */
  onDestroy: ((dst: DstEntry, jiffies: number) => void) | null = null;
  /** Entries not yet destroyed. */
  readonly live = new LiveEntries();
  private mutex: Mutex | null = null;
  private timer: Timer | null = null;
  private work: DelayedWork | null = null;

  constructor(net: Net) {
    const { kernel, traits } = net;
    this.net = net;
    this.kernel = kernel;
    this.machine = kernel.machine;
    this.traits = traits;
    this.gcMin = Math.floor(kernel.hz / 10);
    this.gcInc = Math.floor(kernel.hz / 2);
    this.gcMax = 120 * kernel.hz;
    this.timer_inc = this.gcMax;
    this.lock = new SpinLock(kernel, traits.gcInWorkqueue ? 'dst_garbage.lock' : 'dst_lock');
  }

  /** R1–R13: the timer that calls dst_run_gc. */
  get gc_timer(): Timer {
    this.timer ??= new Timer(this.kernel, 'dst_gc_timer', () => dst_run_gc(this, 0));
    return this.timer;
  }

  /** R14: the delayed work that calls dst_gc_task. */
  get gc_work(): DelayedWork {
    this.work ??= new DelayedWork(this.kernel, 'dst_gc_work', () => dst_gc_task(this));
    return this.work;
  }

  /** R14: guards the busy list. */
  get gc_mutex(): Mutex {
    this.mutex ??= new Mutex(this.kernel, 'dst_gc_mutex');
    return this.mutex;
  }

  /** Tells who watches that a part of this state is looked at or changed: what is here are no cells. */
  touches(field: 'list' | 'busy_list' | 'timer_inc', access: 'read' | 'write'): void {
    this.machine.watcher?.touched(this.lock, field, access);
  }

  /** The next run is due to come: its timer or work is pending. For observers. */
  get gcPending(): boolean {
    return this.traits.gcInWorkqueue ? (this.work?.pending ?? false) : (this.timer?.pending ?? false);
  }

  /** Somebody has the lock, or the mutex, that guards the lists. For observers. */
  get taken(): boolean {
    return this.lock.owner !== null || (this.mutex !== null && this.mutex.owner !== null);
  }

  /** Absolute jiffies at which the timer behind the next run fires; null if that is not pending. For observers. */
  get gcExpires(): number | null {
    const timer = this.traits.gcInWorkqueue ? this.work?.timer : this.timer;
    return timer?.pending ? timer.expires : null;
  }

  /** Entries not yet destroyed, newest first. For observers. */
  liveEntries(): Iterable<DstEntry> {
    return this.live.newestFirst();
  }

  /** Entries on the list that frees go to, head first. For observers. */
  get garbage(): readonly DstEntry[] {
    return chain(this.list);
  }

  /** Entries on the busy list, head first (R14). For observers. */
  get busy(): readonly DstEntry[] {
    return chain(this.busy_list);
  }
}

function chain(head: DstEntry | null): DstEntry[] {
  const entries: DstEntry[] = [];
  for (let dst = head; dst !== null; dst = dst.next) entries.push(dst);
  return entries;
}
