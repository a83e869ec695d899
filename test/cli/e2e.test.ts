import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands/index.js';
import { outputSchemas } from '../../src/cli/output-schemas.js';
import type { OutputName } from '../../src/cli/schema-names.js';
import { build, jiffiesIn, type Outcome, program, root } from './built.js';

let folder = '';
/** A scenario that is quick at both sides of its fix. */
const quick = '2006-08-double-add-timer';

const jiffies = (...words: readonly string[]): Outcome => jiffiesIn(root, words);
const own = (...words: readonly string[]): Outcome => jiffiesIn(folder, words);

beforeAll(() => {
  build();
  folder = mkdtempSync(join(tmpdir(), 'jiffies-e2e-'));
  expect(own('new', 'first')).toMatchObject({ status: 0, stderr: '' });
}, 180_000);

afterAll(() => {
  if (folder !== '') rmSync(folder, { recursive: true, force: true });
});

/** What `--json` printed, which must fit its schema and come with nothing on stderr. */
function json(name: OutputName, { status, stdout, stderr }: Outcome, wanted = 0): any {
  expect({ status, stderr }).toEqual({ status: wanted, stderr: '' });
  const value = JSON.parse(stdout);
  expect(outputSchemas[name].parse(value)).toEqual(value);
  expect(Object.keys(value)[0]).toBe('schema');
  return value;
}

/** `first.yaml` with something else in the place of a part, as `name.yaml`. */
function variation(name: string, part: string | RegExp, instead: string): string {
  const text = readFileSync(join(folder, 'scenarios', 'first.yaml'), 'utf8');
  const changed = text.replace(part, instead);
  expect(changed).not.toBe(text);
  writeFileSync(join(folder, `${name}.yaml`), changed);
  return `${name}.yaml`;
}

