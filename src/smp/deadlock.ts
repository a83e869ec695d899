/**
 * Who waits for whom: circles found as they close, and a machine on which nothing can ever happen again.
 *
 * Divergence from Linux: a kernel of the time finds none of this but a recursive spinlock; it just stands still.
 */
import { type Context, Task } from './context.js';
import type { Machine } from './machine.js';

/** Longest chain of waiters that is followed. */
const depthMax = 64;

interface Wait {
  readonly text: string;
  readonly on: Context | null;
}

/** What a context waits for, if it does; one that a waiting context has interrupted waits for what that waits for. */
function waitOf(context: Context): Wait | null {
  const where = `${context.name} on CPU ${context.cpu.id}`;
  if (context.waiting && context.op !== null) {
    return { text: `${where} waits for ${context.op.describe()}`, on: context.op.heldBy() };
  }
  if (context instanceof Task && context.blockedOn !== null && context.state !== 'running') {
    return { text: `${where} waits for ${context.blockedOn}`, on: context.blockedBy };
  }
  const top = context.cpu.top;
  if (top === null || top === context || !top.waiting || top.op === null) return null;
  const how = isBelow(context, top) ? 'is interrupted by' : keepsWaiting(context) ? "can't run because of" : null;
  if (how === null) return null;
  return { text: `${where} ${how} ${top.name}, which waits for ${top.op.describe()}`, on: top.op.heldBy() };
}

/** Is it runnable on a CPU that does not take itself away from the task that spins there? */
function keepsWaiting(context: Context): boolean {
  return context instanceof Task && context.state === 'running' && context.cpu.entry.machine.preempt !== 'full';
}

/** Is `context` below `top` on one CPU's stack, so that it can't go on before `top` ends? */
function isBelow(context: Context, top: Context): boolean {
  for (let below = top.below; below !== null; below = below.below) if (below === context) return true;
  return false;
}

/** Reports the deadlock that `start` completes by beginning to wait, if it does. Answers whether. */
export function reportDeadlock(machine: Machine, start: Context): boolean {
  if (start.deadlocked) return false;
  const lines: string[] = [];
  const chain: Context[] = [];
  let at: Context | null = start;
  for (let depth = 0; depth < depthMax && at !== null; depth++) {
    const wait: Wait | null = waitOf(at);
    if (wait === null) return false;
    lines.push(wait.text);
    chain.push(at);
    at = wait.on;
    if (at === null) return false;
    if (at === start || isBelow(at, start)) {
      const self = lines.length === 1;
      const text = self ? `${wait.text}, which it holds itself on that CPU` : lines.join('; ');
      return report(machine, chain, self ? 'self-deadlock' : 'deadlock', text);
    }
    if (at.over) {
      lines.push(`${at.name} is gone and will never let go of it`);
      return report(machine, chain, 'deadlock', lines.join('; '));
    }
  }
  return false;
}

function report(machine: Machine, chain: readonly Context[], kind: string, text: string): true {
  for (const context of chain) context.deadlocked = true;
  machine.violate(kind, text);
  return true;
}

/** A line for each context that waits: CPUs that spin, tasks that sleep for a reason they named. */
export function whoWaits(machine: Machine): readonly string[] {
  const lines: string[] = [];
  for (const cpu of machine.cpus) {
    for (let context = cpu.top; context !== null; context = context.below) {
      if (context.waiting && context.op !== null) {
        lines.push(`${context.name} on CPU ${cpu.id} waits for ${context.op.describe()}`);
      }
    }
  }
  for (const task of machine.blockedTasks) {
    lines.push(`${task.name} on CPU ${task.cpu.id} waits for ${task.blockedOn ?? 'a wake-up'}`);
  }
  return lines;
}

/**
 * To be called when a run has nothing left to do: if somebody still waits, that is a deadlock. Reported once, and not
 * at all where the circle was reported when it closed. Answers whether somebody waits.
 */
export function reportStuck(machine: Machine): boolean {
  if (machine.halted !== null || machine.nextEventNs() !== undefined) return false;
  const lines = whoWaits(machine);
  if (lines.length === 0) return false;
  const known = machine.violations.some((violation) => /deadlock$/.test(violation.kind));
  if (!known) machine.violate('deadlock', `nothing can happen any more: ${lines.join('; ')}`);
  return true;
}
