/**
 * lockdep's form (kernel/lockdep.c, wording of the years after 4.x): circular orders and unsafe usage of locks; and who
 * waits for whom in a deadlock, which no kernel prints in one piece.
 */
import type { Kernel } from '../../kernel/kernel.js';
import type { Context } from '../../smp/context.js';
import { waiters, waitInWords } from '../../smp/deadlock.js';
import { type LockClass, type OrderFinding, type UsageFinding, usages } from '../lockdep.js';
import { type Scene, sceneOf } from '../scene.js';
import { cpuLines, rule, stackLines, thinRule, traceLines } from './frame.js';

/** What each usage is called where it was, and where it would be one. */
const words: Readonly<Record<number, string>> = {
  [usages.inSoftirq]: 'IN-SOFTIRQ-W',
  [usages.softirqOn]: 'SOFTIRQ-ON-W',
  [usages.inHardirq]: 'IN-HARDIRQ-W',
  [usages.hardirqOn]: 'HARDIRQ-ON-W',
};

/**
 * `(name){usage}`: for hard interrupts, their readers, softirqs, their readers (there are no reader locks here): `-` taken
 * in one, `+` held while one could come, `?` both, `.` neither.
 */
function named({ name, usage }: LockClass): string {
  const letter = (inside: number, on: number): string =>
    '.-+?'[((usage & inside) === 0 ? 0 : 1) + ((usage & on) === 0 ? 0 : 2)]!;
  const hard = letter(usages.inHardirq, usages.hardirqOn);
  return `(${name}){${hard}.${letter(usages.inSoftirq, usages.softirqOn)}.}`;
}

export function circleMessage({ chain }: OrderFinding): string {
  const names = chain.map(({ name }) => name);
  return `possible circular locking dependency: ${names.join(' -> ')} -> ${names[0]!}`;
}

export function circleBlock(kernel: Kernel, finding: OrderFinding): readonly string[] {
  const { chain, context } = finding;
  const scene = sceneOf(context);
  const taken = chain[0]!;
  const held = chain[chain.length - 1]!;
  const orders = chain.map((lock, i) => ({ lock, next: chain[(i + 1) % chain.length]! }));
  return [
    rule,
    'WARNING: possible circular locking dependency detected',
    kernel.era.version,
    thinRule,
    `${scene.comm}/${scene.pid} is trying to acquire lock:`,
    ` ${named(taken)}, at: ${scene.frames[0]!.functions[0]!}`,
    '',
    'but task is already holding lock:',
    ` ${named(held)}`,
    '',
    'which lock already depends on the new lock.',
    '',
    'the existing dependency chain (in reverse order) is:',
    ...orders.toReversed().flatMap(({ lock, next }, i) => dependency(chain.length - 1 - i, lock, next)),
    '',
    ...scenario(taken, held),
    '',
    ...heldLines(context, scene),
    '',
    'stack backtrace:',
    ...cpuLines(kernel, scene),
    ...traceLines(scene),
    rule,
  ];
}

function dependency(index: number, before: LockClass, after: LockClass): readonly string[] {
  const scene = before.after?.get(after) ?? null;
  const where = scene === null ? [] : [...stackLines(scene), ` [${scene.comm}/${scene.pid} on cpu ${scene.cpu}]`];
  return ['', `-> #${index} ${named(after)}, taken while (${before.name}) was held:`, ...where];
}

function scenario(taken: LockClass, held: LockClass): readonly string[] {
  const row = (left: string, right: string): string => `       ${left.padEnd(27)}${right}`.trimEnd();
  return [
    ' Possible unsafe locking scenario:',
    '',
    row('CPU0', 'CPU1'),
    row('----', '----'),
    row(`lock(${held.name});`, ''),
    row('', `lock(${taken.name});`),
    row('', `lock(${held.name});`),
    row(`lock(${taken.name});`, ''),
    '',
    ' *** DEADLOCK ***',
  ];
}

function heldLines(context: Context, scene: Scene): readonly string[] {
  const locks = context.held ?? [];
  const count = `${locks.length} lock${locks.length === 1 ? '' : 's'} held by ${scene.comm}/${scene.pid}:`;
  return [count, ...locks.map((lock, i) => ` #${i}:  (${lock.name})`)];
}

export function usageMessage({ lock, was, now }: UsageFinding): string {
  return `inconsistent lock state: ${lock.name} {${words[was]!}} -> {${words[now]!}}`;
}

export function usageBlock(kernel: Kernel, finding: UsageFinding): readonly string[] {
  const { lock, was, now, context } = finding;
  const scene = sceneOf(context);
  const first = lock.scenes?.get(was);
  const bit = (set: boolean): string => (set ? '1' : '0');
  const irqs = `HC${bit(scene.kind === 'hardirq')}:SC${bit(scene.kind === 'softirq')}:HE${bit(!scene.irqsOff)}:SE${bit(scene.kind === 'process' && (scene.preemptCount & 0xff00) === 0)}`;
  return [
    rule,
    'WARNING: inconsistent lock state',
    kernel.era.version,
    thinRule,
    `inconsistent {${words[was]!}} -> {${words[now]!}} usage.`,
    `${scene.comm}/${scene.pid} [${irqs}] takes:`,
    ` ${named(lock)}, at: ${scene.frames[0]!.functions[0]!}`,
    `{${words[was]!}} state was registered at:`,
    ...(first === undefined ? [] : [...stackLines(first), ` [${first.comm}/${first.pid} on cpu ${first.cpu}]`]),
    '',
    ' Possible unsafe locking scenario:',
    '',
    '       CPU0',
    '       ----',
    `  lock(${lock.name});`,
    '  <Interrupt>',
    `    lock(${lock.name});`,
    '',
    ' *** DEADLOCK ***',
    '',
    ...heldLines(context, scene),
    '',
    'stack backtrace:',
    ...cpuLines(kernel, scene),
    ...traceLines(scene),
    rule,
  ];
}

/** Who goes round and round, each with its stack and what it holds. */
export function endlessBlock(kernel: Kernel): readonly string[] {
  const tops = kernel.machine.cpus.flatMap(({ top }) => (top === null ? [] : [top]));
  return [
    rule,
    'BUG: endless loop: nothing that these touch changes',
    ...tops.flatMap((context) => {
      const scene = sceneOf(context);
      return ['', ...cpuLines(kernel, scene), ...heldLines(context, scene), ...traceLines(scene)];
    }),
    rule,
  ];
}

/** Who waits for what, each with its stack and what it holds. */
export function deadlockBlock(kernel: Kernel): readonly string[] {
  const all = waiters(kernel.machine);
  return [
    rule,
    'BUG: deadlock: nobody of these can go on',
    ...all.flatMap((context) => {
      const scene = sceneOf(context);
      return ['', waitInWords(context), ...cpuLines(kernel, scene), ...heldLines(context, scene), ...traceLines(scene)];
    }),
    rule,
  ];
}
