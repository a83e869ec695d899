/** A run as a story: what each context did, step by step, with the values it saw and left. */
import { RmwOp } from '../smp/cell.js';
import type { Context } from '../smp/context.js';
import type { Machine } from '../smp/machine.js';
import type { Access } from '../smp/op.js';
import type { Choice } from '../smp/scheduler.js';
import { stallName } from '../smp/time-choice.js';
import { isPreemption } from './actor.js';
import type { RunEnd, RunVerdict, Strategy } from './strategy.js';

export interface StoryStep {
  /** The context's name; `time` for time. */
  readonly who: string;
  /** `read n → 0`, `write n = 1`, `lock f0`. */
  readonly what: string;
  /** What it touches; '' for nothing. */
  readonly object: string;
  /** The context before it could have gone on. */
  readonly preempts: boolean;
  /** Messages of what it violated, and what followed before the next step; absent if nothing was. */
  readonly violates?: readonly string[];
}

/** Listens to another strategy. */
export class StoryTeller implements Strategy {
  readonly family = 'stepwise';
  readonly name = 'story';
  readonly exhaustive = false;
  readonly steps: StoryStep[] = [];
  private readonly inner: Strategy;
  private before = 0;
  private preempts = false;
  private stalled = false;
  private machine: Machine | null = null;
  private violations = 0;

  constructor(inner: Strategy) {
    this.inner = inner;
  }

  get stallJiffiesMax(): number {
    return this.inner.stallJiffiesMax ?? 0;
  }

  begin(run: number): boolean {
    this.steps.length = 0;
    this.machine = null;
    this.violations = 0;
    return this.inner.begin(run);
  }

  pick(enabled: readonly Choice[], current: Context | null): number {
    this.look();
    const index = this.inner.pick(enabled, current);
    const choice = enabled[index];
    if (choice === undefined) return index;
    this.before = choice.kind === 'step' ? (choice.op.object?.word ?? 0) : 0;
    this.preempts = isPreemption(enabled, current, index);
    return index;
  }

  choose(name: string, bound: number): number {
    const value = this.inner.choose(name, bound);
    if (name === stallName) {
      this.stalled = value > 0;
      return value;
    }
    const last = this.steps[this.steps.length - 1];
    this.steps.push({ who: last?.who ?? 'setup', what: `choose ${name} = ${value}`, object: '', preempts: false });
    return value;
  }

  executed(choice: Choice, effect: Access): void {
    this.inner.executed?.(choice, effect);
    const object = choice.kind === 'step' ? (choice.op.object?.name ?? '') : '';
    this.steps.push({ who: whoOf(choice), what: this.whatOf(choice, effect), object, preempts: this.preempts });
    if (choice.kind !== 'time') this.machine = choice.cpu.machine;
    this.look();
  }

  end(end: RunEnd): RunVerdict {
    return this.inner.end?.(end) ?? 'counts';
  }

  /** Gives the last step what has been violated since. */
  private look(): void {
    const { steps, machine } = this;
    const last = steps[steps.length - 1];
    if (machine === null || last === undefined || machine.violations.length === this.violations) return;
    const news = machine.violations.slice(this.violations).map(({ message }) => message);
    this.violations = machine.violations.length;
    steps[steps.length - 1] = { ...last, violates: [...(last.violates ?? []), ...news] };
  }

  private whatOf(choice: Choice, effect: Access): string {
    if (choice.kind === 'time') return `time ${this.stalled ? 'stalls until' : 'moves to'} ${choice.toNs} ns`;
    if (choice.kind === 'interrupt') return choice.source === 'timer' ? 'timers run' : 'interrupted';
    const { op } = choice;
    if (op.object === null) return op.access === 'none' ? 'goes on' : op.describe();
    const name = op.field === '' ? op.object.name : `${op.object.name}.${op.field}`;
    const after = op.object.word;
    if (op.access === 'lock' && effect === 'read') return `lock ${name} sleeps`;
    if (op.access === 'lock' || op.access === 'unlock') return `${op.access} ${name}`;
    if (op.access === 'trylock') return `trylock ${name} ${effect === 'read' ? 'fails' : 'succeeds'}`;
    if (op instanceof RmwOp)
      return effect === 'read' ? `rmw ${name} fails at ${after}` : `rmw ${name} ${this.before} → ${after}`;
    if (!('value' in op.object)) return `${op.verb} ${op.verb === op.access ? name : op.object.name}`;
    return effect === 'read' ? `read ${name} → ${after}` : `write ${name} = ${after}`;
  }
}

function whoOf(choice: Choice): string {
  if (choice.kind === 'time') return 'time';
  if (choice.kind === 'step' && choice.context.kind === 'process') return choice.context.name;
  return `interrupt/${choice.cpu.id}`;
}
