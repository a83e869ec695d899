import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { withHint } from '../../../src/scenario/read/hints.js';
import { InputErrors, validate } from '../../../src/scenario/read/validate.js';
import { readYaml } from '../../../src/scenario/read/yaml.js';
import { complaints } from './helpers.js';

const scenario = z.strictObject({
  title: z.string().min(1),
  machine: z.strictObject({
    cpus: z.int().min(1).max(64),
    hz: z.int().positive().default(250),
    preempt: z.enum(['none', 'voluntary', 'full']).optional(),
    rate: z.number().gt(0).lt(1).optional(),
  }),
  tags: z.array(z.string()).max(2).optional(),
  devices: z.record(z.string().regex(/^[a-z]+[0-9]*$/), z.strictObject({ up: z.boolean() })).optional(),
});
const withMachine = (machine: string): string => `title: t\nmachine: ${machine}\n`;

describe('validate', () => {
  it('gives the checked value, with its type', () => {
    const value = validate(scenario, readYaml(withMachine('{cpus: 2}'), 'f'));
    expect(value).toEqual({ title: 't', machine: { cpus: 2, hz: 250 } });
    expectTypeOf(value.machine.hz).toEqualTypeOf<number>();
  });

  it.each([
    ['-3', '-3'],
    ['65', '65'],
    ['0', '0'],
    ['1.5', '1.5'],
    ['1e400', '1e400'],
    ['.inf', '.inf'],
    ['.nan', '.nan'],
    ['0x1000', '0x1000'],
    ['99999999999999999999', '99999999999999999999'],
    ['two', "'two'"],
    ['"2"', "'2'"],
    ['true', 'true'],
    ['', 'nothing'],
    ['[1, 2]', 'a list'],
    ['[]', 'an empty list'],
    ['{a: 1, b: 2, c: 3, d: 4}', 'a mapping (a, b, c, …)'],
  ])('a number that is %j', (written, found) => {
    expect(complaints(scenario, `title: t\nmachine:\n  cpus: ${written}\n`)).toEqual([
      expect.stringMatching(/^3:\d+: /),
    ]);
    const [line] = complaints(scenario, `title: t\nmachine:\n  cpus: ${written}\n`);
    expect(line?.replace(/^3:\d+: /, '')).toBe(`machine.cpus: expected a whole number from 1 to 64, found ${found}`);
  });

  it.each([
    [
      'an unknown key',
      '{cpus: 1, prempt: full}',
      "2:20: machine: unknown key 'prempt', expected one of cpus, hz, preempt, rate; did you mean 'preempt'?",
    ],
    [
      'an unknown key like none',
      '{cpus: 1, zebra: 1}',
      "2:20: machine: unknown key 'zebra', expected one of cpus, hz, preempt, rate",
    ],
    [
      'a name not of the list',
      '{cpus: 1, preempt: ful}',
      "2:29: machine.preempt: expected one of none, voluntary, full, found 'ful'; did you mean 'full'?",
    ],
    ['a missing key', '{hz: 100}', "2:1: machine: missing 'cpus', expected a whole number from 1 to 64"],
    ['a lower bound', '{cpus: 1, hz: 0}', '2:24: machine.hz: expected a whole number greater than 0, found 0'],
    [
      'open bounds',
      '{cpus: 1, rate: 1}',
      '2:26: machine.rate: expected a number greater than 0 and less than 1, found 1',
    ],
    ['no mapping', 'fast', "2:10: machine: expected a mapping (cpus, hz, preempt, rate), found 'fast'"],
    [
      'control characters',
      '{"a\\x1bb": 1, cpus: 1}',
      "2:11: machine: unknown key 'a\\x1bb', expected one of cpus, hz, preempt, rate",
    ],
  ])('%s', (_, machine, expected) => {
    expect(complaints(scenario, withMachine(machine))).toEqual([expected]);
  });

  it.each([
    ['tags: [a, 2]', '1:11: tags[1]: expected text, found 2'],
    ['tags: [a, b, c]', '1:7: tags: expected a list of at most 2 items, found a list'],
    ['devices: {eth0: {up: yes}}', "1:22: devices.eth0.up: expected true or false, found 'yes'"],
    ['devices: {Eth: {up: true}}', "1:11: devices: expected text of the form ^[a-z]+[0-9]*$ as key, found 'Eth'"],
    ['devices: {eth0: }', '1:11: devices.eth0: expected a mapping (up), found nothing'],
  ])('%s', (text, expected) => {
    const [line] = complaints(scenario.partial(), text);
    expect(line).toBe(expected);
  });

  it('reports the root', () => {
    expect(complaints(scenario, '[1]')).toEqual([
      '1:1: expected a mapping (title, machine, tags, devices), found a list',
    ]);
    expect(complaints(z.strictObject({ a: z.string() }), '{}')).toEqual(["1:1: missing 'a', expected text"]);
  });

  it('uses hints, and messages of refinements', () => {
    const even = withHint(z.int(), { expected: 'an even number' }).refine((n) => n % 2 === 0, 'it is odd');
    expect(complaints(z.object({ n: even }), 'n: x')).toEqual(["1:4: n: expected an even number, found 'x'"]);
    expect(complaints(z.object({ n: even }), 'n: 3')).toEqual(['1:4: n: it is odd']);
  });

  it('points into what an alias stands for', () => {
    expect(complaints(z.object({ b: z.array(z.string()) }), 'a: &x [k, 7]\nb: *x')).toEqual([
      '1:11: b[1]: expected text, found 7',
    ]);
  });

  it('lists errors in the order of the file', () => {
    const text = 'machine:\n  preempt: x\n  cpu: 2\n  cpus: 0\nbogus: 1\ntitle: ""\n';
    expect(complaints(scenario, text).map((line) => line.split(': ', 1)[0])).toEqual([
      '2:12',
      '3:3',
      '4:9',
      '5:1',
      '6:8',
    ]);
  });

  it('lists twenty and counts the rest', () => {
    const source = readYaml(`tags: [${Array(50).fill('1').join(', ')}]`, 'f.yaml');
    try {
      validate(z.object({ tags: z.array(z.string()) }), source);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(InputErrors);
      const errors = error as InputErrors;
      expect(errors.all).toHaveLength(20);
      expect(errors.total).toBe(50);
      expect(errors.exitCode).toBe(2);
      expect(errors.message).toBe('tags[0]: expected text, found 1');
      expect(errors.place).toEqual({ file: 'f.yaml', line: 1, column: 8 });
    }
  });
});

