/**
 * lockdep's form of locks and interrupts (kernel/lockdep.c): a class used in two ways that exclude each other; a chain of
 * orders from one that an interrupt waits for to one that is held where that comes in, closed by a new order or by a new
 * way of using a lock.
 */
import type { Kernel } from '../../kernel/kernel.js';
import type { Context } from '../../smp/context.js';
import { type LockClass, usages } from '../lock-class.js';
import type { ChainFinding, Lockdep, Taken, UsageFinding } from '../lockdep.js';
import { type Scene, sceneOf } from '../scene.js';
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
  usageWords,
} from './lock-words.js';

/** `[HC0[0]:SC1[1]:HE1:SE0]`: in a hard interrupt, a softirq, with their counts; interrupts, softirqs let in. */
function irqWords(context: Context, letIn: number): string {
  const { hardirqOn, softirqOn } = usages;
  let [hard, soft, off] = [0, 0, 0];
  for (let at: Context | null = context; at !== null; at = at.below) {
    if (at.kind === 'hardirq') hard++;
    if (at.kind === 'softirq') soft++;
    off += at.bhCount;
  }
  const irqs = (letIn & hardirqOn) !== 0 || (!context.cpu.irqsOff && hard === 0);
  const softirqs = (letIn & softirqOn) !== 0 || soft + off === 0;
  return `[HC${hard}[${hard}]:SC${soft}[${soft + off}]:HE${irqs ? 1 : 0}:SE${softirqs ? 1 : 0}]`;
}

export function usageMessage({ used, was, now }: UsageFinding): string {
  return `inconsistent lock state: ${used.class.name} {${usageWords[was]!}} -> {${usageWords[now]!}}`;
}

export function usageBlock(kernel: Kernel, locks: Lockdep, finding: UsageFinding): readonly string[] {
  const { used, was, now, taking, context } = finding;
  const scene = sceneOf(context);
  const lock = used.class;
  return [
    ...opening(kernel, 'inconsistent lock state'),
    `inconsistent {${usageWords[was]!}} -> {${usageWords[now]!}} usage.`,
    `${scene.comm}/${scene.pid} ${irqWords(context, taking ? 0 : now)} takes:`,
    lockWords(kernel, used),
    `{${usageWords[was]!}} state was registered at:`,
    ...rememberedLines(lock.scenes.get(was)),
    '',
    otherInfo,
    ...drawing('Possible unsafe locking scenario', [
      { left: `lock(${lock.name});` },
      { left: '<Interrupt>' },
      { left: `  lock(${lock.name});` },
    ]),
    '',
    ...heldLines(kernel, locks, context, scene, taking ? used.lock : null),
    '',
    ...backtrace(kernel, scene),
  ];
}

/** The same whichever of its parts came last. */
export function chainMessage({ state, chain }: ChainFinding): string {
  const names = chain.map(({ name }) => name).join(' -> ');
  return `${state.name}-safe -> ${state.name}-unsafe lock order detected: ${names}`;
}

export function chainBlock(kernel: Kernel, locks: Lockdep, finding: ChainFinding): readonly string[] {
  const { context, taken, held, taking } = finding;
  const scene = sceneOf(context);
  const lines = held === null ? inversionLines(kernel, finding, scene) : orderLines(kernel, finding, held, scene);
  return [
    ...lines,
    '',
    ...heldLines(kernel, locks, context, scene, taking ? taken.lock : null),
    '',
    ...dependencies(finding),
    '',
    ...backtrace(kernel, scene),
  ];
}

/** A new order closes the chain. */
function orderLines(kernel: Kernel, finding: ChainFinding, held: Taken, scene: Scene): readonly string[] {
  const { state, chain, taken, context } = finding;
  const [safe, unsafe] = [chain[0]!, chain[chain.length - 1]!];
  return [
    ...opening(kernel, `${state.name}-safe -> ${state.name}-unsafe lock order detected`),
    `${scene.comm}/${scene.pid} ${irqWords(context, 0)} is trying to acquire:`,
    lockWords(kernel, taken),
    '',
    'and this task is already holding:',
    lockWords(kernel, held),
    'which would create a new lock dependency:',
    ` ${classWords(held.class)} -> ${classWords(taken.class)}`,
    '',
    `but this new dependency connects a ${state.name}-irq-safe lock:`,
    ` ${classWords(safe)}`,
    '',
    `... which became ${state.name}-irq-safe at:`,
    ...rememberedLines(safe.scenes.get(state.inside)),
    '',
    `to a ${state.name}-irq-unsafe lock:`,
    ` ${classWords(unsafe)}`,
    '',
    `... which became ${state.name}-irq-unsafe at:`,
    ...rememberedLines(unsafe.scenes.get(state.on)),
    '',
    ...scenarioLines(chain),
  ];
}

/** All orders were there: a lock is used in a new way. */
function inversionLines(kernel: Kernel, finding: ChainFinding, scene: Scene): readonly string[] {
  const { state, chain, taken } = finding;
  const forwards = taken.class === chain[0];
  const other = forwards ? chain[chain.length - 1]! : chain[0]!;
  const bit = forwards ? state.on : state.inside;
  return [
    ...opening(kernel, 'possible irq lock inversion dependency detected'),
    `${scene.comm}/${scene.pid} just changed the state of lock:`,
    lockWords(kernel, taken),
    forwards
      ? `but this lock took another, ${state.name}-unsafe lock in the past:`
      : `but this lock was taken by another, ${state.name}-safe lock in the past:`,
    ` ${classWords(other)}`,
    '',
    'and interrupts could create inverse lock ordering between them.',
    '',
    `${usageWords[bit]!} state of the other was registered at:`,
    ...rememberedLines(other.scenes.get(bit)),
    '',
    ...scenarioLines(chain),
  ];
}

/** CPU0 holds the unsafe lock; CPU1 goes down the chain; an interrupt on CPU0 wants its beginning. */
function scenarioLines(chain: readonly LockClass[]): readonly string[] {
  const names = chain.map((lock) => lock.name);
  return [
    otherInfo,
    '',
    ...chainLines(names),
    ...drawing('Possible interrupt unsafe locking scenario', [
      { left: `lock(${names[names.length - 1]!});` },
      { right: 'local_irq_disable();' },
      { right: `lock(${names[0]!});` },
      { right: `lock(${names[1]!});` },
      { left: '<Interrupt>' },
      { left: `  lock(${names[0]!});` },
    ]),
  ];
}

/** Where each lock of the chain was taken while the one before it was held. */
function dependencies({ chain }: ChainFinding): readonly string[] {
  return [
    'the dependencies between the safe and the unsafe lock:',
    ...chain.flatMap((lock, i) => {
      const scene = i === 0 ? undefined : chain[i - 1]!.after.get(lock);
      return [`-> ${classWords(lock)}${scene === undefined ? '' : ' at:'}`, ...rememberedLines(scene)];
    }),
  ];
}
