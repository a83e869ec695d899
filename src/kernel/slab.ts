/**
 * Slab caches (mm/slab.c, mm/slub.c): objects that can be allocated, freed, used after free, freed twice, leaked.
 *
 * Divergence from Linux: memory is never reused, so that every access to a freed object is found. The message is the
 * era's slab-debugging text; a real kernel prints it when the poison is checked, here it is printed at the access.
 */
import type { Context } from '../smp/context.js';
import { type Access, Op, type Ordering } from '../smp/op.js';
import { SharedObject } from '../smp/shared-object.js';
import { events } from '../trace/event-types.js';
import type { Kernel } from './kernel.js';
import { doubleFree, formatPointer, useAfterFree } from './messages.js';

/** Who did something to an object, when. */
export interface SlabMark {
  readonly context: string;
  readonly cpu: number;
  readonly jiffies: number;
  readonly stack: readonly string[];
}

/** What a cache remembers of an object while it marks. */
interface SlabMarks {
  readonly allocated: SlabMark;
  freedBy: SlabMark | null;
}

export class SlabObject extends SharedObject {
  readonly cache: SlabCache;

  constructor(cache: SlabCache, label: string) {
    super(cache.kernel.machine, label);
    this.cache = cache;
  }

  /** Who allocated it; null unless the cache marks. */
  get allocated(): SlabMark | null {
    return this.cache.marksOf(this)?.allocated ?? null;
  }

  /** Who freed it; null unless the cache marks, or it is not freed. */
  get freedBy(): SlabMark | null {
    return this.cache.marksOf(this)?.freedBy ?? null;
  }
}

export class SlabCache {
  readonly kernel: Kernel;
  readonly name: string;
  readonly sizeBytes: number;
  /** Objects allocated and not freed. */
  live = 0;
  allocations = 0;
  /** Remember who allocated and freed each object, and which live. Costs memory; for reports. */
  marks = false;
  private readonly alive = new Set<SlabObject>();
  private readonly remembered = new WeakMap<SlabObject, SlabMarks>();
  /** Objects reported once already. */
  private readonly reported = new Set<number>();

  constructor(kernel: Kernel, name: string, sizeBytes: number) {
    this.kernel = kernel;
    this.name = name;
    this.sizeBytes = sizeBytes;
  }

  /** Counts an object as allocated. */
  allocate(object: SlabObject): void {
    this.live++;
    this.allocations++;
    if (this.marks) {
      this.remembered.set(object, { allocated: this.mark(), freedBy: null });
      this.alive.add(object);
    }
    this.kernel.machine.watcher?.allocated(object);
    this.kernel.machine.emit(events.alloc, this.kernel.current, object, this.live, 0);
  }

  /** Frees an object, for code that is inside an operation. A second time is a double free. */
  release(object: SlabObject): void {
    const { machine } = this.kernel;
    if (object.freed) {
      this.kernel.log.printAll(doubleFree(this.kernel.era, this.name, formatPointer(this.kernel.arch, object.id)));
      const message = `${object.name} (${this.name}) is freed twice, in ${this.where()}`;
      machine.violate('double-free', message, undefined, object);
      return;
    }
    machine.watcher?.freeing(object);
    object.freed = true;
    const marks = this.marks ? this.remembered.get(object) : undefined;
    if (marks !== undefined) marks.freedBy = this.mark();
    if (this.alive.size > 0) this.alive.delete(object);
    this.live--;
    machine.emit(events.free, this.kernel.current, object, this.live, 0);
  }

  /** Objects that were allocated while {@link marks} was set and are not freed, in order of allocation. */
  leaks(): readonly SlabObject[] {
    return [...this.alive];
  }

  /** What is remembered of an object. */
  marksOf(object: SlabObject): SlabMarks | undefined {
    return this.remembered.get(object);
  }

  useAfterFree(object: SlabObject, context: Context, op: Op): void {
    if (!this.reported.has(object.id)) {
      this.reported.add(object.id);
      const pointer = formatPointer(this.kernel.arch, object.id);
      this.kernel.log.printAll(useAfterFree(this.kernel.era, this.name, pointer, this.sizeBytes));
    }
    const what = op.field === '' ? (op.object?.name ?? '') : `${object.name}.${op.field}`;
    this.kernel.machine.violate(
      'use-after-free',
      `${op.access} of ${what} in ${context.function}: ${object.name} (${this.name}) is already freed`,
      undefined,
      object,
      op,
    );
  }

