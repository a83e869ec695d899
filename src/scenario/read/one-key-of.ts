/** Mappings with one key that says what they are: `{ mod_timer: { timer: t1, expires: 10 jiffies } }`. */
import { z } from 'zod';
import { InternalError } from '../../sim/errors.js';
import { withHint } from './hints.js';
import { defOf } from './schema-walk.js';

/** Arguments of the keys by name. */
export type OneKeyShape = Readonly<Record<string, z.ZodType>>;

/** `{ kind, ...args }` where the arguments are a mapping, `{ kind, value }` where they are anything else. */
export type OneKey<Shape extends OneKeyShape, Common extends OneKeyShape = Record<never, never>> = {
  [K in keyof Shape & string]: Entry<K, Shape[K]> & Outputs<Common>;
}[keyof Shape & string];

type Entry<K extends string, S> = S extends z.ZodObject
  ? { kind: K } & z.output<S>
  : S extends z.ZodType
    ? { kind: K; value: z.output<S> }
    : never;
type Outputs<Common extends OneKeyShape> = [keyof Common] extends [never] ? unknown : z.output<z.ZodObject<Common>>;

/** Settings of `oneKeyOf`. */
export interface OneKeyOptions<Common extends OneKeyShape> {
  /** What the keys are, in the singular, for messages: `action`. */
  readonly noun: string;
  /** Keys that may stand beside the one key (`at`, `cpu`); they are merged into the result. */
  readonly common?: Common;
}

/**
 * A schema for mappings with exactly one key of `shape`, and any of `common` beside it. A key whose arguments are all
 * optional may also stand with nothing after it (`- flush_scheduled_work:`). An unknown key is reported with the nearest
 * name. As JSON Schema (`io: 'input'`) it is one object with a property for each key. Throws InternalError if two names
 * clash.
 */
export function oneKeyOf<const Shape extends OneKeyShape, const Common extends OneKeyShape = Record<never, never>>(
  shape: Shape,
  options: OneKeyOptions<Common>,
): z.ZodType<OneKey<Shape, Common>> {
  const common = options.common ?? {};
  const names = new Set(Object.keys(shape));
  checkClashes(shape, common);
  const fields: Record<string, z.ZodType> = {};
  for (const [name, schema] of Object.entries(shape)) fields[name] = orNothing(schema).optional();
  Object.assign(fields, common);
  const anyOf = withHint(z.strictObject(fields).meta(exactlyOne(names, Object.keys(common).length > 0)), {
    keyNoun: options.noun,
  });
  const result = anyOf.transform((found, context) => {
    const present = Object.keys(found).filter((name) => names.has(name) && found[name] !== undefined);
    const [name, second] = present;
    if (name !== undefined && second === undefined) return entryOf(shape[name]!, name, found, common);
    // An unknown key does not stop zod from coming here; it has been reported.
    if (context.issues.length > 0) return z.NEVER;
    const message =
      second === undefined
        ? `missing the ${options.noun}`
        : `expected one ${options.noun}, found ${present.length}: ${present.join(', ')}`;
    const path = second === undefined ? [] : [second];
    context.issues.push({ code: 'custom', message, path, params: { at: 'key' }, input: found });
    return z.NEVER;
  });
  return result as unknown as z.ZodType<OneKey<Shape, Common>>;
}

function entryOf(schema: z.ZodType, name: string, found: Record<string, unknown>, common: OneKeyShape): object {
  const rest: Record<string, unknown> = {};
  for (const key of Object.keys(common)) if (found[key] !== undefined) rest[key] = found[key];
  const value = found[name];
  return isObject(schema) ? { kind: name, ...(value as object), ...rest } : { kind: name, value, ...rest };
}

/** Where `{}` would do, nothing does too: it is checked as `{}`, so that defaults apply. */
function orNothing(schema: z.ZodType): z.ZodType {
  if (!isObject(schema) || !Object.values(schema.shape).every(isOptional)) return schema;
  return z.union([z.null().transform((_, context) => inside(schema, context)), schema]);
}

function inside(schema: z.ZodType, context: z.core.$RefinementCtx): unknown {
  const result = schema.safeParse({});
  if (result.success) return result.data;
  context.issues.push({ code: 'custom', message: 'expected settings, found nothing', input: null });
  return z.NEVER;
}

/** A lazy schema is not opened: what it refers to may not exist yet. */
function isOptional(schema: z.core.$ZodType): boolean {
  return defOf(schema).type !== 'lazy' && schema._zod.optin !== undefined;
}

function isObject(schema: z.ZodType): schema is z.ZodObject {
  return schema instanceof z.ZodObject;
}

function exactlyOne(names: ReadonlySet<string>, hasCommon: boolean): Record<string, unknown> {
  if (!hasCommon) return { minProperties: 1, maxProperties: 1 };
  return { oneOf: [...names].map((name) => ({ required: [name] })) };
}

function checkClashes(shape: OneKeyShape, common: OneKeyShape): void {
  for (const [name, schema] of Object.entries(shape)) {
    if (Object.hasOwn(common, name)) throw new InternalError(`oneKeyOf: '${name}' is both a key and a common key`);
    const args = isObject(schema) ? Object.keys(schema.shape) : ['value'];
    for (const arg of [...args, ...Object.keys(common)]) {
      if (arg === 'kind') throw new InternalError(`oneKeyOf: '${name}' has an argument 'kind'`);
    }
    const clash = args.find((arg) => Object.hasOwn(common, arg));
    if (clash !== undefined) throw new InternalError(`oneKeyOf: '${clash}' of '${name}' is also a common key`);
  }
}
