/** What a scenario says of the IPv4 route cache. */
import { z } from 'zod';
import { delay } from './actions/arguments.js';

const sysctlTime = delay.optional();
const sysctlCount = z.int().min(0).max(1e9).optional();

/** The IPv4 route cache. Being there, it is initialised at boot: its periodic scan and its rebuild are armed. */
export const routeSchema = z.strictObject({
  memoryMiB: z
    .int()
    .min(1)
    .max(1 << 20)
    .optional()
    .meta({ description: 'memory of the machine, which the number of buckets follows from' }),
  buckets: z
    .int()
    .min(1)
    .max(2 ** 24)
    .refine((n) => Number.isInteger(Math.log2(n)), { message: 'the number of buckets must be a power of two' })
    .optional()
    .meta({ description: 'as the boot parameter rhash_entries has it' }),
  gcThresh: sysctlCount,
  maxSize: sysctlCount,
  gcMinInterval: sysctlTime,
  gcTimeout: sysctlTime,
  gcElasticity: sysctlCount,
  gcInterval: sysctlTime,
  minDelay: sysctlTime,
  maxDelay: sysctlTime,
  secretInterval: sysctlTime,
  firstScan: z
    .union([delay, z.literal('never')])
    .optional()
    .meta({ description: 'when the periodic scan comes first; drawn if absent, as the kernel does' }),
  firstRebuild: z
    .union([delay, z.literal('never')])
    .optional()
    .meta({ description: 'when the secret rebuild comes first; drawn if absent, as the kernel does' }),
});
export type RouteSpec = z.output<typeof routeSchema>;
