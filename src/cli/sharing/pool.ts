/** The worker threads of `explore --workers N`: N - 1 of them, as the thread that takes the runs makes some, too. */
import { Tinypool } from 'tinypool';
import { type Helpers, waitingMax } from '../../explore/shared-search.js';
import type { Orders, RangeOrder } from './orders.js';

export interface Pool extends Helpers {
  close(): Promise<void>;
}

export function openPool(orders: Orders, threads: number): Pool {
  const pool = new Tinypool({
    filename: new URL('./worker.js', import.meta.url).href,
    name: 'makeRange',
    runtime: 'worker_threads',
    minThreads: threads,
    maxThreads: threads,
    // The next ones wait at the worker, not here: this thread is busy with runs when it would have to send them.
    concurrentTasksPerWorker: waitingMax,
    workerData: orders,
  });
  return {
    threads,
    make: (from, to) => pool.run({ from, to } satisfies RangeOrder),
    pause: () => new Promise((resolve) => setImmediate(resolve)),
    close: () => pool.destroy(),
  };
}

/** A pool that is opened when it is first asked for something: many searches are over before. */
export function poolWhenNeeded(orders: Orders, threads: number): Pool {
  let pool: Pool | null = null;
  const opened = (): Pool => {
    pool ??= openPool(orders, threads);
    return pool;
  };
  return {
    threads,
    make: (from, to) => opened().make(from, to),
    pause: () => opened().pause(),
    close: async () => pool?.close(),
  };
}
