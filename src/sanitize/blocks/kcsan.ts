/** KCSAN's form (kernel/kcsan/report.c, 5.8+): a data race with both its sides. */
import type { Kernel } from '../../kernel/kernel.js';
import type { Access, Race } from '../races.js';
import { contextWords, cpuLines, pointer, rule, stackLines } from './frame.js';

/** `bench.x`, `x.obsolete`: the place that both touched. */
export function placeOf({ object, field }: Race): string {
  return field === '' ? object.name : `${object.name}.${field}`;
}

export function raceTitle({ first, second }: Race): string {
  return `data-race in ${[first.fn, second.fn].toSorted().join(' / ')}`;
}

/** One line that is the same whichever side came first. */
export function raceMessage(race: Race): string {
  const sides = [race.first, race.second].map(({ fn, words }) => `${words} in ${fn}`).toSorted();
  return `data race on ${placeOf(race)}: ${sides.join(', ')}, and nothing orders them`;
}

/** `before`, `after`: the value around the second access, where it has one. */
export function kcsanBlock(kernel: Kernel, race: Race, before: number | null, after: number | null): readonly string[] {
  const { first, second } = race;
  const changed = before !== null && after !== null && before !== after;
  return [
    rule,
    `BUG: KCSAN: ${raceTitle(race)}`,
    '',
    ...sideLines(kernel, race, second),
    '',
    ...sideLines(kernel, race, first),
    '',
    ...(changed ? [`value changed: ${hex(before)} -> ${hex(after)}`, ''] : []),
    'Reported by Kernel Concurrency Sanitizer on:',
    ...cpuLines(kernel, second.scene!),
    rule,
  ];
}

function sideLines(kernel: Kernel, race: Race, access: Access): readonly string[] {
  const scene = access.scene!;
  const by = scene.kind === 'process' ? `task ${scene.pid} (${scene.comm})` : 'interrupt';
  const head = `${access.words} to 0x${pointer(kernel, race.object)} (${placeOf(race)}) by ${by} on cpu ${scene.cpu}:`;
  return [head, ...stackLines(scene), ` [${contextWords(scene)}, jiffies ${scene.jiffies}]`];
}

function hex(value: number): string {
  return value < 0 ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
}
