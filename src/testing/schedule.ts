/**
 * Arbitrary schedules: plain arrays of choices for `runSchedule`. fast-check's own `fc.scheduler()` does not shrink;
 * these do, towards `[]`, the default schedule: first choices are left out, then they come earlier, then they get smaller.
 *
 * Half of the schedules deviate at a few places only, where most bugs are; half at any, with any density.
 */
import * as fc from 'fast-check';

export interface ScheduleOptions {
  /** Choices at most; 64 if absent. A schedule need not be as long as a run: after its end all goes by default. */
  readonly choicesMax?: number;
  /** Values are 0 to this; 5 if absent. They count modulo what is possible. */
  readonly valueMax?: number;
}

/** Deviations of a schedule that has few. */
const fewMax = 4;
/** Distances up to this are all tried. */
const allOfMax = 8;

/** Plain arrays of whole numbers from 0, without zeros at the end. */
export function schedule(options: ScheduleOptions = {}): fc.Arbitrary<number[]> {
  const { choicesMax = 64, valueMax = 5 } = options;
  return new ScheduleArbitrary(choicesMax, valueMax);
}

class ScheduleArbitrary extends fc.Arbitrary<number[]> {
  private readonly choicesMax: number;
  private readonly valueMax: number;

  constructor(choicesMax: number, valueMax: number) {
    super();
    this.choicesMax = choicesMax;
    this.valueMax = valueMax;
  }

  override generate(random: fc.Random): fc.Value<number[]> {
    const length = random.nextInt(0, this.choicesMax);
    const choices = random.nextBoolean() ? this.few(random, length) : this.dense(random, length);
    return new fc.Value(trimmed(choices), undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is number[] {
    return Array.isArray(value) && value.every((choice) => Number.isSafeInteger(choice) && choice >= 0);
  }

  override shrink(value: number[]): fc.Stream<fc.Value<number[]>> {
    return new fc.Stream(simpler(value)).map((choices) => new fc.Value(choices, undefined));
  }

  private few(random: fc.Random, length: number): number[] {
    const choices = Array.from({ length }, () => 0);
    if (length === 0 || this.valueMax === 0) return choices;
    for (let left = random.nextInt(1, fewMax); left > 0; left--) {
      choices[random.nextInt(0, length - 1)] = random.nextInt(1, this.valueMax);
    }
    return choices;
  }

  private dense(random: fc.Random, length: number): number[] {
    // In four: how many decisions are default ones anyway.
    const dull = random.nextInt(0, 3);
    return Array.from({ length }, () => (random.nextInt(1, 4) <= dull ? 0 : random.nextInt(0, this.valueMax)));
  }
}

function trimmed(choices: readonly number[]): number[] {
  return choices.slice(0, choices.findLastIndex((choice) => choice !== 0) + 1);
}

/** Schedules that are simpler than this one, the simplest first. */
function* simpler(choices: readonly number[]): IterableIterator<number[]> {
  const trim = trimmed(choices);
  if (trim.length < choices.length) yield trim;
  const places = [...trim.keys()].filter((at) => trim[at] !== 0);
  if (places.length > 1) yield [];
  for (let size = Math.ceil(places.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let end = places.length; end > 0; end -= size) {
      const out = new Set(places.slice(Math.max(0, end - size), end));
      yield trimmed(trim.map((choice, at) => (out.has(at) ? 0 : choice)));
    }
  }
  yield* earlier(trim, places);
  for (const at of places) {
    for (const value of new Set([1, trim[at]! >> 1, trim[at]! - 1])) {
      if (value > 0 && value < trim[at]!) yield trim.with(at, value);
    }
  }
}

/** All the choices from one of them on some decisions earlier: what lies before it has become shorter. */
export function* earlier(choices: readonly number[], places: readonly number[]): IterableIterator<number[]> {
  for (const [i, at] of places.entries()) {
    const zeros = at - (i === 0 ? 0 : places[i - 1]! + 1);
    for (let by = zeros; by >= 1; by -= by > allOfMax ? by >> 1 : 1) yield choices.toSpliced(at - by, by);
  }
}
