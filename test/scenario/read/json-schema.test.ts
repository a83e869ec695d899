import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { toJsonSchema } from '../../../src/scenario/read/json-schema.js';

const schema = z.strictObject({
  title: z.string().describe('One line.'),
  count: z.int().min(1).max(5).default(2),
  at: z.string().transform((text) => text.length),
});

describe('toJsonSchema', () => {
  it('names dialect, id and title first, and describes what is written', () => {
    const json = toJsonSchema(schema, { id: 'https://example.org/x.json', title: 'X', description: 'About X.' });
    expect(Object.keys(json).slice(0, 4)).toEqual(['$schema', '$id', 'title', 'description']);
    expect(json).toEqual({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: 'https://example.org/x.json',
      title: 'X',
      description: 'About X.',
      type: 'object',
      properties: {
        title: { type: 'string', description: 'One line.' },
        count: { type: 'integer', minimum: 1, maximum: 5, default: 2 },
        at: { type: 'string' },
      },
      required: ['title', 'at'],
      additionalProperties: false,
    });
  });

  it('gives the same text each time', () => {
    const names = { id: 'https://example.org/x.json', title: 'X' };
    expect(JSON.stringify(toJsonSchema(schema, names))).toBe(JSON.stringify(toJsonSchema(schema, names)));
  });
});
