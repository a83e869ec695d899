import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/cli.js';
import type { Engine } from '../../src/cli/command.js';
import { outputSchemas } from '../../src/cli/output-schemas.js';
import type { OutputName } from '../../src/cli/schema-names.js';
import type { RunOptions } from '../../src/scenario/index.js';
import { InputErrors } from '../../src/scenario/read/validate.js';
import { InputError, InternalError, LimitError } from '../../src/sim/errors.js';
import { textLegend } from '../../src/trace/text.js';
import type { TraceEvent } from '../../src/trace/trace.js';
import { FakeIo, fakeCli, fakeReplay, fakeReport, fakeScenario } from './fake-engine.js';

let folder: string;
let io: FakeIo;

async function jiffies(words: readonly string[], engine: Partial<Engine> = {}): Promise<number> {
  return runCli(words, fakeCli(io, engine));
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'jiffies-cli-'));
  mkdirSync(join(folder, 'package', 'scenarios'), { recursive: true });
  mkdirSync(join(folder, 'own', 'scenarios'), { recursive: true });
  mkdirSync(join(folder, 'empty'));
  for (const name of ['2005-07-gc-backoff', '2007-10-gc-trace']) {
    writeFileSync(join(folder, 'package', 'scenarios', `${name}.yaml`), `title: ${name} of the package\n`);
  }
  writeFileSync(join(folder, 'own', 'scenarios', 'mine.yaml'), 'title: my own\n');
  writeFileSync(join(folder, 'own', 'bad.yaml'), 'no: title\n');
});

