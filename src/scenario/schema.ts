/** The form of a scenario file. What is checked across the file (names, CPUs, commits) is in load.ts. */
import { z } from 'zod';
import { kernelVersions } from '../kernel/era.js';
import { cpu, delay, deviceName, name } from './actions/arguments.js';
import { stepSchema } from './actions/index.js';
import { conditionSchema, metricName } from './conditions.js';
import { type FamilyName, familyNames } from './families.js';
import { costCentres, violationKind } from './known-names.js';
import { toJsonSchema } from './read/json-schema.js';
import { routeSchema } from './route-schema.js';
import { holdSchema } from './schedule.js';

const revisionText = z
  .string()
  .min(1)
  .max(200)
  .meta({ description: 'a revision expression: R13, 2.6.24, f262b59becc3^, newest+mod-delayed-work' });
const commitText = z.string().min(1).max(64).meta({ description: 'a commit: hash prefix, R number or short name' });
const costNs = delay.meta({ description: 'virtual time, e.g. 107ns' });

const costsSchema = z.strictObject(
  Object.fromEntries(costCentres.map((centre) => [centre, costNs.optional()])) as Record<
    (typeof costCentres)[number],
    z.ZodOptional<typeof costNs>
  >,
);

const steps = z.array(stepSchema).max(100_000);

export const machineSchema = z.strictObject({
  hz: z
    .int()
    .min(1)
    .max(100_000)
    .refine((hz) => 1e9 % hz === 0, { message: 'HZ must divide 10^9 (100, 250, 1000 …)' })
    .meta({ description: 'ticks per second' }),
  cpus: z.int().min(1).max(64).default(1),
  arch: z.enum(['i386', 'x86_64']).default('i386').meta({ description: 'width of jiffies: 32 bits that wrap, or 64' }),
  kernel: z
    .enum(kernelVersions as [string, ...string[]])
    .optional()
    .meta({ description: 'pins the kernel around dst.c, where the symptom depends on it' }),
  preempt: z.enum(['none', 'voluntary', 'full']).default('none'),
  onBug: z.enum(['die', 'continue']).default('die').meta({ description: 'what a BUG does beyond its message' }),
  profile: z
    .enum(['smp', 'lockstep'])
    .default('smp')
    .meta({ description: 'lockstep: the conventions of the golden recordings (threads in passes over the CPUs)' }),
  wheel: z
    .enum(['boot', 'steady'])
    .default('boot')
    .meta({ description: 'timer_jiffies at the start: equal to jiffies as after boot, or jiffies + 1' }),
  initialJiffies: z
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .optional()
    .meta({ description: 'jiffies at the start; -300*HZ if absent' }),
  ratelimit: z.enum(['real', 'always']).default('real'),
  costs: costsSchema.default({}).meta({ description: 'virtual time of named cost centres' }),
  watchdog: z
    .boolean()
    .default(false)
    .meta({ description: 'watchdog/N threads and the soft-lockup detector of the kernel' }),
  accessCosts: z
    .strictObject({
      read: costNs.optional(),
      write: costNs.optional(),
      rmw: costNs.optional(),
      lock: costNs.optional(),
      trylock: costNs.optional(),
      unlock: costNs.optional(),
      none: costNs.optional(),
    })
    .default({})
    .meta({ description: 'virtual time per kind of operation' }),
  cacheLines: z
    .strictObject({
      read: costNs.optional().meta({ description: 'fetching a copy' }),
      upgrade: costNs.optional().meta({ description: 'making a shared copy one’s own' }),
      own: costNs.optional().meta({ description: 'fetching a line to own it' }),
    })
    .optional()
    .meta({ description: 'models the cache line of each shared object (MESI), at these costs per bus transaction' }),
});

const familySchema = z
  .strictObject({
    family: z.enum(familyNames),
    gcThresh: z.int().min(0).max(1e9).optional().meta({ description: 'entries above which dst_alloc calls its gc' }),
    maxSize: z.int().min(0).max(1e9).optional().meta({ description: 'ipv6: entries from which allocations fail' }),
  })
  .refine((spec) => spec.maxSize === undefined || spec.family === 'ipv6', { message: 'only ipv6 has a maxSize' });

function twice(specs: Readonly<Record<string, { family: FamilyName }>>, family: FamilyName): boolean {
  return Object.values(specs).filter((spec) => spec.family === family).length > 1;
}

