/** What a command is: data for help, checking and completion, and the function that does it. */
import type * as scenarioRoom from '../scenario/index.js';
import type { Io } from './io.js';

/** The library behind the command line. */
export type Engine = Pick<
  typeof scenarioRoom,
  | 'loadScenario'
  | 'runScenario'
  | 'replayScenario'
  | 'bisectScenario'
  | 'diffRevisions'
  | 'checkDeterminism'
  | 'scenarioJsonSchema'
  | 'newScenarioText'
  | 'runConformance'
>;

/** What every command is given. */
export interface Cli {
  readonly io: Io;
  readonly engine: Engine;
  /** Of this package. */
  readonly version: string;
}

/** 0 as expected, 1 a violation or failed expectation, 2 bad input, 3 a limit, 4 nondeterminism, 70 internal, 130 Ctrl-C. */
export type ExitStatus = 0 | 1 | 2 | 3 | 4 | 70 | 130;

/** What shell completion offers for a value. */
export type ValueKind = 'scenario' | 'revision' | 'commit' | 'kernel' | 'file' | 'none' | readonly string[];

export interface Positional {
  readonly name: string;
  readonly describe: string;
  readonly required: boolean;
  /** Takes all that follow. */
  readonly many?: boolean;
  /** Only with this option. */
  readonly needs?: string;
  readonly value: ValueKind;
}

export interface Flag {
  readonly type: 'boolean';
  readonly describe: string;
}

/** An option with a value: always read as text, which `coerce` checks and converts. */
export interface Valued {
  readonly type: 'string';
  readonly describe: string;
  readonly value: ValueKind;
  readonly coerce: (text: string) => unknown;
}

export interface Command<A = never> {
  readonly name: string;
  readonly describe: string;
  readonly positionals: readonly Positional[];
  readonly options: Readonly<Record<string, Flag | Valued>>;
  /** Command line and what it does. */
  readonly examples: readonly (readonly [string, string])[];
  /** Said under the options in help. */
  readonly epilogue?: string;
  /** `args` has the positionals and options by name; an option not given is absent. */
  run(args: A, cli: Cli): ExitStatus | Promise<ExitStatus>;
}

/** A command whose arguments are as its own data says. */
export type AnyCommand = Command<never>;
