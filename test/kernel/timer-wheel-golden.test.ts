/** The recorded kernel runs of test/golden/timers.json on one bare base, without a machine. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addJiffies, diffJiffies } from '../../src/kernel/jiffies.js';
import { TimerBase } from '../../src/kernel/timer-wheel.js';
import { arm, type Fired, type Timer, timers } from './naive-wheel.js';

type Action = { readonly op: 'add' | 'mod' | 'del'; readonly timer: number; readonly delta?: number };
type GoldenOp =
  | { readonly op: 'advance'; readonly ticks: number; readonly fired: Fired[]; readonly actRets?: number[][] }
  | { readonly op: 'add'; readonly timer: number; readonly expires: number; readonly bug?: true }
  | { readonly op: 'mod'; readonly timer: number; readonly expires: number; readonly ret: number }
  | { readonly op: 'del'; readonly timer: number; readonly ret: number };

interface GoldenCase {
  readonly name: string;
  readonly initialJiffies: number;
  readonly timers: number;
  readonly behaviours: readonly { readonly timer: number; readonly onFire: readonly Action[] }[];
  readonly ops: readonly GoldenOp[];
  readonly final: { readonly jiffies: number; readonly pending: Fired[] };
}

/** add_timer, mod_timer, del_timer and the timer softirq on one bare base. */
class OneCpu {
  jiffies: number;
  readonly base: TimerBase;
  private readonly timers: readonly Timer[];
  private readonly onFire: Map<number, readonly Action[]>;

  constructor(c: GoldenCase) {
    this.jiffies = c.initialJiffies;
    this.base = new TimerBase(0, c.initialJiffies, true);
    this.timers = timers(c.timers);
    this.onFire = new Map(c.behaviours.map((b) => [b.timer, b.onFire]));
  }

  add(timer: number, expires: number): boolean {
    const t = this.timers[timer]!;
    if (t.base !== null) return false;
    arm(this.base, t, expires);
    return true;
  }

  mod(timer: number, expires: number): number {
    const t = this.timers[timer]!;
    const pending = t.base !== null;
    if (!pending || t.expires !== expires) arm(this.base, t, expires);
    return pending ? 1 : 0;
  }

  del(timer: number): number {
    const t = this.timers[timer]!;
    if (t.base === null) return 0;
    this.base.remove(t);
    return 1;
  }

  advance(ticks: number): { fired: Fired[]; actRets: number[][] } {
    const fired: Fired[] = [];
    const actRets: number[][] = [];
    const end = addJiffies(this.jiffies, ticks, true);
    const firstTick = addJiffies(this.jiffies, 1, true);
    while (!this.base.advanceTo(addJiffies(end, 1, true))) {
      const late = diffJiffies(this.base.timerJiffies, firstTick, true) < 0;
      this.jiffies = late ? firstTick : this.base.timerJiffies;
      while (diffJiffies(this.jiffies, this.base.timerJiffies, true) >= 0) {
        this.base.beginSlot();
        for (let t = this.base.shift(); t !== null; t = this.base.shift()) {
          const timer = (t as Timer).id;
          fired.push([this.jiffies, timer]);
          const actions = this.onFire.get(timer);
          if (actions !== undefined) actRets.push([this.jiffies, timer, ...actions.map((a) => this.act(a))]);
        }
      }
    }
    this.jiffies = end;
    return { fired, actRets };
  }

  private act({ op, timer, delta = 0 }: Action): number {
    const expires = addJiffies(this.jiffies, delta, true);
    if (op === 'add') return this.add(timer, expires) ? 0 : -1;
    return op === 'mod' ? this.mod(timer, expires) : this.del(timer);
  }
}

describe('timers.json, as recorded from the kernel', () => {
  const golden = new URL('../golden/timers.json', import.meta.url);
  const cases = JSON.parse(readFileSync(golden, 'utf8')) as GoldenCase[];

  it.each(cases)('$name', { timeout: 1000 }, (c) => {
    const cpu = new OneCpu(c);
    for (const op of c.ops) {
      if (op.op === 'add') expect(cpu.add(op.timer, op.expires)).toBe(op.bug !== true);
      else if (op.op === 'mod') expect(cpu.mod(op.timer, op.expires)).toBe(op.ret);
      else if (op.op === 'del') expect(cpu.del(op.timer)).toBe(op.ret);
      else {
        const { fired, actRets } = cpu.advance(op.ticks);
        expect(fired).toEqual(op.fired);
        expect(actRets).toEqual(op.actRets ?? []);
      }
    }
    expect(cpu.jiffies).toBe(c.final.jiffies);
    const pending = [...cpu.base.pending()].map((t) => [(t as Timer).id, t.expires] as Fired);
    expect(pending.sort((a, b) => a[0] - b[0])).toEqual(c.final.pending);
  });
});
