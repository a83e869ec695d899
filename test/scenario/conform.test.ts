import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type ConformFile, runConformance } from '../../src/scenario/conform/index.js';
import { InputError } from '../../src/sim/errors.js';

type Case = Record<string, any>;

const files = {
  'timers.json': 30,
  'timers-smp.json': 27,
  'delayed-work.json': 20,
  'delayed-work-smp.json': 16,
  'dst-gc.json': 96,
  'round-jiffies.json': 12,
} as const;

const textOf = (file: string): string => readFileSync(new URL(`../golden/${file}`, import.meta.url), 'utf8');
const casesOf = (file: string): Case[] => JSON.parse(textOf(file));
const conform = (...cases: readonly unknown[]): ConformFile => runConformance(JSON.stringify(cases), 'f.json');

describe('the recorded behaviour', () => {
  it.each(Object.entries(files))('%s: all %i cases', (file, cases) => {
    expect(runConformance(textOf(file), file)).toEqual({
      file,
      cases,
      passed: cases,
      failed: 0,
      unsupported: 0,
      firstMismatch: null,
    });
  });
});

/** The first case of a file with an operation like this, and where that is. */
function find(file: string, wanted: (op: Case) => boolean): { golden: Case; index: number } {
  for (const golden of casesOf(file)) {
    if ((golden['totalTicks'] ?? 0) > 100_000) continue;
    const index = (golden['ops'] as Case[]).findIndex(wanted);
    if (index >= 0) return { golden, index };
  }
  throw new Error(`${file} has no such operation`);
}

/** A wrong value for any recorded one. */
function wrong(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  if (Array.isArray(value)) return value.length === 0 ? [[1, 1]] : value.slice(1);
  if (value === null) return 1;
  return 'wrong';
}

describe('a recording that was changed', () => {
  it.each([
    ['timers.json', 'mod', 'ret'],
    ['timers.json', 'del', 'ret'],
    ['timers.json', 'advance', 'fired'],
    ['timers.json', 'advance', 'actRets'],
    ['timers.json', 'add', 'bug'],
    ['timers-smp.json', 'addOn', 'base'],
    ['timers-smp.json', 'tryDelSync', 'ret'],
    ['timers-smp.json', 'advance', 'fired'],
    ['delayed-work.json', 'queue', 'ret'],
    ['delayed-work.json', 'queue', 'executed'],
    ['delayed-work.json', 'cancel', 'timerPending'],
    ['delayed-work.json', 'releaseWorker', 'executed'],
    ['delayed-work-smp.json', 'queueOn', 'base'],
    ['delayed-work-smp.json', 'queue', 'queuedOn'],
    ['delayed-work-smp.json', 'advance', 'actRets'],
    ['dst-gc.json', 'advance', 'gc'],
    ['dst-gc.json', 'advance', 'destroyed'],
    ['dst-gc.json', 'free', 'gcExpires'],
    ['dst-gc.json', 'release', 'refcnt'],
    ['dst-gc.json', 'inspect', 'obsolete'],
    ['dst-gc.json', 'inspect', 'discard'],
  ])('%s: %s, %s', (file, op, field) => {
    const { golden, index } = find(file, (o) => o['op'] === op && o[field] !== undefined);
    const expected = wrong(golden['ops'][index][field]);
    const actual = golden['ops'][index][field];
    golden['ops'][index][field] = expected;
    expect(conform(golden)).toEqual({
      file: 'f.json',
      cases: 1,
      passed: 0,
      failed: 1,
      unsupported: 0,
      firstMismatch: { case: golden['name'], op: index, field, expected, actual },
    });
  });

  it('a row of round-jiffies.json', () => {
    const [golden] = casesOf('round-jiffies.json');
    golden!['ops'][3][4]++;
    expect(conform(golden).firstMismatch).toMatchObject({ op: 3, field: 'rounded' });
    golden!['ops'][3][4]--;
    golden!['ops'][2][6]++;
    expect(conform(golden).firstMismatch).toMatchObject({ op: 2, field: 'relative' });
  });

  it.each([
    ['timers.json', 'pending'],
    ['timers.json', 'jiffies'],
    ['timers-smp.json', 'timerJiffies'],
    ['timers-smp.json', 'held'],
    ['delayed-work.json', 'worklist'],
    ['delayed-work-smp.json', 'worklists'],
    ['delayed-work-smp.json', 'workersHeld'],
    ['dst-gc.json', 'garbage'],
    ['dst-gc.json', 'devRefs'],
    ['dst-gc.json', 'timerInc'],
  ])('%s: the final %s', (file, field) => {
    const { golden } = find(file, () => true);
    golden['final'][field] = wrong(golden['final'][field]);
    expect(conform(golden).firstMismatch).toMatchObject({ case: golden['name'], op: -1, field });
  });

  it('that lacks a result, or has one too many', () => {
    const { golden, index } = find('timers.json', (o) => o['op'] === 'mod');
    delete golden['ops'][index]['ret'];
    expect(conform(golden).firstMismatch).toMatchObject({ op: index, field: 'ret', expected: null });
    const fires = find('timers.json', (o) => o['op'] === 'advance' && o['actRets'] === undefined);
    fires.golden['ops'][fires.index]['actRets'] = [[1, 2, 3]];
    expect(conform(fires.golden).firstMismatch).toMatchObject({ op: fires.index, field: 'actRets', actual: null });
  });

  it('counts each case, and shows the first that failed', () => {
    const [a, b] = casesOf('timers.json');
    const broken = structuredClone(b!);
    broken['final']['jiffies']++;
    expect(conform(a, broken, b, { ...broken, name: 'other' })).toMatchObject({
      cases: 4,
      passed: 2,
      failed: 2,
      firstMismatch: { case: broken['name'] },
    });
  });
});

