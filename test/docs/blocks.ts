/** The fenced code blocks of a Markdown text, by line, so that what stands in one can be replaced. */

export interface Block {
  /** The word after the fence: `console`, `yaml`. */
  readonly language: string;
  /** The lines between the fences. */
  readonly lines: readonly string[];
  /** Where the first of them is in the document, from 0. */
  readonly first: number;
}

/** Every fenced block that is not indented, in order. */
export function blocksOf(document: readonly string[]): readonly Block[] {
  const blocks: Block[] = [];
  for (let at = 0; at < document.length; at++) {
    const open = /^(`{3,})(\w*)$/.exec(document[at]!);
    if (open === null) continue;
    const end = document.indexOf(open[1]!, at + 1);
    if (end < 0) throw new Error(`a code block that begins in line ${at + 1} has no end`);
    blocks.push({ language: open[2]!, lines: document.slice(at + 1, end), first: at + 1 });
    at = end;
  }
  return blocks;
}

/** `document` with `lines` in the place of those of `block`, for each pair. */
export function withBlocks(
  document: readonly string[],
  changes: readonly (readonly [Block, readonly string[]])[],
): readonly string[] {
  const result = [...document];
  for (const [block, lines] of [...changes].reverse()) result.splice(block.first, block.lines.length, ...lines);
  return result;
}
