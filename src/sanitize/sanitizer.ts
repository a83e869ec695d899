/**
 * The sanitizers of a run: data races, lock order, irq safety are looked for; of every violation a block is written in the
 * form that kernel people know. They watch a machine; nothing that runs depends on them.
 *
 * One object serves many runs, one after the other, and keeps what it allocates. Two levels: a search only wants to know
 * whether there is something; a run that is *told* has every stack remembered and every block written.
 */
import { type BenignRace, benignRaces } from '../kernel/benign-race.js';
import { Kernel } from '../kernel/kernel.js';
import { Mutex } from '../kernel/mutex.js';
import { SlabObject } from '../kernel/slab.js';
import type { Context, Task } from '../smp/context.js';
import type { Machine, Violation } from '../smp/machine.js';
import type { Op } from '../smp/op.js';
import type { SharedObject } from '../smp/shared-object.js';
import type { KeptOff, Watcher } from '../smp/watcher.js';
import { chainBlock, chainMessage, usageBlock, usageMessage } from './blocks/irq-safety.js';
import { kasanBlock, type Life, leakBlock } from './blocks/kasan.js';
import { kcsanBlock, raceMessage } from './blocks/kcsan.js';
import { circleBlock, circleMessage, recursionBlock, recursionMessage } from './blocks/lock-order.js';
import { heldLines } from './blocks/lock-words.js';
import { plainBlock } from './blocks/plain.js';
import { deadlockBlock, endlessBlock } from './blocks/waiting.js';
import { usages } from './lock-class.js';
import { Lockdep } from './lockdep.js';
import { Order } from './order.js';
import { DataRaces, type Race } from './races.js';
import { sceneOf, sceneOfNobody } from './scene.js';

export interface SanitizerOptions {
  /** Races that are no violations; all marks of the model if absent. */
  readonly benign?: readonly BenignRace[];
  /** A race or a bad lock order that was reported in one run is not reported again in those after it. */
  readonly once?: boolean;
  /** Look for races and unsafe lock orders; true if absent. False: only blocks are written. */
  readonly findings?: boolean;
}

const sleeps = (lock: SharedObject): boolean => lock instanceof Mutex;

export class Sanitizer implements Watcher {
  /** Marks that applied, and how often, over all runs. */
  readonly benignSeen = new Map<BenignRace, number>();
  private readonly benign: readonly BenignRace[];
  private readonly known: Set<string> | null;
  private readonly looking: boolean;
  private readonly order = new Order();
  private readonly races: DataRaces;
  private readonly locks: Lockdep;
  private machine: Machine | null = null;
  private telling = false;
  private readonly lives = new Map<SharedObject, Life>();
  private readonly blocks = new Map<Violation, readonly string[]>();
  /** Of the violation being reported, if it is one of ours. */
  private block: (() => readonly string[]) | null = null;
  /** The word of each cell after its last access; only if the run is told. */
  private readonly words = new Map<SharedObject, number>();

  constructor(options: SanitizerOptions = {}) {
    this.benign = options.benign ?? benignRaces;
    this.known = options.once === true ? new Set() : null;
    this.looking = options.findings !== false;
    this.races = new DataRaces(this.order.clocks, this.known !== null, (race) => this.raced(race));
    this.locks = new Lockdep(sleeps, {
      circle: (it) => this.unsafe('lock-order', circleMessage(it), (kernel) => circleBlock(kernel, this.locks, it)),
      recursion: (it) =>
        this.unsafe('lock-order', recursionMessage(it), (kernel) => recursionBlock(kernel, this.locks, it)),
      inconsistent: (it) => this.unsafe('irq-safety', usageMessage(it), (kernel) => usageBlock(kernel, this.locks, it)),
      chain: (it) => this.unsafe('irq-safety', chainMessage(it), (kernel) => chainBlock(kernel, this.locks, it)),
    });
  }

  /** Watches a machine from now on: to be called before anything is set up on it. `telling`: blocks are wanted. */
  begin(machine: Machine, telling = false): void {
    this.reset(telling);
    this.machine = machine;
    machine.watcher = this;
  }

  /** The run is over; its blocks remain. */
  end(): void {
    if (this.machine !== null) this.machine.watcher = null;
    this.machine = null;
  }

  /** What there is to say of a violation of the last run that was told; null if nothing was written. */
  blockOf(violation: Violation): readonly string[] | null {
    return this.blocks.get(violation) ?? null;
  }

  private reset(telling: boolean): void {
    this.telling = telling;
    this.order.reset();
    this.races.reset(telling);
    this.locks.reset(telling);
    // Clearing a map costs as much as making one, even if it is empty.
    if (this.lives.size > 0) this.lives.clear();
    if (this.blocks.size > 0) this.blocks.clear();
    if (this.words.size > 0) this.words.clear();
    this.block = null;
  }

  // --- what is told ---

  performed(context: Context, op: Op): void {
    const { ordering } = op;
    if (ordering === 'none' || !this.looking) return;
    const { order } = this;
    const object = op.object!;
    const strand = order.strandOf(context);
    if (ordering === 'full' || ordering === 'observes') order.observeById(strand, object.id);
    const { access, field } = op;
    const rmw = access === 'rmw';
    if (!rmw || field === '') {
      const writes = op.effect !== 'read';
      this.races.access(context, strand, object, field, writes, ordering !== 'plain', rmw);
    }
    if (ordering === 'full') order.publishById(strand, object.id);
    if (this.telling && field === '') this.words.set(object, object.word);
  }

