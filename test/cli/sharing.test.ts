/** One search on several threads, in several parts, and after a kill -9: always the same bytes. */
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build, jiffiesIn, type Outcome, program, root } from './built.js';

let folder = '';

const programs = `
export const wide = (p) => {
  const a = Array.from({ length: 10 }, (_, i) => p.atomic('a' + i));
  for (let j = 1; j <= 9; j++) {
    p.task('w' + j, function* () {
      const t = yield a[j - 1].read;
      yield a[j].write(t + 1);
    });
  }
};
export const rare = (p) => {
  const x = p.atomic('x');
  p.task('a', function* () { yield x.write(1); });
  p.task('b', function* () { yield x.read; p.check(p.choose('number', 3000) !== 1777, 'the number came up'); });
};
`;

beforeAll(() => {
  build();
  folder = mkdtempSync(join(tmpdir(), 'jiffies-sharing-'));
  writeFileSync(join(folder, 'race.mjs'), programs);
}, 180_000);

afterAll(() => {
  if (folder !== '') rmSync(folder, { recursive: true, force: true });
});

const explore = (...words: readonly string[]): Outcome => jiffiesIn(folder, ['explore', ...words]);
const at = (name: string): string => join(folder, name);

describe('explore --workers', () => {
  it.each([
    ['./race.mjs#wide', '--strategy', 'random', '--runs', '3000'],
    ['./race.mjs#wide', '--runs', '2500', '--keep-going'],
    ['./race.mjs#rare', '--strategy', 'pct', '--runs', '50000'],
    ['2005-04-dst-destroy-race', '--strategy', 'pos', '--runs', '1000', '--keep-going'],
  ])('prints the same for 1, 2 and 3: %s %s %s', (...words) => {
    const one = explore(...words, '--json');
    expect([0, 1]).toContain(one.status);
    expect(one.stderr).toBe('');
    const told = JSON.parse(one.stdout);
    expect(told.totals.runs).toBeGreaterThan(600);
    for (const workers of ['2', '3']) expect(explore(...words, '--json', '--workers', workers)).toEqual(one);
  });

  it('speaks of the prefix where that is why', () => {
    const { failure } = JSON.parse(
      explore('./race.mjs#rare', '--strategy', 'random', '--runs', '50000', '--json').stdout,
    );
    const words = ['./race.mjs#rare', '--prefix', failure.token, '--runs', '10'];
    expect(explore(...words, '--workers', '2').stderr).toBe(
      'jiffies: a search from a --prefix is not shared out: one worker makes all runs\n',
    );
    expect(explore(...words, '--shard', '1/2', '--checkpoint', 'x').stderr).toBe(
      'jiffies: --shard: a search from a --prefix is not shared out\n',
    );
  });

  it('says when one worker has to make all runs', () => {
    const { stderr, status } = explore('./race.mjs#wide', '--strategy', 'optimal-dpor', '--workers', '2');
    expect(stderr).toBe('jiffies: optimal-dpor makes each run from those before it: one worker makes all runs\n');
    expect([0, 1]).toContain(status);
  });

  it.each([
    [['--workers', '0'], '--workers takes a whole number from 1 to 256'],
    [['--shard', '5/4', '--checkpoint', 'x'], '--shard takes a part such as 1/4'],
    [['--shard', '1/4'], '--shard needs --checkpoint FILE'],
    [['--shard', '1/4', '--checkpoint', 'x', '--steps', '9'], '--shard and --steps cannot be combined'],
    [['--shard', '1/4', '--checkpoint', 'x', '--strategy', 'dfs'], '--shard: dfs makes each run from those before it'],
    [['--resume'], '--resume needs --checkpoint FILE'],
    [['--checkpoint', 'no/such/place.json'], "cannot write 'no/such/place.json': no such file"],
  ])('refuses %j', (words, why) => {
    const { status, stderr } = explore('./race.mjs#wide', '--runs', '10', ...words);
    expect({ status, lines: stderr.split('\n').length }).toEqual({ status: 2, lines: 2 });
    expect(stderr).toContain(why);
    expect(existsSync(at('x'))).toBe(false);
  });
});

