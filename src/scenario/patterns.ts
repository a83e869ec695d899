/**
 * Text with holes: `%d` stands for a whole number, `%x` for a hexadecimal one, `%s` for anything within a line, `%%` for
 * a per cent sign. Everything else is literal. No regular expressions from files, neither as such nor underneath: all
 * ways in which a pattern may fit are followed at once, so that none takes longer than its length times the text's.
 */

/** Does `text` contain the pattern? */
export function matchesPattern(pattern: string, text: string): boolean {
  const parts = compile(pattern);
  let places = enter(parts, 0, new Set());
  for (const char of text) {
    if (places.has(parts.length)) return true;
    const next = enter(parts, 0, new Set());
    for (const place of places) {
      const part = parts[place]!;
      if (!part.takes(char)) continue;
      if (part.repeats) enter(parts, place, next);
      if (!(part.repeats && part.optional)) enter(parts, place + 1, next);
    }
    places = next;
  }
  return places.has(parts.length);
}

/** A piece of a pattern: which characters it takes, whether it may take none, whether it may take several. */
interface Part {
  readonly takes: (char: string) => boolean;
  readonly optional: boolean;
  readonly repeats: boolean;
}

const minus: Part = { takes: (c) => c === '-', optional: true, repeats: false };
const digits: Part = { takes: (c) => c >= '0' && c <= '9', optional: false, repeats: true };
const hexDigits: Part = { takes: (c) => /^[0-9a-fA-F]$/.test(c), optional: false, repeats: true };
const anything: Part = { takes: (c) => c !== '\n', optional: true, repeats: true };
const literal = (char: string): Part => ({ takes: (c) => c === char, optional: false, repeats: false });

/** Adds a place, and those after it that parts which may take nothing lead to. */
function enter(parts: readonly Part[], place: number, places: Set<number>): Set<number> {
  for (let at = place; !places.has(at); at++) {
    places.add(at);
    if (parts[at]?.optional !== true) break;
  }
  return places;
}

const cache = new Map<string, readonly Part[]>();

function compile(pattern: string): readonly Part[] {
  let compiled = cache.get(pattern);
  if (compiled === undefined) {
    compiled = (pattern.match(/%[dxs%]|[\s\S]/gu) ?? []).flatMap((piece) => {
      if (piece === '%d') return [minus, digits];
      if (piece === '%x') return [hexDigits];
      if (piece === '%s') return [anything];
      return [literal(piece === '%%' ? '%' : piece)];
    });
    if (cache.size > 1000) cache.clear();
    cache.set(pattern, compiled);
  }
  return compiled;
}
