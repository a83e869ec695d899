/**
 * The schedule without a deviation: whoever runs goes on for as long as it can, then the lowest CPU; interrupts and time
 * come when nobody else can go on; every data choice is 0.
 *
 * Divergence from Linux: no fairness of any kind.
 */
import type { Scheduler } from './scheduler.js';

export class DefaultScheduler implements Scheduler {
  readonly family = 'stepwise';

  pick(): number {
    return 0;
  }

  choose(_name: string, _bound: number): number {
    return 0;
  }
}
