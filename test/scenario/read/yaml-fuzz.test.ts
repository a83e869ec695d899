import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readYaml } from '../../../src/scenario/read/yaml.js';
import { InputError } from '../../../src/sim/errors.js';

/** Reads `data`; anything but data or a one-line InputError with a place fails the test. */
function survives(data: Uint8Array | string): void {
  try {
    const source = readYaml(data, 'f.yaml');
    JSON.stringify(source.value);
    source.placeOf(['a', 0, 'b']);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.message).toMatch(/^[^\n]+$/);
    expect(error.place?.line).toBeGreaterThanOrEqual(1);
    expect(error.place?.column).toBeGreaterThanOrEqual(1);
  }
}

const fragments = [
  ...'[]{},:?-#&*!|>\'"%@` \n\t~0a\\',
  ...[
    '- ',
    '? ',
    ': ',
    '\n  ',
    '\n',
    '---\n',
    '...\n',
    '&a ',
    '*a',
    '!!str ',
    '!x ',
    '<<: ',
    '|+2\n',
    '>-\n',
    '"\\',
    'a: ',
    'b: ',
  ],
  ...['__proto__: ', '%YAML 1.2\n', '.nan', '1e999', '0x', '\r\n', '\ufeff', '\x1f', '\x02', '\x18', '😀', '\ud800'],
];

describe('readYaml, on anything,', () => {
  it('gives data or an InputError: bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), survives), { numRuns: 2000 });
  });

  it('gives data or an InputError: text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 100 }), survives), { numRuns: 2000 });
  });

  it('gives data or an InputError: pieces of YAML', () => {
    const pieces = fc.array(fc.constantFrom(...fragments), { maxLength: 60 }).map((parts) => parts.join(''));
    fc.assert(fc.property(pieces, survives), { numRuns: 10_000 });
  });

  it('gives data or an InputError: long repetitions', () => {
    const repeated = fc.array(fc.constantFrom(...fragments), { minLength: 1, maxLength: 4 }).map((parts) => {
      const text = parts.join('');
      return text.repeat(Math.floor(20_000 / text.length));
    });
    fc.assert(fc.property(repeated, survives), { numRuns: 60 });
  });

  it('reads back JSON', () => {
    const forbidden = new Set(['__proto__', 'constructor', 'prototype', '<<']);
    const hasForbidden = (value: unknown): boolean =>
      typeof value === 'object' &&
      value !== null &&
      Object.entries(value).some(([key, inner]) => forbidden.has(key) || hasForbidden(inner));
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 6 }).filter((value) => !hasForbidden(value)),
        (value) => {
          const text = JSON.stringify(value);
          expect(JSON.stringify(readYaml(text, 'f.yaml').value)).toBe(text);
        },
      ),
      { numRuns: 500 },
    );
  });
});
