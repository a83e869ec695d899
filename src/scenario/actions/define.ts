/** What an action of a scenario is: a schema for its arguments, a line of documentation, and the kernel code it runs. */
import type { z } from 'zod';
import type { K } from '../../smp/op.js';
import type { World } from '../world.js';

/** What a call returns into `calls`: null for nothing. */
export type Ret = number | string | boolean | null;

export interface ActionDefinition {
  /** One line, for the reference. */
  readonly summary: string;
  /** A mapping of arguments, or one value (`wait: 5ms`), which then is the argument. */
  readonly schema: z.ZodType;
  /** Recorded in `calls` with its return value: true for every call of the modelled kernel. */
  readonly recorded: boolean;
  readonly run: (world: World, args: any) => K<Ret>;
}

/** A call of the modelled kernel: it is recorded with its return value. */
export function call<S extends z.ZodType>(
  summary: string,
  schema: S,
  run: (world: World, args: z.output<S>) => K<Ret>,
): ActionDefinition & { readonly schema: S } {
  return { summary, schema, recorded: true, run };
}

/** Something the scenario does to the machine or the workload: not recorded. */
export function control<S extends z.ZodType>(
  summary: string,
  schema: S,
  run: (world: World, args: z.output<S>) => K<Ret>,
): ActionDefinition & { readonly schema: S } {
  return { summary, schema, recorded: false, run };
}
