/** Changes to a plan that may make it simpler. */
import { isIntrusion } from './actor.js';
import type { Plan } from './plan.js';

/** Where turns begin: picks of one actor, one after the other; and the end. */
export function turnStarts({ picks }: Plan): readonly number[] {
  const starts: number[] = [];
  for (let at = 0; at < picks.length; at++) if (at === 0 || picks[at] !== picks[at - 1]) starts.push(at);
  return [...starts, picks.length];
}

/** Takes `from` to `to` of the picks to before `at`. */
function moved(plan: Plan, from: number, to: number, at: number): Plan {
  const { picks } = plan;
  const taken = picks.slice(from, to);
  const rest = [...picks.slice(0, from), ...picks.slice(to)];
  return { ...plan, picks: rest.toSpliced(at <= from ? at : at - (to - from), 0, ...taken) };
}

/** Leaves out the picks for which that holds, and the data for which that does. */
function without(plan: Plan, pick: (at: number, actor: number) => boolean, drawn: (at: number) => boolean): Plan {
  return {
    picks: plan.picks.filter((actor, at) => !pick(at, actor)),
    data: plan.data.filter((_, at) => !drawn(at)),
  };
}

/** Ends the plan sooner. */
export function cutTail(plan: Plan, length: number): Plan {
  const end = Math.max(0, plan.picks.length - length);
  return without(
    plan,
    (at) => at >= end,
    (at) => plan.data[at]!.pick >= end,
  );
}

/** Lets everybody within a window of turns take his turns there at once: when he is first to have one, or last. */
export function grouped(plan: Plan, from: number, to: number, last: boolean): Plan {
  const window = plan.picks.slice(from, to);
  const order = [...new Set(last ? window.toReversed() : window)];
  if (last) order.reverse();
  const sorted = order.flatMap((actor) => window.filter((one) => one === actor));
  return { ...plan, picks: [...plan.picks.slice(0, from), ...sorted, ...plan.picks.slice(to)] };
}

/** Lets a turn be joined to the next one of the same actor, or the next one to it; no plan if there is none. */
export function joined(plan: Plan, starts: readonly number[], turn: number): readonly Plan[] {
  const [from, to] = [starts[turn]!, starts[turn + 1]!];
  const next = starts.findIndex((at, i) => i > turn && i + 1 < starts.length && plan.picks[at] === plan.picks[from]);
  if (next < 0) return [];
  return [moved(plan, starts[next]!, starts[next + 1]!, to), moved(plan, from, to, starts[next]!)];
}

/** Lets a turn come before another one, or (the number of turns) last. */
export function transferred(plan: Plan, starts: readonly number[], turn: number, before: number): Plan {
  return moved(plan, starts[turn]!, starts[turn + 1]!, starts[before]!);
}

/** Lets a turn change places with the one after it. */
export function swapped(plan: Plan, starts: readonly number[], turn: number): Plan {
  return moved(plan, starts[turn + 1]!, starts[turn + 2]!, starts[turn]!);
}

/** Leaves out all that an actor does and draws. */
export function withoutActor(plan: Plan, actor: number): Plan {
  return without(
    plan,
    (_, who) => who === actor,
    (at) => plan.data[at]!.owner === actor,
  );
}

/** The places in the data at which one context draws something of one name. */
export interface Draws {
  readonly owner: number;
  readonly at: readonly number[];
}

export function drawsOf({ data }: Plan): readonly Draws[] {
  const byName = new Map<string, { owner: number; at: number[] }>();
  for (const [i, { owner, name }] of data.entries()) {
    const known = byName.get(`${owner} ${name}`);
    if (known === undefined) byName.set(`${owner} ${name}`, { owner, at: [i] });
    else known.at.push(i);
  }
  return [...byName.values()];
}

/** Leaves out what the owner does and draws from one of the draws to before another; to the end if there is no such one. */
export function withoutDraws(plan: Plan, { owner, at }: Draws, from: number, to: number): Plan {
  const [begin, end] = [at[from]!, at[to] ?? plan.data.length];
  const [first, last] = [plan.data[begin]!.pick, plan.data[end]?.pick ?? plan.picks.length];
  return without(
    plan,
    (pick, who) => who === owner && pick > first && pick <= last,
    (drawn) => plan.data[drawn]!.owner === owner && drawn >= begin && drawn < end,
  );
}

/** Leaves out intrusions, by their numbers from 0, `to` excluded; `whole`: with what the interrupts then do. */
export function withoutIntrusions(plan: Plan, from: number, to: number, whole: boolean): Plan {
  const { picks } = plan;
  const at = picks.flatMap((actor, i) => (isIntrusion(actor) ? [i] : [])).slice(from, to);
  const gone = new Set(at);
  if (whole) for (const i of at) for (const own of handled(picks, i)) gone.add(own);
  return without(
    plan,
    (i) => gone.has(i),
    (i) => gone.has(plan.data[i]!.pick),
  );
}

/** The picks of an interrupt from where it begins to where the next begins there. */
function handled(picks: readonly number[], begin: number): readonly number[] {
  const actor = picks[begin]!;
  const cpu = Math.floor(actor / 8);
  if (actor % 8 === 4) return [];
  const end = picks.findIndex((other, i) => i > begin && isIntrusion(other) && Math.floor(other / 8) === cpu);
  const own: number[] = [];
  for (let i = begin + 1; i < (end < 0 ? picks.length : end); i++) if (picks[i] === cpu * 8 + 1) own.push(i);
  return own;
}
