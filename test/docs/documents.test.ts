/**
 * Everything that README.md and docs/ show of the program is what the program does. `npx vitest run test/docs -u`
 * brings them up to date; read the difference before committing it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { build, root } from '../cli/built.js';
import { readFiles } from '../house/source.js';
import { madeTrue } from './examples.js';
import { generators } from './generators.js';
import { builtProgram, type Program, Shell } from './shell.js';

const paths = readFiles((path) => /^(?:README|docs\/.*)\.md$/.test(path)).map(({ path }) => path);

let program: Program;

beforeAll(async () => {
  build();
  program = await builtProgram();
}, 180_000);

describe('what the documents show (after a change: npx vitest run test/docs -u)', () => {
  it.each(paths)('in %s is true', { timeout: 300_000 }, async (path) => {
    const shell = new Shell(program);
    try {
      const text = readFileSync(join(root, path), 'utf8');
      await expect(await madeTrue(text, shell, generators)).toMatchFileSnapshot(join(root, path));
    } finally {
      shell.remove();
    }
  });
});