  private mark(): SlabMark {
    const context = this.kernel.current;
    return {
      context: context?.name ?? '',
      cpu: context?.cpu.id ?? 0,
      jiffies: this.kernel.jiffies(),
      stack: context?.stack.slice() ?? [],
    };
  }

  private where(): string {
    return this.kernel.current?.function ?? 'no context';
  }
}

class FreeOp extends Op {
  private readonly slab: SlabObject;

  constructor(slab: SlabObject) {
    super(slab);
    this.slab = slab;
  }

  override get access(): Access {
    return 'write';
  }

  override get field(): string {
    return '*';
  }

  override get verb(): string {
    return 'free';
  }

  override perform(): void {
    this.slab.cache.release(this.slab);
  }
}

/** kmem_cache_free: a write to the whole object. */
export function kmem_cache_free(object: SlabObject): Op {
  return new FreeOp(object);
}

class AllocOp<A, B> extends Op {
  private readonly cache: SlabCache;
  private readonly make: (a: A, b: B) => SlabObject;
  private readonly a: A;
  private readonly b: B;

  constructor(cache: SlabCache, make: (a: A, b: B) => SlabObject, a: A, b: B) {
    super(null);
    this.cache = cache;
    this.make = make;
    this.a = a;
    this.b = b;
  }

  override get access(): Access {
    return 'none';
  }

  override get visible(): boolean {
    return false;
  }

  override perform(): SlabObject {
    const object = this.make(this.a, this.b);
    this.cache.allocate(object);
    return object;
  }
}

/**
 * kmem_cache_alloc: invisible to other CPUs, since nobody else knows the object yet. `make` gets what is given behind it, so
 * that it need not be made anew for each object.
 */
export function kmem_cache_alloc<A, B>(cache: SlabCache, make: (a: A, b: B) => SlabObject, a?: A, b?: B): Op {
  return new AllocOp(cache, make, a as A, b as B);
}

/** Reads a field of a slab object that other CPUs may change or free: a visible operation on (object, field). */
export class FieldReadOp<T extends SlabObject, F extends keyof T & string> extends Op {
  private readonly target: T;
  private readonly key: F;

  constructor(target: T, key: F) {
    super(target);
    this.target = target;
    this.key = key;
  }

  override get access(): Access {
    return 'read';
  }

  override get ordering(): Ordering {
    return 'plain';
  }

  override get field(): string {
    return this.key;
  }

  override perform(context: Context): T[F] {
    const { target, key } = this;
    if (target.freed) target.cache.useAfterFree(target, context, this);
    const value = target[key];
    target.machine.emit(events.read, context, target, typeof value === 'number' ? value : 0, 0);
    return value;
  }
}

export function read_field<T extends SlabObject>(target: T, field: keyof T & string): Op {
  return new FieldReadOp(target, field);
}

/** Writes a field of a slab object that other CPUs may look at: a visible operation on (object, field). */
export class FieldWriteOp<T extends SlabObject, F extends keyof T & string> extends Op {
  private readonly target: T;
  private readonly key: F;
  private readonly value: T[F];

  constructor(target: T, key: F, value: T[F]) {
    super(target);
    this.target = target;
    this.key = key;
    this.value = value;
  }

  override get access(): Access {
    return 'write';
  }

  override get ordering(): Ordering {
    return 'plain';
  }

  override get field(): string {
    return this.key;
  }

  override perform(context: Context): void {
    const { target, key } = this;
    if (target.freed) target.cache.useAfterFree(target, context, this);
    target[key] = this.value;
    target.machine.progress();
    target.machine.emit(events.write, context, target, typeof this.value === 'number' ? this.value : 0, 0);
  }
}

export function write_field<T extends SlabObject, F extends keyof T & string>(target: T, field: F, value: T[F]): Op {
  return new FieldWriteOp(target, field, value);
}
