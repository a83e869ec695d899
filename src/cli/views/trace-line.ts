/** One event as one line: when, where, in what context, and what. Columns are as wide as most of what stands in them. */
import { escapeControl } from '../../scenario/read/escape.js';
import type { TraceEvent } from '../../trace/trace.js';

const letters: Readonly<Record<string, string>> = { process: 'p', softirq: 's', hardirq: 'h' };

/** `    12.345678000 CPU0 s events/0        timer_expire_entry     dst_gc_timer 0 0`. */
export function traceLine(event: TraceEvent): string {
  const seconds = String(Math.floor(event.timeNs / 1e9)).padStart(6);
  const rest = String(event.timeNs % 1e9).padStart(9, '0');
  const context = letters[event.context] ?? '.';
  const where = `CPU${event.cpu} ${context} ${event.task.padEnd(14)}`;
  const what = [event.type.padEnd(22), event.subject, event.a, event.b, event.text];
  return escapeControl(`${seconds}.${rest} ${where} ${what.filter((part) => part !== '').join(' ')}`);
}
