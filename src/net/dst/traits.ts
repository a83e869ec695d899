/**
 * What the code of net/core/dst.c does at a revision: one field per thing that one commit changed.
 *
 * The commit table (history/commits.ts) gives each commit the fields it changes, and a revision is the fold of its
 * commits over `baselineTraits`. The model branches on a field exactly where the commit changed a line. Fields are
 * independent: any combination must run, since a commit may be left out of a revision or added to an older one.
 *
 * R4, R6, R8, R10, R11 and R17 changed no executed code and have no field.
 *
 * Divergence from Linux: combinations that no tree ever had are allowed; what such a one does is ours to say.
 */

/**
 * Which device takes over garbage whose own device is unregistered.
 *
 * - `static` (R1): the statically allocated loopback device.
 * - `pointer` (R15): the device a global pointer names. No observable change.
 * - `initial-namespace` (R16): the loopback of the initial namespace. No observable change.
 * - `device-namespace` (R19): the loopback of the namespace that the dst's own device is in, looked up before the
 *   device is overwritten; the neighbour gets the same device. R19 changed the `ops->ifdown` bodies in the same way.
 */
export type LoopbackLookup = 'static' | 'pointer' | 'initial-namespace' | 'device-namespace';

export interface DstTraits {
  /** R2: dst_destroy reads the child's NOHASH flag before it drops the child's count; before, after the drop. */
  readonly noHashReadBeforeDecrement: boolean;

  /**
   * R3: a run that destroyed something puts the interval back to DST_GC_MIN; before, every run that leaves garbage
   * backs off. How much must have been destroyed is `gcInWorkqueue`'s: any entry, or more than a tenth of the rest.
   */
  readonly resetBackoffOnDestroy: boolean;

  /** R5: dst_run_gc re-arms with mod_timer, which tolerates a pending timer; before, with add_timer. */
  readonly rearmWithModTimer: boolean;

  /** R7: an interval above 4*HZ is rounded so that the run falls on a whole second (of its CPU) when it is armed. */
  readonly roundLongIntervals: boolean;

  /** R9: the slab allocator zeroes a new entry; before, dst_alloc does. No observable change. */
  readonly allocatorZeroes: boolean;

  /** R12: `input` and `output` of a dead entry are one function; before, two that do the same. No observable change. */
  readonly singleDiscard: boolean;

  /** R13 sets it, R22 clears it: dst_dev_event ignores devices outside the initial namespace. */
  readonly initialNamespaceOnly: boolean;

  /**
   * R14: the scan is a delayed work under a mutex with a list of its own (busy) beside the one that frees go to;
   * before, a softirq timer under the one spinlock. With it come the ten per cent rule, a returned child being
   * examined in the same pass, and the printed interval being the rounded one.
   */
  readonly gcInWorkqueue: boolean;

  /** R15, R16, R19: which device takes over the garbage of an unregistered one. */
  readonly loopback: LoopbackLookup;

  /**
   * R18: dst_discard is exported and replaces the private copies of other families; before, DECnet's input discard
   * returns NET_RX_DROP (1) instead of 0.
   */
  readonly discardShared: boolean;

  /** R20: dst_ifdown holds the neighbour's new device before it puts the old one; before, the other way round. */
  readonly holdBeforePut: boolean;

  /** R21: `ops->gc` is given the ops it is called for; before, nothing. */
  readonly gcTakesOps: boolean;

  /** R23: a device's namespace is read through an accessor; before, from the field. No observable change. */
  readonly namespaceAccessor: boolean;

  /** R24: dst_release is a function of dst.c, so its warning names that file and line; before, those of the header. */
  readonly releaseInDstC: boolean;

  /** R25: __dst_free cancels a pending run before it schedules the next; before, a pending run keeps its date. */
  readonly cancelBeforeSchedule: boolean;

  /** R26: dst_release warns when the result of its decrement is below 0; before, when a read ahead of it is below 1. */
  readonly releaseTestsResult: boolean;

  /**
   * Extra, the alternative that R25's message names: __dst_free puts the interval state back to what it was when
   * scheduling finds the work pending. The state stays true and later frees retry, but the run is not hurried.
   */
  readonly restoreBackoffWhenPending: boolean;

  /** Extra, 2010: the scan offers to reschedule at each entry, so that a huge list does not keep the CPU. */
  readonly condResched: boolean;

  /**
   * Extra, 2012: __dst_free modifies the delayed work in one call. It takes the place of the cancel and schedule
   * pair, whatever `cancelBeforeSchedule` says. A run queued but not started is pulled back and postponed too.
   */
  readonly modDelayedWork: boolean;
}

/** R1: the code of Linux 2.6.12-rc2, which every commit is a change to. */
export const baselineTraits: DstTraits = Object.freeze({
  noHashReadBeforeDecrement: false,
  resetBackoffOnDestroy: false,
  rearmWithModTimer: false,
  roundLongIntervals: false,
  allocatorZeroes: false,
  singleDiscard: false,
  initialNamespaceOnly: false,
  gcInWorkqueue: false,
  loopback: 'static',
  discardShared: false,
  holdBeforePut: false,
  gcTakesOps: false,
  namespaceAccessor: false,
  releaseInDstC: false,
  cancelBeforeSchedule: false,
  releaseTestsResult: false,
  restoreBackoffWhenPending: false,
  condResched: false,
  modDelayedWork: false,
});
