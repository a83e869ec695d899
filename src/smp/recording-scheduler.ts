/**
 * Records what another scheduler decides, as deviations from the default decision: a schedule is as long as it is
 * unusual, and shortening it is leaving deviations out. ReplayScheduler takes it back.
 *
 * Divergence from Linux: none; this is the simulator's own.
 */
import type { Context } from './context.js';
import type { Access } from './op.js';
import { type Choice, choiceKey, type Scheduler } from './scheduler.js';

/** One decision that was not the default one. */
export interface Deviation {
  /** Which decision of the run it was, counted from 0 over picks and data choices together. */
  readonly at: number;
  /** A choice by its key (scheduler.ts), or `name=value` for a data choice. */
  readonly choice: string;
}

export class RecordingScheduler implements Scheduler {
  readonly family: 'timed' | 'stepwise';
  /** What was recorded so far. */
  readonly deviations: Deviation[] = [];
  /** Decisions made so far. */
  decisions = 0;
  private readonly inner: Scheduler;

  constructor(inner: Scheduler) {
    this.inner = inner;
    this.family = inner.family;
  }

  pick(enabled: readonly Choice[], current: Context | null): number {
    const index = this.inner.pick(enabled, current);
    if (index > 0) this.deviations.push({ at: this.decisions, choice: choiceKey(enabled[index]!) });
    this.decisions++;
    return index;
  }

  choose(name: string, bound: number): number {
    const value = this.inner.choose(name, bound);
    if (value !== 0) this.deviations.push({ at: this.decisions, choice: `${name}=${value}` });
    this.decisions++;
    return value;
  }

  executed(choice: Choice, effect: Access): void {
    this.inner.executed?.(choice, effect);
  }
}
