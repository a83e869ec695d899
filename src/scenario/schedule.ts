/**
 * The `schedule:` of a scenario: holds an actor or a CPU back at a named operation until somebody else has reached
 * another one. That is how an interleaving is written down exactly.
 *
 * What a hold waits for may come before it begins: then it does nothing. `nth` counts from the start of the run.
 *
 * A point names operations by function (any modelled function on the context's stack), object, field and access; all
 * that is given must match. A hold whose point never comes is a no-op; the run says so. While a context is held its CPU
 * waits, with interrupts as they were.
 */
import { z } from 'zod';
import type { Context } from '../smp/context.js';
import type { Gate } from '../smp/machine.js';
import { accesses, type Op } from '../smp/op.js';

const point = z.strictObject({
  actor: z.string().max(64).optional().meta({ description: 'an actor, or any other task, by name' }),
  cpu: z.int().min(0).max(63).optional(),
  function: z.string().max(64).optional().meta({ description: 'a modelled kernel function' }),
  object: z.string().max(128).optional().meta({ description: 'the object touched, by its name in traces' }),
  field: z.string().max(64).optional(),
  access: z.enum(accesses).optional(),
  nth: z.int().min(1).max(1_000_000).optional().meta({ description: 'the n-th such operation (default: the first)' }),
});
type PointSpec = z.output<typeof point>;

export const holdSchema = z.strictObject({
  hold: z
    .strictObject({
      actor: z.string().max(64).optional(),
      cpu: z.int().min(0).max(63).optional(),
      before: point.optional().meta({ description: 'held before it performs such an operation' }),
      after: point
        .optional()
        .meta({ description: 'held after it has performed such an operation, before its next one' }),
    })
    .refine((h) => (h.actor === undefined) !== (h.cpu === undefined), {
      message: "needs 'actor' or 'cpu', one of them",
    })
    .refine((h) => (h.before === undefined) !== (h.after === undefined), {
      message: "needs 'before' or 'after', one of them",
    }),
  until: z
    .union([point, z.array(point).min(1).max(10)])
    .meta({ description: 'released when somebody has performed such an operation (of a list: any of them)' }),
});
export type Hold = z.output<typeof holdSchema>;

/** The points any of which ends a hold. */
export function untilPoints(hold: Hold): readonly z.output<typeof point>[] {
  return Array.isArray(hold.until) ? hold.until : [hold.until];
}

/** Watches for one point, counting occurrences. */
class Point {
  private readonly spec: PointSpec;
  private seen = 0;

  constructor(spec: PointSpec) {
    this.spec = spec;
  }

  /** Such an operation came, though maybe not the n-th. */
  get exists(): boolean {
    return this.seen > 0;
  }

  matches(context: Context, op: Op): boolean {
    const { spec } = this;
    if (spec.actor !== undefined && context.name !== spec.actor) return false;
    if (spec.cpu !== undefined && context.cpu.id !== spec.cpu) return false;
    if (spec.access !== undefined && op.access !== spec.access) return false;
    if (spec.field !== undefined && op.field !== spec.field) return false;
    if (spec.object !== undefined && op.object?.name !== spec.object) return false;
    return spec.function === undefined || context.stack.includes(spec.function);
  }

  /** Counts an operation that matches; true at the n-th. */
  reach(context: Context, op: Op): boolean {
    if (!this.matches(context, op)) return false;
    return ++this.seen === (this.spec.nth ?? 1);
  }
}

class Directive {
  readonly text: string;
  state: 'waiting' | 'armed' | 'holding' | 'over' = 'waiting';
  /** The point came, and held. */
  came = false;
  released = false;
  private readonly hold: Hold['hold'];
  private readonly start: Point;
  private readonly ends: readonly Point[];
  private held: Context | null = null;
  private heldOp: Op | null = null;

  constructor(spec: Hold, index: number) {
    this.hold = spec.hold;
    const at = spec.hold.before ?? spec.hold.after!;
    this.start = new Point(at);
    this.ends = untilPoints(spec).map((p) => new Point(p));
    const who = spec.hold.actor ?? `CPU ${spec.hold.cpu}`;
    this.text = `schedule[${index}] holds ${who} ${spec.hold.before ? 'before' : 'after'} ${describePoint(at)}`;
  }

  get pointExists(): boolean {
    return this.start.exists;
  }

  get lateBecause(): string {
    return this.released ? 'what it waits for came first' : 'that point came less often';
  }

  private concerns(context: Context): boolean {
    return this.hold.actor === undefined ? context.cpu.id === this.hold.cpu : context.name === this.hold.actor;
  }

  holds(context: Context, op: Op): boolean {
    if (this.state === 'over' || !this.concerns(context)) return false;
    if (this.state === 'holding') return this.held === context;
    if (this.state === 'armed') {
      if (this.held !== context) return false;
      this.state = 'holding';
      return true;
    }
    if (this.hold.before === undefined || this.heldOp === op) return false;
    if (!this.start.reach(context, op)) {
      // The same operation is asked about again each time its context is looked at: it counts once.
      if (this.start.matches(context, op)) this.heldOp = op;
      return false;
    }
    this.came = true;
    this.state = 'holding';
    this.held = context;
    return true;
  }

  /** True when the hold ends here. */
  passed(context: Context, op: Op): boolean {
    if (this.state === 'over') {
      // It can't hold any more; but a reader wants to know whether there is such a point.
      if (!this.came && this.concerns(context)) this.start.reach(context, op);
      return false;
    }
    if (!(this.held === context && this.state !== 'waiting') && this.ends.some((end) => end.reach(context, op))) {
      const held = this.state === 'holding';
      this.released = true;
      this.state = 'over';
      return held;
    }
    if (this.heldOp === op) this.heldOp = null;
    if (
      this.state === 'waiting' &&
      this.hold.after !== undefined &&
      this.concerns(context) &&
      this.start.reach(context, op)
    ) {
      this.came = true;
      this.state = 'armed';
      this.held = context;
    }
    return false;
  }
}

/** All holds of a scenario, for one run. */
export class ScheduleGate implements Gate {
  private readonly directives: readonly Directive[];

  constructor(holds: readonly Hold[]) {
    this.directives = holds.map((hold, index) => new Directive(hold, index));
  }

  holds(context: Context, op: Op): boolean {
    let held = false;
    for (const directive of this.directives) if (directive.holds(context, op)) held = true;
    return held;
  }

  passed(context: Context, op: Op): boolean {
    let released = false;
    for (const directive of this.directives) if (directive.passed(context, op)) released = true;
    return released;
  }

  /** What a reader must know after the run. */
  notes(): string[] {
    return this.directives.flatMap((d) => {
      if (!d.came && d.pointExists) return [`${d.text}: ${d.lateBecause}; the hold did nothing`];
      if (!d.came) return [`${d.text}: that point does not exist in this run; the hold did nothing`];
      if (!d.released) return [`${d.text}: what it waits for never came; it was held to the end`];
      return [];
    });
  }
}

function describePoint(spec: PointSpec): string {
  const access = spec.access ?? (spec.object === undefined && spec.field === undefined ? undefined : 'any access');
  const what = [access, spec.object === undefined ? undefined : `of ${spec.object}`, spec.field]
    .filter((p) => p !== undefined)
    .join(' ');
  const where = spec.function === undefined ? '' : ` in ${spec.function}`;
  return `${spec.nth === undefined ? '' : `#${spec.nth} `}${what === '' ? 'any operation' : what}${where}`;
}
