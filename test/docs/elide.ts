/** Output shown in part: a line `…` stands for any number of lines left out. */

export const elision = '…';

/** What is put where a piece of the shown output has no counterpart in the real one. */
const lost = '!!! not in the real output:';

/** `shown` as it should be: the same pieces, with the words of `real`. Equal to `shown` if and only if that is true. */
export function refreshed(shown: readonly string[], real: readonly string[]): readonly string[] {
  const pieces = piecesOf(shown);
  if (pieces.length === 1) return real;
  const result: string[] = [];
  let from = 0;
  for (const [i, piece] of pieces.entries()) {
    if (i > 0) result.push(elision);
    if (piece.length === 0) continue;
    const at = placeOf(piece, real, from, i === 0, i === pieces.length - 1);
    if (at === undefined) result.push(lost, ...piece);
    else {
      result.push(...real.slice(at, at + piece.length));
      from = at + piece.length;
    }
  }
  return result;
}

function piecesOf(shown: readonly string[]): readonly (readonly string[])[] {
  const pieces: string[][] = [[]];
  for (const line of shown) {
    if (line === elision) pieces.push([]);
    else pieces.at(-1)!.push(line);
  }
  return pieces;
}

/** Where in `real` the piece most likely belongs: the first place, not before `from`, with most words in common. */
function placeOf(
  piece: readonly string[],
  real: readonly string[],
  from: number,
  isFirst: boolean,
  isLast: boolean,
): number | undefined {
  const latest = real.length - piece.length;
  if (latest < from) return undefined;
  if (isFirst) return 0;
  if (isLast) return latest;
  let best: number | undefined;
  let bestScore = piece.length / 2;
  for (let at = from; at <= latest; at++) {
    const score = piece.reduce((sum, line, i) => sum + likeness(line, real[at + i]!), 0);
    if (score > bestScore) [best, bestScore] = [at, score];
  }
  return best;
}

/** From 0 to 1: how many words two lines share. */
function likeness(a: string, b: string): number {
  if (a === b) return 1;
  const words = new Set(a.split(/\s+/));
  const others = new Set(b.split(/\s+/));
  const shared = [...words].filter((word) => others.has(word)).length;
  return (0.9 * shared) / Math.max(words.size, others.size);
}
