/** JSON for reading: what fits in a line stays in one, and lists are cut. */

const COLUMNS_MAX = 110;

/** `value` in lines; of each list the first `itemsMax` items, and a comment that says how many more there are. */
export function jsonLines(value: unknown, itemsMax: number): readonly string[] {
  return laidOut(value, itemsMax, '', '');
}

function laidOut(value: unknown, itemsMax: number, indent: string, key: string): readonly string[] {
  const inside = `${indent}  `;
  const compact = spaced(value);
  const isCut = hasLongList(value, itemsMax);
  if (typeof value !== 'object' || value === null || (!isCut && (indent + key + compact).length < COLUMNS_MAX)) {
    return [indent + key + compact];
  }
  if (Array.isArray(value)) {
    const items = value.slice(0, itemsMax).map((item) => laidOut(item, itemsMax, inside, ''));
    const more = value.length - items.length;
    return [`${indent}${key}[`, ...joined(items), ...(more > 0 ? [`${inside}// … ${more} more`] : []), `${indent}]`];
  }
  const fields = Object.entries(value).map(([name, field]) => {
    return laidOut(field, itemsMax, inside, `${JSON.stringify(name)}: `);
  });
  return [`${indent}${key}{`, ...joined(fields), `${indent}}`];
}

/** A comma after the last line of each but the last. */
function joined(parts: readonly (readonly string[])[]): readonly string[] {
  return parts.flatMap((lines, i) => (i === parts.length - 1 ? lines : [...lines.slice(0, -1), `${lines.at(-1)},`]));
}

function hasLongList(value: unknown, itemsMax: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value) && value.length > itemsMax) return true;
  return Object.values(value).some((inner) => hasLongList(inner, itemsMax));
}

/** One line, with a blank after each comma and colon. */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([name, field]) => `${JSON.stringify(name)}: ${spaced(field)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}
