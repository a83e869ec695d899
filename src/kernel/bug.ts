/**
 * BUG, BUG_ON, WARN_ON (include/asm-generic/bug.h) and what an oops does (die, in_interrupt → panic).
 *
 * Divergence from Linux: no register dump; the stack is the modelled functions entered.
 */
import type { Context } from '../smp/context.js';
import type { SourceLine } from './era.js';
import type { Kernel } from './kernel.js';
import {
  bugAtLine,
  calledFrom,
  endTrace,
  fatalInInterrupt,
  invalidOpcode,
  type LogLine,
  warnOnLine,
} from './messages.js';

/** Thrown by a BUG: the context that hit it is over. */
export class Oops extends Error {}

/** What the violation is called and says; the log has the kernel's own words. */
function complain(kernel: Kernel, kind: string, lines: readonly LogLine[]): void {
  kernel.log.printAll(lines);
  const last = lines[lines.length - 1];
  kernel.machine.violate(kind, last === undefined ? kind : last.text);
}

/**
 * BUG_ON(true) at a place of the source. With `onBug: die` it does not return; with `continue` the caller goes on as
 * if the condition had been handled, and must do nothing further with what is broken.
 */
export function BUG(kernel: Kernel, where: SourceLine): void {
  complain(kernel, 'bug', bugAtLine(kernel.era, kernel.arch, where));
  if (kernel.onBug === 'die') throw new Oops(`kernel BUG at ${where.file}:${where.line ?? '?'}`);
}

/** WARN_ON(true) in `fn` at a place of the source. */
export function WARN(kernel: Kernel, fn: string, where: SourceLine): void {
  complain(kernel, 'warning', warnOnLine(kernel.era, fn, where));
  if (kernel.era.texts.warnEndTrace) closeTrace(kernel);
}

/** The line that ends a report; the id, random in the kernel, is a count here. */
function closeTrace(kernel: Kernel): void {
  kernel.log.printAll(endTrace(kernel.era, BigInt(++kernel.traceCount)));
}

/**
 * An oops: in interrupt it is fatal, in process context it kills the task, whose locks stay taken. As for the kernel's
 * in_interrupt(), code that has bottom halves off counts as an interrupt. Answers: must the machine stop?
 */
export function reportOops(kernel: Kernel, context: Context, _oops: Oops): boolean {
  kernel.dieCount++;
  kernel.log.printAll(invalidOpcode(kernel.era, kernel.dieCount));
  for (let i = context.stack.length - 1; i >= 0; i--) kernel.log.printAll(calledFrom(context.stack[i]!, 0));
  closeTrace(kernel);
  if (context.kind === 'process' && context.bhCount === 0) return false;
  const last = fatalInInterrupt();
  kernel.log.printAll(last);
  kernel.machine.halted = last[0]!.text;
  return true;
}