describe('unions', () => {
  const byDo = z.discriminatedUnion('do', [
    z.strictObject({ do: z.literal('alloc'), count: z.int().min(1).max(10) }),
    z.strictObject({ do: z.literal('release'), dst: z.string() }),
  ]);
  const plain = z.union([
    z.strictObject({ do: z.literal('alloc'), count: z.int().min(1) }),
    z.strictObject({ do: z.literal('release'), dst: z.string() }),
  ]);
  const singles = z.union([
    z.strictObject({ alloc: z.strictObject({ count: z.int() }) }),
    z.strictObject({ release: z.strictObject({ dst: z.string() }) }),
  ]);

  it.each([
    ['{do: alloc, count: 99}', '1:20: count: expected a whole number from 1 to 10, found 99'],
    ['{do: alloc, count: x}', "1:20: count: expected a whole number from 1 to 10, found 'x'"],
    ['{do: release, count: 1, dst: d}', "1:15: unknown key 'count', expected one of do, dst"],
    ['{do: releese}', "1:6: do: expected one of alloc, release, found 'releese'; did you mean 'release'?"],
    ['{count: 3}', "1:1: missing 'do', expected one of alloc, release"],
    ['x', "1:1: expected a mapping (do, count) or a mapping (do, dst), found 'x'"],
  ])('with a discriminator: %s', (text, expected) => {
    expect(complaints(byDo, text)).toEqual([expected]);
    expect(complaints(z.array(byDo), `- ${text}`)).toEqual([
      expect.stringContaining(expected.replace(/^\d+:\d+: (\w+: )?/, '')),
    ]);
  });

  it.each([
    ['{do: alloc, count: 0}', '1:20: count: expected a whole number of at least 1, found 0'],
    ['{do: release, dst: 1}', '1:20: dst: expected text, found 1'],
    ['{do: releese}', "1:6: do: expected one of alloc, release, found 'releese'; did you mean 'release'?"],
  ])('with literals: %s', (text, expected) => {
    expect(complaints(plain, text)).toEqual([expected]);
  });

  it.each([
    ['{release: {dst: 1}}', '1:17: release.dst: expected text, found 1'],
    ['{release: {dts: d}}', "1:12: release: unknown key 'dts', expected 'dst'; did you mean 'dst'?"],
    ['{releas: {dst: d}}', "1:2: unknown key 'releas', expected one of alloc, release; did you mean 'release'?"],
  ])('with single keys: %s', (text, expected) => {
    expect(complaints(singles, text)[0]).toBe(expected);
  });

  it('of kinds', () => {
    const schema = z.union([z.int().min(1), z.strictObject({ every: z.int() }), z.literal('never')]);
    expect(complaints(schema, '0')).toEqual(['1:1: expected a whole number of at least 1, found 0']);
    expect(complaints(schema, '{every: x}')).toEqual(["1:9: every: expected a whole number, found 'x'"]);
    expect(complaints(schema, 'nevr')).toEqual([
      "1:1: expected a whole number of at least 1 or a mapping (every) or 'never', found 'nevr'; did you mean 'never'?",
    ]);
    expect(complaints(schema, '[]')).toEqual([
      "1:1: expected a whole number of at least 1 or a mapping (every) or 'never', found an empty list",
    ]);
  });

  it('of unions', () => {
    const schema = z.union([z.union([z.literal('never'), z.int().min(1)]), z.strictObject({ every: z.int() })]);
    expect(complaints(schema, 'nevr')[0]).toMatch(/found 'nevr'; did you mean 'never'\?$/);
    expect(complaints(schema, '0')).toEqual(['1:1: expected a whole number of at least 1, found 0']);
    expect(complaints(schema, '{evry: 1}')).toEqual([
      "1:2: unknown key 'evry', expected 'every'; did you mean 'every'?",
    ]);
  });
});

describe('much that is wrong', () => {
  it('is reported in time', () => {
    const items = z.array(z.union([z.string(), z.strictObject({ a: z.string() })]));
    const text = `[${Array(20_000).fill('{b: 1}').join(', ')}]`;
    expect(complaints(items, text)).toHaveLength(20);
  });
});
