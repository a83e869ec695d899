/** The golden format: what the recorded files look like to us, and what a mismatch is. */

/** An operation of a case: inputs and recorded results under their own names. */
export interface GoldenOp {
  readonly op: string;
  readonly [field: string]: unknown;
}

export interface GoldenCase {
  readonly name: string;
  readonly hz: number;
  readonly initialJiffies: number;
  readonly cpus: number;
  readonly ops: readonly GoldenOp[];
  readonly final?: Readonly<Record<string, unknown>>;
  readonly behaviours?: readonly GoldenBehaviour[];
  readonly [field: string]: unknown;
}

export interface GoldenBehaviour {
  readonly timer?: number;
  readonly work?: number;
  readonly onFire?: readonly GoldenOp[];
  readonly onRun?: readonly GoldenOp[];
}

/** The first difference of a case. */
export interface Mismatch {
  readonly case: string;
  /** Index of the operation; -1 for the final state. */
  readonly op: number;
  readonly field: string;
  readonly expected: unknown;
  readonly actual: unknown;
}

/** What running a case came to. */
export type CaseOutcome =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly mismatch: Mismatch }
  | { readonly kind: 'unsupported' };

/** The results a runner observed for one operation, by field. */
export type Observed = Readonly<Record<string, unknown>>;

/** Runs a case: observes each operation, then the final state. */
export interface CaseRunner {
  /** Result fields of this kind of operation that are compared. */
  perform(op: GoldenOp): Observed;
  final(): Observed;
}

/** Compares what was observed with what was recorded, field by field; null when all agree. */
export function compare(
  name: string,
  index: number,
  expected: Readonly<Record<string, unknown>>,
  observed: Observed,
): Mismatch | null {
  for (const [field, actual] of Object.entries(observed)) {
    const wanted = expected[field];
    if (!same(wanted, actual)) {
      return { case: name, op: index, field, expected: wanted ?? null, actual: actual ?? null };
    }
  }
  return null;
}

/** Equal as JSON values; a field that is not there equals one that was not observed. */
export function same(a: unknown, b: unknown): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => same(item, b[i]));
  if (typeof a === 'object' && typeof b === 'object' && a !== null && b !== null) {
    const keys = Object.keys(a);
    if (keys.length !== Object.keys(b).length) return false;
    return keys.every(
      (key) => key in b && same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
    );
  }
  return a === b;
}

/** Thrown for an operation that is not known: the case is unsupported. */
export class Unsupported extends Error {}
