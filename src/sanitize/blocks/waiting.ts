/** Who waits for whom in a deadlock, and who goes round and round, which no kernel prints in one piece. */
import type { Kernel } from '../../kernel/kernel.js';
import type { Context } from '../../smp/context.js';
import { waiters, waitInWords } from '../../smp/deadlock.js';
import type { Lockdep } from '../lockdep.js';
import { sceneOf } from '../scene.js';
import { cpuLines, rule, traceLines } from './frame.js';
import { heldLines } from './lock-words.js';

/** Who goes round and round, each with its stack and what is held on its CPU. */
export function endlessBlock(kernel: Kernel, locks: Lockdep): readonly string[] {
  const tops = kernel.machine.cpus.flatMap(({ top }) => (top === null ? [] : [top]));
  const all = tops.flatMap((context) => ['', ...standing(kernel, locks, context)]);
  return [rule, 'BUG: endless loop: nothing that these touch changes', ...all, rule];
}

/** Who waits for what, each with its stack and what is held on its CPU. */
export function deadlockBlock(kernel: Kernel, locks: Lockdep): readonly string[] {
  const all = [...waiters(kernel.machine)].flatMap((context) => [
    '',
    waitInWords(context),
    ...standing(kernel, locks, context),
  ]);
  return [rule, 'BUG: deadlock: nobody of these can go on', ...all, rule];
}

function standing(kernel: Kernel, locks: Lockdep, context: Context): readonly string[] {
  const scene = sceneOf(context);
  return [...cpuLines(kernel, scene), ...heldLines(kernel, locks, context, scene), ...traceLines(scene)];
}
