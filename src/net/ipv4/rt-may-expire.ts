/**
 * Which entries may go: rt_may_expire, rt_score and what they ask (net/ipv4/route.c, 2.6.12–2.6.29).
 *
 * Ordering rule: whether an entry is held is asked by the caller, last, and only where it decides; the kernel asks first.
 * The answer is the same.
 *
 * Divergence from Linux: as said. Ages are unsigned: an entry used after now is very old.
 */
import type { Kernel } from '../../kernel/kernel.js';
import { RTCF_BROADCAST, RTCF_LOCAL, RTCF_MULTICAST, RTCF_NOTIFY, RTCF_REDIRECTED, type Rtable } from './rtable.js';

/** rt_valuable: it cost something to learn. */
export function rt_valuable(rt: Rtable): boolean {
  return (rt.rt_flags & (RTCF_REDIRECTED | RTCF_NOTIFY)) !== 0 || rt.expires !== 0;
}

/** rt_fast_clean: an incoming broadcast or multicast that is not the last of its chain. */
export function rt_fast_clean(rt: Rtable, last: boolean): boolean {
  return (rt.rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST)) !== 0 && rt.iif !== 0 && !last;
}

/** A difference of times, or a setting, as an unsigned long. */
export function unsigned(kernel: Kernel, value: number): number {
  if (kernel.wraps) return value >>> 0;
  return value < 0 ? value + 2 ** 64 : value;
}

/**
 * rt_may_expire, but for its first test: the entry may go if nobody holds it. `last`: it is the last of its chain. tmo1 and
 * tmo2 (jiffies) are for ordinary and for valuable entries.
 */
export function rt_may_expire(kernel: Kernel, rt: Rtable, last: boolean, tmo1: number, tmo2: number): boolean {
  if (rt.expires !== 0 && kernel.distance(rt.expires, kernel.now) >= 0) return true;
  const age = unsigned(kernel, kernel.ticksSince(rt.usedTick));
  if (age <= tmo1 && !rt_fast_clean(rt, last)) return false;
  return !(age <= tmo2 && rt_valuable(rt));
}

/** rt_score: the entry of lowest score is the one to lose. Young, then easily refound, then valuable ones score high. */
export function rt_score(kernel: Kernel, rt: Rtable): number {
  let score = ~(kernel.ticksSince(rt.usedTick) | 0) & 0x3fffffff;
  if (rt_valuable(rt)) score += 2 ** 31;
  const special = (rt.rt_flags & (RTCF_BROADCAST | RTCF_MULTICAST | RTCF_LOCAL)) !== 0;
  if (rt.iif === 0 || !special) score += 2 ** 30;
  return score;
}