beforeEach(() => {
  io = new FakeIo({ cwd: join(folder, 'empty'), packageRoot: join(folder, 'package') });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function inOwn(): void {
  io = new FakeIo({ cwd: join(folder, 'own'), packageRoot: join(folder, 'package') });
}

/** The JSON on stdout, which must fit its schema. */
function printed(name: OutputName): any {
  const value = JSON.parse(io.stdout);
  expect(io.stdout).toMatch(/^\{"schema":"jiffies\/[a-z]+\/1",.*\}\n$/);
  expect(outputSchemas[name].parse(value)).toEqual(value);
  return value;
}

describe('a scenario', () => {
  it('is looked up by name in the folder of the package', async () => {
    expect(await jiffies(['list'])).toBe(0);
    expect(io.stdout).toContain('2005-07-gc-backoff of the package');
    expect(io.stdout).toContain('2 scenarios\n');
  });

  it('is looked up in ./scenarios where there is such a folder', async () => {
    inOwn();
    expect(await jiffies(['list', '--json'])).toBe(0);
    expect(printed('list').scenarios.map(({ name }: { name: string }) => name)).toEqual(['mine']);
  });

  it.each([['scenarios/mine.yaml'], ['./scenarios/mine.yaml']])('is found by its path %s', async (path) => {
    inOwn();
    expect(await jiffies(['check', path])).toBe(0);
    expect(io.stdout).toBe(`✓ ${path}\n`);
  });

  it('that is missing is answered with the nearest name', async () => {
    inOwn();
    expect(await jiffies(['run', 'mien'])).toBe(2);
    expect(io.stderr).toBe("jiffies: no scenario 'mien' in 'scenarios'; did you mean 'mine'?\n");
  });

  it('whose path is missing too', async () => {
    inOwn();
    expect(await jiffies(['run', 'scenarios/mien.yaml'])).toBe(2);
    expect(io.stderr).toBe("jiffies: cannot read 'scenarios/mien.yaml': no such file; did you mean 'mine'?\n");
  });

  it('that is a directory is refused', async () => {
    inOwn();
    expect(await jiffies(['run', './scenarios'])).toBe(2);
    expect(io.stderr).toBe("jiffies: cannot read './scenarios': it is a directory\n");
  });

  it.skipIf(process.getuid?.() === 0)('that is unreadable is refused', async () => {
    inOwn();
    const path = join(folder, 'own', 'secret.yaml');
    writeFileSync(path, 'title: x\n');
    chmodSync(path, 0);
    expect(await jiffies(['run', 'secret.yaml'])).toBe(2);
    expect(io.stderr).toBe("jiffies: cannot read 'secret.yaml': permission denied\n");
  });

  it('that is too large or endless is refused', async () => {
    inOwn();
    writeFileSync(join(folder, 'own', 'large.yaml'), `title: ${'x'.repeat(1_000_000)}\n`);
    expect(await jiffies(['run', 'large.yaml'])).toBe(2);
    expect(io.stderr).toBe("jiffies: cannot read 'large.yaml': it has more than 1000000 bytes\n");
    io.stderr = '';
    expect(await jiffies(['run', '/dev/zero'])).toBe(2);
    expect(io.stderr).toContain("cannot read '/dev/zero'");
  });

  it.each([['a\0b'], ['./a\0b.yaml'], [`./${'x'.repeat(5000)}`], ['mine.yaml/x']])(
    'named %j is refused',
    async (name) => {
      inOwn();
      expect(await jiffies(['run', name])).toBe(2);
      expect(io.stderr).toMatch(/^jiffies: (cannot read|no scenario) .*\n$/);
    },
  );

  it('that is wrong is named with its place', async () => {
    inOwn();
    expect(await jiffies(['run', './bad.yaml'])).toBe(2);
    expect(io.stderr).toBe("./bad.yaml:1:1: missing 'title'\n");
  });

  it('with several errors is named with the first and the way to the others', async () => {
    inOwn();
    const errors = ['one', 'two\x1b'].map((text, i) => {
      return new InputError(text, { place: { file: 'bad.yaml', line: i + 1, column: 2 } });
    });
    const loadScenario = (): never => {
      throw new InputErrors(errors as unknown as ConstructorParameters<typeof InputErrors>[0], 5);
    };
    expect(await jiffies(['run', 'bad.yaml'], { loadScenario })).toBe(2);
    expect(io.stderr).toBe('bad.yaml:1:2: one; 4 more: jiffies check bad.yaml\n');
    io.stderr = '';
    expect(await jiffies(['check', 'bad.yaml'], { loadScenario })).toBe(2);
    expect(io.stderr).toBe('bad.yaml:1:2: one\nbad.yaml:2:2: two\\x1b\njiffies: 3 more errors in bad.yaml\n');
  });
});

describe('replay', () => {
  it('prints the before/after table of all scenarios', async () => {
    expect(await jiffies(['replay'])).toBe(0);
    expect(io.stdout).toContain('scenario');
    expect(io.stdout).toContain('412 allocations');
    expect(io.stdout).toContain('f0098f7');
    expect(io.stdout).toMatch(/\n2 scenarios: 2 replayed\n$/);
    expect(io.stderr).toBe('');
  });

  it('keeps to the width, as a table and as a list', async () => {
    for (const columns of [200, 100, 80, 76, 60, 40]) {
      io = new FakeIo({ cwd: join(folder, 'empty'), packageRoot: join(folder, 'package'), columns });
      await jiffies(['replay']);
      for (const line of io.stdout.split('\n')) expect([...line].length).toBeLessThanOrEqual(columns);
    }
  });

  it('colours only where it is wanted', async () => {
    await jiffies(['replay']);
    expect(io.stdout).not.toContain('\x1b');
    io = new FakeIo({ cwd: io.cwd, packageRoot: io.packageRoot, color: true });
    await jiffies(['replay']);
    expect(io.stdout).toContain('\x1b[32m');
  });

  it('tells its progress on a terminal', async () => {
    io = new FakeIo({ cwd: io.cwd, packageRoot: io.packageRoot, progress: true });
    await jiffies(['replay', '--json']);
    expect(io.stderr).toBe('\r\x1b[K[1/2] 2005-07-gc-backoff\r\x1b[K[2/2] 2007-10-gc-trace\r\x1b[K');
    printed('replay');
  });

  it('takes names and a pattern', async () => {
    expect(await jiffies(['replay', '--grep', 'TRACE', '--json'])).toBe(0);
    expect(printed('replay').results).toEqual([
      {
        scenario: '2007-10-gc-trace',
        fixedBy: 'f0098f7863f814a5adc0b9cb271605d063cad7fa',
        before: expect.objectContaining({ reproduced: true }),
        after: expect.objectContaining({ reproduced: false }),
        verdict: 'replayed',
      },
    ]);
    expect(await jiffies(['replay', '2007-10-gc-trace', '--grep', 'nothing'])).toBe(2);
    expect(io.stderr).toBe("jiffies: no scenario matches --grep 'nothing'\n");
  });

  it.each(['not reproduced', 'still there', 'expectation failed'] as const)('exits 1 at "%s"', async (verdict) => {
    const failed = { before: [], after: ['no leak; found a leak\x1b (x.yaml:1:1)'] };
    const replayScenario = (): ReturnType<Engine['replayScenario']> => fakeReplay({ verdict, failed });
    expect(await jiffies(['replay', '2007-10-gc-trace'], { replayScenario })).toBe(1);
    expect(io.stdout).toContain(`✗ ${verdict}`);
    expect(io.stdout).toContain('no leak; found a leak\\x1b (x.yaml:1:1)');
    expect(io.stdout).toContain(`1 scenario: 1 ${verdict}`);
  });

  it('exits 0 at "as expected"', async () => {
    const replayScenario = (): ReturnType<Engine['replayScenario']> => {
      return fakeReplay({ verdict: 'as expected', fixedBy: null });
    };
    expect(await jiffies(['replay', '2007-10-gc-trace', '--json'], { replayScenario })).toBe(0);
    expect(printed('replay').results[0].fixedBy).toBeNull();
  });

  it('wipes its progress before an error', async () => {
    io = new FakeIo({ cwd: io.cwd, packageRoot: io.packageRoot, progress: true });
    const replayScenario = (): never => {
      throw new LimitError('too long');
    };
    expect(await jiffies(['replay', '--json'], { replayScenario })).toBe(3);
    expect(io.stdout).toBe('');
    expect(io.stderr.endsWith('\r\x1b[Kjiffies: too long\n')).toBe(true);
  });
});

describe('run', () => {
  it('shows what happened', async () => {
    expect(await jiffies(['run', '2005-07-gc-backoff'], { runScenario: () => fakeReport() })).toBe(1);
    expect(io.stdout).toMatchSnapshot();
  });

  it('passes on what was asked for', async () => {
    let options: RunOptions | undefined;
    const runScenario = (_: unknown, given?: RunOptions): ReturnType<Engine['runScenario']> => {
      options = given;
      return fakeReport({ ok: true });
    };
    const words = ['--at', 'R7^', '--kernel=2.6.24', '--seed', '7', '--variant', 'fast', '--max-ops', '10'];
    expect(await jiffies(['run', '2005-07-gc-backoff', ...words, '--max-virtual', '1.5 s'], { runScenario })).toBe(0);
    expect(options).toMatchObject({ kernel: '2.6.24', seed: 7, variant: 'fast', maxOps: 10, maxVirtualNs: 1.5e9 });
    expect(options?.revision?.name).toBe('54e6ecb23951');
    expect(await jiffies(['run', '2005-07-gc-backoff'], { runScenario })).toBe(0);
    expect(options).toEqual({});
  });

  it('refuses an unknown variant', async () => {
    expect(await jiffies(['run', '2005-07-gc-backoff', '--variant', 'fats'])).toBe(2);
    expect(io.stderr).toBe(
      "jiffies: 2005-07-gc-backoff has no variant 'fats'; it has fast, slow; did you mean 'fast'?\n",
    );
  });

  it('prints JSON of its form', async () => {
    expect(await jiffies(['run', '2005-07-gc-backoff', '--json'], { runScenario: () => fakeReport() })).toBe(1);
    expect(printed('run')).toEqual({ schema: 'jiffies/run/1', ...fakeReport().result });
    expect(io.stderr).toBe('');
  });

  it('exits 3 at a limit, and says so', async () => {
    const runScenario = (): ReturnType<Engine['runScenario']> => fakeReport({}, { limit: '10 operations done' });
    expect(await jiffies(['run', '2005-07-gc-backoff', '--json'], { runScenario })).toBe(3);
    expect(printed('run').limit).toBe('10 operations done');
    expect(io.stderr).toBe('jiffies: 10 operations done\n');
  });

  it('exits 4 at a difference between two runs', async () => {
    const checkDeterminism = (): string => 'event 7: read a, write a';
    const words = ['run', '2005-07-gc-backoff', '--check-determinism', '--json'];
    expect(await jiffies(words, { checkDeterminism })).toBe(4);
    expect(io.stdout).toBe('');
    expect(io.stderr).toBe('jiffies: two runs of 2005-07-gc-backoff differ: event 7: read a, write a\n');
    expect(await jiffies(words)).toBe(0);
  });

  it('exits 70 at a bug of ours, with the stack', async () => {
    const runScenario = (): never => {
      throw new TypeError('x is not a function');
    };
    expect(await jiffies(['run', '2005-07-gc-backoff', '--json'], { runScenario })).toBe(70);
    expect(io.stdout).toBe('');
    expect(io.stderr).toMatch(/^jiffies: \[jiffies internal bug\] TypeError: x is not a function\n {4}at /);
    const internal = (): never => {
      throw new InternalError('no such CPU');
    };
    io.stderr = '';
    expect(await jiffies(['run', '2005-07-gc-backoff'], { runScenario: internal })).toBe(70);
    expect(io.stderr).toMatch(/^jiffies: \[jiffies internal bug\] no such CPU\n/);
  });

  it('traces one event a line', async () => {
    const event: TraceEvent = {
      timeNs: 1_004_000_000,
      jiffies: 5,
      cpu: 1,
      context: 'softirq',
      task: 'idle',
      stack: [],
      sequence: 1,
      type: 'printk',
      subject: 'log\x1b',
      a: 1,
      b: 2,
      text: '',
    };
    const runScenario: Engine['runScenario'] = (_, options) => {
      options?.listener?.(event);
      options?.listener?.(event);
      return fakeReport({ ok: true });
    };
    expect(await jiffies(['run', '2005-07-gc-backoff', '--trace'], { runScenario })).toBe(0);
    expect(io.stdout.startsWith(`${textLegend}\n`)).toBe(true);
    const [first, second] = io.stdout.slice(textLegend.length + 1).split('\n');
    expect(first).toContain('printk');
    expect(first).toContain('log\\x1b');
    expect(second).toBe(first);
  });

  it('escapes what a file may hold', async () => {
    const scenario = fakeScenario({ title: 'a\x1b[2Jb', story: 'c\u202ed\x07' });
    const report = fakeReport(
      { bug: { reproduced: true, shownBy: 'e\x1b' } },
      { metrics: { 'f\x1b': 1 }, notes: ['g\x1b'], kernelLog: [{ jiffies: 1, cpu: 0, level: 4, text: 'h\x1b' }] },
    );
    await jiffies(['run', '2005-07-gc-backoff'], { loadScenario: () => scenario, runScenario: () => report });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the point
    expect(io.stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\u202e]/);
    for (const text of ['a\\x1b[2Jb', 'c\\u202ed\\x07', 'e\\x1b', 'f\\x1b', 'g\\x1b', 'h\\x1b']) {
      expect(io.stdout).toContain(text);
    }
  });
});

describe('run --metrics and --plot', () => {
  const runScenario = (): ReturnType<Engine['runScenario']> => {
    return fakeReport({ ok: true }, { metrics: { 'gc.runs': 2, 'mark.x_s': 0.5, 'f\x1b': 0 } });
  };

  it('print the figures alone, with their meaning', async () => {
    expect(await jiffies(['run', '2005-07-gc-backoff', '--metrics'], { runScenario })).toBe(0);
    expect(io.stdout).toMatchSnapshot();
  });

  it('draw, in colour only where it is wanted', async () => {
    expect(await jiffies(['run', '2005-07-gc-backoff', '--plot', 'delayed'], { runScenario })).toBe(0);
    expect(io.stdout).toContain('gc.delayed entries · garbage that a run found still referenced · 2 points\n');
    expect(io.stdout).toMatch(/\n100 000 ┤\n +│ +[\u2801-\u28ff]+\n/u);
    expect(io.stdout).not.toContain('metric');
    expect(io.stdout).not.toContain('\x1b');
    io = new FakeIo({ cwd: io.cwd, packageRoot: io.packageRoot, color: true });
    await jiffies(['run', '2005-07-gc-backoff', '--plot', '--metrics'], { runScenario });
    expect(io.stdout).toContain('\x1b[36m');
    expect(io.stdout).toContain('meaning');
  });

  it('take samples for the plot, and none for JSON', async () => {
    const seen: (number | undefined)[] = [];
    const spy: Engine['runScenario'] = (_, options) => {
      seen.push(options?.sampleNs);
      return runScenario();
    };
    for (const words of [['--plot'], ['--plot', '--json'], ['--metrics']]) {
      expect(await jiffies(['run', '2005-07-gc-backoff', ...words], { runScenario: spy })).toBe(0);
    }
    expect(seen).toEqual([25_000_000, undefined, undefined]);
  });

  it('leave JSON as it is', async () => {
    expect(await jiffies(['run', '2005-07-gc-backoff', '--metrics', '--plot', '--json'], { runScenario })).toBe(0);
    printed('run');
  });

  it('refuse what is no series', async () => {
    expect(await jiffies(['run', '2005-07-gc-backoff', '--plot', 'delaid'], { runScenario })).toBe(2);
    expect(io.stderr).toBe("jiffies: no series 'delaid' in this run; did you mean 'delayed'?\n");
    io.stderr = '';
    expect(await jiffies(['run', '2005-07-gc-backoff', 'delayed'], { runScenario })).toBe(2);
    expect(io.stderr).toBe("jiffies: run: unexpected argument 'delayed'; series is for --plot\n");
  });
});

describe('replay --reporter', () => {
  it('prints XML, JSON or the table', async () => {
    expect(await jiffies(['replay', '--reporter', 'junit'])).toBe(0);
    expect(io.stdout).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites tests="4" failures="0"/);
    io.stdout = '';
    expect(await jiffies(['replay', '--reporter', 'json'])).toBe(0);
    printed('replay');
    const before = io.stdout;
    io.stdout = '';
    expect(await jiffies(['replay', '--reporter', 'json', '--json'])).toBe(0);
    expect(io.stdout).toBe(before);
    io.stdout = '';
    expect(await jiffies(['replay', '--reporter', 'table'])).toBe(0);
    expect(io.stdout).toContain('✓ replayed');
  });

  it('is one of three, and not two at a time', async () => {
    expect(await jiffies(['replay', '--reporter', 'junti'])).toBe(2);
    expect(io.stderr).toContain("did you mean 'junit'?");
    io.stderr = '';
    expect(await jiffies(['replay', '--reporter', 'junit', '--json'])).toBe(2);
    expect(io.stderr).toBe('jiffies: --json and --reporter junit cannot be combined\n');
  });
});

