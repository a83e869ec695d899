import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { type Duration, durationSchema } from '../../../src/scenario/read/duration.js';
import { toJsonSchema } from '../../../src/scenario/read/json-schema.js';
import { oneKeyOf } from '../../../src/scenario/read/one-key-of.js';
import { validate } from '../../../src/scenario/read/validate.js';
import { readYaml } from '../../../src/scenario/read/yaml.js';
import { InternalError } from '../../../src/sim/errors.js';
import { complaints } from './helpers.js';

const action = oneKeyOf(
  {
    mod_timer: z.strictObject({ timer: z.string(), expires: durationSchema() }),
    del_timer: z.strictObject({ timer: z.string() }),
    gc: z.strictObject({ times: z.int().default(1) }),
    sleep: durationSchema(),
  },
  { noun: 'action', common: { cpu: z.int().min(0).max(63).optional() } },
);
const read = (text: string) => validate(action, readYaml(text, 'f.yaml'));

describe('oneKeyOf', () => {
  it('gives kind and arguments, with types', () => {
    const value = read('{mod_timer: {timer: t1, expires: 10 jiffies}, cpu: 1}');
    expect(value).toEqual({ kind: 'mod_timer', timer: 't1', expires: { unit: 'jiffies', value: 10 }, cpu: 1 });
    expect(read('sleep: 1s')).toEqual({ kind: 'sleep', value: { unit: 'ns', value: 1_000_000_000 } });
    expectTypeOf(value.kind).toEqualTypeOf<'mod_timer' | 'del_timer' | 'gc' | 'sleep'>();
    if (value.kind === 'mod_timer') expectTypeOf(value.expires).toEqualTypeOf<Duration>();
    if (value.kind === 'sleep') expectTypeOf(value.value).toEqualTypeOf<Duration>();
    expectTypeOf(value.cpu).toEqualTypeOf<number | undefined>();
  });

  it('takes nothing for arguments that are all optional', () => {
    expect(read('gc:')).toEqual({ kind: 'gc', times: 1 });
    expect(read('gc: {}')).toEqual({ kind: 'gc', times: 1 });
    expect(read('gc: {times: 2}')).toEqual({ kind: 'gc', times: 2 });
  });

  it.each([
    [
      '{mod_timr: {timer: t1}}',
      "1:2: unknown action 'mod_timr', expected one of mod_timer, del_timer, gc, sleep, cpu; did you mean 'mod_timer'?",
    ],
    [
      '{mod_timer: {timer: t1, expire: 1s, expires: 1s}}',
      "1:25: mod_timer: unknown key 'expire', expected one of timer, expires; did you mean 'expires'?",
    ],
    [
      '{mod_timer: {timer: t1, expires: 25}}',
      '1:34: mod_timer.expires: expected a duration with a unit (jiffies, ns, us, ms, s, min, h), found 25',
    ],
    [
      '{mod_timer: {timer: t1}}',
      "1:2: mod_timer: missing 'expires', expected a duration with a unit (jiffies, ns, us, ms, s, min, h)",
    ],
    ['{mod_timer: }', '1:2: mod_timer: expected a mapping (timer, expires), found nothing'],
    ['{del_timer: {timer: t}, cpu: 64}', '1:30: cpu: expected a whole number from 0 to 63, found 64'],
    ['{del_timer: {timer: t}, gc: }', '1:25: gc: expected one action, found 2: del_timer, gc'],
    ['{cpu: 1}', '1:1: missing the action'],
    ['{}', '1:1: missing the action'],
    ['gc: {times: x}', "1:13: gc.times: expected a whole number, found 'x'"],
    ['gc: 3', '1:5: gc: expected nothing or a mapping (times), found 3'],
    ['gc', "1:1: expected one action with its settings, found 'gc'"],
  ])('refuses %s', (text, expected) => {
    expect(complaints(action, text)).toEqual([expected]);
  });

  it('points into lists', () => {
    expect(complaints(z.array(action), '- gc:\n- {cpu: 1}\n- sleep: 5\n')).toEqual([
      '2:3: [1]: missing the action',
      '3:10: [2].sleep: expected a duration with a unit (jiffies, ns, us, ms, s, min, h), found 5',
    ]);
  });

  it('nests', () => {
    type Step = { kind: 'repeat'; steps: unknown[] } | { kind: 'stop' };
    const step: z.ZodType<Step> = oneKeyOf(
      { repeat: z.strictObject({ steps: z.array(z.lazy(() => step)) }), stop: z.strictObject({}) },
      { noun: 'step' },
    );
    const text = 'repeat:\n  steps:\n    - stop:\n    - stp:\n';
    expect(complaints(step, text)).toEqual([
      "4:7: repeat.steps[1]: unknown step 'stp', expected one of repeat, stop; did you mean 'stop'?",
    ]);
    expect(JSON.stringify(toJsonSchema(step, { id: 'https://example.org/s', title: 's' }))).toContain('"$ref"');
  });

  it('is one object in JSON Schema', () => {
    const names = { id: 'https://example.org/a', title: 'a' };
    expect(toJsonSchema(action, names)).toMatchObject({
      type: 'object',
      additionalProperties: false,
      oneOf: [{ required: ['mod_timer'] }, { required: ['del_timer'] }, { required: ['gc'] }, { required: ['sleep'] }],
      properties: {
        mod_timer: { type: 'object', required: ['timer', 'expires'] },
        gc: { anyOf: [{ type: 'null' }, { type: 'object' }] },
        sleep: { type: 'string' },
      },
    });
    const bare = oneKeyOf({ a: z.string() }, { noun: 'action' });
    expect(toJsonSchema(bare, names)).toMatchObject({ minProperties: 1, maxProperties: 1 });
    expectTypeOf<z.output<typeof bare>>().toEqualTypeOf<{ kind: 'a'; value: string }>();
  });

  it('refuses names that clash', () => {
    const options = { noun: 'action', common: { cpu: z.int() } };
    expect(() => oneKeyOf({ cpu: z.int() }, options)).toThrow(InternalError);
    expect(() => oneKeyOf({ a: z.object({ cpu: z.int() }) }, options)).toThrow(InternalError);
    expect(() => oneKeyOf({ a: z.object({ kind: z.int() }) }, { noun: 'action' })).toThrow(InternalError);
  });
});
