/** Everything else that went wrong, as the kernel of its time says it, with where it was. */
import type { Kernel } from '../../kernel/kernel.js';
import type { Violation } from '../../smp/machine-options.js';
import type { Scene } from '../scene.js';
import { cpuLines, traceLines } from './frame.js';

/** Null for what no context did. */
export function plainBlock(kernel: Kernel, { kind, message }: Violation, scene: Scene): readonly string[] | null {
  if (scene.kind === 'none') return null;
  const atomic = kind === 'sleep-in-atomic' ? [atomicLine(scene)] : [];
  return [message, ...atomic, ...cpuLines(kernel, scene), ...traceLines(scene)];
}

/** What might_sleep prints next. */
function atomicLine({ preemptCount, irqsOff }: Scene): string {
  return `in_atomic():${preemptCount === 0 ? 0 : 1}, irqs_disabled():${irqsOff ? 1 : 0}`;
}
