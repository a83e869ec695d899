/** delayed-work.json and delayed-work-smp.json: queueing, cancelling, held workers, functions that act. */
import type { DelayedWork } from '../../kernel/workqueue.js';
import type { Step } from '../steps.js';
import type { Answer } from '../world.js';
import { type CaseRunner, type GoldenCase, type GoldenOp, type Observed, Unsupported } from './golden.js';
import { jiffiesText, Lockstep, makeStep, numberOf } from './lockstep.js';

export class WorksRunner implements CaseRunner {
  private readonly lockstep: Lockstep;
  private readonly smp: boolean;
  private readonly cpus: number;
  private readonly held = new Set<number>();
  private readonly workersHeld = new Set<number>();
  private executed: unknown[] = [];
  private actRets: unknown[][] = [];

  constructor(golden: GoldenCase, smp: boolean) {
    this.smp = smp;
    this.cpus = golden.cpus;
    const functions = new Map<number, readonly Step[]>();
    for (const { work, onRun } of golden.behaviours ?? []) functions.set(work!, (onRun ?? []).map(stepOf));
    const works: Record<string, readonly Step[]> = {};
    for (let id = 0; id < (golden['works'] as number); id++) works[`w${id}`] = functions.get(id) ?? [];
    this.lockstep = new Lockstep(golden, { works });
    this.lockstep.world.onCallback = (_kind, name, cpu) => this.runs(name, cpu);
  }

  private runs(name: string, cpu: number): ((answer: Answer) => void) | undefined {
    const id = Number(name.slice(1));
    const head: unknown[] = this.smp ? [this.lockstep.jiffies, cpu, id] : [this.lockstep.jiffies, id];
    const overlaps = this.smp && this.lockstep.world.work(name).activeOn > 1;
    this.executed.push(overlaps ? [...head, { overlap: true }] : head);
    if (this.lockstep.world.stepsOf(name) === 0) return undefined;
    const record = [...head];
    this.actRets.push(record);
    return ({ ret }) => {
      record.push(ret);
    };
  }

  perform(op: GoldenOp): Observed {
    this.executed = [];
    this.actRets = [];
    const cpu = typeof op['cpu'] === 'number' ? op['cpu'] : 0;
    switch (op.op) {
      case 'advance':
        this.lockstep.advance(numberOf(op, 'ticks'));
        return { executed: this.executed, ...this.answers() };
      case 'holdWorker':
        this.workersHeld.add(cpu);
        this.lockstep.act(cpu, 'hold_worker', cpu);
        return {};
      case 'releaseWorker':
        this.workersHeld.delete(cpu);
        this.lockstep.act(cpu, 'release_worker', cpu);
        return { executed: this.executed, ...this.answers() };
      case 'holdCpu':
        this.held.add(cpu);
        this.lockstep.act(cpu, 'hold_cpu', cpu);
        return {};
      case 'releaseCpu':
        this.held.delete(cpu);
        this.lockstep.act(cpu, 'release_cpu', cpu);
        return {};
    }
    const { kind, args } = callOf(op);
    const { ret } = this.lockstep.act(cpu, kind, args);
    const executed = op.op === 'cancel' || this.executed.length === 0 ? undefined : this.executed;
    return { ret, executed, ...this.answers(), ...this.state(`w${op['work']}`) };
  }

  private answers(): Observed {
    return { actRets: this.actRets.length > 0 ? this.actRets : undefined };
  }

  private state(name: string): Observed {
    const work = this.lockstep.world.work(name);
    const bits = { pending: work.pending ? 1 : 0, timerPending: work.timer.pending ? 1 : 0 };
    if (!this.smp) return bits;
    return { ...bits, base: work.timer.base?.cpu ?? null, queuedOn: work.list?.cpu.id ?? null };
  }

  final(): Observed {
    const { world } = this.lockstep;
    const works = [...world.allWorks.values()];
    const pending = works.flatMap((work, id) => (work.pending ? [this.pendingRow(id, work)] : []));
    const lists = world.kernel.machine.cpus
      .slice(0, this.cpus)
      .map((cpu) => world.worker(cpu.id).worklist.map((work) => works.indexOf(work as DelayedWork)));
    const jiffies = this.lockstep.jiffies;
    if (!this.smp) return { jiffies, pending, worklist: lists[0], workerHeld: this.workersHeld.has(0) };
    const sorted = (set: Set<number>): number[] => [...set].sort((a, b) => a - b);
    return { jiffies, pending, worklists: lists, workersHeld: sorted(this.workersHeld), held: sorted(this.held) };
  }

  private pendingRow(id: number, work: DelayedWork): unknown[] {
    const expires = work.timer.pending ? work.timer.expires : null;
    if (!this.smp) return [id, expires];
    return [id, expires, work.timer.base?.cpu ?? work.list?.cpu.id ?? null];
  }
}

function callOf(op: GoldenOp): { kind: string; args: unknown } {
  if (op.op === 'runWorker') return { kind: 'run_worker', args: numberOf(op, 'cpu') };
  const work = `w${numberOf(op, 'work')}`;
  if (op.op === 'cancel') return { kind: 'cancel_delayed_work', args: { work } };
  const delay = jiffiesText(numberOf(op, 'delay'));
  if (op.op === 'queue') return { kind: 'schedule_delayed_work', args: { work, delay } };
  if (op.op === 'queueOn') return { kind: 'schedule_delayed_work_on', args: { work, delay, on: numberOf(op, 'on') } };
  throw new Unsupported(op.op);
}

function stepOf(action: GoldenOp): Step {
  const { kind, args } = callOf(action);
  const more: { cpu?: number; times?: number } = {};
  if (typeof action['cpu'] === 'number' && action.op !== 'runWorker') more.cpu = action['cpu'];
  if (typeof action['times'] === 'number') more.times = action['times'];
  return makeStep(kind, args, more);
}