describe('bisect', () => {
  it('draws the revisions and names the commit', async () => {
    expect(await jiffies(['bisect', '2005-07-gc-backoff'])).toBe(0);
    expect(io.stdout).toMatchSnapshot();
  });

  it('prints JSON of its form', async () => {
    expect(await jiffies(['bisect', '2005-07-gc-backoff', '--json'])).toBe(0);
    expect(printed('bisect')).toMatchObject({ scenario: '2005-07-gc-backoff', introducedBy: null });
  });

  it('exits 1 where the file names another commit or none was found', async () => {
    const none: Engine['bisectScenario'] = () => {
      return { scenario: 's', commit: null, introducedBy: null, tested: [], kernel: '2.6.17' };
    };
    expect(await jiffies(['bisect', '2005-07-gc-backoff'], { bisectScenario: none })).toBe(1);
    expect(io.stdout).toContain('no commit changes the verdict: the bug shows at no revision');
    expect(io.stdout).toContain('✗ the scenario says f0098f7 Fix too aggressive backoff');
  });

  it('refuses a scenario without a bug', async () => {
    const loadScenario = (): ReturnType<Engine['loadScenario']> => fakeScenario({ hasBug: false });
    expect(await jiffies(['bisect', '2005-07-gc-backoff'], { loadScenario })).toBe(2);
    expect(io.stderr).toContain('2005-07-gc-backoff has no bug: predicate to bisect by');
  });
});

