/**
 * Interleaving coverage: which pairs of operations have been seen to race. Two operations of different contexts on one
 * location, of which at least one writes, are a pair when the second follows the first with no other write between them.
 * A pair that was seen in both orders has been tried both ways.
 *
 * An operation is a context's access to an object: a loop's rounds are one.
 */
import { type Access, accesses } from '../smp/op.js';
import type { Choice } from '../smp/scheduler.js';
import { actorOf } from './actor.js';
import { writes } from './dependence.js';

const accessCount = accesses.length;
const actorsMax = 4096;

interface Last {
  /** The last write, and what has read since; by context and access. 0: none. */
  write: number;
  readonly reads: number[];
}

export interface Coverage {
  /** Pairs seen, whatever their order. */
  readonly pairs: number;
  /** Of those, seen in both orders. */
  readonly bothWays: number;
}

export class RaceCoverage {
  private readonly seen = new Set<number>();
  private bothWays = 0;
  private last: (Last | undefined)[] = [];

  /** A run is about to begin. */
  begin(): void {
    this.last = [];
  }

  executed(choice: Choice, effect: Access): void {
    if (choice.kind !== 'step' || choice.op.object === null) return;
    const { id } = choice.op.object;
    const operation = 1 + (actorOf(choice) % actorsMax) * accessCount + accesses.indexOf(effect);
    this.last[id] ??= { write: 0, reads: [] };
    const last = this.last[id];
    if (writes(effect)) {
      this.pair(id, last.write, operation);
      for (const read of last.reads) this.pair(id, read, operation);
      last.write = operation;
      last.reads.length = 0;
    } else {
      this.pair(id, last.write, operation);
      if (!last.reads.includes(operation)) last.reads.push(operation);
    }
  }

  get coverage(): Coverage {
    return { pairs: this.seen.size - this.bothWays, bothWays: this.bothWays };
  }

  private pair(object: number, first: number, second: number): void {
    if (first === 0 || sameContext(first, second)) return;
    const key = keyOf(object, first, second);
    if (this.seen.has(key)) return;
    this.seen.add(key);
    if (this.seen.has(keyOf(object, second, first))) this.bothWays++;
  }
}

function sameContext(a: number, b: number): boolean {
  return Math.floor((a - 1) / accessCount) === Math.floor((b - 1) / accessCount);
}

const operationsMax = actorsMax * accessCount + 1;

function keyOf(object: number, first: number, second: number): number {
  return ((object % 4_000_000) * operationsMax + first) * operationsMax + second;
}
