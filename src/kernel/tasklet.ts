/**
 * Tasklets (kernel/softirq.c tasklet_schedule, tasklet_action, 2.6.12–2.6.29).
 *
 * Ordering rule: one list per CPU, first in first out; a tasklet that is scheduled while it runs goes again in the next round
 * of softirqs.
 *
 * Divergence from Linux: a tasklet here belongs to one CPU (as per-CPU tasklets do), so it never has to wait for another
 * CPU that runs it; high-priority tasklets are not modelled.
 */
import type { Cpu } from '../smp/cpu.js';
import type { K } from '../smp/op.js';
import type { Kernel } from './kernel.js';
import { open_softirq } from './softirq.js';
import { raiseSoftirq, softirqs } from './softirq-vectors.js';

/** struct tasklet_struct. */
export class Tasklet {
  readonly label: string;
  readonly cpu: Cpu;
  readonly fn: () => K | undefined | void;
  /** TASKLET_STATE_SCHED. */
  scheduled = false;

  constructor(label: string, cpu: Cpu, fn: () => K | undefined | void) {
    this.label = label;
    this.cpu = cpu;
    this.fn = fn;
  }
}

/** The lists of all CPUs, and the handler of the TASKLET vector. */
export class Tasklets {
  private readonly kernel: Kernel;
  private readonly lists: (Tasklet[] | undefined)[] = [];

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    open_softirq(kernel, softirqs.TASKLET, (cpu) => this.action(cpu));
  }

  /** tasklet_schedule, for code that is inside an operation or an interrupt: nothing if it is scheduled already. */
  schedule(tasklet: Tasklet): void {
    if (tasklet.scheduled) return;
    tasklet.scheduled = true;
    const { cpu } = tasklet;
    const list = this.lists[cpu.id];
    if (list === undefined) this.lists[cpu.id] = [tasklet];
    else list.push(tasklet);
    raiseSoftirq(cpu, softirqs.TASKLET);
  }

  /** tasklet_action. */
  private *action(cpu: Cpu): K {
    const list = this.lists[cpu.id] ?? [];
    this.lists[cpu.id] = undefined;
    const { stack } = this.kernel.context;
    for (const tasklet of list) {
      tasklet.scheduled = false;
      // Not callNamed: a generator more would cost at every operation of every callback.
      stack.push(tasklet.label);
      const code = tasklet.fn();
      if (code !== undefined) yield* code;
      stack.pop();
    }
  }
}
