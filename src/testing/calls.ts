/** Kernel calls as plain data, and arbitrary ones: what a workload is made of. */
import * as fc from 'fast-check';

/** A call on one of the workload's timers, by number. Delays are in jiffies from the jiffies of the call. */
export type TimerCall =
  | readonly ['mod_timer', timer: number, delayJiffies: number]
  | readonly ['del_timer', timer: number]
  | readonly ['try_to_del_timer_sync', timer: number]
  | readonly ['del_timer_sync', timer: number];

/** A call on one of the workload's delayed works, by number. Delays are in jiffies. */
export type WorkCall =
  | readonly ['schedule_delayed_work', work: number, delayJiffies: number]
  | readonly ['mod_delayed_work', work: number, delayJiffies: number]
  | readonly ['cancel_delayed_work', work: number]
  | readonly ['cancel_delayed_work_sync', work: number];

/** A wait: the task sleeps for so many jiffies, or until what is queued on all CPUs has run. */
export type WaitCall = readonly ['schedule_timeout', jiffies: number] | readonly ['flush_scheduled_work'];

export type KernelCall = TimerCall | WorkCall | WaitCall;

/** What each task calls, in order. */
export type Workload<C = KernelCall> = readonly (readonly C[])[];

export interface TimerCallOptions {
  /** Timers to call on: 0 to this, less one; 2 if absent. */
  readonly timers?: number;
  /** 0 to 4 jiffies if absent. */
  readonly delayJiffies?: fc.Arbitrary<number>;
}

export interface WorkCallOptions {
  /** Delayed works to call on; 2 if absent. */
  readonly works?: number;
  /** 0 to 4 jiffies if absent. */
  readonly delayJiffies?: fc.Arbitrary<number>;
}

const soon = fc.integer({ min: 0, max: 4 });

function call<const N extends string, A extends readonly unknown[]>(
  name: N,
  ...args: { [I in keyof A]: fc.Arbitrary<A[I]> }
): fc.Arbitrary<readonly [N, ...A]> {
  const values = fc.tuple(...(args as fc.Arbitrary<unknown>[]));
  return values.map(
    (list) => [name, ...list] as unknown as readonly [N, ...A],
    (written) => argumentsOf(name, written),
  );
}

/** Lets fast-check shrink a call that a person wrote. */
function argumentsOf(name: string, written: unknown): unknown[] {
  if (Array.isArray(written) && written[0] === name) return written.slice(1);
  throw new Error(`not a call of ${name}`);
}

export function timerCall(options: TimerCallOptions = {}): fc.Arbitrary<TimerCall> {
  const timer = fc.integer({ min: 0, max: (options.timers ?? 2) - 1 });
  return fc.oneof(
    call('del_timer', timer),
    { weight: 3, arbitrary: call('mod_timer', timer, options.delayJiffies ?? soon) },
    call('try_to_del_timer_sync', timer),
    call('del_timer_sync', timer),
  );
}

export function workCall(options: WorkCallOptions = {}): fc.Arbitrary<WorkCall> {
  const work = fc.integer({ min: 0, max: (options.works ?? 2) - 1 });
  const delay = options.delayJiffies ?? soon;
  return fc.oneof(
    call('cancel_delayed_work', work),
    { weight: 3, arbitrary: call('schedule_delayed_work', work, delay) },
    call('mod_delayed_work', work, delay),
    call('cancel_delayed_work_sync', work),
  );
}

/** Sleeps of `jiffies` (0 to 4 if absent), and flushes. */
export function waitCall(jiffies: fc.Arbitrary<number> = soon): fc.Arbitrary<WaitCall> {
  return fc.oneof({ weight: 3, arbitrary: call('schedule_timeout', jiffies) }, call('flush_scheduled_work'));
}
