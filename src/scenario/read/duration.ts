/**
 * Durations as people write them: `25 jiffies`, `1 jiffy`, `100ms`, `3.5 s`, `5min`. Arithmetic is exact.
 */
import { z } from 'zod';
import { didYouMean, InputError, InternalError } from '../../sim/errors.js';
import { clip } from './escape.js';
import { withHint } from './hints.js';

/** A parsed duration: whole jiffies, or whole nanoseconds for every other unit. */
export interface Duration {
  readonly unit: 'jiffies' | 'ns';
  readonly value: number;
}

/** Nanoseconds in each unit of time; jiffies depend on HZ. */
const NS_PER_UNIT: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  min: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const UNITS = ['jiffies', ...Object.keys(NS_PER_UNIT)];
const UNITS_TEXT = UNITS.join(', ');
const NS_PER_S = 1_000_000_000;

/** Matches what `parseDuration` takes; ranges and wholeness are checked beyond it. */
export const DURATION_PATTERN = '^-?[0-9]+(\\.[0-9]+)? ?(jiffies|jiffy|ns|us|ms|s|min|h)$';

/** Parses `text`. Throws InputError (without place) saying what is wrong with it. */
export function parseDuration(text: string): Duration {
  const shown = clip(text, 40);
  const parts = /^(-?)([0-9]{1,20})(?:\.([0-9]{1,20}))? ?([^0-9\s.-]*)$/.exec(text);
  if (parts === null) throw new InputError(`expected a duration such as 25 jiffies or 100ms, found '${shown}'`);
  const [, sign, whole, fraction = '', unit] = parts as unknown as [string, string, string, string | undefined, string];
  if (unit === '') throw new InputError(`expected a duration with a unit (${UNITS_TEXT}), found '${shown}'`);
  const nsPerUnit = unit === 'jiffies' || unit === 'jiffy' ? 1n : unitNs(unit);
  const scale = 10n ** BigInt(fraction.length);
  const amount = BigInt(whole + fraction) * nsPerUnit;
  const base = nsPerUnit === 1n && unit !== 'ns' ? 'jiffies' : 'ns';
  if (amount % scale !== 0n) throw new InputError(`expected a whole number of ${base}, found '${shown}'`);
  const value = Number(amount / scale);
  if (!Number.isSafeInteger(value)) throw new InputError(`expected a shorter duration, found '${shown}'`);
  return { unit: base, value: sign === '-' && value !== 0 ? -value : value };
}

function unitNs(unit: string): bigint {
  const ns = Object.hasOwn(NS_PER_UNIT, unit) ? NS_PER_UNIT[unit] : undefined;
  if (ns !== undefined) return ns;
  const near = didYouMean(unit, UNITS);
  throw new InputError(`unknown unit '${clip(unit, 20)}', expected one of ${UNITS_TEXT}${near}`);
}

/** `duration` as a person would write it, exactly: `25 jiffies`, `1 jiffy`, `100 ms`. */
export function formatDuration(duration: Duration): string {
  const { unit, value } = duration;
  if (unit === 'jiffies') return `${value} ${Math.abs(value) === 1 ? 'jiffy' : 'jiffies'}`;
  for (const [name, ns] of Object.entries(NS_PER_UNIT).reverse()) {
    if (value !== 0 && value % Number(ns) === 0) return `${value / Number(ns)} ${name}`;
  }
  return `${value} ns`;
}

/** Nanoseconds of `duration` at `hz` ticks a second. Throws InputError if they exceed 2^53 - 1. */
export function toNs(duration: Duration, hz: number): number {
  if (duration.unit === 'ns') return duration.value;
  const ns = duration.value * nsPerJiffy(hz);
  if (!Number.isSafeInteger(ns)) throw new InputError(`${formatDuration(duration)} are too long at HZ=${hz}`);
  return ns;
}

/**
 * Jiffies of `duration` at `hz` ticks a second. Time that is no whole number of jiffies is rounded up, as
 * msecs_to_jiffies does: a timer is never early. Negative time is rounded up too, towards zero.
 */
export function toJiffies(duration: Duration, hz: number): number {
  if (duration.unit === 'jiffies') return duration.value;
  const per = nsPerJiffy(hz);
  const rest = duration.value % per;
  const whole = (duration.value - rest) / per;
  return (rest > 0 ? whole + 1 : whole) + 0;
}

function nsPerJiffy(hz: number): number {
  const per = NS_PER_S / hz;
  if (!Number.isSafeInteger(per)) throw new InternalError(`HZ ${hz} does not divide 10^9`);
  return per;
}

/** A bound for each unit, since HZ is not known when a file is checked. */
export interface DurationBound {
  readonly jiffies?: number;
  readonly ns?: number;
}

/** What `durationSchema` takes. */
export interface DurationOptions {
  readonly min?: DurationBound;
  readonly max?: DurationBound;
  /** Take durations below zero (default: no). */
  readonly allowNegative?: boolean;
  /** Take a bare whole number, meaning this unit (default: refuse it). */
  readonly bare?: 'jiffies' | 'ns';
}

/** A schema that parses a duration. As JSON Schema it is a string with a pattern (or an integer, with `bare`). */
export function durationSchema(options: DurationOptions = {}): z.ZodType<Duration> {
  const { bare, allowNegative = false } = options;
  const pattern = allowNegative ? DURATION_PATTERN : DURATION_PATTERN.replace('-?', '');
  const text = z.string().meta({ pattern, examples: ['25 jiffies', '100ms'] });
  const expected = bare === undefined ? `a duration with a unit (${UNITS_TEXT})` : `a duration or a number of ${bare}`;
  const input = bare === undefined ? text : z.union([text, z.int()]);
  const schema = input.transform((found, context): Duration => {
    try {
      const duration = typeof found === 'number' ? { unit: bare!, value: found } : parseDuration(found);
      checkBounds(duration, options, found);
      return duration;
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      context.issues.push({ code: 'custom', message: error.message, input: found });
      return z.NEVER;
    }
  });
  return withHint(schema as z.ZodType<Duration>, { expected });
}

function checkBounds({ unit, value }: Duration, options: DurationOptions, found: string | number): void {
  const min = options.min?.[unit] ?? (options.allowNegative === true ? undefined : 0);
  const max = options.max?.[unit];
  if (min !== undefined && value < min) refuseBound('at least', { unit, value: min }, found);
  if (max !== undefined && value > max) refuseBound('at most', { unit, value: max }, found);
}

function refuseBound(relation: string, bound: Duration, found: string | number): never {
  const limit = bound.value === 0 ? '0' : formatDuration(bound);
  throw new InputError(`expected a duration of ${relation} ${limit}, found ${clip(String(found), 40)}`);
}
