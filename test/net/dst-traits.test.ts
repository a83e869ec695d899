import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { devDown, devUnregister, devUp } from '../../src/net/dev.js';
import { dst_hold, newDst } from '../../src/net/dst/dst-alloc.js';
import { DST_NOHASH, type DstEntry } from '../../src/net/dst/dst-entry.js';
import { dst_free } from '../../src/net/dst/dst-free.js';
import { dst_release } from '../../src/net/dst/dst-release.js';
import { baselineTraits, type DstTraits, type LoopbackLookup } from '../../src/net/dst/traits.js';
import { referenceErrors } from '../../src/net/holders.js';
import type { K } from '../../src/smp/op.js';
import { TestWorld } from './world.js';

const loopbacks: readonly LoopbackLookup[] = ['static', 'pointer', 'initial-namespace', 'device-namespace'];

/** Any mix of traits. */
const anyTraits = fc.record(
  Object.fromEntries(
    Object.keys(baselineTraits).map((key) => [key, key === 'loopback' ? fc.constantFrom(...loopbacks) : fc.boolean()]),
  ),
) as unknown as fc.Arbitrary<DstTraits>;

type Action = readonly [what: 'alloc' | 'hold' | 'release' | 'free' | 'down' | 'unregister' | 'wait', which: number];

const anyActions: fc.Arbitrary<readonly Action[]> = fc.array(
  fc.tuple(
    fc.constantFrom('alloc', 'alloc', 'hold', 'release', 'release', 'free', 'free', 'down', 'unregister', 'wait'),
    fc.nat(1000),
  ),
  { maxLength: 60 },
);

/** Performs actions that a correct user of the cache could perform; the holder of each reference is kept. */
class Script {
  readonly world: TestWorld;
  /** Entries that are not garbage, and one entry for each reference somebody holds. */
  private readonly cached: DstEntry[] = [];
  private readonly held: DstEntry[] = [];
  private count = 0;

  constructor(traits: DstTraits) {
    this.world = new TestWorld('R1', { traits, cpus: 2, costs: { dst_scan_kept: 2000 } });
  }

  private *perform([what, which]: Action): K {
    const { net, dst, ops } = this.world;
    const dev = net.device(`eth${which % 2}`, net.namespace(which % 3 === 0 ? 'blue' : 'init_net'));
    const pick = (list: DstEntry[], take: boolean): DstEntry | undefined => {
      const at = which % list.length;
      return take ? list.splice(at, 1)[0] : list[at];
    };
    switch (what) {
      case 'alloc': {
        const child = which % 4 === 0 ? (pick(this.held, false) ?? null) : null;
        const flags = which % 5 === 0 ? DST_NOHASH : 0;
        const entry = (yield* newDst(dst, ops, `e${this.count++}`, { dev, child, flags: child ? 0 : flags }))!;
        this.held.push(entry);
        if (entry.flags === 0) this.cached.push(entry);
        return;
      }
      case 'hold': {
        const entry = pick(this.held, false);
        if (entry === undefined) return;
        yield dst_hold(entry);
        this.held.push(entry);
        return;
      }
      case 'release': {
        const entry = pick(this.held, true);
        // An entry in no table is its last holder's to free.
        if (entry === undefined) return;
        if (entry.flags === DST_NOHASH && entry.refcnt.value === 1) yield* dst_free(dst, entry);
        yield* dst_release(dst, entry);
        return;
      }
      case 'free': {
        const entry = pick(this.cached, true);
        if (entry !== undefined) yield* dst_free(dst, entry);
        return;
      }
      case 'down':
        yield* devDown(net, dev);
        devUp(dev);
        return;
      case 'unregister':
        yield* devUnregister(net, dev);
    }
  }

  play(actions: readonly Action[]): this {
    for (const action of actions) {
      if (action[0] === 'wait') this.world.advance(action[1]);
      else this.world.run(this.perform(action), action[1] % 2);
      this.check();
    }
    return this;
  }

  /** What must hold whenever nobody is in the middle of something. */
  private check(): void {
    const { world } = this;
    const { dst } = world;
    expect(referenceErrors(world.net)).toEqual([]);
    const live = [...dst.liveEntries()];
    expect(world.ops.entries.value).toBe(live.length);
    if (world.kernel.events.all.some((queue) => queue.current !== null)) return;
    const listed = [...dst.garbage, ...dst.busy];
    expect(new Set(listed).size).toBe(listed.length);
    expect(new Set(listed)).toEqual(new Set(live.filter((entry) => entry.obsolete === 2)));
    expect(dst.timer_inc % dst.gcInc).toBe(0);
    if (listed.length > 0) expect(dst.gcPending).toBe(true);
  }
}

describe('any mix of traits', () => {
  it('runs, and keeps its books', () => {
    fc.assert(
      fc.property(anyTraits, anyActions, (traits, actions) => {
        expect(new Script(traits).play(actions).world.violations).toEqual([]);
      }),
      { numRuns: 300, seed: 42 },
    );
  });

  it('drains when everything is released, in the end', () => {
    fc.assert(
      fc.property(anyTraits, fc.integer({ min: 1, max: 20 }), (traits, count) => {
        const { world } = new Script(traits);
        const entries = world.garbage(count);
        world.advanceRuns(2);
        for (const entry of entries) world.release(entry);
        world.advance(121 * 250);
        expect(world.ops.entries.value).toBe(0);
        expect(world.dst.gcPending).toBe(false);
      }),
      { numRuns: 50, seed: 42 },
    );
  });
});

describe('commits without an observable effect', () => {
  const changes: readonly (readonly [string, Partial<DstTraits>, Partial<DstTraits>])[] = [
    ['R9', { allocatorZeroes: false }, { allocatorZeroes: true }],
    ['R12', { singleDiscard: false }, { singleDiscard: true }],
    ['R15', { loopback: 'static' }, { loopback: 'pointer' }],
    ['R16', { loopback: 'pointer' }, { loopback: 'initial-namespace' }],
    ['R23', { namespaceAccessor: false }, { namespaceAccessor: true }],
  ];

  it.each(changes)('%s leaves the fingerprint alone', (_, off, on) => {
    fc.assert(
      fc.property(anyTraits, anyActions, (traits, actions) => {
        const prints = [off, on].map((change) => {
          return new Script({ ...traits, ...change }).play(actions).world.machine.trace.fingerprint();
        });
        expect(prints[0]).toBe(prints[1]);
      }),
      { numRuns: 60, seed: 7 },
    );
  });
});
