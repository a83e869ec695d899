/** Which columns of a run's series there are to draw, what they are called, and what they mean. */
import type { RunResult } from '../../scenario/index.js';
import { clip, escapeControl } from '../../scenario/read/escape.js';
import { didYouMean, InputError } from '../../sim/errors.js';

export type Row = Readonly<Record<string, unknown>>;
/** By name, the rows of each in order of time. */
export type AllSeries = ReadonlyMap<string, readonly Row[]>;

export function seriesOf({ series }: RunResult): AllSeries {
  const entries: readonly [string, readonly object[]][] = Object.entries(series);
  return new Map(entries.map(([name, rows]) => [name, rows.map((row): Row => ({ ...row }))]));
}

/** One column of one series. */
export interface Plotted {
  /** `gc.delayed`. */
  readonly name: string;
  readonly unit: string;
  /** In a few words; '' if nothing is known of it. */
  readonly meaning: string;
  readonly series: string;
  readonly column: string;
}

/** Where a row stands in time, and what no axis is for. */
const NO_COLUMNS: ReadonlySet<string> = new Set(['seconds', 'jiffies', 'cpu']);

/** Unit and meaning, by series and column. */
const known: Readonly<Record<string, readonly [string, string]>> = {
  'routes.entries': ['entries', 'entries that exist, garbage included'],
  'routes.garbage': ['entries', 'entries on the garbage lists'],
  'routes.timerExpires': ['jiffies', "the collector's interval, not rounded"],
  'routes.failures': ['', 'allocations that have failed so far'],
  'gc.dstTotal': ['entries', 'entries that exist after a run of the collector'],
  'gc.delayed': ['entries', 'garbage that a run found still referenced'],
  'gc.workPerformed': ['', "the kernel's own work_performed"],
  'gc.destroyed': ['entries', 'entries that a run destroyed'],
  'gc.expires': ['jiffies', 'delay to the next run, as armed'],
  'gc.nextExpiry': ['jiffies', 'when the next run is due'],
  'gc.printedExpires': ['jiffies', 'delay as the debug line shows it'],
  'gc.elapsedUs': ['µs', 'how long a run took'],
  'gc.timerInc': ['jiffies', 'by how much the interval grows next'],
  'gc.timerExpires': ['jiffies', 'interval of the back-off, not rounded'],
};

/** What is drawn of a series if nobody names columns, where it changes; of others, all that changes. */
const usual: Readonly<Record<string, readonly string[]>> = { gc: ['dstTotal', 'delayed', 'expires', 'elapsedUs'] };

/** Names of the issue and of the kernel for columns that go by another name here, the best first. */
const aliases: Readonly<Record<string, readonly string[]>> = {
  entries: ['entries', 'total', 'gc.dsttotal'],
  garbage: ['garbage', 'gc.delayed'],
  failures: ['failures', 'failed', 'allocfailed'],
  elapsed: ['elapsedus'],
};

/** The columns that `names` mean: `gc` (the usual ones), `gc.delayed`, `delayed`, `timer_expires`. Throws InputError. */
export function chooseColumns(series: AllSeries, names: readonly string[]): readonly Plotted[] {
  const all = [...series].flatMap(columnsOf);
  if (names.length === 0) {
    const sampled = all.some(({ name }) => name === 'routes.entries');
    const usuals = [...series.keys()].reverse().flatMap((name) => usualOf(name, all, series));
    // The same figure, and sampled more often.
    return usuals.filter(({ name }) => !(sampled && name === 'gc.dstTotal'));
  }
  const chosen = names.flatMap((name) => meant(name, all, series));
  return chosen.filter((plotted, i) => chosen.findIndex((other) => other.name === plotted.name) === i);
}

function columnsOf([series, rows]: readonly [string, readonly Row[]]): readonly Plotted[] {
  const columns = new Set<string>();
  for (const row of rows) {
    for (const [column, value] of Object.entries(row)) if (typeof value === 'number') columns.add(column);
  }
  return [...columns].filter((column) => !NO_COLUMNS.has(column)).map((column) => plotted(series, column));
}

function plotted(series: string, column: string): Plotted {
  const name = `${series}.${column}`;
  const [unit, meaning] = known[name] ?? [unitOf(column), ''];
  return { name, unit, meaning, series, column };
}

/** By the ending of its name. */
function unitOf(column: string): string {
  const [, ending] = /(Us|Ns|Ms|Jiffies|Bytes|_s)$/.exec(column) ?? [];
  const units: Readonly<Record<string, string>> = { Us: 'µs', Ns: 'ns', Ms: 'ms', _s: 's' };
  return ending === undefined ? '' : (units[ending] ?? ending.toLowerCase());
}

function usualOf(name: string, all: readonly Plotted[], series: AllSeries): readonly Plotted[] {
  const own = all.filter((plotted) => plotted.series === name);
  const wanted = own.filter(({ column }) => usual[name]?.includes(column) ?? true);
  const changing = wanted.filter(({ column }) => {
    const values = series.get(name)!.map((row) => row[column]);
    return values.some((value) => value !== values[0]);
  });
  return changing.length > 0 ? changing : wanted.slice(0, 1);
}

/** `timer_expires` and `timerExpires` are one name. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll('_', '');
}

function meant(name: string, all: readonly Plotted[], series: AllSeries): readonly Plotted[] {
  if (series.has(name)) return usualOf(name, all, series);
  const wanted = plain(name);
  for (const one of [wanted, ...(Object.hasOwn(aliases, wanted) ? aliases[wanted]! : [])]) {
    const found = all.filter((plotted) => plain(plotted.name) === one || plain(plotted.column) === one);
    if (found.length > 0) return found;
  }
  const names = [...series.keys(), ...all.map((plotted) => plotted.name), ...all.map(({ column }) => column)];
  const near = didYouMean(name.slice(0, 60), names) || `; there are ${[...new Set(names)].join(', ') || 'none'}`;
  throw new InputError(`no series '${clip(name, 60)}' in this run${escapeControl(near)}`);
}
