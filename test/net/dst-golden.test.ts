import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { atomic_read } from '../../src/kernel/atomic.js';
import { devDown, devUnregister, devUp } from '../../src/net/dev.js';
import { dst_hold, newDst } from '../../src/net/dst/dst-alloc.js';
import type { DstEntry } from '../../src/net/dst/dst-entry.js';
import { dst_free } from '../../src/net/dst/dst-free.js';
import { dst_release } from '../../src/net/dst/dst-release.js';
import { referenceErrors } from '../../src/net/holders.js';
import type { K } from '../../src/smp/op.js';
import { TestWorld } from './world.js';

/** The format is described where the cases came from; see README.md beside the file's siblings. */
interface Case {
  readonly name: string;
  readonly revision: string;
  readonly hz: number;
  readonly initialJiffies: number;
  readonly cpus: number;
  readonly ops: readonly Step[];
  readonly final: Record<string, unknown>;
}
type Step = { readonly op: string } & Record<string, any>;

const cases = JSON.parse(readFileSync(new URL('../golden/dst-gc.json', import.meta.url), 'utf8')) as Case[];

/** What the recording knows of a gc run. */
const recorded = ['jiffies', 'delayed', 'workPerformed', 'expires', 'nextExpiry', 'timerInc', 'timerExpires'] as const;

class Player {
  readonly world: TestWorld;
  readonly entries = new Map<number, DstEntry>();
  readonly ids = new Map<DstEntry, number>();
  destroyed: [number, number][] = [];
  gc: Record<string, unknown>[] = [];

  constructor(test: Case) {
    const { hz, initialJiffies, cpus } = test;
    this.world = new TestWorld(test.revision, { hz, initialJiffies, cpus, kernel: '2.6.24', wheel: 'boot' });
    const { dst } = this.world.net;
    dst.onDestroy = (entry, jiffies) => {
      this.destroyed.push([jiffies, this.ids.get(entry)!]);
    };
    dst.onGc = (record) => {
      this.gc.push(Object.fromEntries(recorded.map((key) => [key, record[key]])));
    };
  }

  private device(name: string) {
    return this.world.net.device(name);
  }

  private *alloc(step: Step): K {
    const { dst } = this.world.net;
    const { id, refs, flags, child } = step;
    const dev = step['dev'] ? this.device(step['dev']) : null;
    const entry = yield* newDst(dst, this.world.ops, `dst${id}`, {
      dev,
      refs,
      ...(flags === undefined ? {} : { flags }),
      ...(child === undefined || child === null ? {} : { child: this.entries.get(child)! }),
    });
    this.entries.set(id, entry!);
    this.ids.set(entry!, id);
  }

  private *perform(step: Step): K<Record<string, unknown>> {
    const { dst } = this.world.net;
    const entry = this.entries.get(step['id']);
    switch (step.op) {
      case 'alloc':
        yield* this.alloc(step);
        return {};
      case 'hold':
        yield dst_hold(entry!);
        return { refcnt: yield atomic_read(entry!.refcnt) };
      case 'release':
        yield* dst_release(dst, entry!);
        return { refcnt: yield atomic_read(entry!.refcnt) };
      case 'free':
        yield* dst_free(dst, entry!);
        return { destroyed: this.destroyed };
      case 'devDown':
        yield* devDown(this.world.net, this.device(step['dev']));
        return { devRefs: this.devRefs() };
      case 'devUp':
        devUp(this.device(step['dev']));
        return { devRefs: this.devRefs() };
      case 'devUnregister':
        yield* devUnregister(this.world.net, this.device(step['dev']));
        return { devRefs: this.devRefs() };
      default:
        throw new Error(`unknown op ${step.op}`);
    }
  }

  devRefs(): Record<string, number> {
    const devices = this.world.net.init_net.devices;
    return Object.fromEntries([...devices].map(([name, dev]) => [name, dev.refcnt.value]));
  }

  gcState(): Record<string, unknown> {
    const { dst } = this.world.net;
    return { gcPending: dst.gcPending, gcExpires: dst.gcExpires };
  }

  inspect(id: number): Record<string, unknown> {
    const entry = this.entries.get(id)!;
    if (entry.freed) return { destroyed: true };
    const { obsolete, dev, discards } = entry;
    return { refcnt: entry.refcnt.value, obsolete, dev: dev?.name ?? null, discard: discards };
  }

  play(step: Step): Record<string, unknown> {
    this.destroyed = [];
    this.gc = [];
    if (step.op === 'inspect') return this.inspect(step['id']);
    if (step.op === 'advance') {
      this.world.advance(step['ticks']);
      return { gc: this.gc, destroyed: this.destroyed, ...this.gcState() };
    }
    return { ...this.world.run(this.perform(step)), ...this.gcState() };
  }

  final(): Record<string, unknown> {
    const { dst } = this.world.net;
    const ids = (list: readonly DstEntry[]): number[] => list.map((entry) => this.ids.get(entry)!);
    return {
      jiffies: this.world.kernel.jiffies(),
      entries: this.world.ops.entries.value,
      ...(dst.traits.gcInWorkqueue ? { busy: ids(dst.busy) } : {}),
      garbage: ids(dst.garbage),
      devRefs: this.devRefs(),
      timerInc: dst.timer_inc,
      timerExpires: dst.timer_expires,
      ...this.gcState(),
    };
  }
}

const inputs = new Set(['op', 'ticks', 'id', 'dev', 'refs', 'child', 'flags']);

/** The results of a step: all its fields but the inputs. `dev` is a result of `inspect`. */
function expected(step: Step): Record<string, unknown> {
  const results = Object.entries(step).filter(([key]) => !inputs.has(key) || (key === 'dev' && step.op === 'inspect'));
  return Object.fromEntries(results);
}

describe('the garbage collector as the real code was recorded', () => {
  it('has 96 cases', () => expect(cases).toHaveLength(96));

  it.each(cases.map((test) => [`${test.name} at ${test.revision}`, test] as const))('%s', (_, test) => {
    const player = new Player(test);
    test.ops.forEach((step, index) => {
      expect({ index, op: step.op, ...player.play(step) }).toEqual({ index, op: step.op, ...expected(step) });
    });
    expect(player.final()).toEqual(test.final);
    expect(player.world.violations).toEqual([]);
    expect(referenceErrors(player.world.net)).toEqual([]);
  });
});
