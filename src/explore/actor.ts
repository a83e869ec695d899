/**
 * Who a choice belongs to, as a small number that stays the same from run to run: a task by its pid, the interrupt
 * context of a CPU, the timer softirq or hard interrupt that may begin on a CPU, time.
 */
import type { Context, Task } from '../smp/context.js';
import type { Choice } from '../smp/scheduler.js';

/** Time moves. */
export const timeActor = 4;

export function actorOfContext(context: Context): number {
  return context.kind === 'process' ? (context as Task).pid * 8 : context.cpu.id * 8 + 1;
}

export function actorOf(choice: Choice): number {
  if (choice.kind === 'step') return actorOfContext(choice.context);
  if (choice.kind === 'time') return timeActor;
  return choice.cpu.id * 8 + (choice.source === 'timer' ? 2 : 3);
}

/** Is it time, or an interrupt that begins? */
export function isIntrusion(actor: number): boolean {
  const kind = actor % 8;
  return kind >= 2;
}

/** The actor in words: `task 2`, `interrupt of CPU 0`. */
export function actorName(actor: number): string {
  const number = Math.floor(actor / 8);
  const kind = actor % 8;
  if (kind === 0) return `task ${number}`;
  if (kind === 4) return 'time';
  return `${kind === 1 ? 'the interrupt on' : kind === 2 ? 'a timer interrupt on' : 'a hard interrupt on'} CPU ${number}`;
}

/** Does picking `index` leave a context that could have gone on? An interrupt counts. */
export function isPreemption(enabled: readonly Choice[], current: Context | null, index: number): boolean {
  if (index === 0 || current === null) return false;
  const first = enabled[0]!;
  return first.kind === 'step' && first.context === current;
}
