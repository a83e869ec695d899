/**
 * A program to be explored: a function that sets up one machine. It is called anew for every run, so whatever it uses
 * must be made inside it.
 *
 * Tasks get a CPU each unless placed. All code that yields operations of the virtual kernel may be used in them.
 */
import { Atomic } from '../kernel/atomic.js';
import type { Kernel } from '../kernel/kernel.js';
import { Mutex } from '../kernel/mutex.js';
import { RefCount } from '../kernel/refcount.js';
import { SlabCache, SlabObject } from '../kernel/slab.js';
import { SpinLock } from '../kernel/spinlock.js';
import { Timer } from '../kernel/timer.js';
import { DelayedWork, Work } from '../kernel/work.js';
import { LivenessPromise, type PromiseOptions } from '../sanitize/promise.js';
import { Cell } from '../smp/cell.js';
import type { Task } from '../smp/context.js';
import type { K, KernelFunction } from '../smp/op.js';
import { shown } from './check-options.js';
import { bodyOf, checkFunction, mistake, refuseLater } from './mistakes.js';

const generatorFunctions: object = Object.getPrototypeOf(function* () {});
const generators = Object.create(Object.getPrototypeOf(Object.getPrototypeOf((function* () {})()))) as object;

/**
 * V8 makes a prototype for each generator function that is called, and shapes of objects with it. A program makes its
 * functions anew for each run: with one prototype for all a search takes up to a third less time, most of it the collector's.
 */
function shareShape(code: unknown): void {
  if (typeof code === 'function' && Object.getPrototypeOf(code) === generatorFunctions)
    Reflect.set(code, 'prototype', generators);
}

/** Sets up a run. */
export type Program = (p: ProgramSetup) => void;

export interface TaskOptions {
  /** The CPU it runs on; one of its own if absent. */
  readonly cpu?: number;
  /** 0–99 real time, 120 + nice otherwise; 120 if absent. */
  readonly priority?: number;
}

/** A condition that is to hold after every step. */
export interface Invariant {
  /** What its violation is called; `invariant` if absent. */
  readonly kind?: string;
  readonly message: string;
  readonly holds: () => boolean;
  /** It is judged where time moves; else after every step. */
  readonly overTime: boolean;
}

const judgements = ['after-each-step', 'when-time-moves'] as const;

export interface InvariantOptions {
  readonly judged?: (typeof judgements)[number];
}

export class ProgramSetup {
  /** The machine's kernel, for what has no short form here. */
  readonly machineKernel: Kernel;
  readonly invariants: Invariant[] = [];
  readonly finalChecks: (() => void)[] = [];
  /** Kinds of violations that are no failures of this program. */
  readonly tolerated: string[] = [];
  /** What programs share, and their functions see, by and large: cells and locks. */
  readonly objects: (Cell | SpinLock | Mutex)[] = [];
  /** Made by {@link task}. */
  tasks = 0;
  /** CPUs asked for so far. */
  cpusUsed = 0;
  /** Contexts may have to share a CPU: tasks placed together, softirqs, workers. */
  sharesCpus = false;
  /** Steps may touch what nobody is told of (smp/touches.ts). */
  opaque = false;
  private slabs: SlabCache | null = null;

  constructor(kernel: Kernel) {
    this.machineKernel = kernel;
  }

  get kernel(): Kernel {
    this.sharesCpus = true;
    return this.machineKernel;
  }

  /** A shared cell: `const v: number = yield x.read; yield x.write(v + 1)`. */
  cell(name: string, value = 0): Cell {
    const cell = new Cell(this.machineKernel.machine, name, value);
    this.objects.push(cell);
    return cell;
  }

  /** An atomic_t, for atomic_inc, cmpxchg and their like. */
  atomic(name: string, value = 0): Atomic {
    const atomic = new Atomic(this.machineKernel.machine, name, value);
    this.objects.push(atomic);
    return atomic;
  }

  /** An atomic_t that counts references: a violation if it goes below zero, or up from zero. */
  refcount(name: string, value = 1): Atomic {
    const count = new RefCount(this.machineKernel.machine, name, value);
    this.objects.push(count);
    return count;
  }

  /** For spin_lock, spin_trylock, spin_unlock and their like. */
  lock(name: string): SpinLock {
    const lock = new SpinLock(this.machineKernel, name);
    this.objects.push(lock);
    return lock;
  }

  mutex(name: string): Mutex {
    const mutex = new Mutex(this.kernel, name);
    this.objects.push(mutex);
    return mutex;
  }

  /** A timer, not pending; its handler may be a generator function. */
  timer(name: string, handler: KernelFunction<[Timer]>): Timer {
    checkFunction(`the handler of timer '${name}'`, handler, true);
    return new Timer(this.kernel, name, handler);
  }

  /** A work for schedule_work. */
  work(name: string, fn: KernelFunction<[Work]>): Work {
    checkFunction(`the function of work '${name}'`, fn, true);
    this.startWorkers();
    return new Work(this.kernel, name, fn);
  }

  delayedWork(name: string, fn: KernelFunction<[Work]>): DelayedWork {
    checkFunction(`the function of work '${name}'`, fn, true);
    this.startWorkers();
    return new DelayedWork(this.kernel, name, fn);
  }

