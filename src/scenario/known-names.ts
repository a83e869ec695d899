/** Names that the model gives and scenarios use: what it charges time under, and what it reports. */
import { z } from 'zod';
import { didYouMean } from '../sim/errors.js';

/** Every cost centre: a name under which the modelled code charges time. */
export const costCentres = [
  'dst_gc_start',
  'dst_scan_kept',
  'dst_scan_destroyed',
  'rt_gc_start',
  'rt_bucket',
  'rt_scan',
  'rt_flush',
] as const;

/** Every kind of violation that a run may have. */
export const violationKinds = [
  'bug',
  'warning',
  'use-after-free',
  'double-free',
  'deadlock',
  'self-deadlock',
  'unlock-not-held',
  'sleep-in-atomic',
  'preempt-leak',
  'preempt-underflow',
  'bh-underflow',
  'endless-loop',
  'soft-lockup',
  'invariant',
  'data-race',
  'lock-order',
  'irq-safety',
] as const;

/** A text that must be one of these names; the error has the nearest, not all. */
export function known(noun: string, names: readonly string[]): z.ZodType<string> {
  return z
    .string()
    .superRefine((name, context) => {
      if (names.includes(name)) return;
      const message = `there is no ${noun} '${name.slice(0, 64)}'${didYouMean(name, names)}`;
      context.addIssue({ code: 'custom', message });
    })
    .meta({ enum: [...names] });
}

export const violationKind = known('kind of violation', violationKinds);
