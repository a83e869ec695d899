/** `jiffies explore`: searches the schedules of a scenario or a program for one under which something goes wrong. */
import type { ExploreOptions } from '../../explore/explore.js';
import type { Shard } from '../../explore/shared-search.js';
import { type StrategyName, strategyNames } from '../../explore/strategies.js';
import type { Revision } from '../../history/revision.js';
import { allBenign, benignLines } from '../../sanitize/benign.js';
import { type FindingMode, findingModes } from '../../sanitize/findings.js';
import { InputError } from '../../sim/errors.js';
import type { Command } from '../command.js';
import { beforeTheFix, type Opened, openExplorable } from '../explorable.js';
import { printJson } from '../format/json.js';
import { at, json, kernel, oneOf, plainText, positiveTime, wholeNumber, withFix } from '../options.js';
import { schemaNames } from '../schema-names.js';
import { checkpoint, resume, shard, workers } from '../sharing/options.js';
import { Session } from '../sharing/session.js';
import { toldOf } from '../sharing/told.js';
import { exploreForm, explorePage, exploreStatus, progressParts, subjectOf } from '../views/explore.js';

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
  readonly sanitize?: FindingMode;
  readonly 'show-benign'?: boolean;
  readonly workers?: number;
  readonly shard?: Shard;
  readonly checkpoint?: string;
  readonly resume?: boolean;
  readonly json?: boolean;
}

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
    sanitize: oneOf('sanitize', 'Races and unsafe lock orders in runs that end well (default fail)', findingModes),
    'show-benign': { type: 'boolean', describe: 'List the races that the model marks as known, and how often seen' },
    workers,
    shard,
    checkpoint,
    resume,
    json,
  },
  examples: [
    ['explore 2005-04-dst-destroy-race', 'Find the race of a scenario, just before its fix'],
    ['explore 2005-04-dst-destroy-race --at 6775cab', 'The same search where it is fixed'],
    ['explore ./race.mjs --strategy optimal-dpor', 'A program of your own: every order that makes a difference'],
    [
      'explore ./race.mjs --workers 4 --checkpoint race.json --resume',
      'With four threads, from where it was last ended',
    ],
    ['explore ./race.mjs#counter --strategy pct --depth 4 --runs 100000 --seed 7', 'One of several in a file'],
  ],
  epilogue:
    "A scenario's schedule:, costs and watchdog are left out: its actors keep the order of their steps and their at: times.\nWithout --at it is explored just before its fixing commit. Workers, shards and checkpoints change no result.\nExit status 0 if nothing was found, 1 if a failure was, 3 if the budget ended an exhaustive search, 4 if the program is\nnot deterministic, 130 on Ctrl-C.",
  run: async (args, cli) => {
    checkTogether(args);
    const opened = await openExplorable(args, beforeTheFix(args.variant), cli);
    const session = new Session(
      args,
      { ...opened, asked: askedOf(args, opened) },
      { ...optionsFor(args), columns: cli.io.columns },
      cli.io,
    );
    try {
      const cut = await session.run(opened.name, progressParts);
      const subject = subjectOf(opened, args);
      const result = session.finish(cut, (known) => toldOf(known, subject));
      if (args.json === true) printJson(cli.io, schemaNames.explore, exploreForm(result, subject, cut));
      else cli.io.out(explorePage(result, subject, cut, cli.io));
      if (args['show-benign'] === true && args.json !== true) {
        cli.io.out(['', ...benignLines(allBenign(result.benign)), ''].join('\n'));
      }
      return exploreStatus(result, cut);
    } finally {
      session.close();
    }
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
    countPairs: args.json !== true || args.checkpoint !== undefined,
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
    ...(args.sanitize === undefined ? {} : { sanitize: args.sanitize }),
    ...(args['check-determinism'] === true ? { checkDeterminism: true } : {}),
  };
}

/** How a worker opens the same: at the revision and kernel that were decided on. */
function askedOf({ file, variant, with: fix }: Arguments, { scenario, revision, kernel: era }: Opened) {
  return {
    file,
    ...(scenario === null || revision === null ? {} : { at: revision }),
    ...(scenario === null || era === null ? {} : { kernel: era }),
    ...(variant === undefined ? {} : { variant }),
    ...(fix === undefined ? {} : { with: fix }),
  };
}