  /** An allocated slab object: parts of it are cells with it as their home; kmem_cache_free ends it. */
  object(name: string): SlabObject {
    const object = new SlabObject(this.ownSlabs, name);
    this.ownSlabs.allocate(object);
    return object;
  }

  /** A violation for each object, made here from now on, that is not freed when the run is complete. */
  noLeaks(): void {
    const slabs = this.ownSlabs;
    slabs.marks = true;
    this.finally(() => {
      for (const object of slabs.leaks()) {
        slabs.kernel.machine.violate('leak', `${object.name} (${slabs.name}) is never freed`, undefined, object);
      }
    });
  }

  /** What was given to {@link finally}. */
  checkAll(): void {
    for (const check of this.finalChecks) refuseLater('what p.finally is given', check());
  }

  private get ownSlabs(): SlabCache {
    this.slabs ??= new SlabCache(this.kernel, 'objects', 64);
    return this.slabs;
  }

  /** A cell inside a slab object: touching it after the object was freed is a use after free. */
  part(object: SlabObject, name: string, value = 0): Cell {
    return new Cell(this.machineKernel.machine, name, value, object);
  }

  /** A task, runnable from the start. */
  task(name: string, code: () => K<unknown>, options: TaskOptions = {}): Task {
    const { machine } = this.machineKernel;
    if (machine.current !== null) {
      const by = `${machine.current.kind === 'process' ? 'task ' : ''}${machine.current.name}`;
      throw mistake(`p.task('${name}', …) is called by ${by} while it runs: tasks are made when a run is set up`);
    }
    const cpu = this.place(options.cpu);
    this.tasks++;
    shareShape(code);
    return machine.spawn(name, cpu, bodyOf(name, code), options.priority);
  }

  /** Violations of this kind (`warning`, …) are part of what the program provokes, and no failures. */
  tolerate(kind: string): void {
    this.tolerated.push(kind);
  }

  /** To be called when a run is complete. */
  finally(check: () => void): void {
    checkFunction('what p.finally is given', check, false);
    this.finalChecks.push(check);
  }

  /** A violation if the condition does not hold. */
  check(holds: boolean, message: string): void {
    if (!holds) this.machineKernel.machine.violate('check', message);
  }

  /**
   * A condition that is to hold after every step. Reads values directly; may not yield. One that is judged only where time
   * moves, just before and just after, leaves a reducing search more to reduce.
   */
  invariant(message: string, holds: () => boolean, { judged = 'after-each-step' }: InvariantOptions = {}): void {
    const what = `the invariant '${message}'`;
    checkFunction(what, holds, false);
    if (!judgements.includes(judged)) {
      throw mistake(`${what} is judged '${String(judged)}': expected one of ${judgements.join(', ')}`);
    }
    this.invariants.push({ message, holds, overTime: judged === 'when-time-moves' });
  }

  /**
   * Something that is owed from when `begin` of what this answers is called until `keep` is: a violation if it is not
   * kept `within` so many jiffies, though nothing but the schedule could hold it up, or if the run ends first.
   */
  promise(name: string, options: PromiseOptions): LivenessPromise {
    const { machine } = this.machineKernel;
    const promise = new LivenessPromise(this.machineKernel, name, options);
    this.invariants.push({
      overTime: true,
      kind: 'broken-promise',
      get message(): string {
        return promise.message;
      },
      holds(): boolean {
        return !promise.isBroken();
      },
    });
    this.finally(() => {
      const known = machine.violations.some(
        ({ kind, message }) => kind === 'broken-promise' && message.startsWith(name),
      );
      if (promise.owed && !known) machine.violate('broken-promise', promise.neverMessage);
    });
    return promise;
  }

  /** A data choice: a whole number from 0 to `bound` - 1, explored like a schedule. */
  choose(name: string, bound: number): number {
    if (!Number.isSafeInteger(bound) || bound < 1) {
      throw mistake(
        `p.choose('${name}', ${shown(bound)}): expected a whole number from 1, of which 0 is the first value`,
      );
    }
    return this.machineKernel.machine.choose(name, bound);
  }

  private place(wanted: number | undefined): number {
    const cpu = wanted ?? this.cpusUsed;
    if (wanted !== undefined) this.sharesCpus = true;
    if (!Number.isInteger(cpu) || cpu < 0 || cpu > 63) {
      const shared = wanted === undefined ? '; let tasks share one: p.task(name, code, { cpu: 0 })' : '';
      throw mistake(`a program has CPUs 0 to 63, not ${cpu}${shared}`);
    }
    if (cpu >= this.cpusUsed) this.cpusUsed = cpu + 1;
    const { length } = this.machineKernel.machine.cpus;
    if (cpu < length) return cpu;
    const has = `its machine has ${length === 1 ? 'one' : length}`;
    throw mistake(
      `the tasks need ${this.cpusUsed} CPUs, and ${has}: ask for machine.cpus, or let tasks share one: p.task(name, code, { cpu: 0 })`,
    );
  }

  /** All at once and in order, so that their pids do not depend on the schedule. */
  private startWorkers(): void {
    for (const cpu of this.kernel.machine.cpus) this.kernel.events.of(cpu);
  }
}
