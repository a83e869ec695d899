/**
 * Arbitrary workloads: what each task calls. They shrink to fewer tasks first (one is left out, or its calls are added to
 * another's), then to fewer calls, whichever they are, then to simpler calls. fc.array of fc.array would keep the last of
 * each.
 */
import * as fc from 'fast-check';

export interface WorkloadOptions<C> {
  /** What is called: `timerCall`, `workCall`, `waitCall`, calls of one's own, or `fc.oneof` of them. */
  readonly calls: fc.Arbitrary<C>;
  /** Tasks at most; 3 if absent. */
  readonly tasksMax?: number;
  /** Calls of a task at most; 4 if absent. */
  readonly callsMax?: number;
}

/** One to `tasksMax` tasks with one to `callsMax` calls each. Shrunk, a task may have the calls of two. */
export function workload<C>(options: WorkloadOptions<C>): fc.Arbitrary<C[][]> {
  return new WorkloadArbitrary(options.calls, options.tasksMax ?? 3, options.callsMax ?? 4);
}

/** A call, and what its arbitrary needs to shrink it. */
interface Kept<C> {
  readonly call: C;
  readonly context: unknown;
}

type Tasks<C> = readonly (readonly Kept<C>[])[];

class WorkloadArbitrary<C> extends fc.Arbitrary<C[][]> {
  private readonly calls: fc.Arbitrary<C>;
  private readonly tasksMax: number;
  private readonly callsMax: number;

  constructor(calls: fc.Arbitrary<C>, tasksMax: number, callsMax: number) {
    super();
    this.calls = calls;
    this.tasksMax = tasksMax;
    this.callsMax = callsMax;
  }

  override generate(random: fc.Random, bias: number | undefined): fc.Value<C[][]> {
    const tasks = Array.from({ length: random.nextInt(1, this.tasksMax) }, () =>
      Array.from({ length: random.nextInt(1, this.callsMax) }, () => kept(this.calls.generate(random, bias))),
    );
    return generated(tasks);
  }

  override canShrinkWithoutContext(value: unknown): value is C[][] {
    return (
      Array.isArray(value) &&
      value.every((task) => Array.isArray(task) && task.every((call) => this.calls.canShrinkWithoutContext(call)))
    );
  }

  override shrink(value: C[][], context: unknown): fc.Stream<fc.Value<C[][]>> {
    const tasks =
      (context as Tasks<C> | undefined) ?? value.map((t) => t.map((call) => ({ call, context: undefined })));
    return new fc.Stream(this.simpler(tasks)).map(generated);
  }

  private *simpler(tasks: Tasks<C>): IterableIterator<Tasks<C>> {
    if (tasks.length > 1) {
      for (let i = tasks.length - 1; i >= 0; i--) yield tasks.toSpliced(i, 1);
      for (let i = tasks.length - 1; i > 0; i--) {
        yield tasks.toSpliced(i - 1, 2, [...tasks[i - 1]!, ...tasks[i]!]);
        yield tasks.toSpliced(i - 1, 2, [...tasks[i]!, ...tasks[i - 1]!]);
      }
    }
    for (const [i, task] of tasks.entries()) {
      for (let size = task.length >> 1; size >= 1; size = size >> 1) {
        for (let end = task.length; end >= size; end -= size) yield tasks.with(i, task.toSpliced(end - size, size));
      }
    }
    for (const [i, task] of tasks.entries()) {
      for (const [j, { call, context }] of task.entries()) {
        for (const less of this.calls.shrink(call, context)) yield tasks.with(i, task.with(j, kept(less)));
      }
    }
  }
}

function kept<C>(value: fc.Value<C>): Kept<C> {
  return { call: value.value, context: value.context };
}

function generated<C>(tasks: Tasks<C>): fc.Value<C[][]> {
  return new fc.Value(
    tasks.map((task) => task.map(({ call }) => call)),
    tasks,
  );
}
