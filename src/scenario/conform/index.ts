/** `jiffies conform`: recorded behaviour of the real kernel against the model, case by case. */
import { round_jiffies, round_jiffies_relative } from '../../kernel/jiffies.js';
import { JiffiesError } from '../../sim/errors.js';
import { DstGcRunner } from './dst-gc.js';
import { type CaseOutcome, type CaseRunner, compare, type GoldenCase, type Mismatch, Unsupported } from './golden.js';
import { parseGolden } from './parse.js';
import { RouteGcRunner } from './route-gc.js';
import { TimersRunner } from './timers.js';
import { WorksRunner } from './works.js';

/** The result of one file. */
export interface ConformFile {
  readonly file: string;
  readonly cases: number;
  readonly passed: number;
  readonly failed: number;
  readonly unsupported: number;
  readonly firstMismatch: Mismatch | null;
}

/** Runs every case of a golden file. Throws InputError if it is none. */
export function runConformance(text: string, file: string): ConformFile {
  const cases = parseGolden(text, file);
  const outcomes = cases.map(runCase);
  const failed = outcomes.filter((o) => o.kind === 'failed');
  return {
    file,
    cases: cases.length,
    passed: outcomes.filter((o) => o.kind === 'passed').length,
    failed: failed.length,
    unsupported: outcomes.filter((o) => o.kind === 'unsupported').length,
    firstMismatch: failed[0]?.mismatch ?? null,
  };
}

function runCase(golden: GoldenCase): CaseOutcome {
  try {
    if (golden['columns'] !== undefined) return runRounding(golden);
    const runner = runnerFor(golden);
    for (const [index, op] of golden.ops.entries()) {
      const mismatch = compare(golden.name, index, op, runner.perform(op));
      if (mismatch !== null) return { kind: 'failed', mismatch };
    }
    const mismatch = compare(golden.name, -1, golden.final ?? {}, runner.final());
    return mismatch === null ? { kind: 'passed' } : { kind: 'failed', mismatch };
  } catch (error) {
    if (error instanceof Unsupported) return { kind: 'unsupported' };
    if (error instanceof JiffiesError && error.exitCode !== 70) {
      return {
        kind: 'failed',
        mismatch: { case: golden.name, op: -1, field: 'error', expected: null, actual: error.message },
      };
    }
    throw error;
  }
}

function runnerFor(golden: GoldenCase): CaseRunner {
  if (golden['version'] !== undefined) return new RouteGcRunner(golden);
  if (golden['revision'] !== undefined) return new DstGcRunner(golden);
  const smp = isSmp(golden);
  if (golden['timers'] !== undefined) return new TimersRunner(golden, smp);
  if (golden['works'] !== undefined) return new WorksRunner(golden, smp);
  throw new Unsupported('unknown kind of case');
}

/** The SMP files record CPUs: in the final state, and with each operation. */
function isSmp(golden: GoldenCase): boolean {
  const { final } = golden;
  return final !== undefined && ('timerJiffies' in final || 'worklists' in final);
}

/** round-jiffies.json: rows [hz, now, cpu, j, round_jiffies(j), delta, round_jiffies_relative(delta)]. */
function runRounding(golden: GoldenCase): CaseOutcome {
  const rows = golden.ops as unknown as readonly (readonly number[])[];
  for (const [index, row] of rows.entries()) {
    const [hz, now, cpu, j, rounded, delta, relative] = row as [number, number, number, number, number, number, number];
    const actual = {
      rounded: round_jiffies(j, cpu, now, hz, true),
      relative: round_jiffies_relative(delta, cpu, now, hz, true),
    };
    const mismatch = compare(golden.name, index, { rounded, relative }, actual);
    if (mismatch !== null) return { kind: 'failed', mismatch };
  }
  return { kind: 'passed' };
}
