/**
 * The world of one run: machine, kernel and network at one revision, the things a scenario names, and what is recorded.
 * `run` and `conform` drive the same world.
 */
import type { Kernel } from '../kernel/kernel.js';
import { Mutex } from '../kernel/mutex.js';
import { SpinLock } from '../kernel/spinlock.js';
import { Timer } from '../kernel/timer.js';
import { type CpuWorkqueue, DelayedWork } from '../kernel/workqueue.js';
import type { Net } from '../net/net.js';
import { InputError } from '../sim/errors.js';
import { LocalOp, schedule, smp_call_function } from '../smp/basic-ops.js';
import { call } from '../smp/call.js';
import { Cell } from '../smp/cell.js';
import { Task } from '../smp/context.js';
import type { K } from '../smp/op.js';
import { events } from '../trace/event-types.js';
import type { Ret } from './actions/define.js';
import { actions } from './actions/index.js';
import { Awaited } from './awaited.js';
import type { Groups } from './groups.js';
import type { Meter } from './meter.js';
import { NetNames } from './net-names.js';
import { type Duration, toJiffies, toNs } from './read/duration.js';
import type { CallRecord } from './result.js';
import { RouteWorkload } from './route-workload.js';
import type { Step } from './steps.js';
import type { Workload } from './workload.js';

/** What one action of a callback answered: its return value and, for timers, the base it is on afterwards. */
export interface Answer {
  readonly step: Step;
  readonly ret: Ret;
  /** `times` was used up: nothing was done. */
  readonly skipped: boolean;
}

/** A callback of a scenario's timer or work, as it begins: gets the answers of its actions. */
export type CallbackListener = (
  kind: 'timer' | 'work',
  name: string,
  cpu: number,
) => ((answer: Answer) => void) | undefined;

type MutableCall = { -readonly [F in keyof CallRecord]: CallRecord[F] };

export class World {
  readonly kernel: Kernel;
  readonly net: Net;
  readonly meter: Meter;
  readonly groups: Groups;
  readonly workload: Workload;
  readonly names: NetNames;
  readonly routes: RouteWorkload;
  readonly calls: MutableCall[] = [];
  /** Told of each callback of the scenario that begins. */
  onCallback: CallbackListener | null = null;
  /** Only where any actor may come first. */
  private readonly awaited: Awaited | null;
  private readonly callbackSteps = new Map<string, number>();
  private readonly timers = new Map<string, Timer>();
  private readonly works = new Map<string, DelayedWork>();
  private readonly cells = new Map<string, Cell>();
  private readonly locks = new Map<string, SpinLock>();
  private readonly mutexes = new Map<string, Mutex>();
  private readonly flags = new Map<string, number>();
  private readonly reached = new Map<Step, number>();
  private readonly ranks = new Map<Task, number>();

  constructor(kernel: Kernel, net: Net, meter: Meter, groups: Groups, workload: Workload) {
    this.kernel = kernel;
    this.net = net;
    this.meter = meter;
    this.groups = groups;
    this.workload = workload;
    this.names = new NetNames(net);
    this.routes = new RouteWorkload(net, meter, groups);
    const { machine } = kernel;
    const isThere = (name: string, neighbour: boolean): boolean =>
      neighbour ? this.names.hasNeighbour(name) : workload.named.has(name);
    this.awaited = machine.stepwise ? new Awaited(machine, isThere) : null;
  }

  // --- things with names ---

  defineTimer(name: string, handler: readonly Step[]): Timer {
    this.callbackSteps.set(name, handler.length);
    const timer = new Timer(this.kernel, name, () => this.callback('timer', name, handler));
    this.timers.set(name, timer);
    return timer;
  }

  /** How many steps the callback of a timer or work has. */
  stepsOf(name: string): number {
    return this.callbackSteps.get(name) ?? 0;
  }

  defineWork(name: string, steps: readonly Step[]): DelayedWork {
    this.callbackSteps.set(name, steps.length);
    const work = new DelayedWork(this.kernel, name, () => this.callback('work', name, steps));
    this.works.set(name, work);
    return work;
  }

  defineCell(name: string, value: number): void {
    this.cells.set(name, new Cell(this.kernel.machine, name, value));
  }

  private *callback(kind: 'timer' | 'work', name: string, steps: readonly Step[]): K {
    const told = this.onCallback?.(kind, name, this.kernel.cpuId);
    yield* this.perform(steps, told);
  }

  timer(name: string): Timer {
    return found(this.timers, name, 'timer');
  }

  work(name: string): DelayedWork {
    return found(this.works, name, 'work');
  }

  cell(name: string): Cell {
    return found(this.cells, name, 'cell');
  }

  lock(name: string): SpinLock {
    let lock = this.locks.get(name);
    if (lock === undefined) {
      lock = new SpinLock(this.kernel, name);
      this.locks.set(name, lock);
    }
    return lock;
  }

  mutex(name: string): Mutex {
    let mutex = this.mutexes.get(name);
    if (mutex === undefined) {
      mutex = new Mutex(this.kernel, name);
      this.mutexes.set(name, mutex);
    }
    return mutex;
  }

  saveFlags(lock: string, flags: number): void {
    this.flags.set(lock, flags);
  }

  savedFlags(lock: string): number {
    return this.flags.get(lock) ?? 0;
  }

