/**
 * Virtual time: the clock, its ticks, and the queue of what is to happen when.
 *
 * Ordering rule: earlier virtual time first; at the same nanosecond timer interrupts, then softirqs, then threads, then
 * scenario actions; then the lower CPU; then first come first served.
 *
 * A local tick that finds nothing to do is no event, so idle time is skipped: a CPU's tick is queued only for the
 * jiffy at which its timer wheel needs it. `skipIdle: false` queues every tick, and must change nothing.
 *
 * Divergence from Linux: ticks of all CPUs come at the same nanosecond.
 */
import { LimitError } from '../sim/errors.js';
import { EventQueue } from '../sim/event-queue.js';
import type { Cpu } from './cpu.js';
import { MachineBase } from './machine-base.js';
import type { MachineOptions } from './machine-options.js';
import type { Scheduler } from './scheduler.js';
import { newEntry, type StepEntry } from './step-entry.js';
import { dueDatesResource } from './touches.js';

/** The phase in which threads run, and in which the machine is between ticks: beyond the last CPU. */
const threads = 64;

export abstract class Timeline extends MachineBase {
  protected readonly queue = new EventQueue<StepEntry>();
  protected readonly skipIdle: boolean;
  /** The CPU whose steps are being performed: it is not in the queue meanwhile. */
  protected running: Cpu | null = null;
  /** The timed run ends before this time. */
  protected horizonNs = 0;
  /** Virtual time ends the run here, ns since boot. */
  readonly maxVirtualNs: number;
  private readonly passes: boolean;
  private nextBoundaryNs: number;
  /** Rank of the thread being run, for the order in passes; -1 before the first of a nanosecond. */
  private cursor = -1;
  private nesting = 0;
  /**
   * How far the current nanosecond has come, when it is a tick boundary: the softirqs of CPUs up to this one have
   * had their turn. -1 at its start, {@link threads} when threads run or the time is between ticks.
   */
  private phase = threads;

  constructor(options: MachineOptions, scheduler: Scheduler) {
    super(options, scheduler);
    this.nextBoundaryNs = this.tickNs;
    this.passes = options.threadOrder === 'passes';
    this.skipIdle = options.skipIdle ?? true;
    this.maxVirtualNs = options.maxVirtualNs ?? 10 * 86_400e9;
  }

  /** Virtual time of a tick, counted since boot. */
  tickTimeNs(tick: number): number {
    return tick * this.tickNs;
  }

  /** Has this CPU's timer softirq of the current tick had its turn? Always true between ticks. */
  tickDone(cpu: Cpu): boolean {
    return this.phase >= cpu.id;
  }

  /** Virtual time of the next thing to happen; undefined when the machine has nothing left to do. */
  nextEventNs(): number | undefined {
    return this.queue.peek()?.timeNs;
  }

  /**
   * Until when nobody but the current context can do anything: an operation may do in one go what it would do in many
   * before then. The present when others could come in at any operation (stepwise runs, gates, observers of accesses,
   * watchers), or when each operation counts (cache lines).
   */
  quietUntilNs(): number {
    if (this.stepwise || this.gate !== null || this.onAccess !== null || this.lines !== null || this.watcher !== null)
      return this.nowNs;
    const head = this.queue.peek();
    const nextNs = head === undefined ? this.nextBoundaryNs : Math.min(head.timeNs, this.nextBoundaryNs);
    return Math.min(nextNs, this.horizonNs);
  }

  /** Does `fire` at a virtual time, after everything else of that nanosecond. Answers a handle for {@link unschedule}. */
  at(timeNs: number, fire: () => void, order = 3, rank = 0): StepEntry {
    const entry = newEntry(Math.max(timeNs, this.nowNs), order, rank, null, 0, fire);
    this.queue.push(entry);
    this.touch(dueDatesResource, false);
    return entry;
  }

  /** Stepwise runs: does everything that was to be done by now. */
  fireDue(): void {
    for (let head = this.queue.peek(); head !== undefined && head.timeNs <= this.nowNs; head = this.queue.peek()) {
      this.queue.poll();
      head.fire?.();
    }
  }

  unschedule(entry: StepEntry): void {
    this.touch(dueDatesResource, false);
    this.queue.cancel(entry);
  }

