import { describe, expect, it } from 'vitest';
import { type ExploreOptions, explore } from '../../src/explore/explore.js';
import { worldProgram } from '../../src/explore/world-program.js';
import { allRevisions } from '../../src/history/revision.js';
import { benignRaces } from '../../src/kernel/benign-race.js';
import { read_field } from '../../src/kernel/slab.js';
import { spin_lock_bh, spin_unlock_bh } from '../../src/kernel/spinlock.js';
import { __dst_free } from '../../src/net/dst/dst-free.js';
import { dst_ifdown } from '../../src/net/dst/dst-ifdown.js';
import { allBenign, benignLines } from '../../src/sanitize/benign.js';

/** A packet goes by an entry that is dead but held, while its device goes down or away. */
const packetByTheDead = (revision: string, unregister: boolean) =>
  worldProgram({ revision, untilNs: 1 }, (p) => {
    const { world, dst: dc, kernel } = p;
    p.task('boot', function* () {
      const entry = yield* world.workload.make('route', { dev: 'eth0', refs: 1, child: null, flags: 0, ops: 'ipv4' });
      yield* __dst_free(dc, entry!);
      const user = function* () {
        yield read_field(entry!, 'output');
        yield read_field(entry!, 'dev');
      };
      kernel.machine.spawn('user', 1, user());
      yield spin_lock_bh(dc.lock);
      yield* dst_ifdown(dc, entry!, world.names.device('eth0'), unregister);
      yield spin_unlock_bh(dc.lock);
    });
  });

const search = (revision: string, unregister: boolean, options: ExploreOptions = {}) =>
  explore(packetByTheDead(revision, unregister), {
    strategy: 'bounded-dfs',
    preemptionBound: 1,
    runs: 400,
    ...options,
  });

describe('the race of dst_ifdown with the users of an entry', () => {
  it.each(allRevisions().map(({ name }) => [name]))('is known, and no violation: %s', (revision) => {
    for (const unregister of [false, true]) {
      const { failure, benign, findings } = search(revision, unregister);
      expect({ failure, findings }).toEqual({ failure: null, findings: [] });
      expect(benign).toMatchObject([{ mark: { in: 'dst_ifdown' } }]);
      expect(benign[0]!.seen).toBeGreaterThan(0);
    }
  });

  it.each(['R1', 'R26'])('comes back when its mark is taken away: %s', (revision) => {
    const without = benignRaces.filter((mark) => mark.in !== 'dst_ifdown');
    expect(without).toHaveLength(benignRaces.length - 1);
    const down = search(revision, false, { benign: without });
    expect(down.failure).toMatchObject({
      kind: 'data-race',
      message: 'data race on route.output: read in user, write in dst_ifdown, and nothing orders them',
    });
    expect(down.failure!.report).toContain('BUG: KCSAN: data-race in dst_ifdown / user');
    expect(search(revision, true, { benign: without }).failure?.message).toContain('data race on route.dev');
  });

  it('of another function is not meant', () => {
    const elsewhere = benignRaces.map((mark) => ({ ...mark, in: 'dst_release' }));
    expect(search('R26', false, { benign: elsewhere }).failure).toMatchObject({ kind: 'data-race' });
  });
});

describe('the marks of the model', () => {
  it('say where, what, why, and who says so', () => {
    expect(benignLines()).toMatchInlineSnapshot(`
      [
        "dst_ifdown: input, output, dev",
        "  the users of a dead entry are not locked out: a packet that is on its way goes by the old device or the new one",
        "  source: net/core/dst.c, the comment above dst_ifdown, 2.6.12 to 2.6.29: a race by intent",
      ]
    `);
    expect(allBenign().length).toBe(benignRaces.length);
  });

  it('say how often they were seen', () => {
    const lines = benignLines(allBenign(search('R26', false).benign));
    expect(lines[0]).toMatch(/^dst_ifdown: .* \(seen \d+ times?\)$/);
    expect(benignLines([])).toEqual(['no race of the model is marked as known']);
  });
});