describe('diff', () => {
  it('shows what both share and what each has', async () => {
    expect(await jiffies(['diff', '2005-07-gc-backoff', 'backoff-fix^', 'backoff-fix'])).toBe(0);
    expect(io.stdout).toMatchSnapshot();
  });

  it('prints JSON of its form, and passes on the context', async () => {
    let context: number | undefined;
    const diffRevisions: Engine['diffRevisions'] = (scenario, left, right, options) => {
      ({ context } = options ?? {});
      const side = { revision: left.name, fingerprint: '00' };
      const none = { common: [], leftEvents: [], rightEvents: [] };
      return {
        scenario: scenario.name,
        left: side,
        right: { ...side, revision: right.name },
        same: true,
        at: null,
        ...none,
      };
    };
    const words = ['diff', '2005-07-gc-backoff', 'R1', 'R1', '--context', '3'];
    expect(await jiffies([...words, '--json'], { diffRevisions })).toBe(0);
    expect([printed('diff').same, context]).toEqual([true, 3]);
    io.stdout = '';
    await jiffies(words, { diffRevisions });
    expect(io.stdout).toContain('the two runs are the same');
  });
});

describe('log and show', () => {
  it('lists the 26 commits and the extra ones, with their scenarios', async () => {
    expect(await jiffies(['log', '--json'])).toBe(0);
    const { commits } = printed('log');
    expect(commits).toHaveLength(33);
    expect(commits.filter(({ extra }: { extra?: true }) => extra === true)).toHaveLength(7);
    expect(commits[0]).toEqual({
      id: '1da177e4c3f41524e886b7f1b8a0c1fc7321cac2',
      date: '2005-04-16',
      author: 'Linus Torvalds',
      subject: 'Linux-2.6.12-rc2',
      class: 'behaviour',
      scenarios: [],
    });
    expect(commits[2].scenarios).toEqual(['2005-07-gc-backoff', '2007-10-gc-trace']);
  });

  it('prints the log for people', async () => {
    expect(await jiffies(['log'])).toBe(0);
    expect(io.stdout).toMatchSnapshot();
  });

  it.each([['R3'], ['backoff-fix'], ['f0098f7'], ['restore-when-pending'], ['mod-delayed-work']])(
    'shows %s',
    async (name) => {
      expect(await jiffies(['show', name])).toBe(0);
      expect(io.stdout).toMatchSnapshot();
      io.stdout = '';
      expect(await jiffies(['show', name, '--json'])).toBe(0);
      printed('show');
    },
  );
});

