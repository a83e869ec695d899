/**
 * Entries of the event queue: a CPU's next step, a CPU's tick, or something to do at a time.
 *
 * Divergence from Linux: none; this is the simulator's own.
 */
import type { QueueEntry } from '../sim/event-queue.js';
import type { Cpu } from './cpu.js';

export interface StepEntry extends QueueEntry {
  /** Whose step or tick it is; null for something to do. */
  readonly cpu: Cpu | null;
  /** The tick, counted since boot; 0 for what is no tick. */
  readonly tick: number;
  /** What to do; null for a step or a tick. */
  readonly fire: (() => void) | null;
}

export function newEntry(
  timeNs: number,
  order: number,
  rank: number,
  cpu: Cpu | null,
  tick = 0,
  fire: (() => void) | null = null,
): StepEntry {
  return { timeNs, order, rank, sequence: 0, queued: false, dead: false, cpu, tick, fire };
}
