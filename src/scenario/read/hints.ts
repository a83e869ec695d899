/** What a schema cannot say of itself but an error message should. Kept beside the schemas, so JSON Schema stays clean. */
import { z } from 'zod';

/** Words for error messages. */
export interface Hint {
  /** What is expected, as it stands after "expected": `a duration such as 25 jiffies`. */
  readonly expected?: string;
  /** What the keys of a mapping are, in the singular: `action`. */
  readonly keyNoun?: string;
}

const hints = z.registry<Hint>();

/** Adds words to `schema` and returns it. Schemas derived by `.min()`, `.refine()`, `.meta()` and the like keep them. */
export function withHint<S extends z.ZodType>(schema: S, hint: Hint): S {
  (hints as z.core.$ZodRegistry<Hint, z.ZodType>).add(schema, hint as never);
  return schema;
}

/** The words added to `schema`. */
export function hintOf(schema: z.core.$ZodType): Hint | undefined {
  return hints.get(schema as z.ZodType);
}
