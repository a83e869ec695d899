/** `jiffies replay`: every bug just before its fix and just after. */
import type { Fix, ReplayResult, Scenario } from '../../scenario/index.js';
import { clip } from '../../scenario/read/escape.js';
import { InputError } from '../../sim/errors.js';
import type { Cli, Command, ExitStatus } from '../command.js';
import { openFix } from '../fix.js';
import { printJson } from '../format/json.js';
import { progressOf } from '../format/progress.js';
import { json, oneOfNames, withFix } from '../options.js';
import { openAll, openScenario, scenarioFolder } from '../scenarios.js';
import { schemaNames } from '../schema-names.js';
import { junitXml } from '../views/junit.js';
import { replayPage } from '../views/replay.js';

interface Arguments {
  readonly scenario?: readonly string[];
  readonly grep?: RegExp;
  readonly reporter?: Reporter;
  readonly with?: string;
  readonly json?: boolean;
}

const reporters = ['table', 'junit', 'json'] as const;
type Reporter = (typeof reporters)[number];

export const replay: Command<Arguments> = {
  name: 'replay',
  describe: 'Reproduce bugs just before their fix, and see them gone just after',
  positionals: [
    {
      name: 'scenario',
      describe: 'Names in the folder of scenarios, or paths (default: all)',
      required: false,
      many: true,
      value: 'scenario',
    },
  ],
  options: {
    grep: {
      type: 'string',
      describe: 'Only scenarios whose name or title matches this regular expression',
      value: 'none',
      coerce: pattern,
    },
    with: withFix,
    reporter: {
      type: 'string',
      describe: 'table (default), junit (XML for CI systems) or json',
      value: reporters,
      coerce: oneOfNames('--reporter', reporters),
    },
    json,
  },
  examples: [
    ['replay', 'All of them'],
    ['replay --grep timer', 'Those about timers'],
    ['replay 2005-07-gc-backoff --json', 'One, for a program to read'],
    ['replay --reporter junit > replay.xml', 'For a CI system: a test case for each side of each'],
    ['replay 2008-09-delayed-work-not-rescheduled --with ./my-fix.mjs', 'With a fix of your own on both sides'],
  ],
  epilogue:
    'Exit status 0 if every verdict is "replayed" or "as expected", else 1.\nWith a fix of your own both sides run with it, so the verdict of one that works is "not reproduced".',
  run: async (args, cli) => {
    const reporter = reporterOf(args);
    const scenarios = chosen(args, cli);
    const results = replayAll(scenarios, await openFix(args.with, cli.io), cli);
    if (reporter === 'json') printJson(cli.io, schemaNames.replay, { results: results.map(form) });
    else cli.io.out(reporter === 'junit' ? junitXml(results) : replayPage(results, cli.io));
    return statusOf(results);
  },
};

function reporterOf({ reporter, json: asJson }: Arguments): Reporter {
  if (asJson !== true) return reporter ?? 'table';
  if (reporter === undefined || reporter === 'json') return 'json';
  throw new InputError(`--json and --reporter ${reporter} cannot be combined`);
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text, 'iu');
  } catch {
    throw new InputError(`--grep takes a regular expression, found '${clip(text, 60)}'`);
  }
}

function chosen({ scenario: names = [], grep }: Arguments, cli: Cli): readonly Scenario[] {
  const scenarios = names.length === 0 ? openAll(cli) : names.map((name) => openScenario(name, cli));
  if (scenarios.length === 0) throw new InputError(`there is no scenario in '${clip(scenarioFolder(cli), 300)}'`);
  if (grep === undefined) return scenarios;
  const matching = scenarios.filter(({ name, title }) => grep.test(name) || grep.test(title));
  if (matching.length === 0) throw new InputError(`no scenario matches --grep '${clip(grep.source, 60)}'`);
  return matching;
}

function replayAll(scenarios: readonly Scenario[], fix: Fix | undefined, cli: Cli): readonly ReplayResult[] {
  const progress = progressOf(cli.io);
  try {
    return scenarios.map((scenario, i) => {
      const label = `[${i + 1}/${scenarios.length}] ${scenario.name}`;
      let runs = 0;
      progress.show(label);
      return cli.engine.replayScenario(scenario, () => progress.show(`${label}, run ${++runs} done`), fix);
    });
  } finally {
    progress.end();
  }
}

function form({ scenario, fixedBy, before, after, verdict, with: fix }: ReplayResult): object {
  return { scenario, fixedBy, before, after, verdict, ...(fix === undefined ? {} : { with: fix }) };
}

function statusOf(results: readonly ReplayResult[]): ExitStatus {
  return results.every(({ verdict }) => verdict === 'replayed' || verdict === 'as expected') ? 0 : 1;
}
