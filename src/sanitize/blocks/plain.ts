/** Everything else that went wrong, as the kernel of its time says it, with where it was. */
import type { Kernel } from '../../kernel/kernel.js';
import type { Violation } from '../../smp/machine-options.js';
import type { Scene } from '../scene.js';
import { cpuLines, traceLines } from './frame.js';

/** Null for what no context did. */
export function plainBlock(kernel: Kernel, { message }: Violation, scene: Scene): readonly string[] | null {
  if (scene.kind === 'none') return null;
  return [message, ...cpuLines(kernel, scene), ...traceLines(scene)];
}
