import { describe, expect, it } from 'vitest';
import { runCli } from '../../src/cli/cli.js';
import { commands } from '../../src/cli/commands/index.js';
import { globalOptions } from '../../src/cli/usage.js';
import { FakeIo, fakeCli } from './fake-engine.js';

async function jiffies(...words: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const io = new FakeIo();
  const status = await runCli(words, fakeCli(io));
  return { status, stdout: io.stdout, stderr: io.stderr };
}

describe('help', () => {
  it('lists every command', async () => {
    const { status, stdout, stderr } = await jiffies('--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const { name, describe: does } of commands) {
      expect(stdout).toContain(`jiffies ${name}`);
      expect(stdout.replace(/\s+/g, ' ')).toContain(does);
    }
    expect(stdout).toContain('Exit status: 0 as expected');
  });

  it.each(commands.map((command) => [command.name, command] as const))(
    'of %s has an example',
    async (name, command) => {
      const { status, stdout, stderr } = await jiffies(name, '--help');
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toContain('Examples:');
      for (const [line] of command.examples) expect(stdout).toContain(`jiffies ${line}`);
      for (const option of Object.keys(command.options)) expect(stdout).toContain(`--${option}`);
      expect(await jiffies('help', name)).toEqual({ status, stdout, stderr });
    },
  );

  it('fits the terminal', async () => {
    for (const words of [[], ...commands.map(({ name }) => [name])]) {
      const { stdout } = await jiffies(...words, '--help');
      for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    }
  });

  it('says nothing of the locale', async () => {
    const before = process.env['LC_ALL'];
    process.env['LC_ALL'] = 'de_DE.UTF-8';
    try {
      expect((await jiffies('run', '--help')).stdout).toContain('Options:');
    } finally {
      if (before === undefined) delete process.env['LC_ALL'];
      else process.env['LC_ALL'] = before;
    }
  });

  it('is asked for where a command is missing', async () => {
    const { status, stdout, stderr } = await jiffies();
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('Commands:');
  });

  it('tells the version', async () => {
    expect(await jiffies('--version')).toEqual({ status: 0, stdout: '9.8.7\n', stderr: '' });
    expect(await jiffies('run', '--version')).toEqual({ status: 0, stdout: '9.8.7\n', stderr: '' });
  });
});

