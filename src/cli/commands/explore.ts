/** `jiffies explore`: searches the schedules of a scenario or a program for one under which something goes wrong. */
import { Exploration, type ExploreOptions, type ExploreResult } from '../../explore/explore.js';
import type { Progress as SearchProgress } from '../../explore/search.js';
import { type StrategyName, strategyNames } from '../../explore/strategies.js';
import type { Revision } from '../../history/revision.js';
import { nameOfFix } from '../../scenario/fix.js';
import { InputError } from '../../sim/errors.js';
import type { Cli, Command, ExitStatus } from '../command.js';
import { beforeTheFix, type Opened, openExplorable } from '../explorable.js';
import { printJson } from '../format/json.js';
import { progressOf } from '../format/progress.js';
import { at, json, kernel, oneOf, plainText, positiveTime, wholeNumber, withFix } from '../options.js';
import { schemaNames } from '../schema-names.js';
import { type Cut, explorePage, progressLine } from '../views/explore.js';

interface Arguments {
  readonly file: string;
  readonly at?: Revision;
  readonly kernel?: string;
  readonly variant?: string;
  readonly with?: string;
  readonly strategy?: StrategyName;
  readonly runs?: number;
  readonly steps?: number;
  readonly time?: number;
  readonly seed?: number;
  readonly preemptions?: number;
  readonly depth?: number;
  readonly stall?: number;
  readonly 'max-decisions'?: number;
  readonly 'shrink-runs'?: number;
  readonly 'keep-going'?: boolean;
  readonly prefix?: string;
  readonly 'prefix-decisions'?: number;
  readonly 'check-determinism'?: boolean;
  readonly json?: boolean;
}

/** Between two looks at the clock, at the terminal and for Ctrl-C, ms. */
const SLICE_MS = 50;

const bounded: readonly StrategyName[] = ['bounded-dfs', 'optimal-dpor', 'source-dpor'];
const deep: readonly StrategyName[] = ['portfolio', 'pct', 'delay'];

function count(name: string, describe: string, min: number, max: number) {
  return { type: 'string', describe, value: 'none', coerce: wholeNumber(name, min, max) } as const;
}

export const explore: Command<Arguments> = {
  name: 'explore',
  describe: 'Search the interleavings of a scenario or a program for one that fails, and shrink it',
  positionals: [
    {
      name: 'file',
      describe: 'Name of a scenario, or a path; or the path of a program file: race.mjs, race.mjs#NAME',
      required: true,
      value: 'scenario',
    },
  ],
  options: {
    at,
    kernel,
    variant: { type: 'string', describe: "One of the scenario's variants", value: 'none', coerce: plainText },
    with: withFix,
    strategy: oneOf('strategy', 'How schedules are chosen (default portfolio)', strategyNames),
    runs: count('runs', 'Runs at most (default 20000)', 1, Number.MAX_SAFE_INTEGER),
    steps: count('steps', 'Steps at most, over all runs', 1, Number.MAX_SAFE_INTEGER),
    time: positiveTime('time', 'End the search after this time of yours, such as 30s; its totals then vary'),
    seed: count('seed', 'Seed of what strategies draw (default 1)', 0, 4_294_967_295),
    preemptions: count('preemptions', `Preemptions at most: of ${bounded.join(', ')}`, 0, 1000),
    depth: count('depth', 'Depth of pct (default 3), delays of delay (default 2)', 1, 1000),
    stall: count('stall', 'Longest stall of time, jiffies (default: none in exhaustive searches)', 0, 1e9),
    'max-decisions': count('max-decisions', 'Decisions of a run at most (default 10000)', 1, 1e9),
    'shrink-runs': count('shrink-runs', 'Runs that shrinking may take (default 5000; 0: do not shrink)', 0, 1e9),
    'keep-going': { type: 'boolean', describe: 'Go on after a failure; the first one is reported' },
    prefix: {
      type: 'string',
      describe: 'A token: its run is followed, and explored on from its end',
      value: 'none',
      coerce: plainText,
    },
    'prefix-decisions': count('prefix-decisions', 'Decisions of the prefix that are followed (default: all)', 0, 1e9),
    'check-determinism': { type: 'boolean', describe: 'Make each run twice and report the first difference' },
    json,
  },
  examples: [
    ['explore 2005-04-dst-destroy-race', 'Find the race of a scenario, just before its fix'],
    ['explore 2005-04-dst-destroy-race --at 6775cab', 'The same search where it is fixed'],
    ['explore ./race.mjs --strategy optimal-dpor', 'A program of your own: every order that makes a difference'],
    ['explore ./race.mjs#counter --strategy pct --depth 4 --runs 100000 --seed 7', 'One of several in a file'],
  ],
  epilogue:
    "A scenario's schedule:, costs and watchdog are left out: its actors keep the order of their steps and their at: times.\nWithout --at it is explored just before its fixing commit.\nExit status 0 if nothing was found, 1 if a failure was, 3 if the budget ended an exhaustive search, 4 if the program is\nnot deterministic, 130 on Ctrl-C.",
  run: async (args, cli) => {
    checkTogether(args);
    const opened = await openExplorable(args, beforeTheFix(args.variant), cli);
    const exploration = new Exploration(opened.program, optionsFor(args));
    const cut = await drive(exploration, args, opened, cli);
    const result = exploration.result();
    if (args.json === true) printJson(cli.io, schemaNames.explore, form(result, opened, args, cut));
    else cli.io.out(explorePage(result, opened, args, cut, cli.io));
    return statusOf(result, cut);
  },
};

