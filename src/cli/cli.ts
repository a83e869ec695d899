/** From the words of a command line to an exit status: yargs for parsing and help, one place for errors. */
import yargs, { type Argv, type CommandModule } from 'yargs';
import { InputError, JiffiesError } from '../sim/errors.js';
import type { AnyCommand, Cli, ExitStatus, Flag, Positional, Valued } from './command.js';
import { commands } from './commands/index.js';
import { candidates } from './complete/candidates.js';
import { errorLines } from './error-lines.js';
import { checkArguments, commandOf } from './usage.js';

const HELP_COLUMNS_MAX = 110;

const parsing = {
  'boolean-negation': false,
  'camel-case-expansion': false,
  'dot-notation': false,
  'parse-numbers': false,
  'parse-positional-numbers': false,
  'short-option-groups': false,
};

const examples = [
  ['replay', 'Every historic bug, just before its fix and just after'],
  ['run 2007-10-gc-trace', 'One scenario, with all it shows'],
  ['bisect 2005-07-gc-backoff', 'Which commit made the bug go'],
] as const;

const exitStatuses =
  'Exit status: 0 as expected, 1 a violation or a failed expectation, 2 usage or bad input, 3 a limit, 4 nondeterminism, 70 internal, 130 Ctrl-C.\nMore about a command: jiffies COMMAND --help';

/** Runs the command line `words` (without node and program). Never throws for what the words or files say. */
export async function runCli(words: readonly string[], cli: Cli): Promise<ExitStatus> {
  try {
    return await dispatch(words, cli);
  } catch (error) {
    cli.io.err(errorLines(error));
    return error instanceof JiffiesError ? error.exitCode : 70;
  }
}

async function dispatch(words: readonly string[], cli: Cli): Promise<ExitStatus> {
  if (words[0] === 'complete') return complete(words.slice(1), cli);
  const wanted = words[0] === 'help' ? [...words.slice(1, 2), '--help'] : words;
  const command = commandOf(wanted, commands);
  if (command !== undefined) checkArguments(wanted.slice(1), command);
  const called: Called = { run: () => 0 };
  const help = await parse(wanted, cli, called);
  if (wanted.length > 0) {
    if (help !== '') cli.io.out(`${help}\n`);
    return called.run();
  }
  const parser = parserFor(cli, called);
  cli.io.err(`${await parser.getHelp()}\n\njiffies: name a command\n`);
  return 2;
}

/** What `jiffies completion` makes a shell ask: the words that may stand in place of the last one. */
function complete(words: readonly string[], cli: Cli): ExitStatus {
  for (const candidate of candidates(words, commands, cli)) cli.io.out(`${candidate}\n`);
  return 0;
}

/** What yargs found to be done. */
interface Called {
  run: () => ExitStatus | Promise<ExitStatus>;
}

/** Parses, and notes in `called` what is to be done. The answer is the help or version text, if that was asked for. */
async function parse(words: readonly string[], cli: Cli, called: Called): Promise<string> {
  let printed = '';
  try {
    await parserFor(cli, called).parseAsync([...words], {}, (_error, _argv, output) => {
      printed = output;
    });
  } catch (error) {
    throw error instanceof Error && error.name === 'YError' ? new InputError(error.message) : error;
  }
  return printed;
}

function parserFor(cli: Cli, called: Called): Argv {
  const parser = yargs()
    .scriptName('jiffies')
    .usage(
      '$0 COMMAND …\n\nA deterministic time machine for Linux kernel timers, delayed work and the destination cache.',
    )
    .exitProcess(false)
    .fail(false)
    .detectLocale(false)
    .locale('en')
    .parserConfiguration(parsing)
    .wrap(Math.min(cli.io.columns, HELP_COLUMNS_MAX))
    .version(cli.version)
    .help()
    .epilogue(epilogueOf(examples, exitStatuses));
  return parser.command(commands.map((command) => moduleFor(command, cli, called)));
}

function moduleFor(command: AnyCommand, cli: Cli, called: Called): CommandModule {
  return {
    command: [command.name, ...command.positionals.map(usageOf)].join(' '),
    describe: command.describe,
    builder: (parser) => build(parser, command),
    handler: (args) => {
      called.run = () => command.run(args as never, cli);
    },
  };
}

function usageOf({ name, required, many }: Positional): string {
  const inner = `${name}${many === true ? '..' : ''}`;
  return required ? `<${inner}>` : `[${inner}]`;
}

function build(parser: Argv, command: AnyCommand): Argv {
  for (const { name, describe } of command.positionals) parser.positional(name, { describe, type: 'string' });
  for (const [name, option] of Object.entries(command.options)) parser.option(name, optionFor(option));
  return parser.epilogue(epilogueOf(command.examples, command.epilogue));
}

function optionFor(option: Flag | Valued): object {
  const { type, describe } = option;
  if (type === 'boolean') return { type, describe };
  return { type, describe, coerce: option.coerce, requiresArg: true };
}

/** Examples on lines of their own, so that none is broken and each can be copied. */
function epilogueOf(lines: AnyCommand['examples'], more = ''): string {
  const shown = lines.map(([line, does]) => `  ${does}:\n    jiffies ${line}`);
  return `Examples:\n${shown.join('\n')}${more === '' ? '' : `\n\n${more}`}`;
}
