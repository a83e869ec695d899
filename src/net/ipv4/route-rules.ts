/**
 * What differed in net/ipv4/route.c between the releases 2.6.12 and 2.6.29, as data.
 *
 * Divergence from Linux: states that existed only between two releases are left out (the two-step flush of beb659bd8c9,
 * 2007-11-19, which 29e75252da2 replaced before 2.6.25); so are the emergency rebuilds of 1080d709fb9 (2.6.29).
 */
import type { Era } from '../../kernel/era.js';

export interface RouteRules {
  /** 2.6.12: a lock in every bucket. From 2.6.13 a table of locks that buckets share. */
  readonly lockPerBucket: boolean;
  /**
   * 2.6.12: the periodic scan counts down in a 32-bit number, which is negative from the start for 65536 buckets at HZ
   * 1000 (fixed bb1d23b0265, 2005-07-05), and may go round the table more than once. Later: at most once.
   */
  readonly expireCountOverflows: boolean;
  /** From 2.6.13: the periodic scan passes empty buckets without their lock. [unverified] before 2.6.24. */
  readonly expireSkipsEmpty: boolean;
  /** From 2.6.24 (39c90ece756): the periodic scan is a delayed work. Before, a timer. */
  readonly expireInWorker: boolean;
  /**
   * From 2.6.25 (29e75252da2, 2008-01-31): a flush makes all entries old by changing a generation number; there is no
   * flush timer. Old entries go when somebody comes across them.
   */
  readonly generations: boolean;
  /** 2.6.24 only: the fib's device notifier ignores devices outside the initial namespace. */
  readonly initialNamespaceOnly: boolean;
}

export function routeRulesOf(era: Era): RouteRules {
  const release = era.ordinal;
  return {
    lockPerBucket: release < 13,
    expireCountOverflows: release < 13,
    expireSkipsEmpty: release >= 13,
    expireInWorker: release >= 24,
    generations: release >= 25,
    initialNamespaceOnly: release === 24,
  };
}
