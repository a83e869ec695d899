/**
 * Softirqs and ksoftirqd (kernel/softirq.c, 2.6.12–2.6.29).
 *
 * Ordering rule: vectors in bit order; new ones raised meanwhile in another round, at most ten rounds, then ksoftirqd.
 * Entered at the end of the outermost hard interrupt, at the outermost local_bh_enable, and from ksoftirqd.
 *
 * Divergence from Linux: a round that finds nothing to do is not an event (the tick raises TIMER only where the wheel
 * has something to run).
 */
import { cond_resched, LocalOp, schedule, setCurrentState } from '../smp/basic-ops.js';
import type { Context } from '../smp/context.js';
import type { Cpu } from '../smp/cpu.js';
import type { K } from '../smp/op.js';
import { events } from '../trace/event-types.js';
import type { Kernel } from './kernel.js';
import { raiseSoftirq, type SoftirqVector, softirqs } from './softirq-vectors.js';
import { run_timer_softirq } from './timer.js';

/** raise_softirq: on the current CPU; outside interrupts and BH-off code ksoftirqd is woken to run it. */
export function raise_softirq(kernel: Kernel, vector: SoftirqVector): LocalOp {
  return new LocalOp((context: Context) => {
    raiseSoftirq(context.cpu, vector);
    kernel.machine.emit(events.softirq_raise, context, null, vector, 0);
    if (context.kind === 'process' && context.bhCount === 0) wakeup_softirqd(kernel, context.cpu);
  });
}

/** in_softirq: softirq code runs, or bottom halves are off. */
export function in_softirq(kernel: Kernel): boolean {
  const { context } = kernel;
  return context.kind === 'softirq' || context.bhCount > 0;
}

/** Registers the handler of a vector (TIMER has its own). */
export function open_softirq(kernel: Kernel, vector: SoftirqVector, handler: (cpu: Cpu) => K): void {
  kernel.softirqHandlers[vector] = handler;
}

/** The body of a softirq context. */
export function* __do_softirq(kernel: Kernel, cpu: Cpu): K {
  let rounds = kernel.era.softirq.maxSoftirqRestart;
  for (;;) {
    const pending = cpu.softirqPending;
    cpu.softirqPending = 0;
    for (let vector = 0; vector < 6; vector++) {
      if ((pending & (1 << vector)) === 0) continue;
      if (vector === softirqs.TIMER) yield* run_timer_softirq(kernel.timersOf(cpu));
      else {
        const handler = kernel.softirqHandlers[vector];
        if (handler === undefined) continue;
        kernel.machine.emit(events.softirq_entry, kernel.current, null, vector, 0);
        yield* handler(cpu);
        kernel.machine.emit(events.softirq_exit, kernel.current, null, vector, 0);
      }
      for (const hook of kernel.softirqActionHooks) hook(cpu);
    }
    catchUp(kernel, cpu);
    if (cpu.softirqPending === 0) return;
    if (--rounds === 0) {
      wakeup_softirqd(kernel, cpu);
      return;
    }
  }
}

/** Ticks that passed during the softirq raise TIMER again if the wheel has something to run. */
function catchUp(kernel: Kernel, cpu: Cpu): void {
  if (!cpu.frozen || cpu.held) return;
  cpu.frozen = false;
  kernel.timerInterrupt(cpu);
}

/** Leaves what is pending to ksoftirqd; the end of the next interrupt, the tick's at the latest, may be sooner. */
function wakeup_softirqd(kernel: Kernel, cpu: Cpu): void {
  kernel.machine.needTick(cpu, kernel.machine.ticks + 1);
  let task = kernel.ksoftirqd[cpu.id];
  if (task === undefined) {
    const priority = 120 + kernel.era.softirq.ksoftirqdNice;
    task = kernel.machine.spawn(`ksoftirqd/${cpu.id}`, cpu.id, ksoftirqd(kernel, cpu), priority, true);
    kernel.ksoftirqd[cpu.id] = task;
  } else kernel.machine.wake(task);
}

function* ksoftirqd(kernel: Kernel, cpu: Cpu): K {
  for (;;) {
    while (cpu.softirqPending !== 0) {
      yield new LocalOp(() => kernel.machine.softirqCheck(cpu));
      yield cond_resched();
    }
    setCurrentState(kernel.machine, 'sleeping');
    if (cpu.softirqPending !== 0) setCurrentState(kernel.machine, 'running');
    else yield schedule();
  }
}
