/** What the blocks of all sanitizers share: rules, the CPU line, call traces. */
import type { Kernel } from '../../kernel/kernel.js';
import { formatPointer } from '../../kernel/messages.js';
import type { SharedObject } from '../../smp/shared-object.js';
import type { Scene } from '../scene.js';

export const rule = '='.repeat(66);
export const thinRule = '-'.repeat(66);

/** `task b/2`, or `interrupt` for what runs on top of a task. */
export function who(scene: Scene): string {
  return scene.kind === 'process' || scene.kind === 'none' ? `task ${scene.comm}/${scene.pid}` : 'interrupt';
}

/** Which CPU, task, context, when. */
export function cpuLines(kernel: Kernel, scene: Scene): readonly string[] {
  return [
    `CPU: ${scene.cpu} PID: ${scene.pid} Comm: ${scene.comm} Not tainted ${kernel.era.version}`,
    `Context: ${contextWords(scene)}, jiffies ${scene.jiffies}`,
  ];
}

export function contextWords(scene: Scene): string {
  const { kind, preemptCount, irqsOff } = scene;
  if (kind === 'none') return 'set-up';
  const count = preemptCount.toString(16).padStart(8, '0');
  return `${kind}, preempt_count ${count}${irqsOff ? ', interrupts off' : ''}`;
}

/** The functions entered, innermost first; what an interrupt came upon under it. */
export function stackLines({ frames }: Scene): readonly string[] {
  if (frames.length === 1 && frames[0]!.kind === 'process') return frames[0]!.functions.map((name) => ` ${name}`);
  return frames.flatMap(({ kind, functions }) => {
    const mark = kind === 'process' ? 'TASK' : kind === 'softirq' ? 'SOFTIRQ' : 'IRQ';
    return [` <${mark}>`, ...functions.map((name) => ` ${name}`), ` </${mark}>`];
  });
}

export function traceLines(scene: Scene): readonly string[] {
  return ['Call Trace:', ...stackLines(scene)];
}

/** The address of an object: its number, as in the kernel log. */
export function pointer(kernel: Kernel, object: SharedObject): string {
  return formatPointer(kernel.arch, object.id);
}

/** The innermost function of a scene. */
export function functionOf(scene: Scene): string {
  return scene.frames[0]?.functions[0] ?? 'set-up';
}
