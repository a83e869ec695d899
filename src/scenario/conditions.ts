/**
 * Conditions over the result of a run: the language of `bug:` and `expect:`. They see violations, log, metrics, calls
 * and series, and nothing of the revision.
 */
import { z } from 'zod';
import { didYouMean } from '../sim/errors.js';
import { violationKind } from './known-names.js';
import { metricDocs } from './meter.js';
import { matchesPattern } from './patterns.js';
import { oneKeyOf } from './read/one-key-of.js';
import type { GcRecord, RunResult } from './result.js';

/** What a condition found. */
export interface Finding {
  readonly holds: boolean;
  /** The figure or message that shows it. */
  readonly shownBy: string;
}

export type Condition =
  | ({ readonly kind: 'violation' } & Counted & { readonly of?: string; readonly message?: string })
  | ({ readonly kind: 'log' } & Counted & { readonly text: string })
  | ({ readonly kind: 'metric'; readonly name: string } & Bounds)
  | ({ readonly kind: 'call' } & Counted & {
        readonly name: string;
        readonly ret?: unknown;
        readonly args?: Record<string, unknown>;
      })
  | ({ readonly kind: 'series' } & SeriesArgs)
  | ({ readonly kind: 'compare' } & CompareArgs)
  | { readonly kind: 'fired'; readonly value: readonly string[] }
  | ({ readonly kind: 'timer'; readonly name: string; readonly cpu?: number } & Counted)
  | { readonly kind: 'all' | 'any'; readonly value: readonly Condition[] }
  | { readonly kind: 'not'; readonly value: Condition };

interface Bounds {
  readonly is?: number | undefined;
  readonly above?: number | undefined;
  readonly below?: number | undefined;
  readonly at_least?: number | undefined;
  readonly at_most?: number | undefined;
}

interface Counted {
  readonly count?: Bounds | undefined;
}

interface SeriesArgs {
  readonly of: string;
  readonly column: string;
  readonly is?: readonly (number | null)[] | undefined;
  readonly near?: { readonly values: readonly number[]; readonly percent: number } | undefined;
  readonly any?: Bounds | undefined;
  readonly every?: Bounds | undefined;
}

interface CompareArgs {
  readonly column: string;
  readonly with: string;
  readonly differ: boolean;
}

const number = z.number();
const boundsShape = {
  is: number.optional(),
  above: number.optional(),
  below: number.optional(),
  at_least: number.optional(),
  at_most: number.optional(),
};
const bounds = z.strictObject(boundsShape);

const metricNames = Object.keys(metricDocs);
const markPattern = '^mark\\.[a-z][a-z0-9_-]{0,31}_s$';

/** A metric: one of those there are, or that of a mark. */
export const metricName = z
  .string()
  .superRefine((name, context) => {
    if (metricNames.includes(name) || new RegExp(markPattern).test(name)) return;
    const message = `there is no metric '${name.slice(0, 64)}'${didYouMean(name, metricNames)}`;
    context.addIssue({ code: 'custom', message });
  })
  .meta({ anyOf: [{ enum: metricNames }, { pattern: markPattern }] });

export const gcColumns = [
  'jiffies',
  'dstTotal',
  'delayed',
  'workPerformed',
  'destroyed',
  'expires',
  'nextExpiry',
  'printedExpires',
  'elapsedUs',
  'timerInc',
  'timerExpires',
] as const satisfies readonly (keyof GcRecord)[];
const column = z.enum(gcColumns);

const lazy: z.ZodType<Condition> = z.lazy(() => conditionSchema);
const lazyList = z.array(lazy).min(1).max(100);

export const conditionSchema: z.ZodType<Condition> = oneKeyOf(
  {
    violation: z
      .strictObject({
        of: violationKind.optional(),
        message: z.string().max(1000).optional(),
        count: bounds.optional(),
      })
      .meta({ description: 'a violation was found, of this kind, with this in its message' }),
    log: z
      .strictObject({ text: z.string().min(1).max(1000), count: bounds.optional() })
      .meta({ description: 'the kernel log has such lines; %d, %x, %s stand for numbers and text' }),
    metric: z.strictObject({ name: metricName, ...boundsShape }).meta({ description: 'a metric within bounds' }),
    call: z
      .strictObject({
        name: z.string().max(64),
        ret: z.union([z.number(), z.string(), z.boolean(), z.null()]).optional(),
        args: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])).optional(),
        count: bounds.optional(),
      })
      .meta({ description: 'such a call was made and returned this' }),
    series: z
      .strictObject({
        of: z.enum(['gc']).default('gc'),
        column,
        is: z.array(z.number().nullable()).max(10_000).optional(),
        near: z.strictObject({ values: z.array(number).max(10_000), percent: number.min(0).max(1000) }).optional(),
        any: bounds.optional(),
        every: bounds.optional(),
      })
      .meta({
        description: 'a column of the gc series: exact values, values within a percentage, any or every row in bounds',
      }),
    compare: z
      .strictObject({ column, with: column, differ: z.boolean().default(true) })
      .meta({ description: 'some row of the gc series has different values in two columns' }),
    fired: z.array(z.string().max(64)).max(100_000).meta({ description: 'the timers that fired, in order' }),
    timer: z
      .strictObject({ name: z.string().max(64), cpu: z.int().min(0).max(63).optional(), count: bounds.optional() })
      .meta({ description: 'such a timer fired, on this CPU, so often' }),
    all: lazyList.meta({ description: 'all of these' }),
    any: lazyList.meta({ description: 'at least one of these' }),
    not: lazy.meta({ description: 'this does not hold' }),
  } as any,
  { noun: 'condition' },
) as unknown as z.ZodType<Condition>;

