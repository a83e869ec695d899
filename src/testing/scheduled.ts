/**
 * A workload and a schedule that shrink together. Shrunk one after the other they hinder each other: a call that is left
 * out takes its decisions with it, the rest of the schedule no longer fits, and the failure is lost. Here a smaller
 * workload is tried with the schedule as it is and with some that fit one in which less is possible: moved up, with
 * smaller choices.
 */
import * as fc from 'fast-check';
import { earlier, type ScheduleOptions, schedule } from './schedule.js';

/** Pairs of what `workload` makes and a schedule for it. */
export function scheduled<W>(workload: fc.Arbitrary<W>, options: ScheduleOptions = {}): fc.Arbitrary<[W, number[]]> {
  return new Scheduled(workload, schedule(options));
}

class Scheduled<W> extends fc.Arbitrary<[W, number[]]> {
  private readonly workload: fc.Arbitrary<W>;
  private readonly schedule: fc.Arbitrary<number[]>;

  constructor(workload: fc.Arbitrary<W>, schedule: fc.Arbitrary<number[]>) {
    super();
    this.workload = workload;
    this.schedule = schedule;
  }

  override generate(random: fc.Random, bias: number | undefined): fc.Value<[W, number[]]> {
    const work = this.workload.generate(random, bias);
    const choices = this.schedule.generate(random, bias);
    return new fc.Value([work.value, choices.value], work.context);
  }

  override canShrinkWithoutContext(value: unknown): value is [W, number[]] {
    return (
      Array.isArray(value) &&
      value.length === 2 &&
      this.workload.canShrinkWithoutContext(value[0]) &&
      this.schedule.canShrinkWithoutContext(value[1])
    );
  }

  override shrink([work, choices]: [W, number[]], context: unknown): fc.Stream<fc.Value<[W, number[]]>> {
    const variants = adapted(choices);
    const smaller = this.workload
      .shrink(work, context)
      .flatMap((less) => variants.map((v) => new fc.Value<[W, number[]]>([less.value, v], less.context)).values());
    const simpler = this.schedule
      .shrink(choices, undefined)
      .map((fewer) => new fc.Value<[W, number[]]>([work, fewer.value], context));
    return simpler.join(smaller);
  }
}

/** A schedule, and what it may have to be when decisions or possibilities are missing. */
function adapted(choices: number[]): readonly number[][] {
  const places = [...choices.keys()].filter((at) => choices[at] !== 0);
  const lower = places.filter((at) => choices[at]! > 1).map((at) => choices.with(at, choices[at]! - 1));
  const all = lower.length > 1 ? [choices.map((choice) => (choice > 1 ? choice - 1 : choice))] : [];
  return [choices, ...all, ...lower, ...earlier(choices, places)];
}
