/** Reads a golden file: what every kind of case has in common is checked, the rest is for the runners. */
import { z } from 'zod';
import { InputError } from '../../sim/errors.js';
import type { GoldenCase } from './golden.js';

const op = z.looseObject({ op: z.string() });
const actions = z.array(op).max(10_000);

const goldenCase = z.looseObject({
  name: z.string(),
  hz: z
    .int()
    .min(1)
    .max(100_000)
    .refine((hz) => 1e9 % hz === 0, { message: 'must divide 10^9' }),
  initialJiffies: z.int().min(0).max(Number.MAX_SAFE_INTEGER),
  // The route cache's cases do not say: they have one.
  cpus: z.int().min(1).max(64).optional(),
  // Rows of numbers where the case has `columns`.
  ops: z.array(z.union([op, z.array(z.number())])),
  final: z.looseObject({}).optional(),
  behaviours: z
    .array(
      z.looseObject({
        timer: z.int().optional(),
        work: z.int().optional(),
        onFire: actions.optional(),
        onRun: actions.optional(),
      }),
    )
    .optional(),
});

/** The cases of a file. Throws InputError if it is no golden file. */
export function parseGolden(text: string, file: string): readonly GoldenCase[] {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw new InputError(`${file}: not JSON: ${(error as Error).message}`);
  }
  if (!Array.isArray(data)) throw new InputError(`${file}: expected a JSON array of cases, found ${typeof data}`);
  for (const [index, entry] of data.entries()) {
    const issue = goldenCase.safeParse(entry).error?.issues[0];
    if (issue === undefined) continue;
    const where = issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
    throw new InputError(`${file}: case ${index} is not a golden case: ${where}${issue.message}`);
  }
  return (data as readonly GoldenCase[]).map((entry) => ({ ...entry, cpus: entry.cpus ?? 1 }));
}
