/** What a worker thread is told once: what to explore, and how. Plain data, as it goes from thread to thread. */
import type { SearchOptions } from '../../explore/search.js';

export interface Orders {
  /** As it was typed, with the revision and kernel that were decided on. */
  readonly asked: {
    readonly file: string;
    readonly at?: string;
    readonly kernel?: string;
    readonly variant?: string;
    readonly with?: string;
  };
  readonly options: SearchOptions;
}

/** What it is told again and again: make the free runs of a range of numbers. */
export interface RangeOrder {
  readonly from: number;
  readonly to: number;
}
