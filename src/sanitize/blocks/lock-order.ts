/** lockdep's form of orders of locks that go round in a circle, and of two locks of one class (kernel/lockdep.c). */
import type { Kernel } from '../../kernel/kernel.js';
import type { LockClass } from '../lock-class.js';
import type { Lockdep, OrderFinding, RecursionFinding } from '../lockdep.js';
import { sceneOf } from '../scene.js';
import {
  backtrace,
  chainLines,
  classWords,
  drawing,
  heldLines,
  lockWords,
  opening,
  otherInfo,
  rememberedLines,
} from './lock-words.js';

/** The same wherever the circle was closed: it begins with the first name of the alphabet. */
export function circleMessage({ chain }: OrderFinding): string {
  const names = chain.map(({ name }) => name);
  const first = names.indexOf(names.toSorted()[0]!);
  const turned = [...names.slice(first), ...names.slice(0, first)];
  return `possible circular locking dependency: ${turned.join(' -> ')} -> ${turned[0]!}`;
}

export function circleBlock(kernel: Kernel, locks: Lockdep, finding: OrderFinding): readonly string[] {
  const { chain, taken, held, context } = finding;
  const scene = sceneOf(context);
  const [source, target, parent] = [chain[0]!, chain[chain.length - 1]!, chain[chain.length - 2]!];
  return [
    ...opening(kernel, 'possible circular locking dependency detected'),
    `${scene.comm}/${scene.pid} is trying to acquire lock:`,
    lockWords(kernel, taken),
    '',
    'but task is already holding lock:',
    lockWords(kernel, held),
    '',
    'which lock already depends on the new lock.',
    '',
    'the existing dependency chain (in reverse order) is:',
    ...chain.toReversed().flatMap((lock, i) => dependency(chain.length - 1 - i, lock, chain)),
    '',
    otherInfo,
    '',
    ...chainLines(chain.map(({ name }) => name)),
    ...drawing('Possible unsafe locking scenario', [
      { left: `lock(${target.name});` },
      { right: `lock(${parent.name});` },
      { right: `lock(${target.name});` },
      { left: `lock(${source.name});` },
    ]),
    '',
    ...heldLines(kernel, locks, context, scene, taken.lock),
    '',
    ...backtrace(kernel, scene),
  ];
}

/** Where each lock of the chain was taken while the one before it was held; #0 is the new order. */
function dependency(index: number, lock: LockClass, chain: readonly LockClass[]): readonly string[] {
  const before = chain[index === 0 ? chain.length - 1 : index - 1]!;
  return ['', `-> #${index} ${classWords(lock)}:`, ...rememberedLines(before.after.get(lock))];
}

export function recursionMessage({ taken, held }: RecursionFinding): string {
  const names = [taken, held].map(({ lock }) => lock.name).toSorted();
  const what = `${names.join(' and ')} are taken one inside the other`;
  return `possible recursive locking: ${taken.class.name}${names[0] === names[1] ? '' : `: ${what}`}`;
}

export function recursionBlock(kernel: Kernel, locks: Lockdep, finding: RecursionFinding): readonly string[] {
  const { taken, held, context } = finding;
  const scene = sceneOf(context);
  return [
    ...opening(kernel, 'possible recursive locking detected'),
    `${scene.comm}/${scene.pid} is trying to acquire lock:`,
    lockWords(kernel, taken),
    '',
    'but task is already holding lock:',
    lockWords(kernel, held),
    '',
    otherInfo,
    ...drawing('Possible unsafe locking scenario', [
      { left: `lock(${held.class.name});` },
      { left: `lock(${taken.class.name});` },
    ]),
    '',
    ' May be due to missing lock nesting notation',
    '',
    ...heldLines(kernel, locks, context, scene, taken.lock),
    '',
    ...backtrace(kernel, scene),
  ];
}
