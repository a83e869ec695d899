/**
 * What the code around net/core/dst.c does, where a commit outside dst.c changed what its scenarios show: one field per
 * commit. Fields are independent, as those of DstTraits are.
 *
 * Whether a run has such a commit is the kernel's to say (a release contains what was merged before it) unless the
 * revision adds it or leaves it out: history/surroundings.ts.
 *
 * Divergence from Linux: the two later ones may be had on kernels years older than they are.
 */
export interface NetTraits {
  /** 3ef1355dcb8 (2.6.25): namespaces are cleaned up by a queue of their own; before, by events/N, as all other work. */
  readonly netnsQueue: boolean;

  /**
   * 505d4f73dda (2.6.29): the loopback device's operations are registered before those that push a dying namespace's
   * devices back, so `lo` comes first and goes last; before, it goes before the other devices do.
   */
  readonly loopbackLastOut: boolean;

  /** 332dd96f7ac1 (2010): dst_dev_event has priority -10 and so is told after everybody else; before, first of all. */
  readonly dstNotifierLast: boolean;

  /**
   * 0115e8e30d6 (2012): after the rtnl is given back and an RCU barrier, NETDEV_UNREGISTER_FINAL is told, and that is
   * what dst_dev_event acts upon; before, on NETDEV_UNREGISTER.
   */
  readonly unregisterFinal: boolean;
}

/** None of those commits. */
export const baselineNetTraits: NetTraits = Object.freeze({
  netnsQueue: false,
  loopbackLastOut: false,
  dstNotifierLast: false,
  unregisterFinal: false,
});
