/**
 * printk: the kernel log, its levels and its rate limit (kernel/printk.c, __printk_ratelimit: a token bucket of 5 s per
 * message and a burst of 10, 2.6.12–2.6.24).
 *
 * Divergence from Linux: lines are kept with their jiffies and CPU instead of a byte ring; nothing is ever lost.
 */
import { logResource } from '../smp/touches.js';
import { events } from '../trace/event-types.js';
import type { Kernel } from './kernel.js';
import { type LogLevel, type LogLine, messagesSuppressed } from './messages.js';

export interface LogEntry {
  readonly jiffies: number;
  /** Virtual time, ns since boot. */
  readonly timeNs: number;
  readonly cpu: number;
  readonly level: LogLevel;
  readonly text: string;
}

/** Jiffies per token and bucket size in messages (net_msg_cost, net_msg_burst). */
const costSeconds = 5;
const burst = 10;

export class KernelLog {
  readonly entries: LogEntry[] = [];
  private readonly kernel: Kernel;
  private readonly mode: 'real' | 'always';
  private tokens: number;
  private lastMessage = 0;
  private missed = 0;

  constructor(kernel: Kernel, mode: 'real' | 'always') {
    this.kernel = kernel;
    this.mode = mode;
    this.tokens = burst * costSeconds * kernel.hz;
  }

  /** `cpu`: who prints, where that is not the current context. */
  print(level: LogLevel, text: string, cpu = this.kernel.cpuId): void {
    const { machine } = this.kernel;
    machine.touch(logResource);
    this.entries.push({ jiffies: this.kernel.jiffies(), timeNs: machine.nowNs, cpu, level, text });
    machine.trace.emitText(events.printk, machine.nowNs, cpu, null, text, level);
  }

  printAll(lines: readonly LogLine[], cpu = this.kernel.cpuId): void {
    for (const line of lines) this.print(line.level, line.text, cpu);
  }

  /** net_ratelimit(): may a message be printed now? Tells how many were suppressed when printing resumes. */
  net_ratelimit(): boolean {
    if (this.mode === 'always') return true;
    this.kernel.machine.touch(logResource);
    const cost = costSeconds * this.kernel.hz;
    const now = this.kernel.now;
    const filled = this.tokens + (now - this.lastMessage);
    this.tokens = Math.min(this.kernel.wraps ? filled >>> 0 : filled, burst * cost);
    this.lastMessage = now;
    if (this.tokens < cost) {
      this.missed++;
      return false;
    }
    const lost = this.missed;
    this.missed = 0;
    this.tokens -= cost;
    if (lost > 0) this.printAll(messagesSuppressed(lost));
    return true;
  }
}

/** printk(level text). */
export function printk(kernel: Kernel, level: LogLevel, text: string): void {
  kernel.log.print(level, text);
}
