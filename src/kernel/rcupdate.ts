/**
 * RCU for softirq readers (kernel/rcupdate.c and rcuclassic.c, 2.6.12–2.6.29; how many callbacks a pass runs by
 * era.rcuBatch).
 *
 * Ordering rule: per CPU, callbacks wait in `next` until its tasklet makes them `current` with the number of a batch to
 * come; when that batch is completed they are `done` and run, first called first. A batch is completed when each of its CPUs
 * has reported a quiescent state: a finished softirq action, or a tick that interrupts anything but a softirq or
 * BH-off code.
 *
 * The tasklet is scheduled by the tick, and only where it would find something to do; a tick is asked for only then, so
 * idle time can be skipped.
 *
 * Divergence from Linux: the lock of the global state is not modelled; a pass's bookkeeping is one step. CPUs are not
 * hurried when a queue grows long (force_quiescent_state). That idle CPUs stop ticking, and so have no part in a batch,
 * from 2.6.21 on (x86_64: 2.6.24) is [unverified], and that they all do is assumed.
 */
import type { Cpu } from '../smp/cpu.js';
import type { K } from '../smp/op.js';
import { clockResource, dueDatesResource, rcuResource } from '../smp/touches.js';
import type { Kernel } from './kernel.js';
import { type RcuBh, type RcuHead, RcuList } from './rcu.js';
import { Tasklet } from './tasklet.js';

/** What cur and completed are at boot. */
const firstBatch = -300;
const never = Number.POSITIVE_INFINITY;

/** struct rcu_data: one CPU's callbacks, and how far it is in the batch. */
class CpuRcu {
  readonly cpu: Cpu;
  readonly tasklet: Tasklet;
  readonly next = new RcuList();
  readonly current = new RcuList();
  readonly done = new RcuList();
  /** The batch that {@link current} waits for. */
  batch = 0;
  /** The last batch this CPU has noticed. */
  quiescBatch = firstBatch;
  /** It has to report for that batch. */
  qsPending = false;
  /** It has passed a quiescent state since it noticed. */
  passed = false;
  /** Callbacks that have not run. */
  length = 0;
  /** Callbacks per pass now. */
  limit: number;
  /** The tick (count since boot) from which on a tick schedules the tasklet. */
  wantedTick = never;

  constructor(cpu: Cpu, limit: number, pass: (data: CpuRcu) => K) {
    this.cpu = cpu;
    this.limit = limit;
    this.tasklet = new Tasklet('rcu_process_callbacks', cpu, () => pass(this));
  }
}