describe('what is not known', () => {
  const [timers] = casesOf('timers.json');
  const [works] = casesOf('delayed-work.json');
  const [gc] = casesOf('dst-gc.json');
  const hostile = 'toString';

  it.each([
    ['an operation on timers', { ...timers, ops: [{ op: 'explode', timer: 0 }] }],
    ['an operation on works', { ...works, ops: [{ op: 'explode', work: 0 }] }],
    ['an operation on entries', { ...gc, ops: [{ op: 'explode', id: 0 }] }],
    ['an operation called like a method', { ...timers, ops: [{ op: hostile, timer: 0 }] }],
    ['a revision', { ...gc, revision: 'no-such-thing' }],
    ['an action of a handler', { ...timers, behaviours: [{ timer: 0, onFire: [{ op: 'explode', timer: 0 }] }] }],
    ['an operation without its input', { ...timers, ops: [{ op: 'advance' }] }],
    ['a kind of case', { name: 'x', hz: 100, initialJiffies: 0, cpus: 1, ops: [] }],
  ])('is unsupported: %s', (_, golden) => {
    expect(conform(golden)).toMatchObject({ cases: 1, passed: 0, failed: 0, unsupported: 1, firstMismatch: null });
  });
});

describe('an input that makes no sense', () => {
  const [timers] = casesOf('timers.json');

  it.each([
    [{ op: 'mod', timer: 0, expires: 1.5, ret: 0 }, 'mod_timer: '],
    [{ op: 'mod', timer: 999, expires: 5, ret: 0 }, "there is no timer 't999'"],
    [{ op: 'mod', timer: 0, expires: -5, ret: 0 }, 'mod_timer: '],
  ])('fails its case: %j', (op, message) => {
    const { failed, firstMismatch } = conform({ ...timers, ops: [op] });
    expect(failed).toBe(1);
    expect(firstMismatch).toMatchObject({ op: -1, field: 'error', actual: expect.stringContaining(message) });
  });
});

describe('what is no golden file', () => {
  it.each([
    ['', /^f\.json: not JSON: /],
    ['{', /^f\.json: not JSON: /],
    ['{}', /^f\.json: expected a JSON array of cases, found object$/],
    ['null', /^f\.json: expected a JSON array of cases, found object$/],
    ['[1]', /^f\.json: case 0 is not a golden case/],
    ['[{"name": "x", "hz": 300, "ops": []}]', /^f\.json: case 0 is not a golden case/],
    ['[{"name": "x", "hz": 100, "initialJiffies": 0, "cpus": 1, "ops": 5}]', /^f\.json: case 0 is not a golden case/],
    ['[{"name": "x", "hz": 100, "initialJiffies": "soon", "cpus": 1, "timers": 1, "ops": []}]', /^f\.json: case 0/],
    ['[{"name": "x", "hz": 100, "initialJiffies": 0, "cpus": 1000, "timers": 1, "ops": []}]', /^f\.json: case 0/],
    ['[{"name": "x", "hz": 100, "initialJiffies": 0, "cpus": 1, "timers": 1, "ops": [5]}]', /^f\.json: case 0/],
    ['[{"name": "x", "hz": 100, "initialJiffies": 0, "cpus": 1, "timers": 1, "ops": [null]}]', /^f\.json: case 0/],
  ])('%s', (text, message) => {
    expect(() => runConformance(text, 'f.json')).toThrow(InputError);
    expect(() => runConformance(text, 'f.json')).toThrow(message);
  });

  it('but nothing at all is nothing failed', () => {
    expect(runConformance('[]', 'f.json')).toEqual({
      file: 'f.json',
      cases: 0,
      passed: 0,
      failed: 0,
      unsupported: 0,
      firstMismatch: null,
    });
  });
});
