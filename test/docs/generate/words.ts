/** What the schema does not say of a key itself, or says too shortly for a reader who comes from nowhere. */
import { gcColumns } from '../../../src/scenario/conditions.js';

/** By `where.key`. */
export const keyDocs: Readonly<Record<string, string>> = {
  'scenario.title': 'what it shows, in a line of at most 120 characters',
  'scenario.story': 'what happened, for somebody who was not there; the first paragraph is printed by `run`',
  'scenario.related': 'commits it belongs to otherwise, for `log` and `show`',
  'scenario.seed': 'seed of everything drawn at random; `--seed` overrides it',
  'scenario.at': 'the revision run by default; else `fixedBy`, else the newest',
  'scenario.machine': 'the virtual machine',
  'scenario.network': 'devices and the limits of the cache',
  'scenario.actors': 'tasks and what they do',
  'scenario.schedule': 'who is held back until when',
  'scenario.expect': 'what must come out',
  'scenario.bug': 'the symptom: true where the bug shows. `replay` and `bisect` go by it alone',
  'machine.cpus': 'number of CPUs, numbered from 0',
  'machine.kernel': 'the release around dst.c; pin it only where the symptom depends on it',
  'machine.preempt': 'where kernel code can be preempted: nowhere, at voluntary points, anywhere',
  'machine.onBug': 'what a BUG does beyond its message: kill the task (the machine, in an interrupt), or nothing',
  'machine.ratelimit': 'whether rate-limited messages are limited as in the kernel, or always printed',
  'machine.costs': 'virtual time of named [cost centres](#cost-centres)',
  'network.devices': 'devices by name; one that is only mentioned by an action is there too, and up',
  'actor.name': 'its name, also in traces and in `schedule:`',
  'actor.cpu': 'the CPU it runs on',
  'actor.do': 'what it does, one step after the other',
  'hold.actor': 'who is held: this actor …',
  'hold.cpu': '… or whatever runs on this CPU (one of the two)',
  'point.cpu': 'on this CPU',
  'point.field': 'the field of the object',
  'point.access': 'how the object is touched',
  'expect.that': 'what must hold there',
  'variant.machine': 'settings of the machine to change',
  'variant.network': 'settings of the network to change',
  'variant.at': 'the revision it is run at by default',
  'variant.about': 'what it shows',
};

/** Columns of the gc series, in the order in which conditions name them. */
export const gcColumnsShown = gcColumns;

export const gcColumnDocs: Readonly<Record<(typeof gcColumns)[number], string>> = {
  jiffies: 'jiffies when the run began',
  dstTotal: 'entries that exist at its end, garbage or not',
  delayed: 'entries it found still referenced',
  workPerformed: "the kernel's own variable: null at R1–R2, 0 or 1 at R3–R13, a count from R14",
  destroyed: 'entries it destroyed, children included',
  expires: 'jiffies to the next run really armed, after rounding; null if none is',
  nextExpiry: 'absolute jiffies of that; null if none is',
  printedExpires: "the interval of the kernel's debug line; null where that is all ones",
  elapsedUs: 'virtual time it took, whole µs',
  timerInc: 'by how much the interval grows next, after the run, jiffies',
  timerExpires: 'the interval before rounding, after the run, jiffies',
};

export const costDocs: Readonly<Record<string, string>> = {
  dst_gc_start: 'once per run of the collector, before it looks at the clock: what lies between the tick and the scan',
  dst_scan_kept: 'for each entry that a run finds referenced and keeps',
  dst_scan_destroyed: 'for each entry that a run destroys',
  rt_gc_start: 'once per collection of the route cache that is not ignored',
  rt_bucket: 'for each bucket, with its lock, that a collection or scan of the route cache comes to',
  rt_scan: 'for each entry that a collection, scan or insertion of the route cache looks at',
  rt_flush: 'for each entry that a flush of the route cache lets go',
};

/** Every kind of violation. */
export const violationDocs: Readonly<Record<string, string>> = {
  bug: 'BUG or BUG_ON',
  warning: 'WARN_ON',
  'use-after-free': 'an object is touched after it was given back',
  'double-free': 'an object is given back twice',
  deadlock: 'contexts wait for each other, or nothing can ever happen again while somebody waits',
  'self-deadlock': 'a context waits for a lock that it, or what it interrupted, holds on that CPU',
  'unlock-not-held': 'a lock or mutex is released by somebody who does not hold it',
  'sleep-in-atomic':
    'sleeping, or offering to, with a spinlock held, bottom halves or interrupts off, or in an interrupt',
  'preempt-leak': 'a handler or work function leaves with another preempt count than it came with, or holding a lock',
  'preempt-underflow': 'preempt_enable without preempt_disable',
  'bh-underflow': 'local_bh_enable without local_bh_disable',
  'endless-loop':
    'a context repeats a million operations without time, a wake-up or a cell moving; in an exploration, all who could go on repeat two thousand',
  'soft-lockup': 'the soft-lockup detector of the release reports that its thread has not run for too long',
  'data-race':
    'two accesses, one of them a write and one of them plain, that nothing orders (KCSAN); found by the explorer, also in runs that end well',
  'lock-order':
    'locks were taken in orders that make a circle (lockdep); found by the explorer, also in runs that end well',
  'irq-safety':
    'a lock is taken in an interrupt and held where that could come in (lockdep); found by the explorer, also in runs that end well',
  'refcount-underflow': 'a counter that a program made with `refcount` goes below zero; not in scenarios',
  'refcount-on-zero': 'one is added to such a counter at zero; not in scenarios',
  leak: 'an object is never freed, in a program that says `noLeaks`; not in scenarios',
  'broken-promise': 'what a program states with `promise` does not come in its time; not in scenarios',
  symptom: 'the `bug:` of an explored scenario is there; only in explorations',
  check: 'a condition that an explored program states with `check` does not hold; not in scenarios',
  invariant:
    'at the end, reference counts and lists do not agree with who holds what (`invariants: false` leaves it out)',
};
