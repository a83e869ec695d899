import fc from 'fast-check';
import { describe, it } from 'vitest';
import { z } from 'zod';
import { durationSchema } from '../../../src/scenario/read/duration.js';
import { oneKeyOf } from '../../../src/scenario/read/one-key-of.js';
import { complaints } from './helpers.js';

const action: z.ZodType = oneKeyOf(
  {
    mod: z.strictObject({ timer: z.string(), at: durationSchema({ bare: 'jiffies', min: { jiffies: 1 } }) }),
    gc: z.strictObject({ times: z.int().min(1).optional() }),
    repeat: z.strictObject({ steps: z.array(z.lazy(() => action)).min(1) }),
    pick: z.union([z.enum(['up', 'down']), z.int().multipleOf(2), z.tuple([z.string(), z.number().nullable()])]),
    name: z.intersection(z.object({ a: z.literal(1) }), z.object({ b: z.boolean().default(true) })),
  },
  { noun: 'action', common: { cpu: z.int().optional() } },
);
const schema = z.strictObject({ steps: z.array(action), by: z.record(z.string().regex(/^[a-z]$/), action).optional() });

const words = [
  'steps',
  'by',
  'mod',
  'mdo',
  'timer',
  'at',
  'gc',
  'times',
  'repeat',
  'pick',
  'name',
  'cpu',
  'a',
  'b',
  'x',
];
const leaves = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, -1, 2, 1.5, 1e300, 'up', 'dwn', '1 jiffy', '1 jify', '1', '-1s', ''),
  fc.constantFrom(...words),
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    leaves,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...words), tie('tree'), { maxKeys: 3 }),
  ),
}));

describe('validate, on any data,', () => {
  it('gives a value or one-line errors with places', () => {
    const text = (value: unknown): string => JSON.stringify(value);
    const files = fc.oneof(
      tree.map(text),
      fc.array(tree, { maxLength: 3 }).map((steps) => text({ steps })),
      fc.dictionary(fc.constantFrom(...words), tree, { maxKeys: 2 }).map((step) => text({ steps: [step] })),
    );
    fc.assert(
      fc.property(files, (file) => {
        for (const line of complaints(schema, file)) {
          if (!/^\d+:\d+: \S/.test(line) || line.includes('another value')) throw new Error(line);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
