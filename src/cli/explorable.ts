/** What `explore` and `run --schedule` work on: a scenario at a revision, or a program file. */
import type { Explorable } from '../explore/runner.js';
import { canJudge, scenarioProgram } from '../explore/scenario-program.js';
import type { WorldSubject } from '../explore/world-program.js';
import { justBefore, type Revision } from '../history/revision.js';
import { defaultRevision, eraOfComparison, type Fix, type Scenario } from '../scenario/index.js';
import { clip } from '../scenario/read/escape.js';
import { didYouMean, InputError } from '../sim/errors.js';
import type { Cli } from './command.js';
import { sha256 } from './files.js';
import { openFix } from './fix.js';
import { isProgramFile, openProgram } from './program-file.js';
import { readScenario } from './scenarios.js';

/** As it was typed. */
export interface AskedFor {
  readonly file: string;
  readonly at?: Revision;
  readonly kernel?: string;
  readonly variant?: string;
  readonly with?: string;
}

export interface Opened {
  readonly program: Explorable;
  readonly name: string;
  readonly revision: string | null;
  readonly kernel: string | null;
  /** Of the text of its file. */
  readonly sha256: string;
  readonly fix: Fix | undefined;
  readonly scenario: Scenario | null;
  /** False: its bug: predicate is not one that may judge explored runs. */
  readonly bugIsAsked: boolean;
}

/** Where it runs if the command line does not say: a revision and a kernel. */
export type Where = Partial<Pick<AskedFor, 'at' | 'kernel'>>;

/** `where`: asked where there is no --at, with null for a program. Throws InputError. */
export async function openExplorable(
  asked: AskedFor,
  where: (scenario: Scenario | null) => Where,
  cli: Cli,
): Promise<Opened> {
  if (isProgramFile(asked.file)) return openFile(asked, where(null), cli);
  const { scenario, bytes } = readScenario(asked.file, cli);
  const { variant } = asked;
  if (variant !== undefined && !scenario.variants.includes(variant)) throw noVariant(variant, scenario);
  const fix = await openFix(asked.with, cli.io);
  const { at, kernel } = asked.at === undefined ? { ...where(scenario), ...given(asked) } : asked;
  const program = scenarioProgram(scenario, {
    ...(at === undefined ? {} : { revision: at }),
    ...(kernel === undefined ? {} : { kernel }),
    ...(variant === undefined ? {} : { variant }),
    ...(fix === undefined ? {} : { with: fix }),
  });
  const bugIsAsked = scenario.bug === null || canJudge(scenario.bug);
  const { revision, era } = program;
  return { program, name: scenario.name, revision, kernel: era, sha256: sha256(bytes), fix, scenario, bugIsAsked };
}

function given({ kernel }: AskedFor): Where {
  return kernel === undefined ? {} : { kernel };
}

async function openFile(asked: AskedFor, where: Where, { io }: Cli): Promise<Opened> {
  refuse(asked, ['variant', 'with'], 'a program');
  const { program: own, name, sha256 } = await openProgram(asked.file, io);
  const program = elsewhere(own, asked, where);
  const subject = typeof program === 'function' ? null : program;
  const none = { fix: undefined, scenario: null, bugIsAsked: true };
  return { program, name, revision: subject?.revision ?? null, kernel: subject?.era ?? null, sha256, ...none };
}

function refuse(asked: AskedFor, options: readonly ('at' | 'kernel' | 'variant' | 'with')[], what: string): void {
  for (const option of options) {
    if (asked[option] !== undefined) throw new InputError(`--${option} is for scenarios; ${asked.file} is ${what}`);
  }
}

/** A program around dst.c at the revision and on the kernel that were asked for, or else `where`; others know neither. */
function elsewhere(program: Explorable, asked: AskedFor, where: Where): Explorable {
  if (typeof program === 'function' || !('at' in program)) {
    refuse(asked, ['at', 'kernel'], 'a program without dst.c (worldProgram makes those with)');
    return program;
  }
  const world = program as WorldSubject;
  const { at, kernel } = asked.at === undefined ? { ...where, ...given(asked) } : asked;
  return at === undefined && kernel === undefined ? world : world.at(at ?? world.revision!, kernel);
}

/** Where the bug is: just before its fix, on the kernel that `replay` takes. */
export function beforeTheFix(variant: string | undefined): (scenario: Scenario | null) => Where {
  return (scenario) => {
    if (scenario === null) return {};
    const own = variant === undefined ? undefined : scenario.variantSpecs[variant]?.at;
    if (own !== undefined || scenario.fixedBy === null) return { at: own ?? defaultRevision(scenario, variant) };
    const at = justBefore(scenario.fixedBy) ?? defaultRevision(scenario, variant);
    return { at, kernel: eraOfComparison(scenario) };
  };
}

export function noVariant(variant: string, { name, variants }: Scenario): InputError {
  const known = variants.length === 0 ? 'it has none' : `it has ${variants.join(', ')}`;
  return new InputError(`${name} has no variant '${clip(variant, 60)}'; ${known}${didYouMean(variant, variants)}`);
}

/** A word of a command line as a shell takes it. */
export function shellWord(text: string): string {
  return /^[\w./@%+=:,#-]+$/.test(text) && !text.startsWith('#') ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