  cpuId(cpu: number): number {
    if (cpu < this.kernel.machine.cpus.length) return cpu;
    throw new InputError(`there is no CPU ${cpu}: the machine has ${this.kernel.machine.cpus.length}, numbered from 0`);
  }

  worker(cpu: number): CpuWorkqueue {
    return this.kernel.events.of(this.kernel.machine.cpus[this.cpuId(cpu)]!);
  }

  /** Names declared, for final states: timers and works in order of declaration. */
  get allTimers(): ReadonlyMap<string, Timer> {
    return this.timers;
  }

  get allWorks(): ReadonlyMap<string, DelayedWork> {
    return this.works;
  }

  // --- time ---

  ns(duration: Duration): number {
    return toNs(duration, this.kernel.hz);
  }

  jiffies(duration: Duration): number {
    return toJiffies(duration, this.kernel.hz);
  }

  /** Absolute jiffies of an expiry given from now on or as a number. */
  expiry(when: number | Duration): number {
    if (typeof when === 'number') return this.kernel.addJiffies(when, 0);
    return this.kernel.addJiffies(this.kernel.now, this.jiffies(when));
  }

  *waitNs(ns: number): K {
    yield* this.waitUntilNs(this.kernel.machine.nowNs + ns);
  }

  /** Blocks the current actor until a virtual time, unless that has passed. */
  *waitUntilNs(timeNs: number): K {
    const { machine } = this.kernel;
    if (timeNs <= machine.nowNs) return;
    yield new LocalOp((context) => {
      if (!(context instanceof Task)) return;
      context.state = 'sleeping';
      context.blockedOn = 'its next action';
      machine.at(timeNs, () => machine.wake(context), 3, this.ranks.get(context) ?? 0);
    });
    yield schedule();
  }

  // --- doing ---

  /** Starts an actor: a task on a CPU that performs its steps. `rank`: place among actors at the same instant. */
  startActor(name: string, cpu: number, steps: readonly Step[], rank = 0, told?: (answer: Answer) => void): Task {
    const task = this.kernel.machine.spawn(name, this.cpuId(cpu), this.perform(steps, told));
    this.ranks.set(task, rank);
    return task;
  }

  /** Does something in a task of its own after a time, on the current CPU. */
  later(name: string, delayNs: number, code: () => K): void {
    const { machine } = this.kernel;
    const cpu = this.kernel.cpuId;
    machine.at(machine.nowNs + delayNs, () => machine.spawn(name, cpu, code()));
  }

  /** Performs steps in order in the current context. */
  *perform(steps: readonly Step[], told?: (answer: Answer) => void): K {
    for (const step of steps) {
      if (step.at !== undefined) yield* this.waitUntilNs(this.ns(step.at));
      if (step.after !== undefined) yield* this.waitNs(this.ns(step.after));
      if (step.times !== undefined) {
        const times = (this.reached.get(step) ?? 0) + 1;
        this.reached.set(step, times);
        if (times > step.times) {
          told?.({ step, ret: -2, skipped: true });
          continue;
        }
      }
      if (this.awaited !== null) yield* this.awaited.until(step);
      const ret: Ret = yield call(this.one(step));
      if (this.awaited !== null) yield* this.awaited.made(step);
      told?.({ step, ret, skipped: false });
    }
  }

  private one(step: Step): K<Ret> {
    if (step.cpu === undefined || step.cpu === this.kernel.cpuId) return this.act(step);
    const cpu = this.cpuId(step.cpu);
    return smp_call_function(this.kernel.machine, cpu, step.kind, () => this.act(step)) as K<Ret>;
  }

  private act(step: Step): K<Ret> {
    const action = actions[step.kind]!;
    return action.recorded ? this.recorded(step) : action.run(this, step.args);
  }

  private *recorded(step: Step): K<Ret> {
    const action = actions[step.kind]!;
    const record: MutableCall = {
      jiffies: this.kernel.jiffies(),
      cpu: this.kernel.cpuId,
      call: step.kind,
      args: this.shown(step.args),
      ret: null,
    };
    this.calls.push(record);
    record.ret = yield* action.run(this, step.args);
    const { machine } = this.kernel;
    // What a call answered is part of what happened, even where it touched nothing.
    machine.trace.emitText(events.call, machine.nowNs, this.kernel.cpuId, null, `${step.kind} = ${record.ret}`);
    return record.ret;
  }

  /** Arguments as the kernel gets them: durations in jiffies, expiries absolute. */
  private shown(args: unknown): Record<string, unknown> {
    const shown: Record<string, unknown> = {};
    const mapping = typeof args === 'object' && args !== null && !isDuration(args) ? args : { value: args };
    for (const [key, value] of Object.entries(mapping)) {
      if (value === undefined) continue;
      if (key === 'expires') shown[key] = this.expiry(value as number | Duration);
      else shown[key] = isDuration(value) ? this.jiffies(value) : value;
    }
    return shown;
  }
}

export function isDuration(value: unknown): value is Duration {
  return typeof value === 'object' && value !== null && 'unit' in value && 'value' in value;
}

function found<T>(map: ReadonlyMap<string, T>, name: string, kind: string): T {
  const thing = map.get(name);
  if (thing === undefined) throw new InputError(`there is no ${kind} '${name}'`);
  return thing;
}
