/**
 * The fewest preemptions that a linearisation of an executed trace needs: a shortest path over its prefixes, each with the
 * context that stepped last. Leaving a context counts if it could have taken a step, even one that the trace wants later.
 *
 * The number of prefixes grows exponentially with the number of contexts: for small programs.
 */
import { dependent } from './dependence.js';
import type { Step } from './dpor-step.js';

interface Prefix {
  /** Steps taken, by actor. */
  readonly taken: readonly number[];
  readonly last: number;
}

export function fewestPreemptions(steps: readonly Step[]): number {
  const actors = [...new Set(steps.map((step) => step.footprint.actor))];
  const lists = actors.map((actor) => steps.filter((step) => step.footprint.actor === actor));
  const total = steps.length;
  const place = new Map(steps.map((step, at) => [step, at]));
  const start: Prefix = { taken: actors.map(() => 0), last: -1 };
  let now: Prefix[] = [start];
  const seen = new Set<string>();
  for (let preemptions = 0; now.length > 0; preemptions++) {
    const later: Prefix[] = [];
    for (let prefix = now.pop(); prefix !== undefined; prefix = now.pop()) {
      const key = `${prefix.taken.join()};${prefix.last}`;
      if (seen.has(key)) continue;
      seen.add(key);
      if (prefix.taken.reduce((sum, n) => sum + n, 0) === total) return preemptions;
      expand(prefix, now, later);
    }
    now = later;
  }
  return 0;

  function expand(prefix: Prefix, same: Prefix[], later: Prefix[]): void {
    const { taken, last } = prefix;
    const leaves = last >= 0 && couldGoOn(taken, last);
    for (let a = 0; a < actors.length; a++) {
      const step = lists[a]![taken[a]!];
      if (step === undefined || !isNext(step, taken)) continue;
      const next = { taken: taken.with(a, taken[a]! + 1), last: a };
      (leaves && a !== last ? later : same).push(next);
    }
  }

  /** Have all steps been taken that the step depends on? */
  function isNext(step: Step, taken: readonly number[]): boolean {
    return lists.every((list, a) => {
      const open = list[taken[a]!];
      if (open === undefined || open === step) return true;
      for (let i = taken[a]!; i < list.length && place.get(list[i]!)! < place.get(step)!; i++) {
        if (dependent(list[i]!.footprint, step.footprint)) return false;
      }
      return true;
    });
  }

  /** Is the actor's next step enabled after the prefix? */
  function couldGoOn(taken: readonly number[], a: number): boolean {
    const step = lists[a]![taken[a]!];
    if (step === undefined) return false;
    const { op, object, part } = step.footprint;
    if (op === null || object === 0) return true;
    // The word there is the one that the first write which is not in the prefix found.
    let first: Step | null = null;
    for (const [b, list] of lists.entries()) {
      for (let i = taken[b]!; i < list.length; i++) {
        const { footprint } = list[i]!;
        if (!footprint.write || footprint.object !== object || footprint.part !== part) continue;
        if (first === null || place.get(list[i]!)! < place.get(first)!) first = list[i]!;
        break;
      }
    }
    return op.effectOn(first === null ? step.footprint.word : first.footprint.word) !== null;
  }
}
