/**
 * rcu_barrier (kernel/rcupdate.c): waits until every callback that is queued now, on any CPU, has run.
 *
 * Ordering rule: a callback of its own behind those of each CPU; the caller sleeps until all of them have run.
 *
 * Divergence from Linux: the kernel's waits for RCU's callbacks, this one for RCU-bh's, the only ones there are here
 * (rt_free had changed over to call_rcu when the barrier became of use to it).
 */
import { LocalOp, smp_call_function } from '../smp/basic-ops.js';
import type { K } from '../smp/op.js';
import { kernelFunction } from './function.js';
import type { Kernel } from './kernel.js';
import { Completion, complete, wait_for_completion } from './mutex.js';
import type { RcuHead } from './rcu.js';

export const rcu_barrier = kernelFunction('rcu_barrier', function* (kernel: Kernel): K {
  const done = new Completion(kernel, 'rcu_barrier');
  for (const cpu of kernel.machine.cpus) {
    const head: RcuHead = {
      rcuNext: null,
      *rcuFunc() {
        yield complete(done);
      },
    };
    yield* smp_call_function(kernel.machine, cpu.id, 'rcu_barrier_func', function* () {
      const code: K | undefined = yield new LocalOp(() => kernel.rcuBh.call(head));
      if (code !== undefined) yield* code;
    });
  }
  for (let i = 0; i < kernel.machine.cpus.length; i++) yield* wait_for_completion(done);
});
