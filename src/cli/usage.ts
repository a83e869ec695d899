/** Checks a command line against the commands before yargs reads it: yargs lets much pass, and words errors its way. */
import { clip } from '../scenario/read/escape.js';
import { didYouMean, InputError } from '../sim/errors.js';
import type { AnyCommand } from './command.js';

/** Options of every command. */
export const globalOptions: readonly string[] = ['help', 'version'];

const SHOWN_CHARACTERS = 60;
const NUMBER = /^-[0-9.]/;

function shown(text: string): string {
  return `'${clip(text, SHOWN_CHARACTERS)}'`;
}

function looksLikeOption(word: string): boolean {
  return word.startsWith('-') && word.length > 1 && !NUMBER.test(word);
}

/** The command that `words` call, or undefined for help and version. Throws InputError if there is no such command. */
export function commandOf(words: readonly string[], commands: readonly AnyCommand[]): AnyCommand | undefined {
  const [first] = words;
  if (first === undefined || globalOptions.some((name) => first === `--${name}`)) return undefined;
  const names = commands.map((command) => command.name);
  if (looksLikeOption(first)) {
    const known = commands.some((command) => Object.hasOwn(command.options, first.replace(/^--|=.*/g, '')));
    const near = known ? '; options stand after the command' : didYouMean(first.slice(0, SHOWN_CHARACTERS), ['--help']);
    throw new InputError(`unknown option ${shown(first)}${near}`);
  }
  const found = commands.find((command) => command.name === first);
  if (found !== undefined) return found;
  const near = didYouMean(first, names) || `; there are ${names.join(', ')}`;
  throw new InputError(`unknown command ${shown(first)}${near}`);
}

/** Checks what follows the name of `command`. Throws InputError. */
export function checkArguments(words: readonly string[], command: AnyCommand): void {
  const seen = new Set<string>();
  const operands: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === '--') {
      operands.push(...words.slice(i + 1));
      break;
    }
    if (!looksLikeOption(word)) {
      operands.push(word);
      continue;
    }
    const name = optionNamed(word, command);
    if (seen.has(name)) throw new InputError(`--${name} is given twice`);
    seen.add(name);
    if (takesNext(word, name, command)) {
      i++;
      checkValue(name, words[i]);
    }
  }
  if (!seen.has('help') && !seen.has('version')) checkOperands(operands, seen, command);
}

/** The option that `word` is; it is checked that it exists and that `=value` is written only where there is a value. */
function optionNamed(word: string, command: AnyCommand): string {
  const names = [...Object.keys(command.options), ...globalOptions];
  const [, dashes, name, value] = /^(--?)([^=]*)(=.*)?$/s.exec(word) as unknown as [string, string, string, string?];
  if (dashes !== '--' || !names.includes(name)) {
    const near = didYouMean(`--${name}`.slice(0, SHOWN_CHARACTERS), names.map((known) => `--${known}`)); // biome-ignore format: one call
    throw new InputError(`${command.name}: unknown option ${shown(`${dashes}${name}`)}${near}`);
  }
  const isFlag = command.options[name]?.type !== 'string';
  if (isFlag && value !== undefined) throw new InputError(`--${name} takes no value`);
  if (value === '=') throw new InputError(`--${name} needs a value`);
  return name;
}

function takesNext(word: string, name: string, command: AnyCommand): boolean {
  return !word.includes('=') && command.options[name]?.type === 'string';
}

function checkValue(name: string, value: string | undefined): void {
  if (value === undefined || value === '' || looksLikeOption(value)) throw new InputError(`--${name} needs a value`);
}

function checkOperands(operands: readonly string[], seen: ReadonlySet<string>, command: AnyCommand): void {
  const positionals = command.positionals.filter(({ needs }) => needs === undefined || seen.has(needs));
  const missing = positionals.filter((positional) => positional.required)[operands.length];
  const help = `see: jiffies ${command.name} --help`;
  if (missing !== undefined) throw new InputError(`${command.name}: ${missing.name.toUpperCase()} is missing; ${help}`);
  const many = positionals.some((positional) => positional.many === true);
  const extra = many ? undefined : operands[positionals.length];
  const off = command.positionals.find((positional) => !positionals.includes(positional));
  const hint = off === undefined ? help : `${off.name} is for --${off.needs}`;
  if (extra !== undefined) throw new InputError(`${command.name}: unexpected argument ${shown(extra)}; ${hint}`);
  if (operands.includes('')) throw new InputError(`${command.name}: an argument is empty; ${help}`);
}
