/** The forms of `--json` as schemas: `jiffies schema --for NAME` prints them, and the tests hold real output to them. */
import { z } from 'zod';
import { toJsonSchema } from '../scenario/read/json-schema.js';
import { type OutputName, schemaNames } from './schema-names.js';

const count = z.int().min(0);
const jiffies = z.int().min(0).meta({ description: 'the jiffies counter, absolute' });
const revision = z.string().min(1).meta({ description: 'a revision, accepted by --at' });
const commitId = z.string().min(1).meta({ description: 'full hash, or the name of what never was a commit' });
const date = z.string().regex(/^\d{4}-\d{2}(-\d{2})?$/);
const names = z.array(z.string());

const fix = z
  .strictObject({
    file: z.string().meta({ description: 'its path, as it was typed' }),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    functions: names.meta({ description: 'the functions that it replaces' }),
  })
  .optional()
  .meta({ description: "a fix of one's own (--with); it is part of the fingerprint" });

const gcRun = z.strictObject({
  jiffies,
  dstTotal: count,
  delayed: count,
  workPerformed: count.nullable().meta({ description: "the kernel's own variable; null at R1 and R2" }),
  destroyed: count.meta({ description: 'entries destroyed by this run' }),
  expires: z.int().nullable().meta({ description: 'relative delay really armed, jiffies; null: none' }),
  nextExpiry: jiffies.nullable(),
  printedExpires: z.int().nullable().meta({ description: 'what the debug line shows; null: all ones' }),
  elapsedUs: z.number().min(0),
  timerInc: z.int(),
  timerExpires: z.int(),
});

const routeSample = z.strictObject({
  seconds: z.number().min(0).meta({ description: 'virtual time since boot' }),
  jiffies,
  entries: count.meta({ description: 'entries not destroyed, garbage included' }),
  garbage: count,
  timerExpires: z.int().meta({ description: "the collector's present interval, not rounded" }),
  failures: count.meta({ description: 'allocations that failed so far' }),
});

const run = z.strictObject({
  schema: z.literal(schemaNames.run),
  scenario: z.string(),
  revision,
  kernel: z.string(),
  seed: count,
  variant: z.string().optional(),
  with: fix,
  fingerprint: z.string().regex(/^[0-9a-f]{16}$/),
  virtualNs: count,
  jiffies,
  violations: z.array(z.strictObject({ kind: z.string(), message: z.string(), jiffies, cpu: count })),
  kernelLog: z.array(z.strictObject({ jiffies, cpu: count, level: z.int(), text: z.string() })),
  metrics: z.record(z.string(), z.number()),
  series: z.strictObject({
    gc: z.array(gcRun),
    routes: z.array(routeSample).optional().meta({ description: 'only where samples were asked for' }),
  }),
  calls: z.array(
    z.strictObject({
      jiffies,
      cpu: count,
      call: z.string(),
      args: z.record(z.string(), z.unknown()),
      ret: z.union([z.number(), z.string(), z.boolean(), z.null()]),
    }),
  ),
  timers: z.array(z.strictObject({ jiffies, cpu: count, timer: z.string() })),
  work: z.array(z.strictObject({ jiffies, cpu: count, work: z.string() })),
  destroyed: z.array(z.strictObject({ jiffies, dst: z.string() })),
  notes: names.meta({ description: 'what a reader must know, such as schedule points that do not exist here' }),
  limit: z.string().optional().meta({ description: 'the limit that ended the run; exit status 3' }),
});

const side = z.strictObject({ revision, reproduced: z.boolean(), shownBy: z.string() });

const replay = z.strictObject({
  schema: z.literal(schemaNames.replay),
  results: z.array(
    z.strictObject({
      scenario: z.string(),
      fixedBy: commitId.nullable(),
      before: side,
      after: side,
      verdict: z.enum(['replayed', 'as expected', 'not reproduced', 'still there', 'expectation failed']),
      with: fix,
    }),
  ),
});

const commitName = z.strictObject({ id: commitId, subject: z.string(), date });

const bisect = z.strictObject({
  schema: z.literal(schemaNames.bisect),
  scenario: z.string(),
  commit: commitName.nullable().meta({ description: 'made the bug go' }),
  introducedBy: commitName.nullable().meta({ description: 'brought it; null: the baseline had it' }),
  tested: z.array(z.strictObject({ revision, reproduced: z.boolean() })),
  with: fix,
});

const diffSide = z.strictObject({ revision, fingerprint: z.string() });

