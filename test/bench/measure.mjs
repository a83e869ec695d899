/** Measuring side by side: all contenders of a row take turns, in the same process, round after round. */

/**
 * One line of the table. Each contender is a function that does something and answers how many times it did it; or an
 * async one. `before` sets up what it needs, uncounted. `unit`: `M/s` (more is better), or `µs` and `s` per time (less is better).
 * @typedef {{ name: string, unit: 'M/s' | 'µs' | 's', target?: number, note?: string,
 *   contenders: Readonly<Record<string, () => number | Promise<number>>>,
 *   before?: Readonly<Record<string, () => unknown>> }} Row
 */

/**
 * Medians over `rounds` after one round of warm-up.
 * @param {Row} row
 * @param {number} rounds
 * @returns {Promise<Record<string, number>>}
 */
export async function measure(row, rounds) {
  /** @type {Record<string, number[]>} */
  const figures = {};
  for (let round = -1; round < rounds; round++) {
    for (const [name, run] of Object.entries(row.contenders)) {
      row.before?.[name]?.();
      globalThis.gc?.();
      const start = process.hrtime.bigint();
      const count = await run();
      const ns = Number(process.hrtime.bigint() - start);
      if (round < 0) continue;
      figures[name] ??= [];
      figures[name].push(figureOf(row.unit, count, ns));
    }
  }
  return Object.fromEntries(Object.entries(figures).map(([name, all]) => [name, median(all)]));
}

function figureOf(unit, count, ns) {
  if (unit === 'M/s') return (count / ns) * 1e3;
  return ns / count / (unit === 'µs' ? 1e3 : 1e9);
}

export function median(figures) {
  const sorted = [...figures].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** How many times better ours is. */
export function ratio(unit, ours, theirs) {
  return unit === 'M/s' ? ours / theirs : theirs / ours;
}
