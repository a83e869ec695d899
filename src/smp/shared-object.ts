/**
 * A thing in the memory that CPUs share: a cell, a lock, a timer, a slab object.
 *
 * Divergence from Linux: none; this is the simulator's own notion of a location.
 */
import type { Subject } from '../trace/trace.js';
import type { Context } from './context.js';
import type { Machine } from './machine.js';

export class SharedObject implements Subject {
  readonly machine: Machine;
  /** Given in order of creation within one machine, from 1. */
  readonly id: number;
  /** The same in runs that differ only in the order of independent steps (touches.ts). */
  readonly resource: number;
  /** The slab object this one is a part of, if any: touching a part of a freed object is a use after free. */
  readonly home: SharedObject | null;
  /** True once the memory has been given back. Only homes are ever freed. */
  freed = false;
  /** Contexts whose operation on this object was not enabled; they are reconsidered when the object changes. */
  waiters: Context[] | null = null;
  /** The machine's progress epoch in which the object was last touched. */
  epoch = -1;
  private readonly label: string;

  constructor(machine: Machine, label: string, home: SharedObject | null = null, resource = machine.newResource()) {
    this.machine = machine;
    this.id = ++machine.objectCount;
    this.resource = resource;
    this.home = home;
    this.label = label;
  }

  /** `label`, or `home.label` for a part of something. */
  get name(): string {
    return this.home === null ? this.label : `${this.home.name}.${this.label}`;
  }

  /** What decides there whether an operation is enabled, and what it is: the value of a cell, 1 for a lock that is taken. */
  get word(): number {
    return 0;
  }

  /** Whether {@link word} says all that a look at it could tell. */
  get tellsWord(): boolean {
    return false;
  }

  /** Lets everybody who waits for this object look again. */
  changed(): void {
    if (this.waiters !== null) this.machine.reconsider(this);
  }
}
