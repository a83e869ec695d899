import type { z } from 'zod';
import { InputErrors, validate } from '../../../src/scenario/read/validate.js';
import { readYaml } from '../../../src/scenario/read/yaml.js';
import { InputError } from '../../../src/sim/errors.js';

/** The error of `run` as `line:column: message`; fails if there is none or it is of another kind. */
export function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof InputError) return lineOf(error);
    throw error;
  }
  throw new Error('nothing was refused');
}

export function refusalOf(text: string | Uint8Array): string {
  return refusal(() => readYaml(text, 'f.yaml'));
}

/** All errors of checking `text` against `schema`. */
export function complaints(schema: z.ZodType, text: string): string[] {
  const source = readYaml(text, 'f.yaml');
  try {
    validate(schema, source);
  } catch (error) {
    if (error instanceof InputErrors) return error.all.map(lineOf);
    throw error;
  }
  return [];
}

function lineOf(error: InputError): string {
  if (/\n/.test(error.message)) throw new Error('the message has several lines');
  return error.place === undefined ? error.message : `${error.place.line}:${error.place.column}: ${error.message}`;
}
