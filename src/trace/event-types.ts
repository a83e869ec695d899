/**
 * The kinds of events, as small numbers for speed, with the names people read. Where ftrace has an event of the same
 * meaning its name is used. New kinds go to the end: the numbers are part of every fingerprint.
 */
export const eventNames = [
  'none',
  'read',
  'write',
  'rmw',
  'lock',
  'trylock',
  'unlock',
  'sched_switch',
  'sched_wakeup',
  'sched_block',
  'irq_entry',
  'irq_exit',
  'softirq_raise',
  'softirq_entry',
  'softirq_exit',
  'timer_start',
  'timer_cancel',
  'timer_expire_entry',
  'timer_expire_exit',
  'workqueue_queue_work',
  'workqueue_execute_start',
  'workqueue_execute_end',
  'printk',
  'violation',
  'call',
  'choice',
  'alloc',
  'free',
  'dst_gc',
  'dst_destroy',
  'dst_free',
  'netdev',
  'hold',
  'other',
  'rt_free',
  'rt_gc',
  'rt_flush',
] as const;

export type EventName = (typeof eventNames)[number];
/** Index into {@link eventNames}. */
export type EventType = number;

const byName = Object.fromEntries(eventNames.map((name, index) => [name, index])) as Record<EventName, number>;

/** Event numbers by name: `events.read`. */
export const events: Readonly<Record<EventName, EventType>> = byName;
