/**
 * Where a CPU's time went: per kind of context, and the longest it kept others waiting. Nothing that runs looks at it.
 *
 * Ordering rule: none; figures are brought up to date when the CPU's context changes, and when they are read.
 *
 * Divergence from Linux: the kernel of the time samples at ticks; this is exact. A CPU that spins is busy.
 */
import type { ContextKind } from './context.js';
import type { Cpu } from './cpu.js';

export class CpuAccount {
  /** Time in each kind of context up to {@link sinceNs}, ns. What has interrupted something counts as itself. */
  processNs = 0;
  softirqNs = 0;
  hardirqNs = 0;
  /** When the present stretch with bottom halves off began, ns; of no meaning while they are on. */
  bhOffSinceNs = 0;
  /** The longest such stretch that is over, ns. */
  bhOffLongestNs = 0;
  /** The longest spin on a lock that is over, ns. */
  spinLongestNs = 0;
  /** The same by the modelled function that spun. */
  private spinsNs: Map<string, number> | null = null;
  private sinceNs = 0;

  /** The CPU's context is about to change from this one; null: it was idle. */
  leaves(kind: ContextKind | null, nowNs: number): void {
    const ns = nowNs - this.sinceNs;
    this.sinceNs = nowNs;
    if (kind === 'process') this.processNs += ns;
    else if (kind === 'softirq') this.softirqNs += ns;
    else if (kind === 'hardirq') this.hardirqNs += ns;
  }

  /** Bottom halves are on again, or a softirq is over. */
  bhOn(nowNs: number): void {
    this.wasOff(nowNs - this.bhOffSinceNs);
  }

  /** Bottom halves were off for so long. */
  wasOff(ns: number): void {
    if (ns > this.bhOffLongestNs) this.bhOffLongestNs = ns;
  }

  /** A spin on a lock is over. */
  spun(inFunction: string, ns: number): void {
    if (ns > this.spinLongestNs) this.spinLongestNs = ns;
    if (ns <= this.spunIn(inFunction)) return;
    this.spinsNs ??= new Map();
    this.spinsNs.set(inFunction, ns);
  }

  /** The longest such spin in a modelled function, ns. */
  spunIn(inFunction: string): number {
    return this.spinsNs?.get(inFunction) ?? 0;
  }
}

/** Figures of one CPU, or the worst of several, with what is still going on. All in ns. */
export interface CpuFigures {
  /** Time it was not idle. */
  readonly busyNs: number;
  readonly softirqNs: number;
  readonly hardirqNs: number;
  /** Longest stretch without a chance for a softirq to begin: a BH-off section, or a softirq from its start to its end. */
  readonly bhOffLongestNs: number;
  /** Longest wait for a lock. */
  readonly spinLongestNs: number;
}

/** The figures of a CPU up to now. */
export function figuresOf(cpu: Cpu): CpuFigures {
  const { account, top, machine } = cpu;
  const { nowNs } = machine;
  account.leaves(top === null ? null : top.kind, nowNs);
  const off = top !== null && !cpu.softirqsAllowed && (top.kind === 'softirq' || top.bhCount > 0);
  return {
    busyNs: account.processNs + account.softirqNs + account.hardirqNs,
    softirqNs: account.softirqNs,
    hardirqNs: account.hardirqNs,
    bhOffLongestNs: Math.max(account.bhOffLongestNs, off ? nowNs - account.bhOffSinceNs : 0),
    spinLongestNs: Math.max(account.spinLongestNs, spinningNs(cpu, null)),
  };
}

/** The longest spin on a lock in a modelled function on this CPU, ns, with what is still going on. */
export function longestSpinIn(cpu: Cpu, inFunction: string): number {
  return Math.max(cpu.account.spunIn(inFunction), spinningNs(cpu, inFunction));
}

/** How long the CPU's context has been spinning on a lock, in this function if one is given. */
function spinningNs(cpu: Cpu, inFunction: string | null): number {
  const { top } = cpu;
  if (top === null || top.spinsOn?.access !== 'lock') return 0;
  return inFunction === null || top.function === inFunction ? cpu.machine.nowNs - top.spinSinceNs : 0;
}