const diff = z.strictObject({
  schema: z.literal(schemaNames.diff),
  scenario: z.string(),
  left: diffSide,
  right: diffSide,
  same: z.boolean(),
  at: count.nullable().meta({ description: 'number of the first event that differs' }),
  common: names,
  leftEvents: names,
  rightEvents: names,
  with: fix,
});

const commitClass = z.enum(['behaviour', 'interface', 'refactor', 'size', 'cosmetic', 'merge']);

const commit = {
  id: commitId,
  date,
  author: z.string(),
  subject: z.string(),
  class: commitClass,
  scenarios: names,
  extra: z.literal(true).optional().meta({ description: 'not one of the 26' }),
};

const log = z.strictObject({ schema: z.literal(schemaNames.log), commits: z.array(z.strictObject(commit)) });

const show = z.strictObject({
  schema: z.literal(schemaNames.show),
  ...commit,
  revision,
  number: count.optional(),
  parent: commitId.optional(),
  authorDate: date.optional(),
  firstTag: z.string().optional(),
  blob: z.string().optional(),
  effect: z.string(),
  observable: z.boolean(),
  rooms: names,
  names,
  traits: z.record(z.string(), z.union([z.string(), z.boolean(), z.number()])),
  surroundings: z.record(z.string(), z.boolean()).optional(),
  unverified: names.optional(),
});

const list = z.strictObject({
  schema: z.literal(schemaNames.list),
  scenarios: z.array(
    z.strictObject({ name: z.string(), title: z.string(), fixedBy: commitId.nullable(), variants: names }),
  ),
});

const conform = z.strictObject({
  schema: z.literal(schemaNames.conform),
  files: z.array(
    z.strictObject({
      file: z.string(),
      cases: count,
      passed: count,
      failed: count,
      unsupported: count,
      firstMismatch: z
        .object({
          case: z.union([z.string(), z.number()]),
          op: z.int(),
          field: z.string(),
          expected: z.unknown(),
          actual: z.unknown(),
        })
        .nullable(),
    }),
  ),
});

const token = z
  .string()
  .regex(/^j1\.[A-Za-z0-9_-]+$/)
  .meta({ description: 'for run --schedule and replay()' });
const shape = { steps: count, preemptions: count };

const explore = z.strictObject({
  schema: z.literal(schemaNames.explore),
  scenario: z.string().meta({ description: 'a scenario, or the path of a program file' }),
  revision: revision.nullable().meta({ description: 'null for a program without dst.c' }),
  kernel: z.string().nullable(),
  variant: z.string().optional(),
  with: fix,
  strategy: z.string(),
  seed: count,
  totals: z.strictObject({
    runs: count,
    complete: count,
    deadlocked: count,
    sleepSetBlocked: count,
    boundCut: count.meta({ description: 'cut at a limit, or beyond the preemption bound' }),
    failing: count,
    traces: count.meta({ description: 'distinct Mazurkiewicz traces of complete runs' }),
    cut: z.enum(['time', 'interrupt']).optional().meta({ description: 'who ended the search; totals then vary' }),
  }),
  exhaustive: z.boolean(),
  preemptionBound: count.nullable(),
  failure: z
    .strictObject({
      kind: z.string(),
      message: z.string(),
      token,
      runsToFind: count,
      ...shape,
      shrunkFrom: z.strictObject(shape).nullable().meta({ description: 'null: it was not shrunk' }),
    })
    .nullable(),
});

const schedule = z.strictObject({
  schema: z.literal(schemaNames.schedule),
  scenario: z.string(),
  revision: revision.nullable(),
  kernel: z.string().nullable(),
  variant: z.string().optional(),
  with: fix,
  token,
  sameProgram: z
    .boolean()
    .meta({ description: 'false: it has changed since the token was made, and the schedule fits' }),
  outcome: z.enum(['complete', 'deadlock', 'horizon', 'stopped', 'halted']),
  ...shape,
  faults: z.array(z.strictObject({ kind: z.string(), message: z.string() })),
  story: z.array(z.strictObject({ who: z.string(), what: z.string(), object: z.string(), preempts: z.boolean() })),
});

export const outputSchemas: Readonly<Record<OutputName, z.ZodType>> = {
  run,
  replay,
  bisect,
  diff,
  log,
  show,
  list,
  conform,
  explore,
  schedule,
};

/** The JSON Schema of what `jiffies NAME --json` prints. */
export function outputJsonSchema(name: OutputName): object {
  const id = `urn:${schemaNames[name].replaceAll('/', ':')}`;
  return toJsonSchema(outputSchemas[name], { id, title: `jiffies ${name} --json` });
}