export const networkSchema = z.strictObject({
  debug: z.int().min(0).max(2).default(0).meta({ description: 'RT_CACHE_DEBUG: 2 prints a line for each gc run' }),
  gcThresh: z.int().min(0).max(1e9).optional().meta({ description: 'entries above which dst_alloc calls ops->gc' }),
  maxSize: z
    .int()
    .min(0)
    .max(1e9)
    .optional()
    .meta({ description: 'entries from which allocations fail when nothing can be collected' }),
  families: z
    .record(name, familySchema)
    .refine((specs) => !twice(specs, 'decnet') && !twice(specs, 'xfrm4'), {
      message: 'there can be one decnet and one xfrm4; only ipv6 comes in instances',
    })
    .optional()
    .meta({ description: 'families besides ipv4, and instances of ipv6, by the names that `ops:` uses for them' }),
  inDevices: z
    .boolean()
    .optional()
    .meta({ description: 'devices have in_devices, which hold them; IPv4 routes hold the in_device of their device' }),
  neighbours: z
    .boolean()
    .optional()
    .meta({ description: 'entries of the route cache are bound to neighbours, one for each key' }),
  openvz: z.boolean().optional().meta({
    description: "OpenVZ's patch: dst_dev_event calls dst_run_gc when a device goes down or away (R1–R13)",
  }),
  route: routeSchema.optional().meta({ description: 'the IPv4 route cache' }),
  devices: z.record(deviceName, z.strictObject({ up: z.boolean().default(true) })).default({}),
});

const actorSchema = z.strictObject({
  name,
  cpu: cpu.default(0),
  do: steps.min(1),
});

const expectationSchema = z.strictObject({
  at: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'revisions it is for: R14, R3..R13, R14.., ..R13; all if absent' }),
  with: z.array(commitText).max(10).optional().meta({ description: 'only where exactly these commits are added' }),
  variant: name.optional().meta({ description: 'only for this variant' }),
  because: z.string().max(1000).optional().meta({ description: 'why, for the reader' }),
  that: z.union([conditionSchema, z.array(conditionSchema).min(1).max(100)]),
});

const variantSchema = z.strictObject({
  machine: machineSchema.partial().optional(),
  network: networkSchema.partial().optional(),
  at: revisionText.optional(),
  about: z.string().max(2000).optional(),
});

export const scenarioSchema = z.strictObject({
  title: z.string().min(1).max(120),
  story: z.string().min(1).max(20_000),
  fixedBy: commitText.optional().meta({ description: 'the commit that made the bug go' }),
  introducedBy: commitText.optional().meta({ description: 'the commit that brought it' }),
  related: z.array(commitText).max(20).default([]),
  assuming: z.array(commitText).max(10).default([]).meta({ description: 'commits applied at every revision' }),
  at: revisionText.optional().meta({ description: 'the revision run by default' }),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(1),
  machine: machineSchema,
  network: networkSchema.prefault({}),
  timers: z
    .record(name, z.strictObject({ handler: steps.default([]) }))
    .default({})
    .meta({ description: 'timers and what their handlers do' }),
  works: z
    .record(name, z.strictObject({ function: steps.default([]) }))
    .default({})
    .meta({ description: 'delayed works and what their functions do' }),
  cells: z.record(name, z.int()).default({}).meta({ description: 'shared cells and their first values' }),
  actors: z.array(actorSchema).min(1).max(1000),
  schedule: z.array(holdSchema).max(100).default([]),
  until: delay.meta({ description: 'virtual time at which the run ends' }),
  sample: delay.optional().meta({ description: 'notes the state of the caches so often, as the series `routes`' }),
  show: z.array(metricName).max(5).default([]).meta({ description: 'metrics that replay shows beside the symptom' }),
  bug: conditionSchema.optional().meta({ description: 'the symptom' }),
  expect: z.array(expectationSchema).max(1000).default([]),
  allow: z
    .array(violationKind)
    .max(50)
    .default([])
    .meta({ description: 'kinds of violations that are no surprise here' }),
  invariants: z.boolean().default(true).meta({ description: 'check reference counts and lists at the end' }),
  variants: z.record(name, variantSchema).default({}).meta({ description: 'the same with a few settings changed' }),
  withoutFix: z.string().max(500).optional().meta({
    description: 'why leaving the fix out of the newest revision does not bring the bug back, if it does not',
  }),
});

export type ScenarioFile = z.output<typeof scenarioSchema>;
export type MachineSpec = z.output<typeof machineSchema>;
export type NetworkSpec = z.output<typeof networkSchema>;

export function scenarioJsonSchema(): object {
  return toJsonSchema(scenarioSchema, { id: 'jiffies/scenario/1', title: 'A jiffies scenario' });
}
