/** Programs around dst.c on the command line: at a revision, on a kernel, and again from their tokens. */
import { beforeAll, describe, expect, it } from 'vitest';
import { build, jiffiesIn, root } from './built.js';

const programs = 'docs/examples/rediscovery/programs.mjs';

beforeAll(build, 180_000);

const jiffies = (...words: string[]) => jiffiesIn(root, words);

describe('a program around dst.c', () => {
  it('is explored at the revision that is asked for, and run there again from its token', () => {
    const found = jiffies(
      'explore',
      `${programs}#noBug`,
      '--at',
      'R4',
      '--strategy',
      'random',
      '--runs',
      '200',
      '--json',
    );
    expect(found.status).toBe(1);
    const { failure, kernel } = JSON.parse(found.stdout) as {
      kernel: string;
      failure: { token: string; kind: string };
    };
    expect([failure.kind, kernel]).toEqual(['bug', '2.6.17']);
    const again = jiffies('run', `${programs}#noBug`, '--schedule', failure.token);
    expect(again.stdout).toContain('kernel BUG at include/linux/timer.h:83!');
    expect(again.status).toBe(1);
  });

  it('runs on the kernel that is asked for', () => {
    const words = ['--at', 'R4', '--kernel', '2.6.14', '--strategy', 'dfs', '--json'];
    const { status, stdout } = jiffies('explore', 'docs/examples/rediscovery/small.mjs#directBug', ...words);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ kernel: '2.6.14', exhaustive: true, failure: null });
  });

  it('is the only one that can be', () => {
    const { status, stderr } = jiffies('explore', 'test/fixtures/third-way.mjs#dst_gc_task', '--at', 'R4');
    expect(status).toBe(2);
    expect(stderr).toMatch(/--at is for scenarios; .* is a program without dst\.c/);
  });
});
