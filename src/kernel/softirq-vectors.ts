/**
 * The softirq vectors (include/linux/interrupt.h, 2.6.12–2.6.29).
 *
 * Divergence from Linux: later releases' further vectors (SCHED, HRTIMER, RCU) are not modelled.
 */
import type { Cpu } from '../smp/cpu.js';

/** Vector numbers, as in the kernel. */
export const softirqs = { HI: 0, TIMER: 1, NET_TX: 2, NET_RX: 3, BLOCK: 4, TASKLET: 5 } as const;
export type SoftirqVector = (typeof softirqs)[keyof typeof softirqs];

/** Marks a vector pending on a CPU. */
export function raiseSoftirq(cpu: Cpu, vector: SoftirqVector): void {
  cpu.softirqPending |= 1 << vector;
  cpu.machine.watcher?.publishes(cpu);
}