  touched(object: SharedObject, field: string, access: 'read' | 'write'): void {
    const context = this.machine!.current;
    if (context === null || !this.looking) return;
    this.races.access(context, this.order.strandOf(context), object, field, access === 'write', false, false);
  }

  locked(context: Context, lock: SharedObject, tried: boolean): void {
    this.order.observeById(this.order.strandOf(context), lock.id);
    if (this.looking) this.locks.locked(context, lock, tried);
  }

  unlocking(context: Context, lock: SharedObject): void {
    this.order.publishById(this.order.strandOf(context), lock.id);
  }

  publishes(key: object): void {
    const { current } = this.machine!;
    if (current !== null) this.order.publish(current, key);
  }

  observes(key: object): void {
    const { current } = this.machine!;
    if (current !== null) this.order.observe(current, key);
  }

  gracePeriod(): void {
    const { current } = this.machine!;
    if (current !== null) this.order.gracePeriod(current);
  }

  keepsOff(context: Context, what: KeptOff): void {
    this.order.keepsOff(context, what);
  }

  letsIn(context: Context, what: KeptOff): void {
    this.order.letsIn(context, what);
    if (!this.looking || context.held === null || context.held.length === 0) return;
    const softirqs = context.kind === 'process' && context.bhCount === (what === 'softirqs' ? 1 : 0);
    // Softirqs don't come in where interrupts are off, whoever lets them.
    const both = what === 'interrupts' || !context.cpu.irqsOff;
    const usage = (what === 'interrupts' ? usages.hardirqOn : 0) | (softirqs && both ? usages.softirqOn : 0);
    if (what !== 'tasks' && usage !== 0) this.locks.letsIn(context, usage);
  }

  spawned(task: Task): void {
    const { current } = this.machine!;
    if (current !== null) this.order.hand(current, task);
  }

  woke(task: Task): void {
    const { current } = this.machine!;
    if (current !== null) this.order.hand(current, task);
  }

  entered(context: Context): void {
    this.order.entered(context);
  }

  left(context: Context): void {
    this.order.left(context);
  }

  allocated(object: SharedObject): void {
    if (this.telling) this.lives.set(object, { allocated: this.scene(), freed: null });
  }

  freeing(object: SharedObject): void {
    if (this.telling) this.lifeOf(object).freed = this.scene();
  }

  violated(violation: Violation, object: SharedObject | null, op: Op | null): void {
    const { machine } = this;
    if (!this.telling || machine === null) return;
    const { block } = this;
    this.block = null;
    if (!(machine.hooks instanceof Kernel)) return;
    const lines = block?.() ?? this.blockFor(machine.hooks, violation, object, op);
    if (lines !== null) this.blocks.set(violation, lines);
  }

  // --- what is found ---

  private raced(race: Race): void {
    const { machine } = this;
    if (this.isBenign(race)) return;
    const message = raceMessage(race);
    if (this.isKnown(message)) return;
    const before = this.words.get(race.object) ?? null;
    const { word } = race.object;
    this.block = () =>
      kcsanBlock(machine!.hooks as Kernel, race, race.field === '' ? before : null, race.field === '' ? word : null);
    machine!.violate('data-race', message);
  }

  private isBenign({ object, field, first, second }: Race): boolean {
    const { benign } = this;
    for (const mark of benign) {
      if (mark.in !== first.fn && mark.in !== second.fn) continue;
      const place = field === '' ? object.name.slice(object.name.lastIndexOf('.') + 1) : field;
      if (!mark.fields.includes(place)) continue;
      this.benignSeen.set(mark, (this.benignSeen.get(mark) ?? 0) + 1);
      return true;
    }
    return false;
  }

  private unsafe(kind: string, message: string, block: (kernel: Kernel) => readonly string[]): void {
    if (this.isKnown(message)) return;
    this.block = () => block(this.machine!.hooks as Kernel);
    this.machine!.violate(kind, message);
  }

  private isKnown(message: string): boolean {
    const { known } = this;
    if (known === null) return false;
    if (known.has(message)) return true;
    known.add(message);
    return false;
  }

  private blockFor(
    kernel: Kernel,
    violation: Violation,
    object: SharedObject | null,
    op: Op | null,
  ): readonly string[] | null {
    const { kind } = violation;
    const home = object?.home ?? object;
    if ((kind === 'use-after-free' || kind === 'double-free') && home !== null && home !== undefined) {
      return kasanBlock(kernel, home, op, this.scene(), this.lifeOf(home));
    }
    if (kind === 'leak' && object instanceof SlabObject) return leakBlock(kernel, object, this.lifeOf(object));
    if (kind === 'deadlock' || kind === 'self-deadlock') return deadlockBlock(kernel, this.locks);
    if (kind === 'endless-loop') return endlessBlock(kernel, this.locks);
    const scene = this.scene();
    const { current } = kernel;
    return plainBlock(kernel, violation, scene, current === null ? [] : heldLines(kernel, this.locks, current, scene));
  }

  private lifeOf(object: SharedObject): Life {
    let life = this.lives.get(object);
    if (life === undefined) {
      life = { allocated: null, freed: null };
      this.lives.set(object, life);
    }
    return life;
  }

  private scene() {
    const { current, hooks } = this.machine!;
    return current === null ? sceneOfNobody(hooks?.jiffies() ?? 0) : sceneOf(current);
  }
}