export function evaluate(condition: Condition, result: RunResult): Finding {
  switch (condition.kind) {
    case 'violation': {
      const found = result.violations.filter(
        (v) =>
          (condition.of === undefined || v.kind === condition.of) &&
          (condition.message === undefined || matchesPattern(condition.message, v.message)),
      );
      const what = condition.of ?? 'violation';
      return counted(found.length, condition.count, found[0]?.message ?? '', `no ${what}`);
    }
    case 'log': {
      const found = result.kernelLog.filter((line) => matchesPattern(condition.text, line.text));
      return counted(found.length, condition.count, found[0]?.text ?? '', `no "${condition.text}" in the log`);
    }
    case 'metric': {
      const value = result.metrics[condition.name];
      if (value === undefined) return { holds: false, shownBy: `${condition.name} has no value` };
      return { holds: within(value, condition), shownBy: `${condition.name} = ${showNumber(value)}` };
    }
    case 'call': {
      const found = result.calls.filter(
        (call) =>
          call.call === condition.name &&
          (condition.ret === undefined || call.ret === condition.ret) &&
          Object.entries(condition.args ?? {}).every(([key, value]) => call.args[key] === value),
      );
      const first = found[0];
      const shown = first === undefined ? '' : `${first.call}(${showArgs(first.args)}) = ${first.ret}`;
      return counted(found.length, condition.count, shown, `no such ${condition.name}`);
    }
    case 'series':
      return evaluateSeries(condition, result);
    case 'compare': {
      const row = result.series.gc.find((r) => cellOf(r, condition.column) !== cellOf(r, condition.with));
      const different = row !== undefined;
      const shownBy =
        row === undefined
          ? `${condition.column} = ${condition.with} in every run`
          : `${condition.column} ${cellOf(row, condition.column)}, ${condition.with} ${cellOf(row, condition.with)}`;
      return { holds: different === condition.differ, shownBy };
    }
    case 'fired': {
      const fired = result.timers.map((t) => t.timer);
      const same = fired.length === condition.value.length && fired.every((t, i) => t === condition.value[i]);
      return { holds: same, shownBy: `fired: ${fired.slice(0, 12).join(' ')}${fired.length > 12 ? ' …' : ''}` };
    }
    case 'timer': {
      const found = result.timers.filter(
        (t) => t.timer === condition.name && (condition.cpu === undefined || t.cpu === condition.cpu),
      );
      const first = found[0];
      const shown = first === undefined ? '' : `${first.timer} fired on CPU ${first.cpu}`;
      return counted(found.length, condition.count, shown, `${condition.name} did not fire`);
    }
    case 'all':
    case 'any': {
      const findings = condition.value.map((part) => evaluate(part, result));
      const all = condition.kind === 'all';
      const telling = findings.filter((f) => f.holds !== all);
      const shown = (telling.length > 0 ? telling : findings).map((f) => f.shownBy);
      const holds = all ? findings.every((f) => f.holds) : findings.some((f) => f.holds);
      if (!all && holds) return { holds, shownBy: findings.find((f) => f.holds)!.shownBy };
      return { holds, shownBy: all && holds ? findings.map((f) => f.shownBy).join('; ') : shown.join('; ') };
    }
    case 'not': {
      const inner = evaluate(condition.value, result);
      return { holds: !inner.holds, shownBy: inner.shownBy };
    }
  }
}