describe('the built program', () => {
  it('has a shebang and its version', () => {
    expect(readFileSync(program, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(jiffies('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('helps', () => {
    const all = jiffies('--help');
    expect(all).toMatchObject({ status: 0, stderr: '' });
    for (const { name } of commands) expect(all.stdout).toContain(`jiffies ${name}`);
    const one = jiffies('run', '--help');
    expect(one).toMatchObject({ status: 0, stderr: '' });
    expect(one.stdout).toContain('Examples:');
  });

  it.each([
    [['rn'], "jiffies: unknown command 'rn'; did you mean 'run'?\n"],
    [['run', quick, '--sed', '1'], "jiffies: run: unknown option '--sed'; did you mean '--seed'?\n"],
    [
      ['run', quick, '--seed', 'abc', '--json'],
      "jiffies: --seed takes a whole number from 0 to 4294967295, found 'abc'\n",
    ],
    [['run', '2006-08-double-ad-timer', '--json'], `did you mean '${quick}'?\n`],
    [['run', 'scenarios', '--json'], "jiffies: no scenario 'scenarios'"],
    [['run', './scenarios', '--json'], "jiffies: cannot read './scenarios': it is a directory\n"],
    [['run', quick, '--at', '2.6.30', '--json'], 'jiffies: --at: '],
    [['bisect', '2007-10-armed-while-running', '--json'], 'to bisect by'],
    [['show', 'nothing', '--json'], "jiffies: unknown commit 'nothing'"],
    [['conform', 'package.json', '--json'], 'jiffies: package.json: expected a JSON array'],
    [['conform', 'README.md', '--json'], 'jiffies: '],
  ])('refuses %j', (words, message) => {
    const { status, stdout, stderr } = jiffies(...words);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('replay', () => {
  it('prints the table', () => {
    const { status, stdout, stderr } = jiffies('replay', quick);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('7c91767');
    expect(stdout).toContain('✓ replayed');
    expect(stdout).toMatch(/\n1 scenario: 1 replayed\n$/);
  });

  it('prints XML for CI systems', () => {
    const { status, stdout, stderr } = jiffies('replay', quick, '--reporter', 'junit');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('<testsuite name="jiffies replay" tests="2" failures="0" errors="0" skipped="0">');
    expect(stdout).toContain(`<testcase classname="${quick}" name="before at `);
    expect(stdout).not.toContain('time=');
  });

  it('prints JSON', () => {
    const { results } = json('replay', jiffies('replay', '--grep', 'double.add', '--json'));
    expect(results.map(({ scenario, verdict }: any) => [scenario, verdict])).toEqual([
      [quick, 'replayed'],
      [`${quick}-as-told`, 'as expected'],
    ]);
    const { before, after } = results[0];
    for (const { revision } of [before, after]) json('run', jiffies('run', quick, '--at', revision, '--json'));
  });
});

describe('run', () => {
  it('prints the same bytes for the same run', () => {
    const words = ['run', quick, '--at', '7c91767^', '--json'];
    const first = jiffies(...words);
    expect(jiffies(...words)).toEqual(first);
    const result = json('run', first);
    expect(result).toMatchObject({ schema: 'jiffies/run/1', scenario: quick, kernel: '2.6.17' });
    expect(result.violations.length).toBeGreaterThan(0);
  });

  it('prints a report and a trace', () => {
    const plain = own('run', 'first');
    expect(plain).toMatchObject({ status: 0, stderr: '' });
    for (const part of ['kernel log', 't0 fired', 'metrics', '✓ call mod_timer() = 1', 'fingerprint', 'next']) {
      expect(plain.stdout).toContain(part);
    }
    const traced = own('run', 'scenarios/first.yaml', '--trace');
    expect(traced.stdout).toContain('timer_expire_entry');
    expect(traced.stdout.endsWith(plain.stdout.replaceAll(' first', ' scenarios/first.yaml').slice(-200))).toBe(true);
  });

  it('finds its runs deterministic', () => {
    expect(own('run', 'first', '--check-determinism').stdout).toContain('gave the same events');
  });

  it('prints figures, and draws them in the same bytes each time', () => {
    const metrics = jiffies('run', quick, '--metrics');
    expect(metrics).toMatchObject({ status: 0, stderr: '' });
    expect(metrics.stdout).toMatch(/\ntimers\.fired +\d+ {2}timers of any kind that fired\n/);
    const plot = jiffies('run', '2005-07-gc-backoff', '--plot', 'entries', 'timer_expires', 'failures');
    expect(plot).toMatchObject({ status: 0, stderr: '' });
    for (const name of ['routes.entries', 'routes.timerExpires', 'routes.failures'])
      expect(plot.stdout).toContain(name);
    for (const line of plot.stdout.split('\n')) expect([...line].length).toBeLessThanOrEqual(100);
    expect(jiffies('run', '2005-07-gc-backoff', '--plot', 'entries', 'timer_expires', 'failures')).toEqual(plot);
  });

  it('exits 1 when an expectation fails', () => {
    const file = variation('failing', 'ret: 1', 'ret: 0');
    const { status, stdout } = own('run', file);
    expect(status).toBe(1);
    expect(stdout).toMatch(/✗ call mod_timer\(\) = 0; found .*\(failing\.yaml:\d+:\d+\)/s);
    json('run', own('run', file, '--json'), 1);
    expect(own('replay', `./${file}`).status).toBe(1);
  });

  it('exits 3 at a limit', () => {
    for (const limit of [
      ['--max-ops', '1'],
      ['--max-virtual', '10ms'],
    ]) {
      const { status, stdout, stderr } = own('run', 'first', ...limit, '--json');
      expect(status).toBe(3);
      expect(stderr).toMatch(/^jiffies: .+\n$/);
      expect(outputSchemas.run.parse(JSON.parse(stdout))).toHaveProperty('limit');
    }
  });

  it('takes a variant, a kernel and a seed', () => {
    const result = json('run', own('run', 'first', '--kernel', '2.6.12', '--seed', '4294967295', '--json'));
    expect(result).toMatchObject({ kernel: '2.6.12', seed: 4294967295 });
    expect(own('run', 'first', '--variant', 'x').stderr).toContain("first has no variant 'x'; it has none");
  });
});

describe('bisect and diff', () => {
  it('name the commit and the first difference', () => {
    const { commit, tested } = json('bisect', jiffies('bisect', quick, '--json'));
    expect(commit.id).toBe('7c91767a6b701543c93ebcd611dab61deff3dad1');
    expect(tested).toHaveLength(26);
    expect(jiffies('bisect', quick).stdout).toContain('gone with 7c91767a6b70');
    const parted = json('diff', jiffies('diff', quick, '7c91767^', '7c91767', '--json', '--context', '3'));
    expect(parted.same).toBe(false);
    expect(parted.common.length).toBeLessThanOrEqual(3);
    expect(jiffies('diff', quick, '7c91767^', '7c91767').stdout).toContain(`they part at event ${parted.at}`);
    expect(json('diff', jiffies('diff', quick, 'R8', 'R7', '--json'))).toMatchObject({ same: true, at: null });
  });
});

describe('log, show and list', () => {
  it('print JSON', () => {
    const { commits } = json('log', jiffies('log', '--json'));
    const fixing = commits.find(({ id }: any) => id.startsWith('7c91767'));
    expect(fixing.scenarios).toContain(quick);
    for (const { id } of commits.slice(-3)) json('show', jiffies('show', id, '--json'));
    const { scenarios } = json('list', jiffies('list', '--json'));
    const files = readdirSync(join(root, 'scenarios')).filter((file) => file.endsWith('.yaml'));
    expect(scenarios.map(({ name }: any) => name)).toEqual(files.map((file) => file.slice(0, -5)).sort());
  });

  it('print text', () => {
    for (const words of [['log'], ['list'], ['show', 'R14']]) {
      const { status, stdout, stderr } = jiffies(...words);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      for (const line of stdout.split('\n')) expect([...line].length).toBeLessThanOrEqual(100);
    }
  });
});

describe('check', () => {
  it('finds the shipped scenarios right', () => {
    const files = readdirSync(join(root, 'scenarios')).map((file) => `scenarios/${file}`);
    expect(jiffies('check', ...files)).toMatchObject({ status: 0, stderr: '' });
  });

  it('says what is wrong and where', () => {
    const wrong = variation('wrong', /hz: 250\n {2}cpus: 1/, 'hz: -1\n  cpu: 1');
    const { status, stdout, stderr } = own('check', wrong, 'first', 'missing.yaml');
    expect(status).toBe(2);
    expect(stdout).toBe('✓ scenarios/first.yaml\n');
    expect(stderr).toMatch(/^wrong\.yaml:\d+:\d+: /);
    expect(stderr).toContain("did you mean 'cpus'?");
    expect(stderr).toContain("jiffies: cannot read 'missing.yaml': no such file\n");
    expect(own('run', wrong).stderr.split('\n')).toHaveLength(2);
  });

  it('escapes what is in the file', () => {
    const wrong = variation('evil', 'title: What', 'ti\u202etle: What');
    const { stderr } = own('check', wrong);
    expect(stderr).toContain('ti\\u202etle');
    expect(stderr).not.toContain('\u202e');
  });
});

describe('schema and conform', () => {
  it('print the schemas', () => {
    const { stdout } = jiffies('schema');
    expect(JSON.parse(stdout)).toHaveProperty('$schema');
    expect(jiffies('schema', '--for', 'scenario').stdout).toBe(stdout);
    expect(JSON.parse(jiffies('schema', '--for', 'run').stdout)).toHaveProperty('$id', 'urn:jiffies:run:1');
  });

  it('count the cases of the recordings', () => {
    const file = 'test/golden/round-jiffies.json';
    const cases = JSON.parse(readFileSync(join(root, file), 'utf8'));
    const { files } = json('conform', jiffies('conform', file, '--json'));
    expect(files).toEqual([
      { file, cases: cases.length, passed: cases.length, failed: 0, unsupported: 0, firstMismatch: null },
    ]);
    cases[0].ops[0][4] ^= 1;
    writeFileSync(join(folder, 'changed.json'), JSON.stringify(cases));
    const changed = json('conform', own('conform', 'changed.json', '--json'), 1).files[0];
    expect(changed).toMatchObject({ failed: 1, firstMismatch: { case: cases[0].name, op: 0 } });
    expect(own('conform', 'changed.json').stdout).toContain('first mismatch');
  });
});

describe('the terminal', () => {
  it('is coloured where it is asked for', () => {
    expect(jiffies('list').stdout).not.toContain('\x1b');
    expect(jiffiesIn(root, ['list'], { FORCE_COLOR: '1' }).stdout).toContain('\x1b[1m');
    expect(jiffiesIn(root, ['list'], { NO_COLOR: '1' }).stdout).not.toContain('\x1b');
    expect(jiffiesIn(root, ['list', '--json'], { FORCE_COLOR: '1' }).stdout).not.toContain('\x1b');
  });

  const bash = (script: string): Outcome => {
    const bin = join(folder, 'bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, 'jiffies'), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
    chmodSync(join(bin, 'jiffies'), 0o755);
    const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}` };
    const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: root, env, encoding: 'utf8' });
    return { status, stdout, stderr };
  };
  const hasBash = spawnSync('bash', ['--version']).status === 0;

  it.skipIf(!hasBash)('may go away before all is said', () => {
    const words = `run ${quick} --trace`;
    const cut = bash(`jiffies ${words} | head -n 1 | wc -l; echo "\${PIPESTATUS[0]}"`);
    expect({ ...cut, stdout: cut.stdout.replace(/ /g, '') }).toEqual({ status: 0, stdout: '1\n0\n', stderr: '' });
    expect(bash(`jiffies ${words} 2>&- | head -n 1 >/dev/null`)).toMatchObject({ status: 0, stderr: '' });
  });

  it.skipIf(!existsSync('/dev/full'))('may be full', () => {
    const { status, stderr } = bash('jiffies list > /dev/full');
    expect(status).toBe(70);
    expect(stderr).toContain('jiffies: cannot write the output: ENOSPC');
  });

  it.skipIf(!hasBash)('completes', () => {
    const complete = (line: string, ...words: string[]): string => {
      const list = words.map((word) => `'${word}'`).join(' ');
      return bash(`source <(jiffies completion) && COMP_WORDS=(jiffies ${list}) COMP_CWORD=${words.length} && _jiffies &&
        printf '%s ' "\${COMPREPLY[@]}" ${line}`).stdout.trim();
    };
    expect(complete('', 'bi')).toBe('bisect');
    expect(complete('', 'run', '2008-03')).toBe('2008-03-release-warning-place');
    expect(complete('', 'run', 'x', '--at', '=', 'backoff')).toBe('backoff-fix');
  });
});
