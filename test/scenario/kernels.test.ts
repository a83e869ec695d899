/** Which kernel and which settings a run gets. */
import { describe, expect, it } from 'vitest';
import { bisectScenario } from '../../src/scenario/bisect.js';
import { eraOfComparison, replayScenario } from '../../src/scenario/replay.js';
import { defaultRevision, runScenario } from '../../src/scenario/run.js';
import { run, script, shipped, small } from './helpers.js';

const steps = '[{mark: m}]';

describe('the kernel', () => {
  it.each([
    ['R1', '2.6.12'],
    ['R2', '2.6.12'],
    ['R3', '2.6.13'],
    ['R4', '2.6.17'],
    ['R13', '2.6.24'],
    ['R14', '2.6.24'],
    ['R25', '2.6.28'],
    ['R26', '2.6.29'],
    ['2.6.20', '2.6.20'],
  ])('of a run at %s is the last that shipped it: %s', (at, kernel) => {
    expect(run(script(steps), at).result.kernel).toBe(kernel);
  });

  it('is the one that the scenario pins, or that is asked for', () => {
    const pinned = small(`actors: [{name: a, do: ${steps}}]`, '{hz: 250, kernel: 2.6.16}');
    expect(run(pinned, 'R26').result.kernel).toBe('2.6.16');
    expect(run(pinned, 'R26', { kernel: '2.6.15' }).result.kernel).toBe('2.6.15');
    expect(eraOfComparison(pinned)).toBe('2.6.16');
  });

  it('is one for all revisions that are compared: the last with the fix', () => {
    const scenario = script(steps, 'fixedBy: R5\nbug: {metric: {name: gc.runs, is: 0}}');
    expect(eraOfComparison(scenario)).toBe('2.6.19');
    const kernels: string[] = [];
    const { kernel } = replayScenario(scenario, (report) => kernels.push(report.result.kernel));
    expect([kernel, ...kernels]).toEqual(['2.6.19', '2.6.19', '2.6.19']);
    expect(bisectScenario(scenario).kernel).toBe('2.6.19');
    expect(bisectScenario(scenario, { kernel: '2.6.12' }).kernel).toBe('2.6.12');
  });
});

describe('the revision', () => {
  it.each([
    ['', 'newest'],
    ['fixedBy: R5\nbug: {metric: {name: gc.runs, is: 0}}', 'R5'],
    ['at: R3', 'R3'],
    ['at: R3\nfixedBy: R5\nbug: {metric: {name: gc.runs, is: 0}}', 'R3'],
  ])('of a run with %j is %s', (rest, at) => {
    const scenario = script(steps, rest);
    expect(defaultRevision(scenario).name).toBe(run(script(steps), at).result.revision);
    expect(runScenario(scenario).result.revision).toBe(defaultRevision(scenario).name);
  });
});

describe('assuming', () => {
  const late = (rest: string) =>
    script(
      '[{alloc: {group: g, count: 5}}, {free: {group: g}}, {wait: 500ms}, {alloc: {group: h, count: 1}}, {free: {group: h}}]',
      rest,
    );

  it('applies commits at every revision', () => {
    const { result } = run(late('assuming: [workqueue]'), 'R5');
    expect(result.revision).toMatch(/\+86bba269d08f$/);
    expect(result.metrics['work.executed']).toBeGreaterThan(0);
    expect(run(late('assuming: [workqueue]'), 'R14').result.revision).toBe(run(late(''), 'R14').result.revision);
  });

  it('does not count as an added commit for expectations', () => {
    const rest = 'assuming: [workqueue]\nexpect: [{at: R5, that: {metric: {name: work.executed, above: 0}}}]';
    expect(run(late(rest), 'R5').expectations).toMatchObject([{ held: true }]);
    expect(run(late(rest), 'R6').expectations).toEqual([]);
  });

  it('is part of every revision of a bisection', () => {
    const scenario = late('assuming: [workqueue]\nbug: {metric: {name: work.executed, is: 0}}');
    expect(bisectScenario(scenario).tested.some((t) => t.reproduced)).toBe(false);
  });
});