describe('explore --shard', () => {
  let made = 0;

  it.each([
    ['./race.mjs#wide', '--runs', '2000'],
    ['./race.mjs#rare', '--strategy', 'random', '--runs', '50000'],
    ['./race.mjs#wide', '--strategy', 'urw', '--runs', '3000', '--keep-going', '--workers', '2'],
  ])('makes parts that merge to the whole: %s %s %s', (...words) => {
    made++;
    const files = [1, 2, 3].map((index) => {
      const name = `part-${made}-${index}.json`;
      const part = explore(...words, '--shard', `${index}/3`, '--checkpoint', name);
      expect([0, 1]).toContain(part.status);
      return name;
    });
    for (const form of [[], ['--json']]) {
      const whole = explore(...words, ...form);
      expect(jiffiesIn(folder, ['merge', ...files, ...form])).toEqual({ ...whole, stderr: '' });
    }
  });

  it('needs all parts', () => {
    const { status, stderr } = jiffiesIn(folder, ['merge', 'part-1-1.json', 'part-1-3.json']);
    expect({ status, stderr }).toEqual({ status: 2, stderr: 'jiffies: shard 2/3 is missing\n' });
  });
});

/** Starts a long search, and ends it by a signal once there is a checkpoint. */
async function ended(signal: 'SIGKILL' | 'SIGINT', words: readonly string[], file: string): Promise<Outcome> {
  const child = spawn(process.execPath, [program, 'explore', ...words], { cwd: folder });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => (stdout += String(text)));
  child.stderr.on('data', (text) => (stderr += String(text)));
  const over = new Promise<number | null>((resolve) => child.on('close', (status) => resolve(status)));
  while (!existsSync(at(file)) && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill(signal);
  return { status: await over, stdout, stderr };
}

