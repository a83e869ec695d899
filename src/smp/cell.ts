/**
 * Shared memory cells: one number each, read and written by visible operations.
 *
 * `const v: number = yield cell.read; yield cell.write(v + 1);`
 *
 * Divergence from Linux: a cell holds a whole number of up to 53 bits, whatever the C type.
 */
import { events } from '../trace/event-types.js';
import type { Context } from './context.js';
import type { Machine } from './machine.js';
import { type Access, Op, type Ordering } from './op.js';
import { SharedObject } from './shared-object.js';

export class Cell extends SharedObject {
  /** The value now. Reading it here is invisible to schedulers: for tests, reports and final checks. */
  value: number;

  constructor(machine: Machine, label: string, value = 0, home: SharedObject | null = null) {
    super(machine, label, home);
    this.value = value;
  }

  /** Every access to it is marked, as to an atomic_t; otherwise `read` and `write` are plain. */
  get marked(): boolean {
    return false;
  }

  override get word(): number {
    return this.value;
  }

  override get tellsWord(): boolean {
    return true;
  }

  /** An operation that answers the value. */
  get read(): Op {
    return new ReadOp(this, this.marked);
  }

  /** READ_ONCE, ACCESS_ONCE: the same, by somebody who knows that it may race. */
  get readOnce(): Op {
    return new ReadOp(this, true);
  }

  /** An operation that stores `value`. */
  write(value: number): Op {
    return new WriteOp(this, value, this.marked);
  }

  /** WRITE_ONCE: the same, by somebody who knows that it may race. */
  writeOnce(value: number): Op {
    return new WriteOp(this, value, true);
  }

  /** Stores without being an operation: for code that is inside one. Counts as progress and wakes waiters. */
  set(value: number): void {
    if (value === this.value) return;
    this.value = value;
    this.machine.progress();
    this.changed();
  }
}

/** atomic_t: a cell whose every access is marked. */
export class Atomic extends Cell {
  override get marked(): boolean {
    return true;
  }
}

class ReadOp extends Op {
  private readonly cell: Cell;
  private readonly marked: boolean;

  constructor(cell: Cell, marked: boolean) {
    super(cell);
    this.cell = cell;
    this.marked = marked;
  }

  override get ordering(): Ordering {
    return this.marked ? 'marked' : 'plain';
  }

  override get access(): Access {
    return 'read';
  }

  override perform(context: Context): number {
    const cell = this.cell;
    cell.machine.emit(events.read, context, cell, cell.value, 0);
    return cell.value;
  }
}

class WriteOp extends Op {
  private readonly cell: Cell;
  private readonly value: number;
  private readonly marked: boolean;

  constructor(cell: Cell, value: number, marked: boolean) {
    super(cell);
    this.cell = cell;
    this.value = value;
    this.marked = marked;
  }

  override get ordering(): Ordering {
    return this.marked ? 'marked' : 'plain';
  }

  override get access(): Access {
    return 'write';
  }

  override perform(context: Context): void {
    const cell = this.cell;
    const old = cell.value;
    cell.machine.emit(events.write, context, cell, this.value, old);
    cell.set(this.value);
  }
}

/**
 * A read-modify-write of a cell in one operation: `change` maps the old value to the new one, `answer` picks what the
 * yield returns from (old, new). The building block of atomics.
 */
export class RmwOp extends Op {
  private readonly cell: Cell;
  private readonly change: (old: number) => number;
  private readonly answer: (old: number, now: number) => unknown;
  private readonly fails: ((old: number) => boolean) | null;
  private readonly orders: boolean;
  private failed = false;

  /**
   * `fails`: for which old values it is but a read, as a compare-and-exchange that finds another value. `orders`: it
   * returns a value, and so orders what is around it.
   */
  constructor(
    cell: Cell,
    change: (old: number) => number,
    answer: (old: number, now: number) => unknown,
    fails: ((old: number) => boolean) | null = null,
    orders = true,
  ) {
    super(cell);
    this.cell = cell;
    this.change = change;
    this.answer = answer;
    this.fails = fails;
    this.orders = orders;
  }

  override get ordering(): Ordering {
    return this.orders && !this.failed ? 'full' : 'marked';
  }

  override get access(): Access {
    return 'rmw';
  }

  override get effect(): Access {
    return this.failed ? 'read' : 'rmw';
  }

  override effectOn(word: number): Access {
    return this.fails?.(word) === true ? 'read' : 'rmw';
  }

  override perform(context: Context): unknown {
    const cell = this.cell;
    const old = cell.value;
    const now = this.change(old);
    if (this.fails !== null) this.failed = this.fails(old);
    cell.machine.emit(events.rmw, context, cell, now, old);
    cell.set(now);
    return this.answer(old, now);
  }
}

/**
 * A spin wait: enabled once `ready` holds, looked at again whenever `cell` changes. One operation, not a loop.
 */
export class SpinUntilOp extends Op {
  private readonly ready: (value: number) => boolean;
  private readonly cell: Cell;

  constructor(cell: Cell, ready: (value: number) => boolean) {
    super(cell);
    this.cell = cell;
    this.ready = ready;
  }

  override get access(): Access {
    return 'read';
  }

  override get ordering(): Ordering {
    return 'marked';
  }

  override enabled(): boolean {
    return this.ready(this.cell.value);
  }

  override effectOn(word: number): Access | null {
    return this.ready(word) ? 'read' : null;
  }

  override perform(context: Context): number {
    this.cell.machine.emit(events.read, context, this.cell, this.cell.value, 0);
    return this.cell.value;
  }

  override describe(): string {
    return `a change of ${this.cell.name}`;
  }
}
