/** Moves through a zod schema beside the data it describes: from a schema to that of a key, item or union branch. */
import type { z } from 'zod';

/** Score of a branch for data of another kind. */
const MISFIT = -1000;

export type Schema = z.core.$ZodType;

/** The definition of `schema`, to switch on its `type`. */
export function defOf(schema: Schema): z.core.$ZodTypes['_zod']['def'] {
  return (schema as z.core.$ZodTypes)._zod.def;
}

/** The schema one wrapper further in (optional, default, lazy, the input side of a transform), if `schema` is a wrapper. */
export function innerOf(schema: Schema): Schema | undefined {
  const def = defOf(schema);
  switch (def.type) {
    case 'optional':
    case 'nullable':
    case 'nonoptional':
    case 'default':
    case 'prefault':
    case 'readonly':
    case 'catch':
      return def.innerType;
    case 'lazy':
      return def.getter();
    case 'pipe':
      return defOf(def.in).type === 'transform' ? def.out : def.in;
    default:
      return undefined;
  }
}

/** `schema` without its wrappers. */
export function unwrap(schema: Schema): Schema {
  let at = schema;
  for (let inner = innerOf(at); inner !== undefined; inner = innerOf(at)) at = inner;
  return at;
}

/** The keys an object schema names, none for any other schema. */
export function keysOf(schema: Schema): readonly string[] {
  const def = defOf(unwrap(schema));
  return def.type === 'object' ? Object.keys(def.shape) : [];
}

/** The schema of `path` under `schema`, choosing union branches by `value`; undefined where the schema says nothing. */
export function schemaAt(schema: Schema, value: unknown, path: readonly PropertyKey[]): Schema | undefined {
  let at: Schema | undefined = schema;
  let data = value;
  for (const step of path) {
    if (at === undefined) return undefined;
    at = childOf(at, data, step);
    data = valueAt(data, [step]);
  }
  return at;
}

/** The value at `path` under `value`; undefined if there is none. */
export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const step of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Record<PropertyKey, unknown>)[step];
  }
  return at;
}

function childOf(schema: Schema, value: unknown, step: PropertyKey): Schema | undefined {
  const at = unwrap(schema);
  const def = defOf(at);
  switch (def.type) {
    case 'object':
      return Object.hasOwn(def.shape, step) ? def.shape[String(step)] : def.catchall;
    case 'record':
      return def.valueType;
    case 'array':
      return def.element;
    case 'tuple':
      return def.items[Number(step)] ?? def.rest ?? undefined;
    case 'union': {
      const branch = branchFor(def.options, value);
      return branch === undefined ? undefined : childOf(branch, value, step);
    }
    case 'intersection':
      return childOf(def.left, value, step) ?? childOf(def.right, value, step);
    default:
      return undefined;
  }
}

/** `schema` without wrappers, and without the unions around the branch that `value` was meant for. */
export function meantBy(schema: Schema, value: unknown): Schema {
  const at = unwrap(schema);
  const def = defOf(at);
  const branch = def.type === 'union' ? branchFor(def.options, value) : undefined;
  return branch === undefined ? at : meantBy(branch, value);
}

/** The branch of a union that `value` was meant for: literals agree first, then most keys known. */
function branchFor(options: readonly Schema[], value: unknown): Schema | undefined {
  let best: Schema | undefined;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (const option of options) {
    const score = fitOf(option, value);
    if (score > bestScore) {
      best = option;
      bestScore = score;
    }
  }
  return best;
}

function fitOf(option: Schema, value: unknown): number {
  const def = defOf(unwrap(option));
  const isList = Array.isArray(value);
  const isMapping = typeof value === 'object' && value !== null && !isList;
  switch (def.type) {
    case 'union':
      return Math.max(...def.options.map((inner) => fitOf(inner, value)));
    case 'object':
      return isMapping ? keysFit(def.shape, value) : MISFIT;
    case 'record':
      return isMapping ? 0 : MISFIT;
    case 'array':
    case 'tuple':
      return isList ? 0 : MISFIT;
    case 'number':
    case 'string':
    case 'boolean':
      return typeof value === def.type ? 0 : MISFIT;
    case 'literal':
      return (def.values as readonly unknown[]).includes(value) ? 0 : MISFIT;
    default:
      return isMapping || isList ? MISFIT : -1;
  }
}

function keysFit(shape: Readonly<Record<string, Schema>>, value: object): number {
  let score = 0;
  for (const [key, data] of Object.entries(value)) {
    const field = Object.hasOwn(shape, key) ? shape[key] : undefined;
    score += field === undefined ? -1 : literalFit(field, data);
  }
  return score;
}

/** How much a key speaks for its branch: much if it is a literal that agrees, against it if it is one that does not. */
function literalFit(field: Schema, data: unknown): number {
  const def = defOf(unwrap(field));
  if (def.type !== 'literal') return 1;
  return (def.values as readonly unknown[]).includes(data) ? 100 : -100;
}
