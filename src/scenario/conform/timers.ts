/** timers.json and timers-smp.json: raw timer calls, handlers that act, held CPUs. */
import type { Timer } from '../../kernel/timer.js';
import type { Step } from '../steps.js';
import type { Answer } from '../world.js';
import { type CaseRunner, type GoldenCase, type GoldenOp, type Observed, Unsupported } from './golden.js';
import { jiffiesText, Lockstep, makeStep, numberOf } from './lockstep.js';

const calls: Readonly<Record<string, string>> = {
  add: 'add_timer',
  addOn: 'add_timer_on',
  mod: 'mod_timer',
  del: 'del_timer',
  delSync: 'del_timer_sync',
  tryDelSync: 'try_to_del_timer_sync',
};

export class TimersRunner implements CaseRunner {
  private readonly lockstep: Lockstep;
  /** With CPUs in the records. */
  private readonly smp: boolean;
  private readonly cpus: number;
  private readonly held = new Set<number>();
  private fired: unknown[] = [];
  private actRets: unknown[][] = [];

  constructor(golden: GoldenCase, smp: boolean) {
    this.smp = smp;
    this.cpus = golden.cpus;
    const handlers = new Map<number, readonly Step[]>();
    for (const { timer, onFire } of golden.behaviours ?? []) handlers.set(timer!, (onFire ?? []).map(stepOf));
    const timers: Record<string, readonly Step[]> = {};
    for (let id = 0; id < (golden['timers'] as number); id++) timers[`t${id}`] = handlers.get(id) ?? [];
    this.lockstep = new Lockstep(golden, { timers });
    this.lockstep.world.onCallback = (_kind, name, cpu) => this.fires(name, cpu);
  }

  private fires(name: string, cpu: number): ((answer: Answer) => void) | undefined {
    const id = Number(name.slice(1));
    const head = this.smp ? [this.lockstep.jiffies, cpu, id] : [this.lockstep.jiffies, id];
    this.fired.push(head);
    const record: unknown[] = [...head];
    let listed = false;
    return ({ step, ret }) => {
      if (!listed) this.actRets.push(record);
      listed = true;
      const target = (step.args as { timer: string }).timer;
      record.push(this.smp ? [ret, this.baseOf(target)] : ret);
    };
  }

  private baseOf(timer: string): number | null {
    return this.lockstep.world.timer(timer).base?.cpu ?? null;
  }

  perform(op: GoldenOp): Observed {
    this.fired = [];
    this.actRets = [];
    const cpu = typeof op['cpu'] === 'number' ? op['cpu'] : 0;
    switch (op.op) {
      case 'advance':
        this.lockstep.advance(numberOf(op, 'ticks'));
        return { fired: this.fired, actRets: this.actRets.length > 0 ? this.actRets : undefined };
      case 'holdCpu':
        this.held.add(cpu);
        this.lockstep.act(cpu, 'hold_cpu', cpu);
        return {};
      case 'releaseCpu':
        this.held.delete(cpu);
        this.lockstep.act(cpu, 'release_cpu', cpu);
        return {};
    }
    const { kind, args } = callOf(op, numberOf(op, 'timer'));
    const { ret } = this.lockstep.act(cpu, kind, args);
    const base = this.smp ? { base: this.baseOf(`t${op['timer']}`) } : {};
    if (op.op === 'add' || op.op === 'addOn') return { bug: ret === -1 ? true : undefined, ...base };
    return { ret, ...base };
  }

  final(): Observed {
    const { world } = this.lockstep;
    const pending: unknown[] = [];
    let id = 0;
    for (const timer of world.allTimers.values()) {
      if (timer.pending) pending.push(this.pendingRow(id, timer));
      id++;
    }
    const { kernel } = world;
    if (!this.smp) return { jiffies: this.lockstep.jiffies, pending };
    const timerJiffies = kernel.machine.cpus.slice(0, this.cpus).map((cpu) => {
      const timers = kernel.timersOf(cpu);
      timers.sync();
      return timers.base.timerJiffies;
    });
    const held = [...this.held].sort((a, b) => a - b);
    return { jiffies: this.lockstep.jiffies, pending, timerJiffies, held };
  }

  private pendingRow(id: number, timer: Timer): unknown[] {
    return this.smp ? [id, timer.expires, timer.base!.cpu] : [id, timer.expires];
  }
}

function callOf(op: GoldenOp, timer: number): { kind: string; args: Record<string, unknown> } {
  if (!Object.hasOwn(calls, op.op)) throw new Unsupported(op.op);
  const kind = calls[op.op]!;
  const args: Record<string, unknown> = { timer: `t${timer}` };
  if (op['expires'] !== undefined) args['expires'] = numberOf(op, 'expires');
  if (op['delta'] !== undefined) args['expires'] = jiffiesText(numberOf(op, 'delta'));
  if (op['on'] !== undefined) args['on'] = numberOf(op, 'on');
  return { kind, args };
}

function stepOf(action: GoldenOp): Step {
  const { kind, args } = callOf(action, numberOf(action, 'timer'));
  return makeStep(kind, args, typeof action['cpu'] === 'number' ? { cpu: action['cpu'] } : {});
}