describe('new', () => {
  it('writes a file that was not there, once', async () => {
    expect(await jiffies(['new', '2009-01-my-bug'])).toBe(0);
    const path = join(folder, 'empty', 'scenarios', '2009-01-my-bug.yaml');
    expect(readFileSync(path, 'utf8')).toBe('# 2009-01-my-bug\ntitle: new\n');
    expect(io.stdout).toBe("wrote 'scenarios/2009-01-my-bug.yaml'; next: jiffies run 2009-01-my-bug\n");
    writeFileSync(path, 'title: changed\n');
    expect(await jiffies(['new', '2009-01-my-bug'])).toBe(2);
    expect(io.stderr).toBe("jiffies: cannot write 'scenarios/2009-01-my-bug.yaml': it exists already\n");
    expect(readFileSync(path, 'utf8')).toBe('title: changed\n');
    rmSync(join(folder, 'empty', 'scenarios'), { recursive: true });
  });

  it('writes to a path, but through no link and to no new directory', async () => {
    expect(await jiffies(['new', './a-b.yaml'])).toBe(0);
    symlinkSync(join(folder, 'target'), join(folder, 'empty', 'link.yaml'));
    expect(await jiffies(['new', './link.yaml'])).toBe(2);
    io.stderr = '';
    expect(await jiffies(['new', 'nowhere/a.yaml'])).toBe(2);
    expect(io.stderr).toBe("jiffies: cannot write 'nowhere/a.yaml': there is no directory 'nowhere'\n");
  });

  it.each([
    ['My Bug', "did you mean 'my-bug'?"],
    ['a_b', "did you mean 'a-b'?"],
    ['-x-', 'unknown option'],
    ['..', 'found'],
    ['../x.yml', 'ends in .yaml'],
    ['a/b', 'ends in .yaml'],
    ['x'.repeat(101), 'at most 100'],
    ['a\x1bb', "found 'a\\x1bb'"],
    ['ä', 'small letters'],
  ])('refuses the name %j', async (name, why) => {
    expect(await jiffies(['new', name])).toBe(2);
    expect(io.stderr).toContain(why);
  });
});