describe('explore --checkpoint', () => {
  const words = ['./race.mjs#wide', '--strategy', 'random', '--runs', '40000', '--json'];

  it('is gone on from after kill -9, twice, to what it would have come to', async () => {
    const whole = explore(...words);
    const again = [...words, '--checkpoint', 'killed.json', '--resume'];
    const killed = await ended('SIGKILL', again, 'killed.json');
    expect(killed).toMatchObject({ status: null, stdout: '' });
    const before = JSON.parse(readFileSync(at('killed.json'), 'utf8')).search;
    expect(before.done).toBe(false);
    expect(before.number).toBeGreaterThan(0);
    copyFileSync(at('killed.json'), at('kept.json'));
    expect(explore(...again)).toEqual(whole);
    expect(explore(...again)).toEqual(whole);
    // On other threads, too.
    copyFileSync(at('kept.json'), at('killed.json'));
    expect(explore(...again, '--workers', '2')).toEqual(whole);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp')).length).toBeLessThanOrEqual(1);
  });

  it('goes on with an exhaustive search', () => {
    const dpor = ['./race.mjs#wide', '--strategy', 'optimal-dpor', '--json'];
    const whole = explore(...dpor);
    expect(explore(...dpor, '--checkpoint', 'dpor.json', '--runs', '17').status).not.toBe(2);
    expect(explore(...dpor, '--checkpoint', 'dpor.json', '--resume')).toEqual(whole);
  });

  it('writes over nothing that it does not go on from', () => {
    const source = readFileSync(at('race.mjs'), 'utf8');
    const small = ['./race.mjs#wide', '--runs', '20', '--checkpoint'];
    const refused = (...more: readonly string[]): string => {
      const { status, stdout, stderr } = explore(...small, ...more);
      expect({ status, stdout, lines: stderr.split('\n').length }).toEqual({ status: 2, stdout: '', lines: 2 });
      return stderr;
    };
    expect(refused('race.mjs')).toBe(
      'jiffies: --checkpoint race.mjs: not a checkpoint of jiffies explore; it is left as it is: name another file\n',
    );
    expect(readFileSync(at('race.mjs'), 'utf8')).toBe(source);
    writeFileSync(at('mine.ck'), '');
    expect(explore(...small, 'mine.ck').status).toBe(0);
    const before = readFileSync(at('mine.ck'), 'utf8');
    expect(refused('mine.ck')).toBe(
      'jiffies: --checkpoint mine.ck: it is of this search: go on from it with --resume, or remove it to begin anew\n',
    );
    expect(refused('mine.ck', '--seed', '5')).toBe(
      'jiffies: --checkpoint mine.ck: it is of another search: seed was 1 and is 5; it is left as it is: name another file, or remove it\n',
    );
    writeFileSync(at('half.ck'), before.slice(0, 200));
    expect(refused('half.ck')).toContain('half.ck: the checkpoint is cut off; it is left as it is');
    expect(readFileSync(at('mine.ck'), 'utf8')).toBe(before);
    expect(explore(...small, 'mine.ck', '--resume').status).toBe(0);
  });

  it('is written at Ctrl-C, which prints what is known', async () => {
    const { status, stdout, stderr } = await ended('SIGINT', [...words, '--checkpoint', 'int.json'], 'int.json');
    expect(status).toBe(130);
    expect(JSON.parse(stdout).totals).toMatchObject({ cut: 'interrupt' });
    expect(stderr).toBe('jiffies: go on from int.json with the same command and --resume\n');
    const { totals } = JSON.parse(stdout);
    expect(JSON.parse(readFileSync(at('int.json'), 'utf8')).search.totals.runs).toBe(totals.runs);
  });

  it('is refused where it is damaged or of another search', () => {
    explore('./race.mjs#wide', '--runs', '300', '--checkpoint', 'good.json');
    const good = readFileSync(at('good.json'), 'utf8');
    const refused = (more: readonly string[] = []): string => {
      const { status, stderr } = explore(
        './race.mjs#wide',
        '--runs',
        '300',
        '--checkpoint',
        'good.json',
        '--resume',
        ...more,
      );
      expect({ status, lines: stderr.split('\n').length }).toEqual({ status: 2, lines: 2 });
      return stderr;
    };
    expect(refused(['--seed', '2'])).toBe('jiffies: good.json: cannot go on from it: seed was 1 and is 2\n');
    writeFileSync(at('good.json'), good.slice(0, good.length / 2));
    expect(refused()).toBe('jiffies: good.json: the checkpoint is cut off\n');
    writeFileSync(at('good.json'), good.replace('"runs":300', '"runs":301'));
    expect(refused()).toBe('jiffies: good.json: the checkpoint is damaged: its checksum is wrong\n');
    writeFileSync(at('good.json'), Buffer.from([0xff, 0xfe, 0]));
    expect(refused()).toBe('jiffies: good.json: not a checkpoint of jiffies explore\n');
    writeFileSync(at('good.json'), good);
    writeFileSync(at('race.mjs'), programs.replace('t + 1', 't + 2').replace('j <= 9', 'j <= 8'));
    expect(refused()).toMatch(
      /^jiffies: good\.json: cannot go on from it: the program has changed: its fingerprint was /,
    );
    // Its runs are those of before, and yet it may say something else of them.
    writeFileSync(at('race.mjs'), programs.replace("'the number came up'", "'it came up'"));
    expect(refused()).toMatch(
      /^jiffies: good\.json: cannot go on from it: its text has changed: its SHA-256 was [0-9a-f]{64} and is [0-9a-f]{64}\n$/,
    );
    writeFileSync(at('race.mjs'), programs);
  });

  it('is refused for a scenario whose text has changed', () => {
    const text = readFileSync(join(root, 'scenarios/2008-11-over-release.yaml'), 'utf8');
    writeFileSync(at('mine.yaml'), text);
    const words = ['mine.yaml', '--at', 'ef711cf', '--runs', '20', '--checkpoint', 'mine.json', '--resume'];
    expect(explore(...words).status).toBe(0);
    expect(explore(...words)).toMatchObject({ status: 0, stderr: '' });
    writeFileSync(at('mine.yaml'), `${text}# Another.\n`);
    expect(explore(...words)).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(
        /^jiffies: mine\.json: cannot go on from it: its text has changed: its SHA-256 was .*\n$/,
      ),
    });
  });
});
