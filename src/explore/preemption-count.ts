/**
 * The fewest preemptions that a linearisation of an executed trace needs: a shortest path over its prefixes, each with the
 * context that stepped last. Leaving a context counts if it could have taken a step, even one that the trace wants later,
 * or that it never takes because the run deadlocks.
 *
 * The number of prefixes grows exponentially with the number of contexts: for small programs, whose tasks have a CPU each.
 */
import type { Footprint } from './dependence.js';
import type { Step } from './dpor-step.js';
import { Prefixes } from './prefixes.js';

/** `waiting`: steps that contexts could not take when the run was over. */
export function fewestPreemptions(steps: readonly Step[], waiting: readonly Step[] = []): number {
  const prefixes = new Prefixes(steps);
  const { lists } = prefixes;
  const last = lists.map((list) => waiting.find((step) => step.number === list[0]!.number)?.footprint ?? null);
  let now: Prefix[] = [{ taken: prefixes.empty, last: -1 }];
  const seen = new Set<string>();
  for (let preemptions = 0; now.length > 0; preemptions++) {
    const later: Prefix[] = [];
    for (let prefix = now.pop(); prefix !== undefined; prefix = now.pop()) {
      const { taken } = prefix;
      const key = `${taken.join()};${prefix.last}`;
      if (seen.has(key)) continue;
      seen.add(key);
      if (prefixes.isWhole(taken)) return preemptions;
      const leaves = prefix.last >= 0 && couldGoOn(taken, prefix.last);
      for (const a of prefixes.next(taken)) {
        const next = { taken: taken.with(a, taken[a]! + 1), last: a };
        (leaves && a !== prefix.last ? later : now).push(next);
      }
    }
    now = later;
  }
  return 0;

  /** Is the context's next step enabled after the prefix? */
  function couldGoOn(taken: readonly number[], a: number): boolean {
    const footprint = lists[a]![taken[a]!]?.footprint ?? last[a]!;
    if (footprint === null) return false;
    const { op, object } = footprint;
    return op === null || object === 0 || op.effectOn(wordAfter(taken, footprint)) !== null;
  }

  /** What is found at the location after the prefix: what the first write finds that is not in it. */
  function wordAfter(taken: readonly number[], { object, part, word }: Footprint): number {
    let first: Step | null = null;
    for (const [b, list] of lists.entries()) {
      for (let i = taken[b]!; i < list.length; i++) {
        const { footprint } = list[i]!;
        if (!footprint.write || footprint.object !== object || footprint.part !== part) continue;
        if (first === null || prefixes.placeOf(list[i]!) < prefixes.placeOf(first)) first = list[i]!;
        break;
      }
    }
    return first === null ? word : first.footprint.word;
  }
}

interface Prefix {
  /** Steps taken, by context. */
  readonly taken: readonly number[];
  readonly last: number;
}
