import { describe, expect, it } from 'vitest';
import { refusals, returns, run, script, shippedText } from './helpers.js';

const eth0 = 'network: {devices: {eth0: {}}}\n';

describe('bundles', () => {
  it('are made, counted, pruned', () => {
    const report = run(
      script(
        `[{dst_alloc: {dst: r, dev: eth0}}, {bundle_create: {dst: a, route: r, transforms: 2}},
          {bundle_create: {dst: b, route: r, refs: 0}}, {bundle_count: {}}, {bundle_prune: {}}, {bundle_count: {}},
          {ops_entries: {ops: xfrm4}}, {inspect: {dst: a-2}}, {inspect: {dst: r}}, {state_delete: {state: a-sa2}},
          {bundle_prune: {what: stale}}, {bundle_count: {}}, {dst_release: {dst: a}}, {dst_release: {dst: r}},
          {at: 500ms, ops_entries: {ops: xfrm4}}, {inspect: {dst: r}}]`,
        eth0,
      ),
    );
    expect(returns(report)).toEqual([
      'dst_alloc 1',
      'bundle_create 1',
      'bundle_create 1',
      'bundle_count 2',
      'bundle_prune null',
      'bundle_count 1',
      'ops_entries 2',
      'inspect refcnt 1 obsolete -1 dev eth0 forward',
      'inspect refcnt 4 obsolete 0 dev eth0 forward',
      'state_delete null',
      'bundle_prune null',
      'bundle_count 0',
      'dst_release 0',
      'dst_release 3',
      'ops_entries 0',
      'inspect refcnt 0 obsolete 0 dev eth0 forward',
    ]);
    expect(report.ok).toBe(true);
  });

  it('fail above twice the threshold, and for a policy that was killed', () => {
    const report = run(
      script(
        `[{dst_alloc: {dst: r}}, {bundle_create: {dst: a, route: r, transforms: 3}}, {bundle_create: {dst: b, route: r}},
          {policy_kill: {policy: other}}, {bundle_create: {dst: c, route: r, policy: other}}]`,
        'network: {families: {xfrm4: {family: xfrm4, gcThresh: 1}}}\n',
      ),
    );
    expect(returns(report).slice(1)).toEqual([
      'bundle_create 1',
      'bundle_create 0',
      'policy_kill null',
      'bundle_create 0',
    ]);
    expect(report.result.metrics).toMatchObject({ 'alloc.failed': 2, 'dst.allocated': 4, 'dst.total': 4 });
  });

  it('that are pruned on two CPUs at once go once', () => {
    const report = run(
      script(
        `[{dst_alloc: {dst: r, refs: 0}}, {bundle_create: {dst: a, route: r, transforms: 4, refs: 0}},
          {bundle_prune: {}, cpu: 1}, {bundle_prune: {}}, {dst_free: {dst: r}}]`,
      ),
    );
    expect(report.result.destroyed.map(({ dst }) => dst)).toEqual(['a', 'a-2', 'a-3', 'a-4', 'r']);
    expect(report.result.violations).toEqual([]);
  });
});

describe('routes that reject', () => {
  it.each([
    ['R17', ['1', '5', '1', '0', '0']],
    ['R18', ['0', '5', '0', '0', '0']],
  ])('at %s answer', (at, answers) => {
    const steps = [
      'reject_route: {dst: d, ops: decnet, type: unreachable}',
      'reject_route: {dst: e, ops: decnet, type: blackhole}',
      'reject_route: {dst: s, ops: ipv6, type: unreachable}',
      'reject_route: {dst: t, ops: six, type: blackhole}',
      'dst_input: {dst: d}',
      'dst_output: {dst: d}',
      'dst_input: {dst: e}',
      'dst_input: {dst: s}',
      'dst_output: {dst: t}',
    ];
    const report = run(
      script(`[${steps.map((s) => `{${s}}`).join(', ')}]`, 'network: {families: {six: {family: ipv6}}}\n'),
      at,
    );
    expect(
      returns(report)
        .slice(4)
        .map((line) => line.replace(/^\w+ /, '')),
    ).toEqual(answers);
  });

  it('are found when they are used after free', () => {
    const steps =
      '[{reject_route: {dst: d, ops: decnet, type: blackhole, refs: 0}}, {dst_free: {dst: d}}, {dst_input: {dst: d}}]';
    expect(run(script(steps)).result.violations.map((v) => v.message)).toEqual([
      expect.stringContaining('read of d.input'),
    ]);
  });

  it('are not of plain families', () => {
    const plain = script('[{reject_route: {dst: d, ops: ipv4, type: blackhole}}]');
    expect(() => run(plain)).toThrow('ipv4 has no routes that reject; ipv6 and decnet have');
  });
});

describe('a file with families', () => {
  const text = shippedText('2008-01-gc-without-ops');

  it.each([
    ['family: ipv6, gcThresh: 1024', 'family: ipv5', /expected one of/],
    [
      'first: {family: ipv6, gcThresh: 1024}',
      'first: {family: decnet}\n    third: {family: decnet}',
      /one decnet and one xfrm4/,
    ],
    ['family: ipv6, gcThresh: 1024', 'family: decnet, maxSize: 5', /only ipv6 has a maxSize/],
  ])('is refused: %s -> %s', (from, to, why) => {
    expect(refusals(text.replace(from, to))).toEqual([expect.stringMatching(why)]);
  });

  it('names the elements of bundles', () => {
    const bundle = 'bundle_create: {dst: b, route: r, transforms: 2}';
    const file = (steps: string): string =>
      `title: t\nstory: s\nmachine: {hz: 250}\nuntil: 1s\nactors: [{name: a, do: [${steps}]}]\n`;
    expect(refusals(file(`{dst_alloc: {dst: r}}, {${bundle}}, {inspect: {dst: b-2}}`))).toEqual([]);
    expect(refusals(file(`{dst_alloc: {dst: r}}, {${bundle}}, {inspect: {dst: b-3}}`))).toEqual([
      expect.stringContaining("dst 'b-3' is never allocated"),
    ]);
    expect(refusals(file(`{dst_alloc: {dst: s}}, {${bundle}}`))).toEqual([
      expect.stringContaining("dst 'r' is never allocated"),
    ]);
  });
});