describe('expectations', () => {
  const scenario = script(
    steps,
    `expect:
  - {at: R3..R5, that: {metric: {name: gc.runs, is: 0}}}
  - {at: R14.., with: [mod-delayed-work], that: {metric: {name: gc.runs, is: 0}}}
  - {variant: v, that: {metric: {name: gc.runs, is: 0}}}
  - {at: R26, that: [{metric: {name: gc.runs, is: 0}}, {metric: {name: gc.runs, is: 1}}]}
variants: {v: {machine: {hz: 100}}}`,
  );
  const found = (at: string, variant?: string): string[] =>
    run(scenario, at, { variant }).expectations.map((e) => `${e.place} ${e.held}`);

  it('are those of the revision, its added commits and the variant', () => {
    expect(found('R2')).toEqual([]);
    expect(found('R3')).toEqual(['f.yaml:7:5 true']);
    expect(found('R5')).toEqual(['f.yaml:7:5 true']);
    expect(found('R6')).toEqual([]);
    expect(found('R14+mod-delayed-work')).toEqual(['f.yaml:8:5 true']);
    expect(found('R13+mod-delayed-work')).toEqual([]);
    expect(found('newest+mod-delayed-work+cond-resched')).toEqual([]);
    expect(found('R5-R3')).toEqual([]);
    expect(found('R3', 'v')).toEqual(['f.yaml:9:5 true']);
    expect(found('R26')).toEqual(['f.yaml:10:5 true', 'f.yaml:10:5 false']);
  });

  it('say what was found instead', () => {
    const [, second] = run(scenario, 'R26').expectations;
    expect(second).toMatchObject({ text: 'gc.runs = 1', held: false, found: 'gc.runs = 0' });
    expect(run(scenario, 'R26').ok).toBe(false);
  });
});

describe('variants', () => {
  const scenario = small(
    `network: {debug: 2, devices: {eth0: {}}}
actors: [{name: a, do: [{link_down: {dev: eth0}}, {at: 10 jiffies, mark: m}]}]
until: 20 jiffies
variants:
  fast: {machine: {hz: 1000}}
  old: {machine: {kernel: 2.6.12, cpus: 1}, at: R1}
  quiet: {network: {debug: 0}}`,
    '{hz: 250, cpus: 2, costs: {dst_gc_start: 1ms}}',
  );

  it('change the settings that they name and no others', () => {
    const { fast, old, quiet } = scenario.variantSpecs;
    expect(fast!.machine).toEqual({ ...scenario.machine, hz: 1000 });
    expect(old!.machine).toEqual({ ...scenario.machine, kernel: '2.6.12', cpus: 1 });
    expect(quiet!.network).toEqual({ ...scenario.network, debug: 0 });
    expect(fast!.network).toEqual(scenario.network);
    expect(scenario.variants).toEqual(['fast', 'old', 'quiet']);
  });

  it('count jiffies at their own HZ', () => {
    const moments = (variant?: string) => {
      const { metrics, virtualNs } = run(scenario, 'newest', { variant }).result;
      return [metrics['mark.m_s'], virtualNs];
    };
    expect(moments()).toEqual([0.04, 80_000_000]);
    expect(moments('fast')).toEqual([0.01, 20_000_000]);
  });

  it('have a revision and a kernel of their own', () => {
    const { result } = runScenario(scenario, { variant: 'old' });
    expect(result).toMatchObject({ kernel: '2.6.12', variant: 'old' });
    expect(defaultRevision(scenario, 'old').base.number).toBe(1);
    expect(defaultRevision(scenario, 'fast').base.number).toBe(26);
  });

  it('that do not exist are refused', () => {
    expect(() => run(scenario, 'newest', { variant: 'fats' })).toThrow("f has no variant 'fats'; did you mean 'fast'?");
    expect(() => runScenario(scenario, { variant: 'toString' })).toThrow("f has no variant 'toString'");
  });

  it.each([
    ['2006-08-double-add-timer-as-told', 'kernel-2.6.14'],
    ['2006-08-double-add-timer-as-told', 'kernel-2.6.17'],
    ['2007-02-rounded-timers', 'i386'],
  ])('of %s: %s is as expected', (name, variant) => {
    const report = runScenario(shipped(name), { variant });
    expect(report.expectations.length).toBeGreaterThan(0);
    expect(report.ok).toBe(true);
  });
});
