/**
 * Text with holes: `%d` stands for a whole number, `%x` for a hexadecimal one, `%s` for anything, `%%` for a per cent
 * sign. Everything else is literal. No regular expressions from files.
 */

/** Does `text` contain the pattern? */
export function matchesPattern(pattern: string, text: string): boolean {
  return compile(pattern).test(text);
}

const cache = new Map<string, RegExp>();

function compile(pattern: string): RegExp {
  let compiled = cache.get(pattern);
  if (compiled === undefined) {
    const source = pattern.replace(/%[dxs%]|[\\^$.*+?()[\]{}|/-]/g, (part) => {
      if (part === '%d') return '-?[0-9]+';
      if (part === '%x') return '[0-9a-fA-F]+';
      if (part === '%s') return '[^\\n]*?';
      if (part === '%%') return '%';
      return `\\${part}`;
    });
    compiled = new RegExp(source, 'u');
    if (cache.size > 1000) cache.clear();
    cache.set(pattern, compiled);
  }
  return compiled;
}
