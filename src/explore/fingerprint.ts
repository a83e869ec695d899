/** What a program is, in 32 bits: who touches what, and how, under its default schedule. */
import type { Access } from '../smp/op.js';
import type { Choice } from '../smp/scheduler.js';
import { actorOf } from './actor.js';
import { Recorder } from './recorder.js';
import type { Runner } from './runner.js';
import type { Strategy } from './strategy.js';

class Fingerprint implements Strategy {
  readonly family = 'stepwise';
  readonly name = 'default';
  readonly exhaustive = false;
  hash = 0x811c9dc5;

  begin(): boolean {
    return true;
  }

  pick(): number {
    return 0;
  }

  choose(name: string, bound: number): number {
    this.add(`${name}<${bound}`);
    return 0;
  }

  executed(choice: Choice, effect: Access): void {
    const what = choice.kind === 'step' ? (choice.op.object?.name ?? '') : choice.kind;
    this.add(`${actorOf(choice)} ${effect} ${what};`);
  }

  private add(text: string): void {
    for (let i = 0; i < text.length; i++) this.hash = Math.imul(this.hash ^ text.charCodeAt(i), 0x01000193);
  }
}

export function fingerprintOf(runner: Runner, decisionsMax: number): number {
  const strategy = new Fingerprint();
  const recorder = new Recorder(strategy, decisionsMax, false);
  runner.run(recorder);
  return strategy.hash >>> 0;
}