describe('a wrong command line is one line on stderr and exit status 2', () => {
  it.each([
    [['rpelay'], "jiffies: unknown command 'rpelay'; did you mean 'replay'?"],
    [['frobnicate'], "jiffies: unknown command 'frobnicate'; there are replay, run"],
    [[''], "jiffies: unknown command ''; there are replay, run"],
    [['--jsn'], "jiffies: unknown option '--jsn'"],
    [['--json', 'list'], "jiffies: unknown option '--json'; options stand after the command"],
    [['run'], 'jiffies: run: FILE is missing; see: jiffies run --help'],
    [['run', ''], 'jiffies: run: an argument is empty'],
    [['run', 'a', 'b'], "jiffies: run: unexpected argument 'b'"],
    [['run', 'a', '--', 'b'], "jiffies: run: unexpected argument 'b'"],
    [['run', 'a', '--sed', '1'], "jiffies: run: unknown option '--sed'; did you mean '--seed'?"],
    [['run', 'a', '-json'], "jiffies: run: unknown option '-json'; did you mean '--json'?"],
    [['run', 'a', '--file', 'b'], "jiffies: run: unknown option '--file'"],
    [['run', 'a', '--__proto__', 'x'], "jiffies: run: unknown option '--__proto__'"],
    [['run', 'a', '--constructor=x'], "jiffies: run: unknown option '--constructor'"],
    [['run', 'a', '--no-json'], "jiffies: run: unknown option '--no-json'; did you mean '--json'?"],
    [['run', 'a', '--checkDeterminism'], "did you mean '--check-determinism'?"],
    [['run', 'a', '--json=yes'], 'jiffies: --json takes no value'],
    [['run', 'a', '--json', '--json'], 'jiffies: --json is given twice'],
    [['run', 'a', '--seed', '1', '--seed=2'], 'jiffies: --seed is given twice'],
    [['run', 'a', '--seed'], 'jiffies: --seed needs a value'],
    [['run', 'a', '--seed='], 'jiffies: --seed needs a value'],
    [['run', 'a', '--seed', ''], 'jiffies: --seed needs a value'],
    [['run', 'a', '--at', '--json'], 'jiffies: --at needs a value'],
    [['run', 'a', '--seed', 'abc'], "jiffies: --seed takes a whole number from 0 to 4294967295, found 'abc'"],
    [['run', 'a', '--seed', '-1'], "jiffies: --seed takes a whole number from 0 to 4294967295, found '-1'"],
    [['run', 'a', '--seed', '1.5'], "found '1.5'"],
    [['run', 'a', '--seed', '1e3'], "found '1e3'"],
    [['run', 'a', '--seed', '0x10'], "found '0x10'"],
    [['run', 'a', '--seed', 'NaN'], "found 'NaN'"],
    [['run', 'a', '--seed', '4294967296'], "found '4294967296'"],
    [['run', 'a', '--max-ops', '0'], 'jiffies: --max-ops takes a whole number from 1'],
    [['run', 'a', '--max-ops', '99999999999999999999'], 'jiffies: --max-ops takes a whole number from 1'],
    [['run', 'a', '--max-virtual', '5'], 'jiffies: --max-virtual: expected a duration with a unit'],
    [['run', 'a', '--max-virtual', '5 jiffies'], 'jiffies: --max-virtual takes a time such as 90s or 240h'],
    [['run', 'a', '--max-virtual', '0s'], 'jiffies: --max-virtual takes a time above zero'],
    [['run', 'a', '--kernel', '2.6.11'], "jiffies: --kernel takes a version from 2.6.12 to 2.6.29, found '2.6.11'"],
    [['run', 'a', '--kernel', '2.6.24-rc1'], "found '2.6.24-rc1'"],
    [['run', 'a', '--at', 'nope'], "jiffies: --at: unknown revision 'nope'"],
    [['run', 'a', '--at', 'backof-fix'], "did you mean 'backoff-fix'?"],
    [['run', 'a', '--trace', '--json'], 'jiffies: --trace and --json cannot be combined'],
    [['replay', '--grep', '('], "jiffies: --grep takes a regular expression, found '('"],
    [['diff', 'a', 'R1'], 'jiffies: diff: RIGHT is missing'],
    [['diff', 'a', 'R1', 'R99'], "jiffies: unknown revision 'R99'"],
    [['diff', 'a', 'R1', 'R2', '--context', 'x'], 'jiffies: --context takes a whole number from 0 to 10000'],
    [['show'], 'jiffies: show: COMMIT is missing'],
    [['show', 'R27'], "jiffies: unknown commit 'R27'"],
    [['show', '2.6.24'], "jiffies: '2.6.24' is a kernel version, not a commit"],
    [['check'], 'jiffies: check: FILE is missing'],
    [['new'], 'jiffies: new: NAME is missing'],
    [['schema', '--for', 'runn'], "did you mean 'run'?"],
    [['schema', 'run'], "jiffies: schema: unexpected argument 'run'"],
    [['conform'], 'jiffies: conform: FILE is missing'],
    [['completion', 'fish'], 'jiffies: SHELL is one of bash, zsh'],
    [['run', 'a\x1b[2J', '--x'], "jiffies: run: unknown option '--x'"],
    [['\x1b[2J'], "jiffies: unknown command '\\x1b[2J'"],
  ])('%j', async (words, message) => {
    const { status, stdout, stderr } = await jiffies(...words);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is the point
    expect(stderr).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
  });
});

describe('the commands', () => {
  it('have names, options and examples that fit', () => {
    for (const command of commands) {
      expect(command.examples.length).toBeGreaterThan(0);
      for (const [line] of command.examples) expect(line.split(' ')[0]).toBe(command.name);
      for (const name of Object.keys(command.options)) {
        expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
        expect(globalOptions).not.toContain(name);
      }
      const many = command.positionals.findIndex((positional) => positional.many === true);
      expect([-1, command.positionals.length - 1]).toContain(many);
    }
  });
});
