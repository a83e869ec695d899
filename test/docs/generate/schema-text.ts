/** A schema in words, for tables: what to write, whether it must be, what stands in if it is not. */
import { z } from 'zod';
import { cpu, delay, expiry, name } from '../../../src/scenario/actions/arguments.js';
import { stepSchema } from '../../../src/scenario/actions/index.js';
import { conditionSchema } from '../../../src/scenario/conditions.js';
import { describeExpected } from '../../../src/scenario/read/describe.js';
import { hintOf } from '../../../src/scenario/read/hints.js';
import { defOf, innerOf, type Schema } from '../../../src/scenario/read/schema-walk.js';

/** Schemas that have a name of their own in the reference. */
const named: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [name, 'NAME'],
  [cpu, 'CPU'],
  [delay, 'DURATION'],
  [expiry, 'WHEN'],
  [stepSchema, 'STEP'],
  [conditionSchema, 'CONDITION'],
]);

/** `schema` and what it wraps, from outside in. */
function layersOf(schema: Schema): readonly Schema[] {
  const inner = innerOf(schema);
  return inner === undefined ? [schema] : [schema, ...layersOf(inner)];
}

/** What is said of it, by itself or by what it wraps; not what is said of a named kind. */
export function meaningOf(schema: Schema): string {
  for (const layer of layersOf(schema)) {
    if (named.has(layer)) return '';
    const { description } = z.globalRegistry.get(layer) ?? {};
    if (description !== undefined) return description;
    const def = defOf(layer);
    // A key that may stand with nothing after it: what is said of the mapping counts.
    if (def.type === 'union') return def.options.map(meaningOf).find((text) => text !== '') ?? '';
  }
  return '';
}

export function isOptional(schema: Schema): boolean {
  return schema._zod.optin !== undefined;
}

/** The value it has if it is left out; undefined if that is none. */
export function defaultOf(schema: Schema): unknown {
  for (const layer of layersOf(schema)) {
    const def = defOf(layer);
    if (def.type === 'default') return def.defaultValue;
  }
  return undefined;
}

/** What to write: `NAME`, `a, b or c`, `a whole number from 1 to 64`. */
export function kindOf(schema: Schema): string {
  const layers = layersOf(schema);
  const own = layers.map((layer) => named.get(layer)).find((kind) => kind !== undefined);
  if (own !== undefined) return own;
  if (layers.some((layer) => hintOf(layer)?.expected?.startsWith('a duration') === true)) return 'DURATION';
  const last = layers.at(-1)!;
  const def = defOf(last);
  switch (def.type) {
    case 'enum':
      return listed(Object.values(def.entries).map(String));
    case 'object':
      return mapping(def.shape as Record<string, Schema>);
    case 'array':
      return `list of ${kindOf(def.element)}`;
    case 'record':
      return `NAME: ${kindOf(def.valueType)}`;
    case 'union':
      return listed([...new Set(def.options.map(kindOf))]);
    case 'null':
      return 'null';
    case 'string':
      return 'TEXT';
    default:
      return describeExpected(last);
  }
}

/** `{timer: NAME, on?: CPU = 0}`. */
export function mapping(shape: Readonly<Record<string, Schema>>): string {
  const fields = Object.entries(shape).map(([key, schema]) => {
    const ready = defaultOf(schema);
    const kind = short(kindOf(schema));
    return `${key}${isOptional(schema) ? '?' : ''}: ${kind}${ready === undefined ? '' : ` = ${JSON.stringify(ready)}`}`;
  });
  return `{${fields.join(', ')}}`;
}

function short(kind: string): string {
  return kind
    .replace(/^a whole number.*/, 'INTEGER')
    .replace(/^a number.*/, 'NUMBER')
    .replace('true or false', 'BOOL');
}

function listed(names: readonly string[]): string {
  return names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
