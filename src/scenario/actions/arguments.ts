/** The kinds of arguments that actions share. */
import { z } from 'zod';
import { type Duration, durationSchema } from '../read/duration.js';

/** Names of things a scenario declares or mentions: `t0`, `eth0`, `route-7`. */
export const name = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,63}$/)
  .meta({ description: 'a name: letters, digits, _ . : -, at most 64' });

/** A device, and after an @ the namespace it is in where that is not the initial one: `eth0`, `eth0@ns1`. */
export const deviceName = z
  .string()
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.:-]{0,63}(@[A-Za-z0-9_][A-Za-z0-9_.:-]{0,63})?$/)
  .meta({ description: 'a device; with @ and a namespace where that is not the initial one: eth0, eth0@ns1' });

export const cpu = z.int().min(0).max(63).meta({ description: 'CPU number' });

export const jiffiesMax = 2 ** 32 - 1;

/** Whole jiffies or a time, not negative. */
export const delay = durationSchema({ max: { jiffies: jiffiesMax, ns: 1e16 } }).meta({
  description: 'a duration: 25 jiffies, 100ms, 2s',
});

/** When a timer shall expire: from now on (`10 jiffies`, `-3 jiffies`, `2s`), or an absolute jiffy as a number. */
export const expiry = z
  .union([
    z.int().min(0).max(Number.MAX_SAFE_INTEGER),
    durationSchema({
      allowNegative: true,
      min: { jiffies: -jiffiesMax, ns: -1e16 },
      max: { jiffies: jiffiesMax, ns: 1e16 },
    }),
  ])
  .meta({ description: 'a duration from now (may be negative), or an absolute jiffies value as a number' });
export type Expiry = number | Duration;

export const count = z.int().min(0).max(10_000_000);
export const smallCount = z.int().min(1).max(1_000_000);
export const nothing = z.strictObject({});