export class ClassicRcuBh implements RcuBh {
  /** Batches completed so far: their last number. */
  completed = firstBatch;
  /** The newest batch that was started. */
  cur = firstBatch;
  private readonly kernel: Kernel;
  private readonly perCpu: readonly CpuRcu[];
  /** CPUs that have not reported for {@link cur}. */
  private readonly missing = new Set<Cpu>();
  private nextPending = false;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    const { callbacksPerPass } = kernel.era.rcuBatch;
    const pass = (data: CpuRcu): K => this.rcu_process_callbacks(data);
    this.perCpu = kernel.machine.cpus.map((cpu) => new CpuRcu(cpu, callbacksPerPass, pass));
    kernel.tickHooks.push((cpu) => this.tick(this.of(cpu)));
    kernel.softirqActionHooks.push((cpu) => this.rcu_bh_qsctr_inc(cpu));
  }

  private of(cpu: Cpu): CpuRcu {
    return this.perCpu[cpu.id]!;
  }

  call(head: RcuHead): undefined {
    this.touch();
    const data = this.perCpu[this.kernel.cpuId]!;
    this.kernel.machine.watcher?.publishes(head);
    data.next.push(head);
    data.length++;
    const { unlimitedAbove } = this.kernel.era.rcuBatch;
    if (unlimitedAbove !== null && data.length > unlimitedAbove) data.limit = never;
    if (data.wantedTick === never) this.want(data);
  }

  /** The present step changes the state of RCU, and so perhaps when a tick is needed. */
  private touch(): void {
    const { machine } = this.kernel;
    machine.touch(rcuResource);
    machine.touch(dueDatesResource, false);
    machine.touch(clockResource, false);
  }

  *waiting(): Iterable<RcuHead> {
    for (const data of this.perCpu) {
      yield* data.done;
      yield* data.current;
      yield* data.next;
    }
  }

  /** The tick (count since boot) at which this CPU has RCU work to do; Infinity if it has none. */
  nextTick(cpu: Cpu): number {
    return this.of(cpu).wantedTick;
  }

  /** __rcu_pending: would the tasklet find something to do? */
  private pending(data: CpuRcu): boolean {
    if (!data.current.empty && this.completed >= data.batch) return true;
    if (data.current.empty && !data.next.empty) return true;
    return !data.done.empty || data.quiescBatch !== this.cur || data.qsPending;
  }

  private want(data: CpuRcu): void {
    const { machine } = this.kernel;
    data.wantedTick = machine.ticks + 1;
    machine.needTick(data.cpu, data.wantedTick);
  }

  /** After the state of a batch has changed: asks for the tick of each CPU that it concerns. */
  private wantWherePending(): void {
    for (const data of this.perCpu) {
      if (data.wantedTick !== never || !this.pending(data)) continue;
      const onlyNotice = data.current.empty && data.next.empty && data.done.empty && !data.qsPending;
      if (!onlyNotice || this.missing.has(data.cpu)) this.want(data);
    }
  }

  /** rcu_check_callbacks, from the timer interrupt. */
  private tick(data: CpuRcu): void {
    this.touch();
    if (this.kernel.machine.ticks < data.wantedTick) return;
    data.wantedTick = never;
    if (!this.pending(data)) return;
    const { top } = data.cpu;
    if (top === null || (top.kind === 'process' && top.bhCount === 0)) data.passed = true;
    this.kernel.tasklets.schedule(data.tasklet);
  }

  /** A softirq action on this CPU is over. */
  private rcu_bh_qsctr_inc(cpu: Cpu): void {
    this.touch();
    this.of(cpu).passed = true;
  }

  /** One pass of the tasklet. */
  private *rcu_process_callbacks(data: CpuRcu): K {
    this.touch();
    if (!data.current.empty && this.completed >= data.batch) data.done.takeAll(data.current);
    if (data.current.empty && !data.next.empty) {
      data.current.takeAll(data.next);
      data.batch = this.cur + 1;
      if (!this.nextPending) this.rcu_start_batch(true);
    }
    this.rcu_check_quiescent_state(data);
    this.kernel.machine.progress();
    // rcu_do_batch. Its loop is here: a generator more would cost at every operation of every callback.
    let count = 0;
    while (count < data.limit) {
      const head = data.done.shift();
      if (head === null) break;
      count++;
      const { watcher } = this.kernel.machine;
      if (watcher !== null) {
        watcher.observes(head);
        watcher.gracePeriod();
      }
      yield* head.rcuFunc!(head);
    }
    this.touch();
    if (count > 0) this.batchDone(data, count);
    this.wantWherePending();
  }

  /** Starts the next batch if one is asked for and none is running. */
  private rcu_start_batch(ask: boolean): void {
    if (ask) this.nextPending = true;
    if (!this.nextPending || this.completed !== this.cur) return;
    this.nextPending = false;
    this.cur++;
    this.missing.clear();
    for (const data of this.perCpu) if (!this.stopped(data)) this.missing.add(data.cpu);
  }

  /** The CPU idles without ticks, which it does only when RCU needs nothing of it. */
  private stopped(data: CpuRcu): boolean {
    if (this.kernel.era.ordinal < (this.kernel.arch === 'i386' ? 21 : 24)) return false;
    return data.cpu.top === null && data.current.empty && data.next.empty && data.done.empty;
  }

  /** Notices a new batch, or reports for the one noticed before. */
  private rcu_check_quiescent_state(data: CpuRcu): void {
    if (data.quiescBatch !== this.cur) {
      data.quiescBatch = this.cur;
      data.qsPending = true;
      data.passed = false;
      return;
    }
    if (!data.qsPending || !data.passed) return;
    data.qsPending = false;
    this.missing.delete(data.cpu);
    if (this.missing.size > 0) return;
    this.completed = this.cur;
    this.rcu_start_batch(false);
  }

  /** A pass has run as many callbacks as it may; for the rest the tasklet goes again. */
  private batchDone(data: CpuRcu, count: number): void {
    data.length -= count;
    const { callbacksPerPass, limitedAgainAt } = this.kernel.era.rcuBatch;
    if (limitedAgainAt !== null && data.limit === never && data.length <= limitedAgainAt) data.limit = callbacksPerPass;
    if (!data.done.empty) this.kernel.tasklets.schedule(data.tasklet);
  }
}
