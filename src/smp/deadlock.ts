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
  return context instanceof Task && context.state === 'running' && context.cpu.machine.preempt !== 'full';
}

/** Is `context` below `top` on one CPU's stack, so that it can't go on before `top` ends? */
function isBelow(context: Context, top: Context): boolean {
  for (let below = top.below; below !== null; below = below.below) if (below === context) return true;
  return false;
}

/** Reports the deadlock that `start` completes by beginning to wait, if it does. Answers whether. */
export function reportDeadlock(machine: Pick<Machine, 'violate'>, start: Context): boolean {
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

function report(machine: Pick<Machine, 'violate'>, chain: readonly Context[], kind: string, text: string): true {
  for (const context of chain) context.deadlocked = true;
  machine.violate(kind, text);
  return true;
}

/** A line for each context that waits: CPUs that spin, tasks that sleep; with who holds what they wait for, if known. */
export function whoWaits(machine: Machine): readonly string[] {
  return waiters(machine).map(waitInWords);
}

/** What a context that waits is waiting for. */
export function waitInWords(context: Context): string {
  const wait = waitOf(context);
  const text = wait?.text ?? `${context.name} on CPU ${context.cpu.id} waits for a wake-up`;
  return wait?.on ? `${text}, which ${wait.on.name} holds` : text;
}

/** CPUs that spin, bottom of the stack last, then tasks that sleep. What a gate holds could go on: it is not here. */
export function waiters(machine: Machine): readonly Context[] {
  const found: Context[] = [];
  for (const cpu of machine.cpus) {
    for (let context = cpu.top; context !== null; context = context.below) if (spins(context)) found.push(context);
    for (const task of cpu.runqueue) if (spins(task)) found.push(task);
  }
  if (machine.blockedTasks !== null) found.push(...machine.blockedTasks);
  return found;
}

function spins(context: Context): boolean {
  return context.waiting && context.op !== null && !context.op.enabled(context);
}

/** Is somebody held back from outside, by a gate or a held CPU, so that the end of the hold could change everything? */
function somebodyHeld(machine: Machine): boolean {
  return machine.cpus.some((cpu) => cpu.held || (cpu.top?.waiting === true && !spins(cpu.top)));
}

/**
 * To be called when a run is over. If nothing is left to do and somebody still waits, that is a deadlock; if something
 * is (a timer, say), those who wait for each other or for the dead are one. Reported once, and not at all where the circle
 * was reported when it closed. Answers whether somebody waits in vain.
 */
export function reportStuck(machine: Machine): boolean {
  if (machine.halted !== null) return false;
  const stuck = waiters(machine);
  if (stuck.length === 0) return false;
  for (const context of stuck) reportDeadlock(machine, context);
  const over = machine.nextEventNs() === undefined && !somebodyHeld(machine);
  if (!over) return stuck.some((context) => context.deadlocked);
  const known = machine.violations.some((violation) => /deadlock$/.test(violation.kind));
  if (!known) machine.violate('deadlock', `nothing can happen any more: ${whoWaits(machine).join('; ')}`);
  return true;
}
