/**
 * What the blocks about locks share: locks and classes with their states, what is held, the drawing of two CPUs, in the
 * form of kernel/lockdep.c. The wording is that of the years after 5.8, as in the blocks of KASAN and KCSAN, which no kernel
 * modelled here has either: a kernel of 2.6.18 to 2.6.24 has the same parts, but `[ INFO: … ]` for `WARNING: …`, four
 * letters of state, and no drawing.
 */
import type { Kernel } from '../../kernel/kernel.js';
import type { Context } from '../../smp/context.js';
import type { SharedObject } from '../../smp/shared-object.js';
import { type LockClass, usages } from '../lock-class.js';
import type { Lockdep, Taken } from '../lockdep.js';
import type { Scene } from '../scene.js';
import { pointer } from './address.js';
import { cpuLines, sceneLine, stackLines, traceLines } from './frame.js';

/** What each usage is called where it was, and where it would be one. */
export const usageWords: Readonly<Record<number, string>> = {
  [usages.inSoftirq]: 'IN-SOFTIRQ-W',
  [usages.softirqOn]: 'SOFTIRQ-ON-W',
  [usages.inHardirq]: 'IN-HARDIRQ-W',
  [usages.hardirqOn]: 'HARDIRQ-ON-W',
};

/**
 * `{usage}-{wait}`: for hard interrupts, their readers, softirqs, their readers (there are none here): `-` taken in one, `+`
 * held while one could come, `?` both, `.` neither. Then what waiting for it is, outside and inside: 2 spinning, 3 sleeping.
 */
function stateOf({ usage, sleeps }: LockClass): string {
  const letter = (inside: number, on: number): string =>
    '.-+?'[((usage & inside) === 0 ? 0 : 1) + ((usage & on) === 0 ? 0 : 2)]!;
  const hard = letter(usages.inHardirq, usages.hardirqOn);
  return `{${hard}.${letter(usages.inSoftirq, usages.softirqOn)}.}-${sleeps ? '{3:3}' : '{2:2}'}`;
}

/** `(name){usage}-{wait}`. */
export function classWords(lock: LockClass): string {
  return `(${lock.name})${stateOf(lock)}`;
}

/** A lock: where it is, its own name, the state of its class, who took it. */
export function lockWords(kernel: Kernel, { lock, class: of, at }: Taken): string {
  return `${pointer(kernel, lock)} (${lock.name})${stateOf(of)}, at: ${at}`;
}

export function opening(kernel: Kernel, title: string): readonly string[] {
  const line = `WARNING: ${title}`;
  return ['='.repeat(line.length), line, `${kernel.era.version} #1 Not tainted`, '-'.repeat(line.length)];
}

export const otherInfo = 'other info that might help us debug this:';

/** A drawing: a line for each step, `left` on CPU0 or `right` on CPU1. */
export function drawing(title: string, steps: readonly { readonly left?: string; readonly right?: string }[]) {
  const row = (left: string, right: string): string => `  ${left.padEnd(29)}${right}`.trimEnd();
  const two = steps.some(({ right }) => right !== undefined);
  return [
    ` ${title}:`,
    '',
    row('     CPU0', two ? 'CPU1' : ''),
    row('     ----', two ? '----' : ''),
    ...steps.map(({ left, right }) => row(left ?? '', right ?? '')),
    '',
    ' *** DEADLOCK ***',
  ];
}

/** A chain of more than two, as it stands before a drawing that shows but its ends. */
export function chainLines(names: readonly string[]): readonly string[] {
  return names.length < 3 ? [] : ['Chain exists of:', `  ${names.join(' --> ')}`, ''];
}

/** A stack that was remembered, two more to the right. */
export function rememberedLines(scene: Scene | null | undefined): readonly string[] {
  return scene === null || scene === undefined
    ? []
    : [...stackLines(scene), sceneLine(scene)].map((line) => `  ${line}`);
}

/**
 * What is held on a context's CPU at this moment: its own locks and those of what it interrupted, which are of one task to
 * the kernel. `taking`: one that is about to be.
 */
export function heldLines(
  kernel: Kernel,
  locks: Lockdep,
  context: Context,
  scene: Scene,
  taking: SharedObject | null = null,
): readonly string[] {
  const held: SharedObject[] = [];
  for (let at: Context | null = context; at !== null; at = at.below) held.unshift(...(at.held ?? []));
  const rest = held.filter((lock) => lock !== taking);
  const by = `held by ${scene.comm}/${scene.pid}`;
  if (rest.length === 0) return [`no locks ${by}.`];
  const lines = rest.map((lock, i) => {
    const taken = locks.of(lock);
    return ` #${i}: ${taken === null ? `${pointer(kernel, lock)} (${lock.name})` : lockWords(kernel, taken)}`;
  });
  return [`${rest.length} lock${rest.length === 1 ? '' : 's'} ${by}:`, ...lines];
}

export function backtrace(kernel: Kernel, scene: Scene): readonly string[] {
  return ['stack backtrace:', ...cpuLines(kernel, scene), ...traceLines(scene)];
}
