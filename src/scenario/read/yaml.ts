/** Reads a YAML 1.2 file as plain data that knows its places. Whatever the bytes are, the only error is InputError. */
import { InputError, type Place } from '../../sim/errors.js';
import { convert, type Spot } from './convert.js';
import { decodeText } from './decode.js';
import { Lines } from './lines.js';
import { parseDocument } from './syntax.js';

/** Steps from the root of a file to a value: keys and 0-based indices. */
export type Path = readonly (string | number)[];

/** A file as data. */
export interface YamlSource {
  readonly file: string;
  /** Null, booleans, numbers (NaN and infinities possible), strings, arrays, and objects without prototype. */
  readonly value: unknown;
  /** Where the value at `path` starts, or its key; of the nearest value around it if there is nothing at `path`. */
  placeOf(path: Path, which?: 'key' | 'value'): Place;
  /** The unquoted scalar at `path` as it is written in the file (`1e400`, `0x10`), if there is one. */
  written(path: Path): string | undefined;
}

/**
 * Reads `bytes` (or text) of `file` as one YAML document of the core schema. Throws InputError with the place for bytes
 * that are not UTF-8, control characters, syntax errors, and for what scenario files may not hold: over 1,000,000 bytes,
 * nesting over 64, over 10^6 values or 10,000 aliases, cycles, tags outside the core schema, directives, duplicate or
 * non-string or merge or `__proto__`-like keys, several documents, nothing at all.
 */
export function readYaml(bytes: Uint8Array | string, file: string): YamlSource {
  const text = decodeText(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes, file);
  const lines = new Lines(text, file);
  const { value, spot } = convert(parse(text, lines, file), lines);
  return {
    file,
    value,
    placeOf(path, which = 'value') {
      const found = walk(spot, path);
      const wantsKey = which === 'key' && found.complete && found.spot.key !== undefined;
      return lines.placeAt(wantsKey ? found.spot.key! : found.spot.start);
    },
    written(path) {
      const found = walk(spot, path);
      return found.complete && found.spot.kids === undefined ? plainScalarAt(text, found.spot.start) : undefined;
    },
  };
}

/** The package's own failures on hostile input are the file's fault, not ours. */
function parse(text: string, lines: Lines, file: string): ReturnType<typeof parseDocument> {
  try {
    return parseDocument(text, lines);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError('not valid YAML: the parser gave up', { place: { file, line: 1, column: 1 }, cause });
  }
}

function walk(root: Spot, path: Path): { readonly spot: Spot; readonly complete: boolean } {
  let spot = root;
  for (const step of path) {
    const { kids } = spot;
    const next = kids instanceof Map ? kids.get(String(step)) : (kids as readonly Spot[] | undefined)?.[Number(step)];
    if (next === undefined) return { spot, complete: false };
    spot = next;
  }
  return { spot, complete: true };
}

function plainScalarAt(text: string, offset: number): string | undefined {
  const plain = /[^\s'"*&!|>[\]{},#][^\s[\]{},]*/y;
  plain.lastIndex = offset;
  return plain.exec(text)?.[0];
}
