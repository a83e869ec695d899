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
  /** Told of each pair, as a number, when it is first seen. */
  onNew: ((pair: number) => void) | null = null;
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
    this.add(keyOf(object, first, second));
  }

  /** A pair was seen, perhaps by somebody else. */
  add(pair: number): void {
    if (this.seen.has(pair)) return;
    this.seen.add(pair);
    if (this.seen.has(reversed(pair))) this.bothWays++;
    this.onNew?.(pair);
  }

  /** How many ordered pairs were seen. */
  get count(): number {
    return this.seen.size;
  }

  /** All pairs, in the order in which they were first seen. */
  get pairs(): Iterable<number> {
    return this.seen;
  }
}

function sameContext(a: number, b: number): boolean {
  return Math.floor((a - 1) / accessCount) === Math.floor((b - 1) / accessCount);
}

const operationsMax = actorsMax * accessCount + 1;

function reversed(pair: number): number {
  const second = pair % operationsMax;
  const rest = Math.floor(pair / operationsMax);
  return keyOf(Math.floor(rest / operationsMax), second, rest % operationsMax);
}

function keyOf(object: number, first: number, second: number): number {
  return ((object % 4_000_000) * operationsMax + first) * operationsMax + second;
}