function checkTogether(args: Arguments): void {
  const { strategy = 'portfolio' } = args;
  if (args.preemptions !== undefined && !bounded.includes(strategy)) {
    throw new InputError(`--preemptions is for --strategy ${bounded.join(', ')}; this is ${strategy}`);
  }
  if (args.depth !== undefined && !deep.includes(strategy)) {
    throw new InputError(`--depth is for --strategy ${deep.join(', ')}; this is ${strategy}`);
  }
  if (args['prefix-decisions'] !== undefined && args.prefix === undefined) {
    throw new InputError('--prefix-decisions is for --prefix');
  }
}

function optionsFor(args: Arguments): ExploreOptions {
  const shrinkRuns = args['shrink-runs'];
  return {
    strategy: args.strategy ?? 'portfolio',
    seed: args.seed ?? 1,
    countPairs: args.json !== true,
    ...(args.runs === undefined ? {} : { runs: args.runs }),
    ...(args.steps === undefined ? {} : { steps: args.steps }),
    ...(args.preemptions === undefined ? {} : { preemptionBound: args.preemptions }),
    ...(args.depth === undefined ? {} : { depth: args.depth }),
    ...(args.stall === undefined ? {} : { stallJiffiesMax: args.stall }),
    ...(args['max-decisions'] === undefined ? {} : { decisionsMax: args['max-decisions'] }),
    ...(shrinkRuns === undefined ? {} : { shrink: shrinkRuns > 0, shrinkRuns }),
    ...(args['keep-going'] === true ? { keepGoing: true } : {}),
    ...(args.prefix === undefined ? {} : { prefix: args.prefix }),
    ...(args['prefix-decisions'] === undefined ? {} : { prefixDecisions: args['prefix-decisions'] }),
    ...(args['check-determinism'] === true ? { checkDeterminism: true } : {}),
  };
}

/** Runs the search; answers who cut it short, if somebody did. */
async function drive(exploration: Exploration, args: Arguments, opened: Opened, { io }: Cli): Promise<Cut> {
  const line = progressOf(io);
  const startMs = performance.now();
  const endMs = startMs + (args.time ?? Number.POSITIVE_INFINITY) / 1e6;
  let interrupted = false;
  const release = io.onInterrupt(() => {
    interrupted = true;
  });
  try {
    for (;;) {
      const sliceMs = Math.min(endMs, performance.now() + SLICE_MS);
      do if (!exploration.next()) return null;
      while (performance.now() < sliceMs);
      await new Promise((resolve) => setImmediate(resolve));
      if (interrupted) return 'interrupt';
      if (performance.now() >= endMs) return 'time';
      if (io.progress) line.show(shown(exploration.progress(), opened, performance.now() - startMs));
    }
  } finally {
    release();
    line.end();
  }
}

function shown(progress: SearchProgress, { name }: Opened, elapsedMs: number): string {
  return `${name}: ${progressLine(progress, elapsedMs)}`;
}

function form(result: ExploreResult, opened: Opened, args: Arguments, cut: Cut): object {
  const { runs, complete, deadlocked, sleepSetBlocked, boundCut, failing, traces } = result.totals;
  const totals = { runs, complete, deadlocked, sleepSetBlocked, boundCut, failing, traces };
  return {
    scenario: opened.name,
    revision: opened.revision,
    kernel: opened.kernel,
    ...(args.variant === undefined ? {} : { variant: args.variant }),
    ...(opened.fix === undefined ? {} : { with: nameOfFix(opened.fix) }),
    strategy: result.strategy,
    seed: result.seed,
    totals: cut === null ? totals : { ...totals, cut },
    exhaustive: result.exhaustive,
    preemptionBound: result.preemptionBound,
    failure: result.failure === null ? null : failureForm(result.failure),
  };
}

function failureForm(failure: NonNullable<ExploreResult['failure']>): object {
  const { kind, message, token, runsToFind, steps, preemptions, shrunkFrom } = failure;
  return { kind, message, token, runsToFind, steps, preemptions, shrunkFrom };
}

function statusOf(result: ExploreResult, cut: Cut): ExitStatus {
  if (cut === 'interrupt') return 130;
  if (result.failure !== null) return 1;
  return result.searchesAll && !result.exhaustive ? 3 : 0;
}
