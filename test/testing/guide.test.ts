/** What docs/how-to/test-races.md shows of the matchers is what they say. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Program } from '../../src/explore/program.js';
import '../../src/testing/vitest.js';
import { root } from '../cli/built.js';

const guide = readFileSync(join(root, 'docs/how-to/test-races.md'), 'utf8');

/** The first block of a language. */
function block(language: string): string {
  return new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(guide)![1]!;
}

it('the ten lines fail as the guide says', () => {
  const [, text] = /expect\((\(p\) => \{[\s\S]*?\n {2}\})\)\.toHold\(\);/.exec(block('ts'))!;
  const program = new Function(`return ${text!.replaceAll(': number', '')};`)() as Program;
  let said = '';
  try {
    expect(program).toHold();
  } catch (error) {
    said = (error as Error).message;
  }
  expect(`${said}\n`).toBe(block('text'));
});
