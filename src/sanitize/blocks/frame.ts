/** What the blocks of all sanitizers share: rules, the CPU line, call traces. */
import type { Kernel } from '../../kernel/kernel.js';
import type { Scene } from '../scene.js';

export const rule = '='.repeat(66);

/** `task b/2`, or `interrupt` for what runs on top of a task. */
export function who(scene: Scene): string {
  return scene.kind === 'process' || scene.kind === 'none' ? `task ${scene.comm}/${scene.pid}` : 'interrupt';
}

/** Which CPU and task, as the kernel says it; then our own line: context, when, and what it is about. */
export function cpuLines(kernel: Kernel, scene: Scene, about = ''): readonly string[] {
  return [
    `CPU: ${scene.cpu} PID: ${scene.pid} Comm: ${scene.comm} Not tainted ${kernel.era.version}`,
    `Context: ${contextWords(scene)}, jiffies ${scene.jiffies}${about === '' ? '' : `, ${about}`}`,
  ];
}

export function contextWords(scene: Scene): string {
  const { kind, preemptCount, irqsOff } = scene;
  if (kind === 'none') return 'set-up';
  const count = preemptCount.toString(16).padStart(8, '0');
  return `${kind}, preempt_count ${count}${irqsOff ? ', interrupts off' : ''}`;
}

/** Where a stack that was remembered was taken: a line of ours under it. */
export function sceneLine(scene: Scene): string {
  return ` [${scene.comm}/${scene.pid} on cpu ${scene.cpu}: ${contextWords(scene)}, jiffies ${scene.jiffies}]`;
}

/** The functions entered, innermost first; under those of an interrupt what it came upon. So stacks are kept. */
export function stackLines({ frames }: Scene): readonly string[] {
  return frames.flatMap(({ functions }) => functions.map((name) => ` ${name}`));
}

/** The stack of whoever reports, with the stacks it is on: softirqs and interrupts have one, as on x86_64. */
export function traceLines({ frames }: Scene): readonly string[] {
  const part = (mark: string, inside: boolean): readonly string[] => {
    const names = frames.filter(({ kind }) => (kind === 'process') !== inside).flatMap(({ functions }) => functions);
    return names.length === 0 ? [] : [` <${mark}>`, ...names.map((name) => ` ${name}`), ` </${mark}>`];
  };
  return ['Call Trace:', ...part('IRQ', true), ...part('TASK', false)];
}

/** The innermost function of a scene. */
export function functionOf(scene: Scene): string {
  return scene.frames[0]?.functions[0] ?? 'set-up';
}
