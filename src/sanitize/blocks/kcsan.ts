/**
 * KCSAN's form (kernel/kcsan/report.c, 5.8+): a data race with both its sides. The side that came second is told first, and
 * the other one reports: in the kernel it waits at its access for somebody to come by.
 *
 * Divergence from Linux: addresses and sizes are made up (address.ts); a line of ours under each stack says what was touched,
 * by whom and when.
 */
import type { Kernel } from '../../kernel/kernel.js';
import type { Access, Race } from '../races.js';
import { pointer, sizeOf } from './address.js';
import { contextWords, cpuLines, rule, stackLines } from './frame.js';

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
  const bytes = sizeOf(kernel, race.object);
  return [
    rule,
    `BUG: KCSAN: ${raceTitle(race)}`,
    '',
    ...sideLines(kernel, race, second),
    '',
    ...sideLines(kernel, race, first),
    '',
    ...(changed ? [`value changed: ${hex(before, bytes)} -> ${hex(after, bytes)}`, ''] : []),
    'Reported by Kernel Concurrency Sanitizer on:',
    ...cpuLines(kernel, first.scene!),
    rule,
  ];
}

function sideLines(kernel: Kernel, race: Race, access: Access): readonly string[] {
  const scene = access.scene!;
  const by = scene.kind === 'process' ? `task ${scene.pid}` : 'interrupt';
  const at = pointer(kernel, race.object, race.field);
  return [
    `${access.words} to 0x${at} of ${sizeOf(kernel, race.object)} bytes by ${by} on cpu ${scene.cpu}:`,
    ...stackLines(scene),
    ` [${placeOf(race)} by ${scene.comm}/${scene.pid}: ${contextWords(scene)}, jiffies ${scene.jiffies}]`,
  ];
}

/** In all digits of its size, as the kernel does; a value that does not fit has more. */
function hex(value: number, bytes: number): string {
  const word = value < 0 ? BigInt.asUintN(bytes * 8, BigInt(value)) : BigInt(value);
  return `0x${word.toString(16).padStart(bytes * 2, '0')}`;
}