describe('schema', () => {
  it('prints that of scenarios by default', async () => {
    expect(await jiffies(['schema'])).toBe(0);
    expect(JSON.parse(io.stdout)).toEqual({ title: 'a scenario' });
  });

  it.each(Object.keys(outputSchemas))('prints that of %s --json', async (name) => {
    expect(await jiffies(['schema', '--for', name])).toBe(0);
    expect(JSON.parse(io.stdout)).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: `urn:jiffies:${name}:1`,
      properties: { schema: { const: `jiffies/${name}/1` } },
    });
  });
});

describe('conform', () => {
  const mismatch = { case: 'one', op: 3, field: 'ret', expected: 1, actual: null };
  const wrong: Engine['runConformance'] = (_, file) => {
    return { file, cases: 3, passed: 1, failed: 1, unsupported: 1, firstMismatch: mismatch };
  };

  it('counts, and exits 1 at a mismatch', async () => {
    inOwn();
    expect(await jiffies(['conform', 'bad.yaml', './bad.yaml'])).toBe(0);
    expect(io.stdout).toContain('6 cases passed, 0 failed, 0 unsupported');
    io.stdout = '';
    expect(await jiffies(['conform', 'bad.yaml', '--json'], { runConformance: wrong })).toBe(1);
    expect(printed('conform').files[0]).toEqual(wrong('', 'bad.yaml'));
    io.stdout = '';
    expect(await jiffies(['conform', 'bad.yaml'], { runConformance: wrong })).toBe(1);
    expect(io.stdout).toMatchSnapshot();
  });

  it('refuses what cannot be read', async () => {
    inOwn();
    writeFileSync(join(folder, 'own', 'latin.json'), Buffer.from([0x22, 0xe9, 0x22]));
    expect(await jiffies(['conform', 'latin.json', '--json'])).toBe(2);
    expect(io.stderr).toBe("jiffies: cannot read 'latin.json': it is not UTF-8\n");
    expect(await jiffies(['conform', 'missing.json'])).toBe(2);
    expect(await jiffies(['conform', 'scenarios'])).toBe(2);
  });
});
