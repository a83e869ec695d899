import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/sim/errors.js';
import { load, returns, run, script, small } from './helpers.js';

describe('a device in a namespace', () => {
  it('is named with an @', () => {
    const scenario = script(
      '[{dst_alloc: {dst: d, dev: eth0@ns1}}, {dev_refs: {dev: eth0@ns1}}, {dev_refs: {dev: eth0}}, {inspect: {dst: d}}]',
    );
    expect(returns(run(scenario))).toEqual([
      'dst_alloc 1',
      'dev_refs 1',
      'dev_refs 0',
      'inspect refcnt 1 obsolete 0 dev eth0@ns1 forward',
    ]);
  });

  it('may be down from the start', () => {
    const scenario = small(
      'network: {devices: {eth0@ns1: {up: false}}}\nactors: [{name: a, do: [{dst_alloc: {dst: d, dev: eth0@ns1}}, {dst_free: {dst: d}}, {inspect: {dst: d}}]}]',
    );
    expect(returns(run(scenario)).at(-1)).toBe('inspect refcnt 1 obsolete 2 dev eth0@ns1 discard');
  });

  it.each(['eth0@', '@ns1', 'a@b@c', 'eth 0'])('is not named %j', (dev) => {
    expect(() => script(`[{dev_refs: {dev: '${dev}'}}]`)).toThrow(InputError);
  });

  it('moves, under another name where its own is taken', () => {
    const scenario = script(
      '[{dev_refs: {dev: eth0}}, {move_device: {dev: eth0@ns1, to: init_net}}, {move_device: {dev: eth0@ns1, to: init_net, pattern: dev%d}}, {move_device: {dev: lo@ns1, to: init_net}}, {unregister: {dev: dev0}}]',
    );
    const report = run(scenario);
    expect(returns(report)).toEqual([
      'dev_refs 0',
      'move_device -17',
      'move_device 0',
      'move_device -22',
      'unregister null',
    ]);
    expect(report.result.metrics).toMatchObject({ 'unregister.longest_wait_s': 0, 'unregister.waiting': 0 });
  });
});

describe('a namespace', () => {
  it('is made, held, and goes with its last user', () => {
    const scenario = script(
      '[{netns_create: {netns: ns1}}, {netns_hold: {netns: ns1}}, {netns_exit: {netns: ns1}}, {netns_exit: {netns: ns1}}]',
    );
    const report = run(scenario, 'newest', { kernel: '2.6.29' });
    expect(returns(report)).toEqual(['netns_create null', 'netns_hold 2', 'netns_exit 1', 'netns_exit 0']);
    expect(report.result.work.map(({ work }) => work)).toEqual(['cleanup_net']);
    expect(report.result.metrics['unregister.longest_wait_s']).toBe(0);
  });

  it('that is gone can’t be used, one that exists not be made again', () => {
    const gone = script('[{netns_exit: {netns: ns1}}, {at: 500ms, dev_refs: {dev: lo@ns1}}]');
    expect(() => run(gone)).toThrow("the namespace 'ns1' is gone");
    const twice = script('[{netns_create: {netns: ns1}}, {netns_create: {netns: ns1}}]');
    expect(() => run(twice)).toThrow("there is a namespace 'ns1' already");
  });
});

describe('a neighbour', () => {
  it('is made, bound, and goes with its device', () => {
    const scenario = script(
      '[{neigh_create: {neigh: n, dev: eth0}}, {dst_alloc: {dst: d, dev: eth0}}, {neigh_bind: {neigh: n, dst: d, header: true}}, {neigh_hold: {neigh: n}}, {neigh_release: {neigh: n}}, {neigh_release: {neigh: n}}, {dev_refs: {dev: eth0}}, {link_down: {dev: eth0}}, {dst_release: {dst: d}}, {dst_free: {dst: d}}, {dev_refs: {dev: eth0}}]',
    );
    const report = run(scenario);
    expect(returns(report).filter((line) => /^(neigh|dev)_/.test(line))).toEqual([
      'neigh_create 1',
      'neigh_bind null',
      'neigh_hold 4',
      'neigh_release 3',
      'neigh_release 2',
      'dev_refs 2',
      'dev_refs 0',
    ]);
    expect(report.ok).toBe(true);
  });

  it('that nobody makes is refused with its place', () => {
    const text =
      'title: t\nstory: s\nmachine: {hz: 250}\nuntil: 1s\nactors: [{name: a, do: [{neigh_create: {neigh: hop, dev: lo}}, {neigh_hold: {neigh: hob}}]}]\n';
    expect(() => load(text)).toThrow("neighbour 'hob' is never created; did you mean 'hop'?");
  });
});

describe('the route cache', () => {
  it('binds its entries to neighbours if the network has them, and says when there are too many', () => {
    const scenario = small(
      'network: {neighbours: true}\nactors: [{name: a, do: [{route_connections: {count: 1100, dev: eth0, group: g}}, {at: 500ms, dev_refs: {dev: eth0}}]}]',
    );
    const { result } = run(scenario);
    // 1024 entries and as many neighbours hold the device; the others failed.
    expect(result.calls.at(-1)).toMatchObject({ call: 'dev_refs', ret: 2048 });
    expect(result.kernelLog[0]!.text).toBe('Neighbour table overflow.');
  });
});

describe('how long a device waits', () => {
  it('is counted to the end if it is not over', () => {
    const scenario = small(
      'until: 4s\nactors: [{name: a, do: [{netns_create: {netns: ns1}}, {dst_alloc: {dst: d, dev: eth0}}, {unregister: {dev: eth0}}]}]',
    );
    expect(run(scenario).result.metrics).toMatchObject({ 'unregister.longest_wait_s': 4, 'unregister.waiting': 1 });
    expect(run(script('[{mark: m}]')).result.metrics).not.toHaveProperty('unregister.waiting');
  });
});
