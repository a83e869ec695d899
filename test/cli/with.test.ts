/** `--with`: a fix of one's own, by the built program. */
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outputSchemas } from '../../src/cli/output-schemas.js';
import type { OutputName } from '../../src/cli/schema-names.js';
import { build, jiffiesIn, type Outcome, root } from './built.js';

const scenario = '2008-09-delayed-work-not-rescheduled';
const third = './test/fixtures/third-way.mjs';
const sha256 = createHash('sha256')
  .update(readFileSync(join(root, third)))
  .digest('hex');
const named = { file: third, sha256, functions: ['__dst_free', 'dst_gc_task'] };

let folder = '';
const jiffies = (...words: readonly string[]): Outcome => jiffiesIn(root, words);

beforeAll(() => {
  build();
  folder = mkdtempSync(join(tmpdir(), 'jiffies-with-'));
}, 180_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function json(name: OutputName, { status, stdout, stderr }: Outcome, wanted: number): any {
  expect({ status, stderr }).toEqual({ status: wanted, stderr: '' });
  return outputSchemas[name].parse(JSON.parse(stdout));
}

/** Runs the scenario with a module of this text, in a folder that is no part of this package. */
function withText(text: string, ...words: readonly string[]): Outcome {
  writeFileSync(join(folder, 'my.mjs'), text);
  return jiffiesIn(folder, ['run', scenario, '--at', 'R24', '--with', 'my.mjs', ...words]);
}

describe('the third way', () => {
  it('mends the bug at R24, and is named in the verdict', () => {
    const plain = json('run', jiffies('run', scenario, '--at', 'R24', '--json'), 0);
    expect(plain.metrics['gc.after_free_s']).toBeGreaterThan(60);
    const own = json('run', jiffies('run', scenario, '--at', 'R24', '--with', third, '--json'), 0);
    expect(own.metrics['gc.after_free_s']).toBeLessThanOrEqual(0.101);
    expect(own.metrics['garbage.longest_wait_s']).toBeLessThanOrEqual(0.101);
    expect(own.with).toEqual(named);
    const { status, stdout } = jiffies('run', scenario, '--at', 'R24', '--with', third);
    expect(status).toBe(0);
    expect(stdout).toContain(`in place of __dst_free, dst_gc_task; sha256 ${sha256.slice(0, 12)}`);
    expect(stdout).toMatch(/bug not reproduced: .*\n✓ nothing unexpected with \.\/test\/fixtures\/third-way\.mjs/);
  });

  it('leaves nothing for replay and bisect to show', () => {
    const { results } = json('replay', jiffies('replay', scenario, '--with', third, '--json'), 1);
    expect(results).toMatchObject([
      { before: { reproduced: false }, after: { reproduced: false }, verdict: 'not reproduced', with: named },
    ]);
    expect(jiffies('replay', scenario, '--with', third).stdout).toContain('the bug shows on neither side');
    const bisected = json('bisect', jiffies('bisect', scenario, '--with', third, '--json'), 0);
    expect(bisected).toMatchObject({ commit: null, introducedBy: null, with: named });
    expect(bisected.tested.every(({ reproduced }: any) => !reproduced)).toBe(true);
    expect(jiffies('bisect', scenario, '--with', third).stdout).toContain('the bug shows at no revision');
  });

  it('parts from the revision it was run at where it does something else', () => {
    const diff = json('diff', jiffies('diff', scenario, 'R24', 'R24', '--with', third, '--json'), 0);
    expect(diff).toMatchObject({ same: false, with: named });
    expect(diff.rightEvents[0]).toContain('dst_gc_second');
  });

  it('says which of its functions were not called', () => {
    const { notes } = json('run', jiffies('run', scenario, '--at', 'R1', '--with', third, '--json'), 0);
    expect(notes).toEqual([`${third}: dst_gc_task was never called in this run`]);
  });
});

describe('a fix that does nothing', () => {
  const idle = 'export function* __dst_free(dc, dst, original) {\n  yield* original(dc, dst);\n}\n';

  it('gives the same events, and another fingerprint for each text', () => {
    const plain = JSON.parse(jiffies('run', scenario, '--at', 'R24', '--json').stdout);
    const first = JSON.parse(withText(idle, '--json').stdout);
    const { with: _, fingerprint, ...rest } = first;
    const { fingerprint: before, ...events } = plain;
    expect(rest).toEqual(events);
    const prints = [before, fingerprint, JSON.parse(withText(`${idle}// more\n`, '--json').stdout).fingerprint];
    expect(new Set(prints).size).toBe(3);
    expect(JSON.parse(withText(idle, '--json').stdout).fingerprint).toBe(fingerprint);
  });

  it('leaves the bug where it was', () => {
    writeFileSync(join(folder, 'idle.mjs'), idle);
    const words = [scenario, '--with', 'idle.mjs', '--json'];
    const { results } = json('replay', jiffiesIn(folder, ['replay', ...words]), 0);
    expect(results[0].verdict).toBe('replayed');
    const { commit } = json('bisect', jiffiesIn(folder, ['bisect', ...words]), 1);
    expect(commit.id).toMatch(/^f262b59becc3/);
  });

  it('may come from a factory, made anew for each run', () => {
    const factory = `export default ({ busy }) => {
      let calls = 0;
      return { *dst_free(dc, dst, original) { if (++calls === 3) yield busy(7); yield* original(dc, dst); } };
    };`;
    expect(withText(factory).status).toBe(0);
  });

  it('gets what the function declares, and may see its answer', () => {
    const text = `import { events } from 'jiffies';
export function* dst_destroy(dc, dst, tally, original) {
  const child = yield* original(dc, dst, tally);
  if (typeof original !== 'function' || child !== null || events === undefined) throw new Error('not so');
  return child;
}`;
    expect(withText(text)).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('refused is', () => {
  it.each([
    [
      'export function* __dst_fre() {}',
      "my.mjs: there is no function '__dst_fre' to replace; did you mean '__dst_free'?",
    ],
    ['export function __dst_free() {}', 'my.mjs: __dst_free is a plain function; expected a generator function'],
    ['export async function* __dst_free() {}', 'my.mjs: __dst_free is an async generator; expected'],
    ['export const __dst_free = 3;', 'my.mjs: __dst_free is a value of type number; expected'],
    ['export default 3;', 'my.mjs: its default export is a value of type number; expected a function that answers'],
    ['export default async () => ({});', 'my.mjs: its default export answered a promise; expected'],
    ['export default () => { throw new RangeError("no"); };', 'my.mjs: its default export threw RangeError: no'],
    ['export default () => ({}); export function* dst_free() {}', "exports a default and 'dst_free'; use either"],
    ['export {};', 'my.mjs: it exports nothing; expected generator functions such as __dst_free'],
    ['export const x = ;', "cannot load 'my.mjs': SyntaxError: "],
    ["import 'no-such-package';", "cannot load 'my.mjs': Error: Cannot find package"],
    [
      'export function* dst_gc_task() {\n  yield 5;\n}',
      'dst_gc_task yielded a value of type number; expected an operation',
    ],
    ['export function* dst_gc_task(dc) {\n  dc.no.x = 1;\n}', 'dst_gc_task threw TypeError: '],
  ])('%j', (text, message) => {
    const { status, stdout, stderr } = withText(text, '--json');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('a file that is not there, or is a folder', () => {
    const outcome = (path: string): Outcome => jiffiesIn(folder, ['replay', scenario, '--with', path]);
    expect(outcome('none.mjs')).toMatchObject({ status: 2, stderr: "jiffies: cannot read 'none.mjs': no such file\n" });
    expect(outcome('.')).toMatchObject({ status: 2, stderr: "jiffies: cannot read '.': it is a directory\n" });
  });

  it('one that does not do the same again', () => {
    const text = `import { busy } from 'jiffies';
let runs = 0;
export function* __dst_free(dc, dst, original) {
  if (runs++ > 25) yield busy(1000);
  yield* original(dc, dst);
}`;
    const { status, stdout, stderr } = withText(text, '--json');
    expect({ status, stdout }).toEqual({ status: 4, stdout: '' });
    expect(stderr).toMatch(/^jiffies: with my\.mjs, two runs of .* at 8d3308687f7f differ and two more do not; /);
    const random = text.replace('runs++ > 25', 'Math.random() < 0.5');
    expect(withText(random).status).toBe(4);
  });
});
