/**
 * Arithmetic of jiffies: the comparisons of include/linux/jiffies.h and the rounding of kernel/timer.c (the
 * `round_jiffies` family came in 2.6.20; its text is the same up to 2.6.24). Pure functions: the current time, the CPU
 * and HZ are arguments. Every number here is in jiffies, but `cpu` and `hz`.
 *
 * `wraps` tells the two machines apart, see `wrapsAt32Bits`. Where it is true, jiffies are unsigned 32-bit numbers,
 * 0 … 4294967295, and all sums are modulo 2^32; a difference is the signed 32-bit number.
 *
 * *Divergence from Linux.* With 64-bit jiffies a JS number is exact up to 2^53 only (at HZ = 1000 that is 285,000
 * years after boot), and nothing wraps at 2^64: a value that would go below 0 becomes negative instead of huge.
 */

export type Arch = 'i386' | 'x86_64';

/** Whether `unsigned long`, hence jiffies, has 32 bits. */
export function wrapsAt32Bits(arch: Arch): boolean {
  return arch === 'i386';
}

/** INITIAL_JIFFIES: five minutes before the 32-bit counter wraps. The same number on both machines. */
export function initialJiffies(hz: number): number {
  return (-300 * hz) >>> 0;
}

/** a + b; `b` may be negative. */
export function addJiffies(a: number, b: number, wraps: boolean): number {
  return wraps ? (a + b) >>> 0 : a + b;
}

/** a - b as a signed number: how far `a` is ahead of `b`. In 32 bits a distance of exactly 2^31 is -2^31. */
export function diffJiffies(a: number, b: number, wraps: boolean): number {
  return wraps ? (a - b) | 0 : a - b;
}

/** a is later than b. In 32 bits two times exactly 2^31 apart are each after the other, as in the kernel. */
export function time_after(a: number, b: number, wraps: boolean): boolean {
  return diffJiffies(b, a, wraps) < 0;
}

export function time_before(a: number, b: number, wraps: boolean): boolean {
  return time_after(b, a, wraps);
}

export function time_after_eq(a: number, b: number, wraps: boolean): boolean {
  return diffJiffies(a, b, wraps) >= 0;
}

export function time_before_eq(a: number, b: number, wraps: boolean): boolean {
  return time_after_eq(b, a, wraps);
}

/**
 * The absolute time `j` moved to a whole second, or `j` itself if that whole second is not in the future: back if less
 * than a quarter of a second past it, else on to the next. CPU n uses a grid n * 3 jiffies earlier, so that CPUs do not all
 * wake at once. "In the future" is a plain unsigned comparison in the kernel, not time_after: near the 32-bit wrap it
 * answers by magnitude.
 */
export function __round_jiffies(j: number, cpu: number, now: number, hz: number, wraps: boolean): number {
  const skew = cpu * 3;
  const skewed = addJiffies(j, skew, wraps);
  const rest = skewed % hz;
  const down = rest < Math.floor(hz / 4);
  const rounded = addJiffies(skewed, (down ? 0 : hz) - rest - skew, wraps);
  return rounded <= now ? j : rounded;
}

/** The same for a delay counted from `now`: returns a delay. */
export function __round_jiffies_relative(delta: number, cpu: number, now: number, hz: number, wraps: boolean): number {
  return addJiffies(__round_jiffies(addJiffies(delta, now, wraps), cpu, now, hz, wraps), -now, wraps);
}

/** `__round_jiffies` for the executing CPU, which the kernel looks up itself and we are told. */
export function round_jiffies(j: number, cpu: number, now: number, hz: number, wraps: boolean): number {
  return __round_jiffies(j, cpu, now, hz, wraps);
}

/** `__round_jiffies_relative` for the executing CPU. */
export function round_jiffies_relative(delta: number, cpu: number, now: number, hz: number, wraps: boolean): number {
  return __round_jiffies_relative(delta, cpu, now, hz, wraps);
}
