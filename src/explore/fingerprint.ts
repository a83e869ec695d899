/**
 * What a program is, in 32 bits: who touches what under its default schedule, how, and with which values; and how that run
 * ends. Of the program alone: no limit of a search, nobody who watches and no horizon has part in it, so that a token means
 * the same wherever it is pasted.
 */
import type { Access } from '../smp/op.js';
import type { Choice } from '../smp/scheduler.js';
import { actorOf } from './actor.js';
import { Recorder } from './recorder.js';
import { release } from './release.js';
import { Runner } from './runner.js';
import type { Strategy } from './strategy.js';
import type { Subject } from './subject.js';

/** Decisions of the default run that are looked at: it may have no end. */
const decisionsMax = 10_000;

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
    if (choice.kind !== 'step') return;
    const { context, op } = choice;
    this.add(`${plain(context.result)} ${op.object?.word ?? ''};`);
  }

  add(text: string): void {
    for (let i = 0; i < text.length; i++) this.hash = Math.imul(this.hash ^ text.charCodeAt(i), 0x01000193);
  }
}

/** What an operation answered, unless it is an object. */
function plain(value: unknown): string {
  return typeof value === 'object' || typeof value === 'function' ? '' : String(value);
}

export function fingerprintOf(subject: Subject): number {
  const strategy = new Fingerprint();
  const run = new Runner(subject).run(new Recorder(strategy, decisionsMax, false));
  // Kinds only: messages may name places in files.
  strategy.add([run.outcome, ...run.faults.map(({ kind }) => kind)].join(' '));
  release(run);
  return strategy.hash >>> 0;
}
