/** What may stand in place of the last word of a command line: commands, options, or values of the right kind. */
import { allCommits, releases } from '../../history/revision.js';
import type { AnyCommand, Cli, ValueKind } from '../command.js';
import { brief } from '../commits.js';
import { scenarioFolder, scenarioNames } from '../scenarios.js';
import { globalOptions } from '../usage.js';

/** `words` are those after the program's name; the last is what has been typed of the word to complete. */
export function candidates(
  words: readonly string[],
  commands: readonly AnyCommand[],
  cli: Pick<Cli, 'io'>,
): readonly string[] {
  const { before, typed, lead } = split(words);
  const fitting = offered(before, typed, commands, cli).filter((word) => word.startsWith(typed));
  return fitting.map((word) => lead + word);
}

interface Split {
  readonly before: readonly string[];
  readonly typed: string;
  /** What the shell takes to be a part of the word: `--at=` in zsh. */
  readonly lead: string;
}

/** Makes `--at=R7` and bash's `--at`, `=`, `R7` into `--at`, `R7`. */
function split(words: readonly string[]): Split {
  const last = words.at(-1) ?? '';
  const joined = words.slice(0, -1).flatMap((word) => (word === '=' ? [] : word.split(/(?<=^--[a-z-]+)=/, 2)));
  if (last === '=') return { before: joined, typed: '', lead: '' };
  const option = /^(--[a-z-]+)=(.*)$/s.exec(last);
  if (option === null) return { before: joined, typed: last, lead: '' };
  return { before: [...joined, option[1]!], typed: option[2]!, lead: `${option[1]}=` };
}

function offered(
  before: readonly string[],
  typed: string,
  commands: readonly AnyCommand[],
  cli: Pick<Cli, 'io'>,
): readonly string[] {
  const command = commands.find(({ name }) => name === before[0]);
  if (command === undefined) {
    const isFirst = before.length === 0 || (before.length === 1 && before[0] === 'help');
    const names = commands.map(({ name }) => name);
    return isFirst ? [...names, ...(typed.startsWith('-') ? globalOptions.map((name) => `--${name}`) : [])] : [];
  }
  const option = optionBefore(before, command);
  if (option !== undefined) return values(option, cli);
  if (typed.startsWith('-')) return [...Object.keys(command.options), 'help'].map((name) => `--${name}`);
  const place = operandsIn(before.slice(1), command);
  const positionals = command.positionals.filter(({ needs }) => needs === undefined || before.includes(`--${needs}`));
  const positional = positionals[place] ?? positionals.find(({ many }) => many === true);
  return positional === undefined ? [] : values(positional.value, cli);
}

/** The kind of value that the last word before asks for. */
function optionBefore(before: readonly string[], command: AnyCommand): ValueKind | undefined {
  const last = before.at(-1) ?? '';
  const option = last.startsWith('--') ? command.options[last.slice(2)] : undefined;
  return option?.type === 'string' ? option.value : undefined;
}

/** How many of `words` are operands. */
function operandsIn(words: readonly string[], command: AnyCommand): number {
  return words.filter((word, i) => {
    const previous = words[i - 1] ?? '';
    const isValue = previous.startsWith('--') && command.options[previous.slice(2)]?.type === 'string';
    return !word.startsWith('-') && !isValue;
  }).length;
}

function values(kind: ValueKind, cli: Pick<Cli, 'io'>): readonly string[] {
  switch (kind) {
    case 'scenario':
      return scenarioNames(scenarioFolder(cli));
    case 'kernel':
      return releases;
    case 'commit':
      return commitWords();
    case 'revision':
      return ['newest', ...commitWords(), ...releases];
    case 'file':
    case 'none':
      return [];
    default:
      return kind;
  }
}

function commitWords(): readonly string[] {
  return [...new Set(allCommits.flatMap((commit) => [...commit.names, brief(commit)]))];
}
