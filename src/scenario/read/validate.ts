/** Checks a file against a schema and says what is wrong with it, in the order of the file. */
import type { z } from 'zod';
import { InputError, type Place } from '../../sim/errors.js';
import { type Finding, findingsOf } from './issues.js';
import type { YamlSource } from './yaml.js';

/** Most errors listed for one file. */
export const ERRORS_MAX = 20;

type Errors = readonly [InputError, ...InputError[]];

/** All that is wrong with a file: itself the first error, with the first ERRORS_MAX of them in `all`. */
export class InputErrors extends InputError {
  /** In the order of the file, each with its place; the first has the message and place of this error. */
  readonly all: readonly InputError[];
  /** How many there are, listed or not. */
  readonly total: number;

  constructor(all: Errors, total: number = all.length) {
    const { message, place } = all[0];
    super(message, place === undefined ? {} : { place });
    this.name = 'InputErrors';
    this.all = all;
    this.total = total;
  }
}

/** The checked and transformed value of `source`. Throws InputErrors if it does not fit `schema`. */
export function validate<T>(schema: z.ZodType<T>, source: YamlSource): T {
  const result = schema.safeParse(source.value);
  if (result.success) return result.data;
  const found = withoutMistyped(result.error.issues.flatMap((issue) => findingsOf(issue, schema, source)));
  const placed = found.map((finding) => ({ finding, place: source.placeOf(finding.path, finding.which) }));
  placed.sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
  const { shown, repeated } = errorsOf(placed);
  throw new InputErrors(shown, placed.length - repeated);
}

/** Most findings among which mistyped keys are looked for. */
const MISTYPED_AMONG_MAX = 1000;

/** Leaves out that a key is missing where an unknown one beside it was probably meant: it is one mistake. */
function withoutMistyped(findings: readonly Finding[]): readonly Finding[] {
  const isMissing = findings.some((finding) => finding.missing !== undefined);
  if (!isMissing || findings.length > MISTYPED_AMONG_MAX) return findings;
  const meant = new Set<string>();
  for (const { path, meant: nearest } of findings) {
    const name = nearest?.();
    if (name !== undefined) meant.add(JSON.stringify([...path.slice(0, -1), name]));
  }
  return findings.filter(
    ({ path, missing }) => missing === undefined || !meant.has(JSON.stringify([...path, missing])),
  );
}

interface Placed {
  readonly finding: Finding;
  readonly place: Place;
}

/** The first ERRORS_MAX errors; zod may say the same of a value twice, which is left out. */
function errorsOf(placed: readonly Placed[]): { readonly shown: Errors; readonly repeated: number } {
  const shown: InputError[] = [];
  let repeated = 0;
  for (const { finding, place } of placed) {
    if (shown.length === ERRORS_MAX) break;
    const message = finding.line();
    const last = shown.at(-1);
    const same = last?.message === message && last.place?.line === place.line && last.place.column === place.column;
    if (same) repeated++;
    else shown.push(new InputError(message, { place }));
  }
  return { shown: shown as unknown as Errors, repeated };
}
