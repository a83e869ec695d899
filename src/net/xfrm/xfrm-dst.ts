/**
 * One element of a bundle: a destination entry that stands for one transformation (struct xfrm_dst, include/net/xfrm.h,
 * 2.6.12–2.6.29). Its first part can be read as an IPv4 route, in Linux as here.
 *
 * Ordering rule: `route`, `xfrm` and `idev` each are one reference, given back by the family's destroy.
 *
 * Divergence from Linux: no flow, no metrics, no generation.
 */
import type { DstEntry } from '../dst/dst-entry.js';
import { Rtable } from '../ipv4/rtable.js';
import type { XfrmState } from './xfrm-state.js';

export class XfrmDst extends Rtable {
  /** The route of the packets that this transformation makes. */
  route: DstEntry | null = null;
  xfrm: XfrmState | null = null;
}

/** The elements of a bundle from the top on, without the route at its end. */
export function elementsOf(top: XfrmDst): readonly XfrmDst[] {
  const elements: XfrmDst[] = [];
  for (let dst: DstEntry | null = top; dst instanceof XfrmDst; dst = dst.child) elements.push(dst);
  return elements;
}