  /** The CPU's local timer interrupt is needed at this tick (count since boot), if not before. */
  needTick(cpu: Cpu, tick: number): void {
    if (tick >= cpu.nextTick || this.stepwise) return;
    if (cpu.tickEntry !== null) this.queue.cancel(cpu.tickEntry);
    cpu.nextTick = tick;
    cpu.tickEntry = newEntry(Math.max(this.tickTimeNs(tick), this.nowNs), 0, cpu.id, cpu, tick);
    this.queue.push(cpu.tickEntry);
  }

  /** Moves the clock. CPUs that can't take the ticks passed on the way fall behind from here. */
  advance(toNs: number): void {
    if (toNs > this.maxVirtualNs) {
      throw new LimitError(`the limit of ${this.maxVirtualNs} ns of virtual time was reached (--max-virtual)`);
    }
    this.phase = threads;
    if (toNs >= this.nextBoundaryNs) this.passTicks(toNs);
    this.nowNs = toNs;
    this.cursor = -1;
    this.nesting = 0;
    this.progress();
  }

  private passTicks(toNs: number): void {
    if (!this.stepwise) {
      for (const cpu of this.cpus) if (cpu.held || !cpu.softirqsAllowed) this.fallBehind(cpu);
    }
    this.ticks = Math.floor(toNs / this.tickNs);
    this.nextBoundaryNs = (this.ticks + 1) * this.tickNs;
    if (this.ticks * this.tickNs === toNs && !this.stepwise) this.phase = -1;
  }

  /** The CPU can't take its tick: its wheel stays where it is until it can. */
  protected fallBehind(cpu: Cpu): void {
    if (cpu.frozen) return;
    this.hooks?.freeze(cpu);
    cpu.frozen = true;
  }

  /** Something of this class and rank begins: what comes before it in this nanosecond has had its turn. */
  protected enter(order: number, rank: number): void {
    if (order >= 2) this.phase = threads;
    else if (order === 1 && rank > this.phase) this.phase = rank;
    if (order === 2) {
      if (Number.isInteger(rank)) this.cursor = rank;
    } else if (order === 3) this.cursor = -1;
  }

  /** Everything of this nanosecond is done. */
  protected endOfInstant(): void {
    this.phase = threads;
  }

  /**
   * Place of a CPU's thread among the threads of one nanosecond: its number; or, in passes, after the CPU that runs
   * now in this pass if its number is higher, else in the next pass. A CPU keeps its place until it goes idle.
   */
  rankOf(cpu: Cpu, timeNs: number): number {
    if (!this.passes || timeNs > this.nowNs) return cpu.id;
    if (cpu.rankAtNs === timeNs) return cpu.rank;
    let rank = cpu.id;
    if (this.phase === threads && this.cursor >= 0) {
      rank += Math.floor(this.cursor / 64) * 64;
      if (rank <= this.cursor) rank += 64;
    }
    cpu.rank = rank;
    cpu.rankAtNs = timeNs;
    return rank;
  }

  /** In passes: lets another CPU's thread go right before this one's next step (a nested run). */
  goBefore(cpu: Cpu, current: Cpu): void {
    cpu.rank = current.rank - 2 ** -(1 + ++this.nesting);
    cpu.rankAtNs = this.nowNs;
    this.requeue(cpu);
  }

  /** Puts a CPU into the event queue for its next step, or takes it out. */
  requeue(cpu: Cpu): void {
    if (this.running === cpu || this.stepwise) return;
    const top = cpu.top;
    const entry = cpu.entry;
    if (top === null || top.waiting) {
      if (top === null) cpu.rankAtNs = -1;
      if (entry !== null) this.queue.cancel(entry);
      return;
    }
    const timeNs = Math.max(top.readyAtNs, this.nowNs);
    const rank = top.order === 2 ? this.rankOf(cpu, timeNs) : cpu.id;
    if (entry?.queued && !entry.dead) {
      if (entry.timeNs === timeNs && entry.order === top.order && entry.rank === rank) return;
      this.queue.cancel(entry);
    }
    // A cancelled entry may still lie in the heap, and must not be changed there.
    const next = entry === null || entry.queued ? newEntry(0, 0, 0, cpu) : entry;
    cpu.entry = next;
    next.timeNs = timeNs;
    next.order = top.order;
    next.rank = rank;
    this.queue.push(next);
  }
}
