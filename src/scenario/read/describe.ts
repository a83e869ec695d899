/** Words for error messages: what a schema expects, and what was found. */
import { z } from 'zod';
import { clip } from './escape.js';
import { hintOf } from './hints.js';
import { defOf, innerOf, keysOf, type Schema } from './schema-walk.js';

/** Most names listed in one message. */
const NAMES_MAX = 8;

/** What `schema` expects, as it stands after "expected": `a whole number from 1 to 64`, `one of up, down`. */
export function describeExpected(schema: Schema): string {
  const hint = hintOf(schema)?.expected;
  if (hint !== undefined) return hint;
  const inner = innerOf(schema);
  const def = defOf(schema);
  if (inner !== undefined) return describeExpected(inner) + (def.type === 'nullable' ? ' or nothing' : '');
  switch (def.type) {
    case 'number':
      return describeNumber(schema);
    case 'string':
      return describeString(schema);
    case 'boolean':
      return 'true or false';
    case 'null':
      return 'nothing';
    case 'literal':
      return oneOf(def.values.map(String));
    case 'enum':
      return oneOf(Object.values(def.entries).map(String));
    case 'array':
      return describeList(schema);
    case 'tuple':
      return `a list of ${def.items.length} items`;
    case 'object':
      return describeObject(schema);
    case 'record':
      return 'a mapping of names';
    case 'union':
      return [...new Set(def.options.map(describeExpected))].join(' or ');
    case 'intersection':
      return [...new Set([describeExpected(def.left), describeExpected(def.right)])].join(' and ');
    default:
      return 'another value';
  }
}

/** `one of a, b, c`, cut short where there are many; a single name stands in quotes. */
export function oneOf(names: readonly string[]): string {
  if (names.length === 1) return `'${names[0]}'`;
  const listed = names.slice(0, NAMES_MAX).join(', ');
  return names.length > NAMES_MAX ? `one of ${listed}, … (${names.length} in all)` : `one of ${listed}`;
}

/** What was found, as it stands after "found"; `written` is how a number stands in the file. */
export function describeFound(value: unknown, written?: string): string {
  if (typeof value === 'string') return `'${clip(value, 40)}'`;
  if (typeof value === 'number') return clip(written ?? String(value), 40);
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value !== 'object') return String(value);
  const keys = Object.keys(value);
  if (keys.length === 0) return 'an empty mapping';
  const shown = keys.slice(0, 3).map((key) => clip(key, 20));
  return `a mapping (${shown.join(', ')}${keys.length > 3 ? ', …' : ''})`;
}

function describeObject(schema: Schema): string {
  const noun = hintOf(schema)?.keyNoun;
  if (noun !== undefined) return `one ${noun} with its settings`;
  const keys = keysOf(schema);
  return keys.length === 0 || keys.length > NAMES_MAX ? 'a mapping' : `a mapping (${keys.join(', ')})`;
}

/** The bounds of a schema as JSON Schema states them: the public view of what zod keeps to itself. */
interface Bounds {
  readonly type?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly format?: string;
}

function boundsOf(schema: Schema): Bounds {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Bounds;
}

function describeNumber(schema: Schema): string {
  const { type, minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = boundsOf(schema);
  const noun = type === 'integer' ? 'a whole number' : 'a number';
  const low = minimum === Number.MIN_SAFE_INTEGER ? undefined : minimum;
  const high = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  const parts: string[] = [];
  if (low !== undefined && high !== undefined) parts.push(`from ${low} to ${high}`);
  else if (low !== undefined) parts.push(`of at least ${low}`);
  else if (high !== undefined) parts.push(`of at most ${high}`);
  if (exclusiveMinimum !== undefined) parts.push(`greater than ${exclusiveMinimum}`);
  if (exclusiveMaximum !== undefined) parts.push(`less than ${exclusiveMaximum}`);
  if (multipleOf !== undefined) parts.push(`that is a multiple of ${multipleOf}`);
  return parts.length === 0 ? noun : `${noun} ${parts.join(' and ')}`;
}

function describeString(schema: Schema): string {
  const { pattern, format, minLength, maxLength } = boundsOf(schema);
  if (pattern !== undefined) return `text of the form ${pattern}`;
  return format === undefined ? `text${sizes(minLength, maxLength, 'character')}` : `text (${format})`;
}

function describeList(schema: Schema): string {
  const { minItems, maxItems } = boundsOf(schema);
  return `a list${sizes(minItems, maxItems, 'item')}`;
}

/** ` of 1 to 3 items`, ` of at least 1 item`, or nothing. */
function sizes(low: number | undefined, high: number | undefined, unit: string): string {
  const units = `${unit}${(high ?? low) === 1 ? '' : 's'}`;
  if (low !== undefined && high !== undefined) return ` of ${low === high ? low : `${low} to ${high}`} ${units}`;
  if (low !== undefined) return ` of at least ${low} ${units}`;
  return high === undefined ? '' : ` of at most ${high} ${units}`;
}
