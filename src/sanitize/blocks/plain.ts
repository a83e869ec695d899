/** Everything else that went wrong, as the kernel of its time says it, with where it was. */
import type { Kernel } from '../../kernel/kernel.js';
import type { Violation } from '../../smp/machine-options.js';
import type { Scene } from '../scene.js';
import { cpuLines, traceLines } from './frame.js';

/** Null for what no context did. `held`: what is held there, for what must not be done holding a lock. */
export function plainBlock(
  kernel: Kernel,
  { kind, message }: Violation,
  scene: Scene,
  held: readonly string[],
): readonly string[] | null {
  if (scene.kind === 'none') return null;
  const before = kind.startsWith('refcount-') ? [warningLine(scene)] : [];
  const asleep = kind !== 'sleep-in-atomic' ? [] : [...atomicLines(message, scene), ...held];
  return [message, ...before, ...asleep, ...cpuLines(kernel, scene), ...traceLines(scene)];
}

/** What might_sleep prints next; schedule() does not. */
function atomicLines(message: string, { preemptCount, irqsOff }: Scene): readonly string[] {
  if (!message.includes('sleeping function')) return [];
  return [`in_atomic():${preemptCount === 0 ? 0 : 1}, irqs_disabled():${irqsOff ? 1 : 0}`];
}

/** refcount_t is younger than the kernels modelled: so are its words. */
function warningLine({ cpu, pid }: Scene): string {
  return `WARNING: CPU: ${cpu} PID: ${pid} at lib/refcount.c refcount_warn_saturate`;
}
