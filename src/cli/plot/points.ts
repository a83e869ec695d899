/** From the rows of a series to points in virtual time. */
import type { RunResult } from '../../scenario/index.js';
import type { AllSeries, Plotted, Row } from './columns.js';

/** Virtual seconds since boot, and the value; null where there is none. */
export interface Point {
  readonly s: number;
  readonly value: number | null;
}

const NS_PER_S = 1e9;
const WRAP = 2 ** 32;

/** `hz`: of the machine, for rows that tell their time in jiffies. */
export function pointsOf({ series, column }: Plotted, all: AllSeries, result: RunResult, hz: number): readonly Point[] {
  const rows = all.get(series) ?? [];
  return rows.map((row) => {
    const value = row[column];
    return { s: secondsOf(row, result, hz), value: typeof value === 'number' ? value : null };
  });
}

/** Counted back from the end of the run, for a jiffies counter may have wrapped since boot. */
function secondsOf(row: Row, { virtualNs, jiffies }: RunResult, hz: number): number {
  if (typeof row['seconds'] === 'number') return row['seconds'];
  const ago = jiffies - Number(row['jiffies']);
  return Math.max(0, virtualNs / NS_PER_S - (ago < 0 ? ago + WRAP : ago) / hz);
}