function evaluateSeries(args: SeriesArgs, result: RunResult): Finding {
  const values = result.series.gc.map((row) => cellOf(row, args.column));
  const numbers = values.filter((v) => v !== null);
  let holds = true;
  let shownBy = `${args.column}: ${showList(values)}`;
  if (args.is !== undefined) {
    const wrong = firstDifference(values, args.is, (a, b) => a === b);
    holds &&= wrong === null;
    if (wrong !== null)
      shownBy = `${args.column}, row ${wrong + 1}: ${values[wrong] ?? 'none'} (${args.is[wrong] ?? 'none'} expected)`;
  }
  if (args.near !== undefined) {
    const { values: wanted, percent } = args.near;
    const close = (a: number | null, b: number | null): boolean =>
      a !== null && b !== null && Math.abs(a - b) <= (Math.abs(b) * percent) / 100;
    const wrong = firstDifference(values, wanted, close);
    holds &&= wrong === null;
    if (wrong !== null)
      shownBy = `${args.column}, row ${wrong + 1}: ${values[wrong] ?? 'none'} (${wanted[wrong] ?? 'none'} ± ${percent} % expected)`;
  }
  if (args.any !== undefined) {
    const bound = args.any;
    const hit = numbers.find((v) => within(v, bound));
    holds &&= hit !== undefined;
    if (hit !== undefined) shownBy = `${args.column} = ${showNumber(hit)}`;
  }
  if (args.every !== undefined) {
    const bound = args.every;
    const miss = numbers.find((v) => !within(v, bound));
    holds &&= miss === undefined;
    if (miss !== undefined) shownBy = `${args.column} = ${showNumber(miss)}`;
  }
  return { holds, shownBy };
}

function firstDifference<A, B>(left: readonly A[], right: readonly B[], same: (a: A, b: B) => boolean): number | null {
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    if (i >= left.length || i >= right.length || !same(left[i]!, right[i]!)) return i;
  }
  return null;
}

function cellOf(row: GcRecord, name: string): number | null {
  return row[name as keyof GcRecord];
}

function counted(found: number, bound: Bounds | undefined, shown: string, none: string): Finding {
  const holds = bound === undefined ? found > 0 : within(found, bound);
  if (found === 0) return { holds, shownBy: none };
  return { holds, shownBy: found === 1 ? shown : `${shown} (${found} times)` };
}

function within(value: number, b: Bounds): boolean {
  return (
    (b.is === undefined || value === b.is) &&
    (b.above === undefined || value > b.above) &&
    (b.below === undefined || value < b.below) &&
    (b.at_least === undefined || value >= b.at_least) &&
    (b.at_most === undefined || value <= b.at_most)
  );
}

/** A condition in words, for reports. */
export function describeCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'violation':
      return `${describeCount(condition.count)}violation${condition.of === undefined ? '' : ` ${condition.of}`}${condition.message === undefined ? '' : ` "${condition.message}"`}`;
    case 'log':
      return `${describeCount(condition.count)}log line "${condition.text}"`;
    case 'metric':
      return `${condition.name} ${describeBounds(condition)}`;
    case 'call':
      return `${describeCount(condition.count)}call ${condition.name}(${showArgs(condition.args ?? {})})${condition.ret === undefined ? '' : ` = ${condition.ret}`}`;
    case 'series': {
      const parts = [
        condition.is === undefined ? '' : `is ${showList(condition.is)}`,
        condition.near === undefined ? '' : `within ${condition.near.percent} % of ${showList(condition.near.values)}`,
        condition.any === undefined ? '' : `somewhere ${describeBounds(condition.any)}`,
        condition.every === undefined ? '' : `always ${describeBounds(condition.every)}`,
      ];
      return `gc ${condition.column} ${parts.filter((part) => part !== '').join(' and ')}`;
    }
    case 'compare':
      return `gc ${condition.column} and ${condition.with} ${condition.differ ? 'differ somewhere' : 'never differ'}`;
    case 'fired':
      return `timers fired: ${condition.value.join(' ')}`;
    case 'timer':
      return `${describeCount(condition.count)}firing of ${condition.name}${condition.cpu === undefined ? '' : ` on CPU ${condition.cpu}`}`;
    case 'all':
      return condition.value.map(describeCondition).join(' and ');
    case 'any':
      return condition.value.map(describeCondition).join(' or ');
    case 'not':
      return `not (${describeCondition(condition.value)})`;
  }
}

function describeCount(bound: Bounds | undefined): string {
  return bound === undefined ? '' : `number ${describeBounds(bound)} of `;
}

function describeBounds(b: Bounds): string {
  const parts: string[] = [];
  if (b.is !== undefined) parts.push(`= ${b.is}`);
  if (b.above !== undefined) parts.push(`> ${b.above}`);
  if (b.below !== undefined) parts.push(`< ${b.below}`);
  if (b.at_least !== undefined) parts.push(`≥ ${b.at_least}`);
  if (b.at_most !== undefined) parts.push(`≤ ${b.at_most}`);
  return parts.join(' and ');
}

function showArgs(args: Readonly<Record<string, unknown>>): string {
  return Object.entries(args)
    .map(([key, value]) => `${key}: ${String(value)}`)
    .join(', ');
}

function showList(values: readonly (number | null)[]): string {
  const shown = values.slice(0, 14).map((v) => (v === null ? '-' : showNumber(v)));
  return `${shown.join(' ')}${values.length > 14 ? ' …' : ''}`;
}

/** A number as reports show it: six digits at most. */
export function showNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}
