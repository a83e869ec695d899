/**
 * In an exploration any actor may come first, also one that uses an entry or a neighbour which another is yet to make.
 * It then waits until that is there. In a timed run it is an error.
 */
import { LocalOp, schedule } from '../smp/basic-ops.js';
import { Task } from '../smp/context.js';
import type { Machine } from '../smp/machine.js';
import type { K } from '../smp/op.js';
import { makers } from './makers.js';
import type { Step } from './steps.js';

/** Arguments that name something which must be there, unless the action makes it. */
const names = ['dst', 'child', 'route', 'neigh'] as const;

function makes(kind: string, key: (typeof names)[number]): boolean {
  if (key === 'neigh') return kind === 'neigh_create';
  return key === 'dst' && makers.includes(kind);
}

export class Awaited {
  private readonly machine: Machine;
  private readonly isThere: (name: string, neighbour: boolean) => boolean;
  private waiting: Task[] = [];

  constructor(machine: Machine, isThere: (name: string, neighbour: boolean) => boolean) {
    this.machine = machine;
    this.isThere = isThere;
  }

  /** What a step needs and nobody has made yet; null if nothing. */
  missing(step: Step): string | null {
    const args = step.args as Readonly<Record<string, unknown>>;
    for (const key of names) {
      const name = args[key];
      if (typeof name !== 'string' || makes(step.kind, key)) continue;
      if (!this.isThere(name, key === 'neigh')) return name;
    }
    return null;
  }

  /** Blocks the current task until the step has what it needs. An interrupt cannot wait: there it stays an error. */
  *until(step: Step): K {
    for (let name = this.missing(step); name !== null; name = this.missing(step)) {
      const task = this.machine.current;
      if (!(task instanceof Task) || task.atomic) return;
      yield new LocalOp(() => {
        task.state = 'sleeping';
        task.blockedOn = `${name} to be made`;
        this.waiting.push(task);
      });
      yield schedule();
    }
  }

  /** A step is over: it may have made something. */
  *made(step: Step): K {
    if (this.waiting.length === 0 || !(makes(step.kind, 'dst') || makes(step.kind, 'neigh'))) return;
    const wake = (): void => {
      const { waiting } = this;
      this.waiting = [];
      for (const task of waiting) this.machine.wake(task);
    };
    // Others become runnable: for schedules that is a step of its own.
    yield new LocalOp(wake, () => true);
  }
}
