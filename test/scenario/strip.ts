/** A shipped scenario, or its smaller form, without everything in it that says at which revisions what should happen. */
import { parseDocument } from 'yaml';
import type { Scenario } from '../../src/scenario/load.js';
import { load } from './helpers.js';
import { smallerText } from './smaller.js';

const tellTales = ['fixedBy', 'introducedBy', 'related', 'at', 'expect', 'withoutFix'] as const;

/** `changes`: other top-level values. */
export function stripped(name: string, changes: Readonly<Record<string, unknown>> = {}): Scenario {
  const document = parseDocument(smallerText(name));
  for (const key of tellTales) document.delete(key);
  for (const [key, value] of Object.entries(changes)) document.set(key, value);
  return load(document.toString(), `scenarios/${name}.yaml`);
}
